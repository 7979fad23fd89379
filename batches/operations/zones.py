"""What stands in the way of another time zone: days that are on record in the present one."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import TruncDay

from batches.models import Adjustment, Batch, Location, Run, Shipment


def refuse_moved_days(stored: Location, changed: Location) -> None:
    """Refuses another zone once a date without time of day is on record at the location.

    Such a date is that day in the location's zone. In another zone the same moment may be
    another day, and the links written from it would no longer say when goods were there.
    """
    if stored.zone.key == changed.zone.key:
        return
    found = next(_days_at(stored), None)
    if found:
        raise ValidationError(
            {
                "timezone": f"{found} has a date without time of day, which is a day in "
                f"{stored.zone.key}: another zone would make it another day. For another zone "
                "add a location of its own."
            }
        )


def _days_at(place: Location) -> Iterator[str]:
    """One example of each kind of record; what is voided no longer counts."""
    shipments = Shipment.objects.exclude(status=Shipment.Status.VOIDED).filter(
        Q(origin=place, shipped_date_only=True, shipped_at__isnull=False)
        | Q(destination=place, received_date_only=True, received_at__isnull=False)
    )
    yield from (f"Shipment {row.reference}" for row in shipments.order_by("pk")[:1])
    runs = Run.objects.exclude(status=Run.Status.VOIDED).filter(
        location=place, ran_date_only=True, ran_at__isnull=False
    )
    yield from (f"Run {row.reference}" for row in runs.order_by("pk")[:1])
    adjustments = Adjustment.objects.filter(
        voided_at=None, holding__location=place, at_date_only=True, at__isnull=False
    ).select_related("holding__batch")
    yield from (
        f"An adjustment of batch {row.holding.batch.number}"
        for row in adjustments.order_by("pk")[:1]
    )
    # A batch has no mark for it: a bare date is stored as the start of that day.
    batches = Batch.objects.filter(
        origin=place, produced_at=TruncDay(F("produced_at"), tzinfo=place.zone)
    )
    yield from (f"Batch {row.number}" for row in batches.order_by("pk")[:1])
