"""Records that an authority asked for, the sheets made for it, and when it had them.

RecordsRequest 1--n RecordsSheet, of which one was handed over
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

# 21 CFR 1.1455(c)(1): within 24 hours, or some reasonable time that was agreed to.
WITHIN = timedelta(hours=24)


class RecordsRequest(models.Model):
    """What was asked, when and how, and what it covers. With a recall alone it is its scope.

    Batches and products join with OR; places and days narrow with AND (21 CFR 1.1455(c)(3)).
    """

    class Means(models.TextChoices):
        PHONE = "phone", "By telephone"
        PERSON = "person", "In person"
        WRITING = "writing", "In writing"

    reference = models.CharField(max_length=20, unique=True)
    authority = models.CharField(max_length=200)
    authority_reference = models.CharField(max_length=100, blank=True)
    means = models.CharField(max_length=10, choices=Means)
    asked_at = models.DateTimeField()
    recall = models.ForeignKey("recalls.Recall", models.PROTECT, null=True, related_name="requests")
    batches = models.ManyToManyField("batches.Batch", related_name="+")
    products = models.ManyToManyField("batches.Product", related_name="+")
    places = models.ManyToManyField("batches.Location", related_name="+")
    from_day = models.DateField(null=True, blank=True)
    until_day = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What was asked, in their words.")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    sheet = models.ForeignKey(
        "recalls.RecordsSheet",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The one that was handed over.",
    )
    handed_at = models.DateTimeField(null=True, blank=True)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    handed_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True, handed_by__isnull=True, sheet__isnull=True)
                | Q(handed_at__isnull=False, handed_by__isnull=False, sheet__isnull=False),
                name="request_handed_over_with_a_sheet",
            ),
            models.CheckConstraint(
                condition=Q(from_day__isnull=True)
                | Q(until_day__isnull=True)
                | Q(until_day__gte=models.F("from_day")),
                name="request_days_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(handed_at__isnull=True), name="request_open"
            )
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("request-detail", args=[self.reference])

    @property
    def due_at(self) -> datetime:
        return self.asked_at + WITHIN


class RecordsSheet(models.Model):
    """A sortable spreadsheet as it was made for a request. Append-only: it may be in hands."""

    request = models.ForeignKey(RecordsRequest, models.PROTECT, related_name="sheets")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField(help_text="How many rows each of its sheets has.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["request", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="records_sheet_once")
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return f"{self.request.reference}-records-{self.number}.xlsx"
