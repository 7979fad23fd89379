"""Documents that move stock: shipments, runs and adjustments."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

MORE_THAN_ZERO = "The quantity must be more than zero. Leave it empty if it is not known."


class Document(models.Model):
    """What a shipment and a run share: a reference and a life from draft to posted or voided."""

    reference = models.CharField(max_length=60, unique=True)
    remark = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    posted_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.reference

    @property
    def is_draft(self) -> bool:
        return self.status == "draft"


class Shipment(Document):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        POSTED = "posted", "In transit"
        RECEIVED = "received", "Received"
        VOIDED = "voided", "Voided"

    class Purpose(models.TextChoices):
        DELIVERY = "delivery", "Delivery"
        RETURN = "return", "Return to quarantine"

    origin = models.ForeignKey("batches.Location", models.PROTECT, related_name="shipments_out")
    destination = models.ForeignKey("batches.Location", models.PROTECT, related_name="shipments_in")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.DELIVERY)
    shipped_at = models.DateTimeField(null=True, blank=True)
    shipped_date_only = models.BooleanField(
        default=False, help_text="The hour of departure is not known."
    )
    received_at = models.DateTimeField(null=True, blank=True)
    received_date_only = models.BooleanField(
        default=False, help_text="The hour of arrival is not known."
    )
    document = models.CharField(
        max_length=100, blank=True, help_text="Dispatch note, bill of lading or order."
    )
    vehicle = models.CharField(
        max_length=40,
        blank=True,
        db_index=True,
        help_text="Truck, trailer or container. In a recall it leads to what went with it next.",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    refusal_reason = models.TextField(
        blank=True, help_text="The receiver took nothing of it. It arrived, and went back."
    )
    returned_with = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="takes_back"
    )

    class Meta:
        ordering = [F("shipped_at").desc(nulls_last=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin=F("destination")),
                name="shipment_goes_somewhere",
                violation_error_message="Origin and destination are the same place.",
            ),
            models.CheckConstraint(
                condition=Q(refusal_reason="", returned_with__isnull=True)
                | Q(~Q(refusal_reason=""), returned_with__isnull=False),
                name="shipment_refused_goes_back",
            ),
        ]
        indexes = [models.Index(fields=["shipped_at"]), models.Index(fields=["status"])]

    def get_absolute_url(self):
        return reverse("shipment-detail", args=[self.reference])


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="shipment_lines")
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    sscc = models.CharField("SSCC", max_length=18, blank=True, db_index=True)

    class Meta:
        ordering = ["shipment", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="shipment_line_quantity_positive",
                violation_error_message=MORE_THAN_ZERO,
            )
        ]

    def __str__(self):
        return f"{self.batch} in {self.shipment}"


class Run(Document):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        POSTED = "posted", "Posted"
        VOIDED = "voided", "Voided"

    class Kind(models.TextChoices):
        PRODUCTION = "production", "Production"
        BLEND = "blend", "Blend"
        REPACK = "repack", "Repack"
        REWORK = "rework", "Rework"
        SPLIT = "split", "Split"

    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PRODUCTION)
    line = models.CharField(max_length=40, blank=True)
    ran_at = models.DateTimeField(null=True, blank=True)
    ran_date_only = models.BooleanField(default=False, help_text="The hour is not known.")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)

    class Meta:
        ordering = [F("ran_at").desc(nulls_last=True), "-pk"]
        indexes = [models.Index(fields=["ran_at"]), models.Index(fields=["status"])]

    def get_absolute_url(self):
        return reverse("run-detail", args=[self.reference])


class RunBatch(models.Model):
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)

    class Meta:
        abstract = True


class RunInput(RunBatch):
    run = models.ForeignKey(Run, models.PROTECT, related_name="inputs")
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="run_inputs")

    class Meta:
        ordering = ["run", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "batch"], name="run_input_once"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="run_input_quantity_positive",
                violation_error_message=MORE_THAN_ZERO,
            ),
        ]

    def __str__(self):
        return f"{self.batch} into {self.run}"


class RunOutput(RunBatch):
    run = models.ForeignKey(Run, models.PROTECT, related_name="outputs")
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="run_outputs")

    class Meta:
        ordering = ["run", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "batch"], name="run_output_once"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="run_output_quantity_positive",
                violation_error_message=MORE_THAN_ZERO,
            ),
        ]

    def __str__(self):
        return f"{self.batch} from {self.run}"


class Adjustment(models.Model):
    """Stock that changed without moving; `quantity` is signed, in the product's unit."""

    class Reason(models.TextChoices):
        SAMPLE = "sample", "Sample"
        SCRAP = "scrap", "Scrap"
        DESTROYED = "destroyed", "Destroyed"
        SOLD = "sold", "Sold"
        COUNT = "count", "Count correction"

    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="adjustments")
    shipment_line = models.ForeignKey(
        ShipmentLine,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustments",
        help_text="The delivery whose count differed; voiding it voids the adjustment.",
    )
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    reason = models.CharField(max_length=12, choices=Reason)
    at = models.DateTimeField(null=True, blank=True)
    at_date_only = models.BooleanField(default=False)
    remark = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = [F("at").desc(nulls_last=True), "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(quantity=0),
                name="adjustment_changes_something",
                violation_error_message="Zero changes nothing. Enter what was added or, with a "
                "minus, taken away.",
            )
        ]

    def __str__(self):
        return f"{self.get_reason_display()} {self.quantity.normalize():f}"
