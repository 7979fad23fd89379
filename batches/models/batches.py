"""Batches: identified quantities of one product made at one origin."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Replace, Upper
from django.urls import reverse
from django.utils.http import urlencode

from batches.codes.numbering import UNRECORDED_KEY, number_key


def supplier_key():
    """The supplier's number without case, spaces, hyphens and full stops, as it is indexed."""
    key = F("supplier_number")
    for ignored in " -.":
        key = Replace(key, Value(ignored), Value(""))
    return Upper(key)


class BatchQuerySet(models.QuerySet):
    def numbered(self, text: str):
        """Batches whose printed number matches, ignoring case, spaces, hyphens and full stops."""
        return self.filter(number_key=number_key(text))

    def supplied_as(self, text: str):
        """Batches that carry the number as their supplier's, in any spelling."""
        return self.alias(supplier_key=supplier_key()).filter(supplier_key=number_key(text))

    def with_supplier_key(self):
        """Annotates `supplier_key`, to compare it with many numbers at once."""
        return self.annotate(supplier_key=supplier_key())

    def identified(self):
        """Batches that have a number: the others are on no label, and nobody can ask for them."""
        return self.filter(is_unidentified=False)

    def on_hold(self):
        # Among the held ones, of which there are few: for each batch asked anew, a database
        # looks at all batches.
        return self.filter(pk__in=self._holds().values("batch"))

    def recalled(self):
        return self.filter(pk__in=self._holds(recalled=True).values("batch"))

    def expired(self, on):
        return self.filter(expires_on__lt=on)

    def with_state(self):
        """Annotates what a status tag needs: `is_held` and `is_recalled`."""
        return self.annotate(is_held=self._held(), is_recalled=self._held(recalled=True))

    @staticmethod
    def _holds(recalled=False):
        from batches.models.quality import Hold

        holds = Hold.objects.active()
        return holds.exclude(recall="") if recalled else holds

    def _held(self, recalled=False):
        return Exists(self._holds(recalled).filter(batch=OuterRef("pk")))


class Batch(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "Awaiting release"
        RELEASED = "released", "Released"
        REJECTED = "rejected", "Rejected"
        VOIDED = "voided", "Voided"

    product = models.ForeignKey("batches.Product", models.PROTECT, related_name="batches")
    origin = models.ForeignKey("batches.Location", models.PROTECT, related_name="batches_made")
    number = models.CharField(max_length=60, help_text="As printed.")
    number_key = models.CharField(max_length=60, db_index=True, editable=False)
    supplier_number = models.CharField(max_length=60, blank=True)
    produced_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    quantity = models.DecimalField(
        max_digits=18,
        decimal_places=6,
        null=True,
        blank=True,
        help_text="Made or received, in the product's unit. Empty: unknown.",
    )
    line = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.RELEASED)
    void_reason = models.TextField(blank=True)
    is_unidentified = models.BooleanField(
        default=False,
        editable=False,
        help_text="Goods of one row of a document that names no batch. They join nothing else.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["product__code", "number", "pk"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "origin", "number"], name="batch_once_per_product_and_origin"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=0),
                name="batch_quantity_not_negative",
                violation_error_message="A quantity is not negative. Leave it empty if it is not "
                "known.",
            ),
            models.CheckConstraint(
                condition=Q(is_unidentified=True, number_key__startswith=UNRECORDED_KEY)
                | Q(is_unidentified=False) & ~Q(number_key__startswith=UNRECORDED_KEY),
                name="batch_number_or_none_recorded",
                violation_error_message="This says that no batch was recorded. Enter the number "
                "as it is printed.",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "produced_at"]),
            models.Index(fields=["expires_on"]),
            models.Index(supplier_key(), name="batch_supplier_key"),
            models.Index(
                fields=["product"], condition=Q(is_unidentified=True), name="batch_unidentified"
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        page = reverse("batch-detail", args=[self.product.code, self.number])
        return f"{page}?{urlencode({'origin': self.origin.code})}"

    def clean_fields(self, exclude=None):
        self.number = self.number.strip()
        super().clean_fields(exclude)
