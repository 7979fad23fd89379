"""Drills: what is planted before one starts, what it came to, and by when the next is owed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from recalls.models.recalls import Recall


class Drill(models.Model):
    """One drill: each recall that is one has its row here, whether or not it was planned.

    Batch and hour are nobody's to see before it starts; what is planted is sealed by a hash
    when it is planned. Its score is kept as it was when it was finished.
    """

    recall = models.OneToOneField(Recall, models.PROTECT, null=True, related_name="drill")
    batch = models.ForeignKey(
        "batches.Batch",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="None: whoever opened it says by rules what it is about.",
    )
    is_random = models.BooleanField(default=False)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    window_from = models.DateTimeField()
    window_until = models.DateTimeField()
    starts_at = models.DateTimeField(help_text="Drawn in the window; nobody is shown it.")
    planted = models.JSONField(default=list, help_text="Places known to have the goods.")
    planted_sha256 = models.CharField(max_length=64)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    remark = models.TextField(blank=True, help_text="What was learned.")
    score = models.JSONField(null=True)

    class Meta:
        ordering = ["-planned_at", "-pk"]
        permissions = [("run_drill", "Can plan, start and finish drills")]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_until__gte=F("window_from"))
                & Q(starts_at__gte=F("window_from"))
                & Q(starts_at__lte=F("window_until")),
                name="drill_starts_in_its_window",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True, recall__isnull=True)
                | Q(started_at__isnull=False, recall__isnull=False),
                name="drill_started_with_a_recall",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, score__isnull=True)
                | Q(finished_at__isnull=False, score__isnull=False, started_at__isnull=False),
                name="drill_finished_with_a_score",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], condition=Q(started_at__isnull=True), name="drill_owed"
            )
        ]

    def __str__(self):
        return self.recall.reference if self.recall_id else f"Drill {self.pk}, not started"


class DrillDuty(models.Model):
    """A drill that a site or a product group owes every so many months: a row of the calendar.

    `due_on` moves on when a drill is finished whose frozen scope was there or about that.
    """

    site = models.ForeignKey("batches.Location", models.PROTECT, null=True, related_name="+")
    product_group = models.CharField(max_length=100, blank=True, help_text="Category of products.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    every_months = models.PositiveSmallIntegerField(default=12)
    due_on = models.DateField()
    reminded = models.CharField(max_length=20, blank=True, help_text="The newest reminder written.")
    last_drill = models.ForeignKey(Drill, models.PROTECT, null=True, related_name="met")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Since when it is owed no more.")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(site__isnull=False, product_group="")
                | Q(site__isnull=True) & ~Q(product_group=""),
                name="drill_duty_of_a_site_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(every_months__gte=1, every_months__lte=36),
                name="drill_duty_every_1_to_36_months",
            ),
            models.UniqueConstraint(
                fields=["site"], condition=Q(ended_at__isnull=True), name="drill_duty_once_a_site"
            ),
            models.UniqueConstraint(
                fields=["product_group"],
                condition=Q(ended_at__isnull=True) & ~Q(product_group=""),
                name="drill_duty_once_a_group",
            ),
        ]

    def __str__(self):
        return self.site.name if self.site_id else self.product_group

    def get_absolute_url(self):
        return reverse("drill-calendar")
