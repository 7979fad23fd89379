"""What a page about a trace must know beside the trace: documents, places, holds, adjustments.

Read in a fixed number of queries, however many holdings a trace has.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from batches.models import (
    Adjustment,
    Batch,
    Hold,
    Location,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.tracing.answers import Answered, answers_of
from batches.tracing.drawing.shapes import STATUSES

# SQLite takes 32,766 parameters in a statement.
_CHUNK = 30_000
_PLACES = Decimal("0.000001")


@dataclass
class Facts:
    """Everything by key. `held` has (batch, location), with None for everywhere; `on_hold`
    and `recalled` are the batches of which something somewhere is held, or by a recall;
    `answers` is what was said of holdings that a recall asks about."""

    batches: dict[int, Batch] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    shipment_of: dict[int, int] = field(default_factory=dict)
    sscc_of: dict[int, str] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    used: dict[tuple[int, int], Decimal | None] = field(default_factory=dict)
    held: set[tuple[int, int | None]] = field(default_factory=set)
    on_hold: set[int] = field(default_factory=set)
    recalled: set[int] = field(default_factory=set)
    made: dict[int, Decimal | None] = field(default_factory=dict)
    adjusted: dict[int, dict[str, Decimal]] = field(default_factory=dict)
    answers: dict[int, Answered] = field(default_factory=dict)

    def made_of(self, holding) -> Decimal | None:
        """What was made of a batch where it was made: the affected part of it, and all of
        it where the trace begins."""
        if holding.received or not holding.is_start:
            return holding.received
        return self.made.get(holding.batch_id, self.batches[holding.batch_id].quantity)

    def said_of(self, here: Iterable) -> list[Answered]:
        """The answers about these holdings, as far as a recall asks about them."""
        found = (self.answers.get(holding.holding_id) for holding in here)
        return [answer for answer in found if answer]

    def worst_of(self, here: Iterable) -> Answered | None:
        """What most needs somebody to act of what was said of these holdings."""
        said = self.said_of(here)
        return min(said, key=lambda answer: STATUSES.index(answer.key)) if said else None

    def is_held(self, batch: int, location: int) -> bool:
        return not self.held.isdisjoint({(batch, None), (batch, location)})


def read_facts(holdings: Iterable, links: Iterable, *, with_answers: bool = True) -> Facts:
    """`holdings` and `links` as a trace result has them; answers are those of today."""
    holdings, links = list(holdings), list(links)
    batch_ids = {holding.batch_id for holding in holdings}
    facts = Facts()
    facts.batches = _by_id(Batch.objects.select_related("product", "origin"), batch_ids)
    facts.locations = _by_id(Location.objects, {h.location_id for h in holdings})
    lines = {link.shipment_line for link in links if link.shipment_line}
    for line, shipment, sscc in _each(_shipped, lines):
        facts.shipment_of[line], facts.sscc_of[line] = shipment, sscc
    facts.shipments = _by_id(Shipment.objects, set(facts.shipment_of.values()))
    facts.runs = _by_id(Run.objects, {link.run for link in links if link.run})
    for run, batch, quantity in _each(_used, facts.runs):
        if batch in batch_ids:
            facts.used[run, batch] = quantity
    for hold in _each(lambda ids: Hold.objects.active().filter(batch__in=ids), batch_ids):
        facts.held.add((hold.batch_id, hold.location_id))
        facts.on_hold.add(hold.batch_id)
        if hold.recall:
            facts.recalled.add(hold.batch_id)
    _read_made(facts, batch_ids)
    ids = [holding.holding_id for holding in holdings]
    _read_adjustments(facts, ids)
    if with_answers:
        facts.answers = answers_of(ids)
    return facts


def _shipped(lines: list) -> QuerySet:
    # Tuples: a trace has thousands, and a model of each takes longer to build than to read.
    return ShipmentLine.objects.filter(pk__in=lines).values_list("pk", "shipment_id", "sscc")


def _used(runs: list) -> QuerySet:
    rows = RunInput.objects.filter(run__in=runs)
    return rows.values_list("run_id", "batch_id", "quantity")


def _read_made(facts: Facts, batch_ids: Collection[int]) -> None:
    """What runs yielded of each batch, None where a part is not known."""

    def sums(ids):
        rows = RunOutput.objects.filter(batch__in=ids, run__status=Run.Status.POSTED).order_by()
        known = Count("quantity")
        return rows.values_list("batch").annotate(
            total=Sum("quantity"), lines=Count("pk"), known=known
        )

    for batch, total, lines, known in _each(sums, batch_ids):
        facts.made[batch] = exact(total) if lines == known else None


def _read_adjustments(facts: Facts, holding_ids: Collection[int]) -> None:
    def sums(ids):
        rows = Adjustment.objects.filter(holding__in=ids, voided_at__isnull=True).order_by()
        return rows.values_list("holding", "reason").annotate(total=Sum("quantity"))

    for holding, reason, total in _each(sums, holding_ids):
        facts.adjusted.setdefault(holding, {})[reason] = exact(total)


def exact(total: Decimal | None) -> Decimal | None:
    # SQLite adds up in floating point; a quantity has six places.
    return total if total is None else Decimal(total).quantize(_PLACES)


def _each(rows_of: Callable[[list], QuerySet], ids: Collection[int]):
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield from rows_of(ordered[start : start + _CHUNK]).iterator()


def _by_id(rows, ids: Collection[int]) -> dict:
    return {row.pk: row for row in _each(lambda part: rows.filter(pk__in=part), ids)}
