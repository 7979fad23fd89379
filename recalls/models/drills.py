"""Drills: what is planted before one starts, and what it came to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from recalls.models.recalls import Recall


class Drill(models.Model):
    """One drill. Batch and hour are nobody's to see before it starts; what is planted is sealed
    by a hash when it is planned. Its score is kept as it was when it was finished."""

    recall = models.OneToOneField(Recall, models.PROTECT, null=True, related_name="drill")
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="+")
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
