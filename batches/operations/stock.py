"""What is where now: holdings, and their quantities worked out from everything that moved.

A quantity is never changed by a difference. It is summed up again, so that a voided
document, a second delivery and a correction all leave the same figure behind.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, Round

from batches.models import (
    Adjustment,
    Batch,
    Holding,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)

Place = tuple[int, int]  # batch id, location id

MOVED = (Shipment.Status.POSTED, Shipment.Status.RECEIVED)
# The same by what is left out: SQLite would otherwise begin with the index of the states, and
# read every document that was ever posted for the sake of a few batches.
_MOVED = ~Q(shipment__status__in=[Shipment.Status.DRAFT, Shipment.Status.VOIDED])
_RAN = ~Q(run__status__in=[Run.Status.DRAFT, Run.Status.VOIDED])

# Two lists of ids go into one statement, and SQLite takes 32,766 parameters.
_CHUNK = 10_000
_MICRO = 1_000_000
_MANY = 500

# SQLite adds decimals up as floats; millionths are whole numbers and add up exactly.
_MILLIONTHS = Sum(Cast(Round(F("quantity") * _MICRO), BigIntegerField()))


def chunks(items: Sequence, size: int = _CHUNK) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))


@transaction.atomic
def get_or_make_holdings(places: Iterable[Place]) -> dict[Place, int]:
    """Holding ids by (batch id, location id); those that are missing are made."""
    wanted = sorted(set(places))
    found = _holding_ids(wanted)
    missing = [place for place in wanted if place not in found]
    for part in chunks(missing):
        # What is there already by its documents saves an import from writing each row twice.
        on_hand = quantities(part) if len(part) > _MANY else dict.fromkeys(part, Decimal(0))
        # Sorted, so that two postings that make the same holdings wait and never deadlock.
        Holding.objects.bulk_create(
            [Holding(batch_id=b, location_id=p, quantity=on_hand[b, p]) for b, p in part],
            ignore_conflicts=True,
            batch_size=5_000,
        )
    return found | _holding_ids(missing)


def _holding_ids(places: Sequence[Place]) -> dict[Place, int]:
    found = {}
    for part in chunks(places):
        wanted = set(part)
        rows = Holding.objects.order_by().filter(
            batch__in={batch for batch, _ in part}, location__in={place for _, place in part}
        )
        for pk, batch, place in rows.values_list("pk", "batch_id", "location_id").iterator():
            if (batch, place) in wanted:
                found[batch, place] = pk
    return found


def lock_holdings(holding_ids: Collection[int]) -> None:
    """Locks the rows in the order of their keys, which is what keeps postings from deadlock."""
    for part in chunks(sorted(holding_ids)):
        list(
            Holding.objects.filter(pk__in=part)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk")
        )


@transaction.atomic
def recompute(holding_ids: Collection[int]) -> None:
    """Writes what is on hand now in each holding; null where a summand is not known.

    On hand = made at the origin (as the batch says, unless a run made it)
    + what runs made there - what runs used there + shipped in - shipped out + adjusted.
    """
    ids = sorted(set(holding_ids))
    lock_holdings(ids)
    places = []
    for part in chunks(ids):
        rows = Holding.objects.order_by().filter(pk__in=part)
        places += rows.values_list("batch_id", "location_id", "quantity")
    # Together by batch, so that the documents of a batch are read once and not per holding.
    places.sort(key=lambda place: place[:2])
    for part in chunks(places):
        _recompute(part)


def _recompute(rows: Sequence[tuple[int, int, Decimal | None]]) -> None:
    on_hand = quantities({(batch, location) for batch, location, _ in rows})
    changed = [
        Holding(batch_id=batch, location_id=location, quantity=on_hand[batch, location])
        for batch, location, quantity in rows
        if quantity != on_hand[batch, location]
    ]
    # An upsert of rows that are all there: the one bulk update that is quick on both databases.
    Holding.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["batch", "location"],
        update_fields=["quantity"],
        batch_size=5_000,
    )


def quantities(places: Collection[Place], is_whole: bool = False) -> dict[Place, Decimal | None]:
    """What is on hand at each place by the documents as they stand, at most 10,000 places.

    `is_whole` says that the places are (nearly) all that their batches have. Then nothing is
    looked up by location, which SQLite would rather do, reading every document of a plant.
    """
    batches = {batch for batch, _ in places}
    locations = {location for _, location in places}
    totals: dict[Place, int | None] = dict.fromkeys(places, 0)

    def add(place: Place, amount: int | None) -> None:
        if place in totals:
            known = totals[place] is not None and amount is not None
            totals[place] = totals[place] + amount if known else None

    for sign, rows, location in _movements(batches):
        sums = (
            (rows if is_whole else rows.filter(**{f"{location}__in": locations}))
            .order_by()
            .values_list(_batch(rows), location)
            .annotate(total=_MILLIONTHS, lines=Count("pk"), known=Count("quantity"))
        )
        for batch, place, total, lines, known in sums.iterator():
            add((batch, place), sign * int(total) if lines == known else None)
    for batch, origin, quantity in _made(batches):
        add((batch, origin), None if quantity is None else int(quantity * _MICRO))
    return {
        place: None if total is None else Decimal(total) / _MICRO for place, total in totals.items()
    }


def _batch(rows: QuerySet) -> str:
    return "holding__batch_id" if rows.model is Adjustment else "batch_id"


def _movements(batches: Collection[int]) -> list[tuple[int, QuerySet, str]]:
    """Everything that counts: its sign, the rows, and the path to its location."""
    lines = ShipmentLine.objects.filter(_MOVED, batch__in=batches)
    adjusted = Adjustment.objects.filter(holding__batch__in=batches, voided_at__isnull=True)
    return [
        (1, lines, "shipment__destination_id"),
        (-1, lines, "shipment__origin_id"),
        (1, RunOutput.objects.filter(_RAN, batch__in=batches), "run__location_id"),
        (-1, RunInput.objects.filter(_RAN, batch__in=batches), "run__location_id"),
        (1, adjusted, "holding__location_id"),
    ]


def _made(batches: Collection[int]) -> QuerySet:
    """Batch, origin and quantity of those that no run made."""
    made_by_runs = RunOutput.objects.filter(_RAN, batch__in=batches)
    return (
        Batch.objects.filter(pk__in=batches)
        .exclude(status=Batch.Status.VOIDED)
        .exclude(pk__in=made_by_runs.order_by().values("batch"))
        .order_by()
        .values_list("pk", "origin_id", "quantity")
    )
