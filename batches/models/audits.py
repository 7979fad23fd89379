"""One row for each run of the audit: what it counted, so that a trend can be drawn."""

from django.conf import settings
from django.db import models


class AuditRunQuerySet(models.QuerySet):
    def whole(self):
        """Finished runs of every rule; the others checked the log alone."""
        return self.filter(finished_at__isnull=False, log_only=False)

    def of_the_log(self):
        """Finished runs in which the chain of the log was checked to its end."""
        return self.filter(finished_at__isnull=False, events__isnull=False)


class AuditRun(models.Model):
    """Asked for by a person, or owed to a `day` by the clock: one a day, whoever's clock ticks."""

    day = models.DateField(null=True, unique=True, help_text="The day that a nightly run is of.")
    log_only = models.BooleanField(default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    job = models.ForeignKey("batches.Job", models.PROTECT, null=True, related_name="audit_runs")
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="Faults that are there, by rule.")
    opened = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    events = models.BigIntegerField(null=True, help_text="Events in the chain that was checked.")

    objects = AuditRunQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        default_permissions = ()
        permissions = [("run_audit", "Can run the audit")]

    def __str__(self):
        return f"Audit {self.pk}"

    @property
    def total(self) -> int:
        return sum(self.counts.values())
