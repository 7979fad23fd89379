"""Following up on places that say nothing: the plan of each class, and each step taken."""

from django.db import models
from django.db.models import Q

from recalls.models.recalls import Recall

MOST_REMINDERS = 10
MOST_HOURS = 24 * 60
MOST_DAYS = 60


def _hours(name: str):
    return Q(**{f"{name}__gte": 1, f"{name}__lte": MOST_HOURS})


class ReminderPlan(models.Model):
    """How recalls of one class are followed up: reminders by the clock, then escalation; and
    how often those who get the reports are owed a status update."""

    classification = models.CharField(
        max_length=12, choices=Recall.Classification, unique=True, editable=False
    )
    first_hours = models.PositiveSmallIntegerField("first reminder after, hours")
    every_hours = models.PositiveSmallIntegerField("then every, hours")
    reminders = models.PositiveSmallIntegerField("how many reminders")
    escalate_hours = models.PositiveSmallIntegerField("escalate each, hours later")
    to_parent = models.BooleanField("tell the place above", default=True)
    to_call_list = models.BooleanField("put on the call list", default=True)
    to_lead = models.BooleanField("tell the lead", default=True)
    update_days = models.PositiveSmallIntegerField("a status update every, days", default=7)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=_hours("first_hours") & _hours("every_hours") & _hours("escalate_hours"),
                name="reminder_plan_hours",
            ),
            models.CheckConstraint(
                condition=Q(reminders__lte=MOST_REMINDERS), name="reminder_plan_reminders"
            ),
            models.CheckConstraint(
                condition=Q(update_days__gte=1, update_days__lte=MOST_DAYS),
                name="reminder_plan_update_days",
            ),
        ]

    def __str__(self):
        return f"Reminders, {self.get_classification_display()}"


class Escalation(models.Model):
    """One step beyond reminding, about one place. Append-only.

    `because` tells the ladders apart: a place is taken through each at most once for what
    it was asked in `version`.
    """

    class Step(models.TextChoices):
        PARENT = "parent", "The place above was told"
        CALL = "call", "On the call list"
        LEAD = "lead", "The lead was told"

    class Because(models.TextChoices):
        UNDELIVERED = "undelivered", "No mail reaches it"
        UNREAD = "unread", "It has not read the notice"
        UNCOUNTED = "uncounted", "It has read the notice and not counted"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="escalations")
    version = models.ForeignKey("recalls.ScopeVersion", models.PROTECT, related_name="+")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="+")
    because = models.CharField(max_length=12, choices=Because)
    step = models.CharField(max_length=8, choices=Step)
    told = models.ForeignKey(
        "batches.Location",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The place above.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "version", "location", "because", "step"], name="escalation_once"
            ),
            models.CheckConstraint(
                condition=Q(step="parent", told__isnull=False)
                | ~Q(step="parent") & Q(told__isnull=True),
                name="escalation_tells_a_parent",
            ),
        ]

    def __str__(self):
        return f"{self.location}: {self.get_step_display()}"


class CustomerEscalation(models.Model):
    """A silent customer of a recipient was put on the call list. Append-only.

    Once for each silence, which began at `since`.
    """

    customer = models.ForeignKey("recalls.Recipient", models.PROTECT, related_name="escalations")
    because = models.CharField(max_length=12, choices=Escalation.Because)
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "because", "since"], name="customer_escalation_once"
            )
        ]

    def __str__(self):
        return f"{self.customer}: {self.get_because_display()}"
