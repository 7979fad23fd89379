"""What travelled in one shipment with batches of the scope, and in the same vehicle near it."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Q

from batches.models import Shipment, ShipmentLine
from recalls.models import ScopeRule
from recalls.scope.contacts import chunks
from recalls.scope.hints.hint import Hint, batches_in, numbers

_NEAR = timedelta(days=1)
_GONE = [Shipment.Status.POSTED, Shipment.Status.RECEIVED]


def travelled_together(scope: set[int]) -> list[Hint]:
    """Shipments that carried batches of the scope and others, the earliest first."""
    carried = _carried(scope)
    others = _others(carried, scope)
    rows = batches_in(scope.union(*others.values()))
    shipments = Shipment.objects.select_related("origin", "destination").in_bulk(others)
    ordered = sorted(
        shipments.values(),
        key=lambda one: (one.shipped_at is None, one.shipped_at or one.created_at, one.pk),
    )
    return [_hint(one, carried[one.pk], others[one.pk], rows) for one in ordered]


def _carried(scope: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(scope):
        rows = ShipmentLine.objects.filter(batch__in=ids, shipment__status__in=_GONE).order_by()
        for shipment, batch in rows.values_list("shipment", "batch"):
            found[shipment].add(batch)
    return found


def _others(carried: dict[int, set[int]], scope: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(carried):
        rows = ShipmentLine.objects.filter(shipment__in=ids).order_by()
        for shipment, batch in rows.values_list("shipment", "batch"):
            if batch not in scope:
                found[shipment].add(batch)
    return found


def same_vehicle(scope: set[int]) -> list[Hint]:
    """Shipments without anything of the scope, in a vehicle that carried some of it within a
    day; of one without a departure nobody knows, so it counts as near."""
    carried = _carried(scope)
    trips: dict[str, list[Shipment]] = defaultdict(list)
    for ids in chunks(carried):
        for trip in Shipment.objects.filter(pk__in=ids).exclude(vehicle=""):
            trips[trip.vehicle].append(trip)
    near = Shipment.objects.filter(_when(trips), vehicle__in=trips, status__in=_GONE)
    rows = near.select_related("origin", "destination").order_by("shipped_at", "pk")
    others = [row for row in rows if row.pk not in carried]
    pairs = [(row, _nearest(row, trips[row.vehicle])) for row in others]
    return [_trip_hint(row, trip) for row, trip in pairs if trip]


def _when(trips: dict[str, list[Shipment]]) -> Q:
    """Near one of the trips, roughly: a vehicle goes out for years."""
    known = [trip.shipped_at for own in trips.values() for trip in own if trip.shipped_at]
    if not known or len(known) < sum(len(own) for own in trips.values()):
        return Q()
    return Q(shipped_at=None) | Q(shipped_at__range=(min(known) - _NEAR, max(known) + _NEAR))


def _nearest(row: Shipment, trips: list[Shipment]) -> Shipment | None:
    def apart(trip: Shipment) -> timedelta:
        known = row.shipped_at and trip.shipped_at
        return abs(row.shipped_at - trip.shipped_at) if known else timedelta(0)

    trip = min(trips, key=apart)
    return trip if apart(trip) <= _NEAR else None


def _trip_hint(row: Shipment, trip: Shipment) -> Hint:
    at = row.shipped_at and row.shipped_at.astimezone(row.origin.zone)
    left = f"Left on {at.day} {at:%b %Y %H:%M}" if at else "Left at a time that is not known"
    return Hint(
        key=f"vehicle-{row.pk}",
        kind="vehicle",
        word="Same vehicle",
        title=f"{row.reference}, {row.origin.name} to {row.destination.name}",
        evidence=f"{left} with {row.vehicle}, which also carried {trip.reference} of the scope.",
        rule=ScopeRule.Kind.SHIPMENT,
        parameters={"shipments": [row.pk], "sscc": "", "left": False},
    )


def _hint(shipment: Shipment, carried, others, rows) -> Hint:
    count = "1 other batch" if len(others) == 1 else f"{len(others)} other batches"
    beside = numbers(rows[pk] for pk in carried if pk in rows)
    return Hint(
        key=f"shipment-{shipment.pk}",
        kind="shipment",
        word="Same shipment",
        title=f"{shipment.reference}, {shipment.origin.name} to {shipment.destination.name}",
        evidence=f"Carried {count} beside {beside}: "
        f"{numbers(rows[pk] for pk in others if pk in rows)}.",
        rule=ScopeRule.Kind.SHIPMENT,
        parameters={"shipments": [shipment.pk], "sscc": "", "left": False},
    )
