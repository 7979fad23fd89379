"""Effectiveness checks (21 CFR 7.42(b)(3)): whom chance drew, and what was found there.

sample of version 1: seed, level ──> places ──> results, the newest counts
sample of version 2: own seed    ──> places new in it
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from recalls.models.recalls import Recall


class CheckSample(models.Model):
    """Places of one scope version, drawn once at random. Append-only.

    Drawn of those told in `version` and in no version sampled before; `seed` draws them again.
    """

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="check_samples")
    version = models.OneToOneField(
        "recalls.ScopeVersion", models.PROTECT, related_name="check_sample"
    )
    level = models.CharField(max_length=1, choices=Recall.Effectiveness)
    percent = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    population = models.PositiveIntegerField(help_text="Places that it was drawn from.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["recall", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="check_sample_percent"
            )
        ]

    def __str__(self):
        return f"Sample of {self.version}"


class CheckPlace(models.Model):
    """A place that was drawn. Append-only."""

    sample = models.ForeignKey(CheckSample, models.PROTECT, related_name="places")
    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="check_places")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="Counted within the recall.")

    class Meta:
        ordering = ["recall", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "location"], name="check_place_once"),
            models.UniqueConstraint(fields=["recall", "number"], name="check_place_number_once"),
        ]

    def __str__(self):
        return f"Check {self.number} of {self.recall}"


class CheckResult(models.Model):
    """What a check found, or why none is made there. Append-only; the newest counts."""

    class Means(models.TextChoices):
        VISIT = "visit", "Visit"
        PHONE = "phone", "Phone"
        LETTER = "letter", "Letter"

    class Result(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        NOT_REACHED = "not_reached", "Not reached"
        WAIVED = "waived", "Waived"

    place = models.ForeignKey(CheckPlace, models.PROTECT, related_name="results")
    means = models.CharField(max_length=8, choices=Means, blank=True)
    told = models.BooleanField(null=True, blank=True, help_text="Was it told of the recall?")
    controlled = models.BooleanField(
        null=True, blank=True, help_text="Did it find the goods and bring them under control?"
    )
    instructed = models.BooleanField(null=True, blank=True, help_text="Did it do as instructed?")
    result = models.CharField(max_length=12, choices=Result)
    person = models.CharField(max_length=200, blank=True, help_text="Who was spoken to.")
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(result="passed", told=True, controlled=True, instructed=True)
                | Q(
                    result="failed",
                    told__isnull=False,
                    controlled__isnull=False,
                    instructed__isnull=False,
                )
                | Q(
                    result__in=["not_reached", "waived"],
                    told__isnull=True,
                    controlled__isnull=True,
                    instructed__isnull=True,
                ),
                name="check_result_by_its_answers",
            ),
            models.CheckConstraint(
                condition=~Q(result="waived") & ~Q(means="")
                | Q(result="waived", means="") & ~Q(note=""),
                name="check_result_by_means_or_waived",
            ),
        ]

    def __str__(self):
        return f"{self.place}: {self.get_result_display()}"
