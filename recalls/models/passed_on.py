"""Goods that a recipient sent on: to which customer of theirs, how much, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PassedOn(models.Model):
    """So much of a line went on from a recipient to a customer, who is told too. Append-only.

    The newest of the same recipient, customer and holding counts; 0 takes it back.
    """

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="passed_on")
    line = models.ForeignKey("recalls.ScopeLine", models.PROTECT, related_name="passed_on")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    by = models.ForeignKey("recalls.Recipient", models.PROTECT, related_name="passed_on")
    to = models.ForeignKey("recalls.Recipient", models.PROTECT, related_name="received_on")
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=40, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["recall", "holding"], name="passed_on_holding")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="passed_on_not_negative"),
            models.CheckConstraint(
                condition=~Q(by=models.F("to")), name="passed_on_to_somebody_else"
            ),
        ]

    def __str__(self):
        return f"{self.line} passed on to {self.name}"

    @property
    def way(self) -> tuple[int, int, int]:
        """Who, to whom, what: rows with the same way are about the same goods."""
        return self.by_id, self.to_id, self.holding_id


class PassedAnswer(models.Model):
    """What a customer found of what was passed on to it. Append-only; newest counts."""

    passed = models.ForeignKey(PassedOn, models.PROTECT, related_name="answers")
    quarantined = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    returned = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    destroyed = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    sold = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    remark = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who entered it for somebody who called.",
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quarantined__gte=0, returned__gte=0, destroyed__gte=0, sold__gte=0),
                name="passed_answer_not_negative",
            )
        ]

    def __str__(self):
        return f"Answer for {self.passed}"

    @property
    def accounted_for(self):
        return self.quarantined + self.returned + self.destroyed + self.sold
