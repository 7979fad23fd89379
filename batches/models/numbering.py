"""Which batch numbers were given out: each once, and for ever.

Counters stand in `NumberSequence`. A number that left the counter is an `IssuedNumber`; it is
used when a batch of its product has it, void when a `VoidedNumber` says why, else it is free:
reserved in a block, or left over.
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from batches.models.batches import Batch


class NumberSequence(models.Model):
    """One counter, by what it counts for: `key` is the product and, as the pattern asks, the
    production day or year, the origin and the line. Its row is locked while a number is taken."""

    key = models.CharField(max_length=250, unique=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["key", "pk"]

    def __str__(self):
        return f"{self.key}: {self.last}"


class NumberBlock(models.Model):
    """Numbers reserved together, for a line that prints without asking."""

    product = models.ForeignKey("batches.Product", models.PROTECT, related_name="number_blocks")
    origin = models.ForeignKey("batches.Location", models.PROTECT, related_name="number_blocks")
    day = models.DateField(help_text="The production day that the numbers are for.")
    line = models.CharField(max_length=40, blank=True)
    shift = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    reserved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reserved_at = models.DateTimeField()

    class Meta:
        ordering = ["-reserved_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1), name="number_block_not_empty")
        ]

    def __str__(self):
        return f"Block {self.pk} of {self.product.code}"

    def get_absolute_url(self):
        return reverse("number-block", args=[self.pk])


class IssuedNumberQuerySet(models.QuerySet):
    def with_state(self):
        """Annotates `is_used`, `is_void` and `void_reason`."""
        return self.annotate(
            is_used=self._used(),
            is_void=Q(voided__isnull=False),
            void_reason=models.F("voided__reason"),
        )

    def free(self):
        return self.filter(~self._used(), voided=None)

    def used(self):
        return self.filter(self._used())

    def void(self):
        return self.filter(voided__isnull=False)

    @staticmethod
    def _used():
        batches = Batch.objects.filter(
            product=OuterRef("product"), number_key=OuterRef("number_key")
        )
        return Exists(batches)


class IssuedNumber(models.Model):
    """A number that left a counter. Append-only."""

    product = models.ForeignKey("batches.Product", models.PROTECT, related_name="issued_numbers")
    number = models.CharField(max_length=20)
    number_key = models.CharField(max_length=20)
    pattern = models.CharField(max_length=100, help_text="By which it was made, and is read.")
    sequence = models.ForeignKey(NumberSequence, models.PROTECT, null=True, related_name="numbers")
    position = models.BigIntegerField(null=True, help_text="What the counter stood at.")
    block = models.ForeignKey(NumberBlock, models.PROTECT, null=True, related_name="numbers")
    at = models.DateTimeField()

    objects = IssuedNumberQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["product", "number_key"], name="number_issued_once_per_product"
            ),
            models.UniqueConstraint(
                fields=["sequence", "position"], name="position_issued_once_per_sequence"
            ),
        ]

    def __str__(self):
        return self.number


class VoidedNumber(models.Model):
    """A number that no batch will have: spoilt, misprinted, left over. Append-only."""

    number = models.OneToOneField(IssuedNumber, models.PROTECT, related_name="voided")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="voided_number_has_reason")
        ]

    def __str__(self):
        return f"{self.number}: {self.reason}"
