"""By when a recall must have reached its four marks, and the act that meets one of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from recalls.models.recalls import Recall

MOST_HOURS = 24 * 60


class Target(models.TextChoices):
    """Counted from the opening of the recall."""

    SCOPE = "scope", "Scope frozen"
    NOTIFIED = "notified", "All notified"
    RECORDS = "records", "Records to authority"
    ANSWERS = "answers", "All responses in"


def _hours(name: str):
    return Q(**{f"{name}__gte": 1, f"{name}__lte": MOST_HOURS})


class TargetPlan(models.Model):
    """Within how many hours of its opening a recall of one class reaches each target."""

    classification = models.CharField(
        max_length=12, choices=Recall.Classification, unique=True, editable=False
    )
    scope_hours = models.PositiveSmallIntegerField("scope frozen within, hours")
    notified_hours = models.PositiveSmallIntegerField("all notified within, hours")
    records_hours = models.PositiveSmallIntegerField("records to the authority within, hours")
    answers_hours = models.PositiveSmallIntegerField("all responses in within, hours")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=_hours("scope_hours")
                & _hours("notified_hours")
                & _hours("records_hours")
                & _hours("answers_hours"),
                name="target_plan_hours",
            )
        ]

    def __str__(self):
        return f"Targets, {self.get_classification_display()}"


class TargetChange(models.Model):
    """Other hours for one target of one recall, and why. Append-only; the newest counts."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="target_changes")
    target = models.CharField(max_length=10, choices=Target)
    hours = models.PositiveSmallIntegerField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=_hours("hours"), name="target_change_hours"),
            models.CheckConstraint(condition=~Q(reason=""), name="target_change_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.get_target_display()} of {self.recall} within {self.hours} h"


class Handover(models.Model):
    """The records of a recall were handed to an authority. Append-only; the first one counts."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="handovers")
    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, help_text="Under which the authority filed it.")
    handed_at = models.DateTimeField()
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["handed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(authority="") & ~Q(reference=""), name="handover_names_a_reference"
            )
        ]

    def __str__(self):
        return f"Records of {self.recall} handed over"
