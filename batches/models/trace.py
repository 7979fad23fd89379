"""The trace graph: holdings are its nodes, links its edges.

batch ALM-1 at SIERRA --shipment line--> ALM-1 at PLANT1 --run--> L26311A at PLANT1 ...
"""

from django.db import models
from django.db.models import F, Q


class Holding(models.Model):
    """One batch at one location; `quantity` is what is there now, null when unknown."""

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="holdings")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="holdings")
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True, default=0)

    class Meta:
        ordering = ["batch", "location", "pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "location"], name="holding_once")]

    def __str__(self):
        return f"{self.batch} at {self.location}"


class Link(models.Model):
    """One edge, written when a shipment line or a run is posted.

    `left_by` is the latest second (since 1970, UTC) at which it may have left its
    source, `arrived_from` the earliest at which it may have arrived; null is unknown.
    """

    source = models.ForeignKey(Holding, models.PROTECT, related_name="links_out", db_index=False)
    target = models.ForeignKey(Holding, models.PROTECT, related_name="links_in", db_index=False)
    left_by = models.BigIntegerField(null=True)
    arrived_from = models.BigIntegerField(null=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    shipment_line = models.ForeignKey(
        "batches.ShipmentLine", models.PROTECT, null=True, related_name="links"
    )
    run = models.ForeignKey("batches.Run", models.PROTECT, null=True, related_name="links")
    voided = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shipment_line__isnull=False, run__isnull=True)
                | Q(shipment_line__isnull=True, run__isnull=False),
                name="link_has_one_document",
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="link_not_to_itself"),
        ]
        # Both directions are read by index alone (see batches/tracing/sql.py). All columns
        # are keys because SQLite knows no others, and `voided` is one, though the index has
        # no other value of it, because SQLite would open the table to look.
        indexes = [
            models.Index(
                fields=[
                    "source",
                    "left_by",
                    "target",
                    "arrived_from",
                    "quantity",
                    "run",
                    "id",
                    "voided",
                ],
                condition=Q(voided=False),
                name="link_forward",
            ),
            models.Index(
                fields=[
                    "target",
                    "arrived_from",
                    "source",
                    "left_by",
                    "quantity",
                    "run",
                    "id",
                    "voided",
                ],
                condition=Q(voided=False),
                name="link_backward",
            ),
        ]
