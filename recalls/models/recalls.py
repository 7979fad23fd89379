"""Recalls: live cases and drills, their numbers and their signatures."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

# A recall that one person activated alone is looked at by another within this time.
COUNTERSIGN_WITHIN = timedelta(hours=24)


class NumberSeries(models.Model):
    """The last number given out in a series and year, locked while the next is taken."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["prefix", "year", "pk"]
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="series_once")]

    def __str__(self):
        return f"{self.prefix}-{self.year}-{self.last:04}"


class RecallQuerySet(models.QuerySet):
    def live(self):
        return self.filter(is_drill=False)

    def open(self):
        return self.exclude(status__in=[Recall.Status.CLOSED, Recall.Status.CANCELLED])

    def active(self):
        return self.filter(status=Recall.Status.ACTIVE)

    def uncountersigned(self):
        """Activated by one person alone, and looked at by no second one yet."""
        return self.filter(is_break_glass=True, countersigned_by__isnull=True)


class Recall(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Awaiting approval"
        ACTIVE = "active", "Recovering"
        COMPLETED = "completed", "Closing"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        RECALL = "recall", "Recall"
        WITHDRAWAL = "withdrawal", "Withdrawal"
        STOCK_RECOVERY = "stock_recovery", "Stock recovery"
        SAFETY_ALERT = "safety_alert", "Safety alert"

    class Classification(models.TextChoices):
        I = "I", "Class I"  # noqa: E741
        II = "II", "Class II"
        III = "III", "Class III"
        UNCLASSIFIED = "unclassified", "Not classified"

    class Depth(models.TextChoices):
        CONSUMER = "consumer", "Consumer"
        RETAIL = "retail", "Retail"
        WHOLESALE = "wholesale", "Wholesale"

    class Effectiveness(models.TextChoices):
        """Whom an effectiveness check asks (21 CFR 7.42(b)(3))."""

        A = "A", "Level A: all places"
        B = "B", "Level B: a share of the places"
        C = "C", "Level C: 10 % of the places"
        D = "D", "Level D: 2 % of the places"
        E = "E", "Level E: no checks"

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    is_drill = models.BooleanField(default=False)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.RECALL)
    classification = models.CharField(
        max_length=12, choices=Classification, default=Classification.UNCLASSIFIED
    )
    hazard = models.TextField(blank=True, help_text="What is wrong, and what it can do to people.")
    reason_code = models.CharField(max_length=60, blank=True)
    discovered_at = models.DateTimeField(null=True, blank=True)
    depth = models.CharField(max_length=12, choices=Depth, default=Depth.RETAIL)
    remedy = models.CharField(max_length=200, blank=True)
    instructions = models.TextField(
        blank=True, help_text="What a recipient must do, in one or two sentences."
    )
    deadline = models.DateTimeField(null=True, blank=True, help_text="Answers are due by.")
    planned_at = models.DateTimeField(null=True, blank=True, help_text="When a drill starts.")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    opened_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    is_break_glass = models.BooleanField(
        default=False, help_text="Activated by one person alone, for the reason given."
    )
    break_glass_reason = models.TextField(blank=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    countersigned_at = models.DateTimeField(null=True, blank=True)
    objection = models.TextField(
        blank=True, help_text="What somebody asked to countersign has against it."
    )
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    objected_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_statement = models.TextField(
        blank=True, help_text="Why what did not come back is explained."
    )
    # What an authority asks for and no row of the trace can tell (21 CFR 7.41, 7.42, 7.46).
    discovery = models.TextField(blank=True, help_text="How it was found out.")
    injuries = models.TextField(blank=True, help_text="Illnesses, injuries and complaints known.")
    vulnerable_groups = models.CharField(max_length=500, blank=True)
    seriousness = models.CharField(max_length=500, blank=True)
    likelihood = models.CharField(max_length=500, blank=True)
    consequences = models.TextField(blank=True, help_text="Immediate and long-range.")
    assessed_by = models.CharField(max_length=200, blank=True, help_text="An office, not a name.")
    assessed_on = models.DateField(null=True, blank=True)
    public_warning = models.CharField(max_length=500, blank=True)
    effectiveness_level = models.CharField(max_length=1, choices=Effectiveness, blank=True)
    expected_end = models.DateField(null=True, blank=True)
    authority_reference = models.CharField(max_length=60, blank=True)
    classified_on = models.DateField(null=True, blank=True)
    terminated_on = models.DateField(null=True, blank=True)
    drift_due = models.BooleanField(
        default=False, help_text="A link out of an affected holding was posted since the last look."
    )
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="Last look at the trace.")

    objects = RecallQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        permissions = [
            ("submit_recall", "Can submit a recall for approval"),
            ("activate_recall", "Can approve and activate a recall"),
            ("break_glass", "Can activate a recall alone"),
            ("remind_recipients", "Can send reminders"),
            ("waive_location", "Can waive the answer of a location"),
            ("complete_recall", "Can complete a recall"),
            ("close_recall", "Can close a recall"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(activated_by__isnull=True)
                | Q(is_drill=True)
                | Q(submitted_by__isnull=False)
                & (~Q(activated_by=F("submitted_by")) | Q(is_break_glass=True)),
                name="recall_activated_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(is_break_glass=False)
                | Q(activated_by__isnull=False) & ~Q(break_glass_reason=""),
                name="recall_break_glass_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True)
                | Q(is_break_glass=True) & ~Q(countersigned_by=F("activated_by")),
                name="recall_countersigned_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(objected_by__isnull=True)
                | Q(is_break_glass=True) & ~Q(objected_by=F("activated_by")) & ~Q(objection=""),
                name="recall_objected_to_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True)
                | Q(is_drill=True)
                | Q(completed_by__isnull=False) & ~Q(closed_by=F("completed_by")),
                name="recall_closed_by_a_second_person",
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("recall-detail", args=[self.reference])

    @property
    def is_uncountersigned(self) -> bool:
        """Activated by one person alone, and looked at by no second one yet."""
        return self.is_break_glass and self.countersigned_by_id is None

    @property
    def countersign_due(self) -> datetime | None:
        """Until when a second person must look at what one person activated alone."""
        return self.activated_at + COUNTERSIGN_WITHIN if self.is_break_glass else None


class Signature(models.Model):
    """A person's re-entered password under a meaning and a scope hash. Append-only."""

    recall = models.ForeignKey(Recall, models.PROTECT, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    meaning = models.CharField(max_length=200)
    scope_sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.user}: {self.meaning}"
