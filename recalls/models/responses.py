"""What recipients answered. Every answer is kept; the newest counts."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Acknowledgement(models.Model):
    """A recipient pressed “I have read this”. Append-only."""

    recipient = models.ForeignKey(
        "recalls.Recipient", models.PROTECT, related_name="acknowledgements"
    )
    version = models.ForeignKey("recalls.ScopeVersion", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "version"], name="acknowledged_once_per_version"
            )
        ]

    def __str__(self):
        return f"{self.recipient} acknowledged"


class Response(models.Model):
    """What was found of one scope line, in the line's unit. Append-only; newest counts.

    Given through the link of `recipient`, or to one of ours, who then is `recorded_by`.
    """

    line = models.ForeignKey("recalls.ScopeLine", models.PROTECT, related_name="responses")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="responses")
    recipient = models.ForeignKey(
        "recalls.Recipient", models.PROTECT, null=True, related_name="responses"
    )
    quarantined = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    returned = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    destroyed = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    sold = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    remark = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["recall", "holding", "-at", "-pk"]
        indexes = [models.Index(fields=["recall", "holding", "-at"], name="response_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quarantined__gte=0, returned__gte=0, destroyed__gte=0, sold__gte=0),
                name="response_not_negative",
            )
        ]

    def __str__(self):
        return f"Answer for {self.line}"

    @property
    def recovered(self):
        return self.quarantined + self.returned + self.destroyed

    @property
    def accounted_for(self):
        return self.recovered + self.sold


class Waiver(models.Model):
    """A location whose answer is not waited for any more, and why. Append-only.

    It counts for what was asked up to `version`; what is asked later is waited for again.
    """

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="waivers")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="+")
    version = models.ForeignKey(
        "recalls.ScopeVersion",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="None counts as the first.",
    )
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "location", "version"], name="waiver_once_per_version"
            )
        ]

    def __str__(self):
        return f"{self.location} waived in {self.recall}"

    def covers(self, asked_in: int) -> bool:
        """Whether it still counts, when something was last asked in that version."""
        return (self.version.number if self.version else 1) >= asked_in
