"""Goods without a batch at the places of a trace: they may belong to it, and are not in it.

What is not known never excludes: a line counts unless its times say that the goods of the
trace were not there then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from batches.codes.numbering import is_unrecorded
from batches.models import Adjustment, Batch, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.tracing import sql
from batches.tracing.graph import FAR, FORWARD, HERE, NEAR, THERE, Trace
from batches.tracing.result import TracedHolding, moment

# A day without an hour ends with its last; the one on which clocks are put back has one more.
_DAY = timedelta(hours=25)
# Both ends of a shipment are asked for, and SQLite takes 32,766 parameters.
_PART = 10_000
_LINE = ("batch_id", "batch__product__code", "quantity")


@dataclass(frozen=True, slots=True)
class Unnamed:
    """One line without a batch, and the place of the trace that it left or came to."""

    batch_id: int
    product_code: str
    location_id: int
    document: str
    reference: str
    at: datetime | None
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class _Span:
    """From the earliest to the latest moment; None where that is not known."""

    first: datetime | None
    last: datetime | None

    def meets(self, other: "_Span") -> bool:
        return _is_before(self.first, other.last) and _is_before(other.first, self.last)


def _is_before(first: datetime | None, last: datetime | None) -> bool:
    return first is None or last is None or first <= last


def unnamed_near(
    trace: Trace, holdings: Collection[TracedHolding], known_at: datetime | None
) -> list[Unnamed]:
    """Lines of products of the trace, at places where it had them, while it may have had them."""
    unidentified = Batch.objects.filter(is_unidentified=True).order_by()
    products = set(unidentified.values_list("product__code", flat=True).distinct())
    # What is unidentified itself says nothing about others: it would draw in one after another.
    there = [
        held
        for held in holdings
        if held.product_code in products and not is_unrecorded(held.batch_number)
    ]
    if not there:
        return []
    stays: dict[tuple[str, int], list[_Span]] = defaultdict(list)
    for held, stay in _stays(trace, there, known_at):
        stays[held.product_code, held.location_id].append(stay)
    own = {held.batch_id for held in holdings}
    found: dict[int, Unnamed] = {}
    for line, span in _lines(stays, known_at):
        near = stays.get((line.product_code, line.location_id), ())
        if line.batch_id not in own and any(span.meets(stay) for stay in near):
            found.setdefault(line.batch_id, line)
    return sorted(found.values(), key=lambda line: (line.product_code, line.batch_id))


def _stays(
    trace: Trace, holdings: list[TracedHolding], known_at: datetime | None
) -> Iterator[tuple[TracedHolding, _Span]]:
    """When each holding may have had affected goods."""
    if trace.direction != FORWARD:
        yield from ((held, _Span(None, held.bound)) for held in holdings)
        return
    came, left = _outer(trace, FAR, THERE, min), _outer(trace, NEAR, HERE, max)
    made = _made({held.batch_id for held in holdings})
    # Stock is as it is now, and so says nothing about what was on record earlier.
    empty = set() if known_at else _emptied(holdings)
    for held in holdings:
        is_origin = held.location_code == held.origin_code
        first = held.bound or (made[held.batch_id] if is_origin else came.get(held.holding_id))
        yield held, _Span(first, left.get(held.holding_id) if held.holding_id in empty else None)


def _outer(trace: Trace, time: int, end: int, pick) -> dict[int, datetime]:
    """The first or last moment of the trace's links at each holding, where all are known."""
    times: dict[int, list] = defaultdict(list)
    for row in trace.links:
        times[row[end]].append(row[time])
    return {holding: moment(pick(known)) for holding, known in times.items() if None not in known}


def _made(batches: Collection[int]) -> dict[int, datetime | None]:
    made: dict[int, datetime | None] = {}
    for part in sql.chunks(sorted(batches)):
        rows = Batch.objects.filter(pk__in=part).order_by()
        made |= dict(rows.values_list("pk", "produced_at"))
    return made


def _emptied(holdings: Iterable[TracedHolding]) -> set[int]:
    """Holdings that passed on all they had; when the rest was sold or used up, nobody knows."""
    empty = {held.holding_id for held in holdings if held.on_hand == 0}
    for part in sql.chunks(sorted(empty)):
        rows = Adjustment.objects.filter(holding__in=part, voided_at__isnull=True).order_by()
        empty -= set(rows.values_list("holding_id", flat=True))
    return empty


def _lines(
    stays: Collection[tuple[str, int]], known_at: datetime | None
) -> Iterator[tuple[Unnamed, _Span]]:
    """Every line without a batch of one of the products at one of the places."""
    products, places = {code for code, _ in stays}, sorted({place for _, place in stays})
    for part in sql.chunks(places, _PART):
        yield from _shipped(products, part, known_at)
        for model in (RunInput, RunOutput):
            yield from _ran(model, products, part, known_at)


def _of(rows: QuerySet, document: str, products: set[str], known_at: datetime | None) -> QuerySet:
    """Lines of documents that were on record."""
    rows = rows.filter(batch__is_unidentified=True, batch__product__code__in=products).order_by()
    if known_at is None:
        return rows
    posted = Coalesce(F(f"{document}__posted_at"), F(f"{document}__created_at"))
    return rows.alias(posted=posted).filter(posted__lte=known_at)


def _shipped(
    products: set[str], places: list[int], known_at: datetime | None
) -> Iterator[tuple[Unnamed, _Span]]:
    gone = [Shipment.Status.POSTED, Shipment.Status.RECEIVED]
    ends = Q(shipment__origin__in=places) | Q(shipment__destination__in=places)
    rows = ShipmentLine.objects.filter(ends, shipment__status__in=gone)
    names = [*_LINE, *(f"shipment__{name}" for name in _SHIPMENT)]
    rows = _of(rows, "shipment", products, known_at).values_list(*names)
    for batch, code, quantity, reference, origin, destination, *times in rows.iterator():
        left, is_day, arrived, is_arrival_day = times
        out, came = _span(left, is_day), _span(arrived, is_arrival_day)
        at = left or arrived
        line = (batch, code, origin, "shipment", reference, at, quantity)
        yield Unnamed(*line), _Span(out.first, out.last or came.last)
        line = (batch, code, destination, "shipment", reference, at, quantity)
        yield Unnamed(*line), _Span(came.first or out.first, came.last)


_SHIPMENT = [
    "reference",
    "origin_id",
    "destination_id",
    "shipped_at",
    "shipped_date_only",
    "received_at",
    "received_date_only",
]


def _ran(
    model, products: set[str], places: list[int], known_at: datetime | None
) -> Iterator[tuple[Unnamed, _Span]]:
    rows = model.objects.filter(run__location__in=places, run__status=Run.Status.POSTED)
    names = [*_LINE, "run__reference", "run__location_id", "run__ran_at", "run__ran_date_only"]
    rows = _of(rows, "run", products, known_at).values_list(*names)
    for batch, code, quantity, reference, place, at, is_day in rows.iterator():
        line = Unnamed(batch, code, place, "run", reference, at, quantity)
        yield line, _span(at, is_day)


def _span(at: datetime | None, is_day: bool) -> _Span:
    return _Span(at, at and at + _DAY if is_day else at)
