"""What becomes of the goods of a recall: decided by one person, carried out or rejected by one."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Disposition(models.Model):
    """What is to become of a quantity of one holding. Append-only.

    Nothing moves by it: the decision that carries it out names the document that did.
    """

    class Kind(models.TextChoices):
        DESTROYED = "destroyed", "Destroyed"
        SCRAP = "scrap", "Scrap"
        SUPPLIER = "supplier", "Return to supplier"
        REWORK = "rework", "Rework"
        RELEASE = "release", "Release"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="dispositions")
    number = models.PositiveIntegerField(help_text="Counted within the recall.")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.CharField(max_length=12)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    reason = models.TextField()
    happened_on = models.DateField(null=True, help_text="The day of the destruction.")
    method = models.CharField(max_length=200, blank=True)
    certificate = models.CharField(max_length=100, blank=True, help_text="Its number.")
    witness_name = models.CharField(max_length=200, blank=True)
    witness_function = models.CharField(max_length=200, blank=True)
    destination = models.ForeignKey(
        "batches.Location", models.PROTECT, null=True, related_name="+", help_text="The supplier."
    )
    output_number = models.CharField(
        max_length=60, blank=True, help_text="Number of the batch that the rework makes."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["recall", "number", "pk"]
        permissions = [("approve_disposition", "Can approve rework and release of recalled goods")]
        constraints = [
            models.UniqueConstraint(fields=["recall", "number"], name="disposition_number_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="disposition_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0),
                name="disposition_cost_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(kind="destroyed")
                | Q(happened_on__isnull=False)
                & ~Q(method="")
                & ~Q(witness_name="")
                & ~Q(witness_function=""),
                name="destruction_was_witnessed",
            ),
        ]
        indexes = [models.Index(fields=["recall", "holding"], name="disposition_holding")]

    def __str__(self):
        return f"{self.recall} disposition {self.number}"

    @property
    def is_open(self) -> bool:
        return not hasattr(self, "decision")


class Certificate(models.Model):
    """The paper that proves a destruction, with it or later. Append-only, in the database."""

    disposition = models.OneToOneField(Disposition, models.PROTECT, related_name="paper")
    number = models.CharField(max_length=100)
    name = models.CharField(max_length=60)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Certificate {self.number}"


class DispositionDecision(models.Model):
    """That a disposition was carried out, with the document that did it, or rejected. Append-only.

    Where two persons are needed, who decides is not who proposed.
    """

    disposition = models.OneToOneField(Disposition, models.PROTECT, related_name="decision")
    is_carried_out = models.BooleanField()
    needs_second = models.BooleanField(help_text="Another person than proposed it had to decide.")
    reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    adjustment = models.ForeignKey(
        "batches.Adjustment", models.PROTECT, null=True, related_name="dispositions"
    )
    shipment = models.ForeignKey(
        "batches.Shipment", models.PROTECT, null=True, related_name="dispositions"
    )
    run = models.ForeignKey("batches.Run", models.PROTECT, null=True, related_name="dispositions")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_carried_out=False) | Q(needs_second=False) | ~Q(by=F("proposed_by")),
                name="disposition_carried_out_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(is_carried_out=True) | ~Q(reason=""),
                name="disposition_rejected_with_a_reason",
            ),
        ]

    def __str__(self):
        word = "carried out" if self.is_carried_out else "rejected"
        return f"{self.disposition} {word}"
