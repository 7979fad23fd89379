"""Traces that were resolved in the background and frozen, because they are too large for a page."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.urls import reverse


class TraceSnapshot(models.Model):
    """One trace as it was at one moment. Append-only, as its lines are."""

    code = models.UUIDField(unique=True, default=uuid4)
    job = models.OneToOneField("batches.Job", models.PROTECT, related_name="snapshot")
    title = models.CharField(max_length=200)
    query = models.TextField(help_text="What was asked for, as the address of a trace says it.")
    asked = models.JSONField(help_text="The same in words: direction, from, to, stops.")
    known_at = models.DateTimeField(null=True, help_text="As known at; null is when it was frozen.")
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    complete = models.BooleanField()
    counts = models.JSONField(help_text="Holdings, batches, places and links.")
    notes = models.JSONField(help_text="What the trace could not know, as sentences.")
    figures = models.JSONField(help_text="The figures above it: [label, text, alarm].")
    totals = models.JSONField(help_text="By title, [name, places, amount].")
    graph = models.JSONField(help_text="The drawing: at most 150 cards with their lines.")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-frozen_at", "-pk"]
        default_permissions = ()

    def __str__(self):
        return f"Trace of {self.title}, {self.frozen_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self):
        return reverse("trace-snapshot", args=[self.code])


class SnapshotLine(models.Model):
    """One holding of a frozen trace with its values copied. Append-only.

    `place` is its place in the trace's order and `came_from` that of the holding before it on
    the way that explains it, by `document`; null and empty for a starting point. `card` is
    where the drawing shows it. Quantities are in `unit`; null is unknown.
    """

    class Way(models.TextChoices):
        FORWARD = "forward", "Where it went"
        BACKWARD = "backward", "Where it came from"

    snapshot = models.ForeignKey(TraceSnapshot, models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField()
    way = models.CharField(max_length=8, choices=Way)
    product_code = models.CharField(max_length=40)
    product_name = models.CharField(max_length=200)
    batch_number = models.CharField(max_length=60)
    origin_code = models.CharField(max_length=40)
    location_code = models.CharField(max_length=40)
    location_name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=5, help_text="Its colour key.")
    word = models.CharField(max_length=40)
    bound = models.DateTimeField(null=True, help_text="Since; backward until. Null: no bound.")
    depth = models.PositiveIntegerField()
    received = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    on_hand = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    unit = models.CharField(max_length=12)
    document = models.CharField(max_length=60, blank=True)
    came_from = models.PositiveIntegerField(null=True)
    card = models.CharField(max_length=80)

    class Meta:
        ordering = ["snapshot", "place", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "place"], name="snapshot_line_once")
        ]
        indexes = [models.Index(fields=["snapshot", "card"], name="snapshot_line_card")]

    def __str__(self):
        return f"{self.batch_number} at {self.location_code}"
