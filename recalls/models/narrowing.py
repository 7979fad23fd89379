"""Taking goods out of an active recall: one person proposes it, another approves it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Narrowing(models.Model):
    """A proposal that holdings, or all that a rule reached, are no longer part of a recall."""

    class State(models.TextChoices):
        OPEN = "open", "Awaiting approval"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="narrowings")
    number = models.PositiveIntegerField(help_text="Counted within the recall.")
    reason = models.TextField()
    rules = models.ManyToManyField("recalls.ScopeRule", related_name="narrowings")
    releases_holds = models.BooleanField(
        default=False, help_text="Approving it also releases the holds of the recall on them."
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["recall", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "number"], name="narrowing_number_once"),
            models.UniqueConstraint(
                fields=["recall"], condition=Q(state="open"), name="narrowing_open_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="narrowing_approved_by_a_second_person",
            ),
        ]

    def __str__(self):
        return f"{self.recall} narrowing {self.number}"


class NarrowedHolding(models.Model):
    """A holding that a narrowing names; once approved, with its line in the version before.

    `links_out` counts the movements out of it that people know of: more of them raise an alarm.
    """

    narrowing = models.ForeignKey(Narrowing, models.PROTECT, related_name="holdings")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    line = models.ForeignKey(
        "recalls.ScopeLine", models.PROTECT, null=True, related_name="narrowed"
    )
    links_out = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["narrowing", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["narrowing", "holding"], name="narrowed_once")
        ]

    def __str__(self):
        return f"{self.holding} in {self.narrowing}"
