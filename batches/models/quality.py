"""Holds, inspections and complaints: what is known about a batch's fitness."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from batches.models.trace import Holding


class HoldQuerySet(models.QuerySet):
    def active(self):
        """Holds that stop goods. A drill's holds are recorded and stop nothing."""
        return self.filter(released_at__isnull=True, is_drill=False)

    def at(self, location):
        """Holds that count at `location`: those placed there and those placed everywhere."""
        return self.filter(Q(location__isnull=True) | Q(location=location))

    def undecided(self, today: date):
        """Active holds that are not decided, or whose goods were scrapped and are there again;
        without those that are put off to a day after `today`."""
        due = Q(due_on__isnull=True) | Q(due_on__lte=today)
        again = Q(decision=Hold.Decision.SCRAP) & self._some_is_there()
        return self.active().filter(due, Q(decision="") | again)

    @staticmethod
    def _some_is_there() -> Q:
        some = Q(quantity__gt=0) | Q(quantity__isnull=True)
        there = Holding.objects.filter(some, batch=OuterRef("batch"))
        own = Exists(there.filter(location__is_own=True))
        here = Exists(there.filter(location=OuterRef("location")))
        return Q(own, location__isnull=True) | Q(here)


class Hold(models.Model):
    """A batch, everywhere (location null) or at one location, that must not move or be used.

    `owner` is to decide about it, by `due_on`; without that day at once. Releasing ends it. Both
    decisions leave it in force: what comes back after scrap stays stopped, and what is for
    rework goes into a run of that kind only.
    """

    class Decision(models.TextChoices):
        SCRAP = "scrap", "Scrapped"
        REWORK = "rework", "For rework"

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="holds")
    location = models.ForeignKey(
        "batches.Location", models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reason = models.TextField()
    recall = models.CharField(
        max_length=20, blank=True, db_index=True, help_text="Reference of the recall, if any."
    )
    is_drill = models.BooleanField(default=False)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        permissions = [("release_hold", "Can release a hold")]
        constraints = [
            # Two rows for null and non-null: SQL treats every null as different.
            models.UniqueConstraint(
                fields=["batch", "location", "recall"],
                condition=Q(released_at__isnull=True, location__isnull=False),
                name="hold_once_per_place_and_recall",
            ),
            models.UniqueConstraint(
                fields=["batch", "recall"],
                condition=Q(released_at__isnull=True, location__isnull=True),
                name="hold_everywhere_once_per_recall",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | Q(~Q(decision=""), decided_at__isnull=False),
                name="hold_decided_at_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch"], condition=Q(released_at__isnull=True), name="hold_active_batch"
            )
        ]

    def __str__(self):
        return f"Hold on {self.batch}"

    def stock(self):
        """What it stops and somebody can lay hands on: at its location, or at all our own."""
        held = Q(location=self.location_id) if self.location_id else Q(location__is_own=True)
        return Holding.objects.filter(held, batch=self.batch_id)


class Inspection(models.Model):
    class Result(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        OPEN = "open", "Awaiting result"

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=100)
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    lower_limit = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    upper_limit = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=10, choices=Result, default=Result.OPEN)
    remark = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.kind} of {self.batch}"


class Complaint(models.Model):
    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        MAJOR = "major", "Major"
        CRITICAL = "critical", "Critical"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    product = models.ForeignKey(
        "batches.Product", models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    batch = models.ForeignKey(
        "batches.Batch", models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    location = models.ForeignKey(
        "batches.Location", models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    at = models.DateTimeField()
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.MINOR)
    text = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        ordering = [F("at").desc(), "-pk"]

    def __str__(self):
        return f"Complaint {self.pk}"

    def get_absolute_url(self):
        return reverse("complaint-detail", args=[self.pk])
