"""A trace with names: the affected holdings, why each is affected, and what to know about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from batches.tracing import sql
from batches.tracing.graph import FAR, FORWARD, HERE, LINK, NEAR, QUANTITY, RUN, THERE, Trace


@dataclass(frozen=True, slots=True)
class TracedHolding:
    """One affected holding. `bound` is its since (backward: until), None without bound;
    quantities are in `unit`, None when unknown."""

    holding_id: int
    batch_id: int
    location_id: int
    product_code: str
    product_name: str
    gtin: str | None
    batch_number: str
    origin_code: str
    expires_on: date | None
    location_code: str
    location_name: str
    location_kind: str
    unit: str
    bound: datetime | None
    depth: int
    received: Decimal | None
    on_hand: Decimal | None
    # A starting point that nothing reached, and one that is so for want of a recorded link.
    is_start: bool
    is_unexplained: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a path; `from` and `to` are as the goods went, in both directions."""

    document: str
    kind: str
    left_by: datetime | None
    arrived_from: datetime | None
    quantity: Decimal | None
    from_holding: int
    to_holding: int
    from_batch: str
    from_location: str
    to_batch: str
    to_location: str


class TracedLink(NamedTuple):
    """An affected link, as in the table: times in seconds."""

    id: int
    source: int
    target: int
    left_by: int | None
    arrived_from: int | None
    quantity: Decimal | None
    shipment_line: int | None
    run: int | None


@dataclass(frozen=True, slots=True)
class End:
    """A link of a run that a stopped trace ends at. `leads_in` says from which side, and
    `at_run` that the run is the stop, and not the holding."""

    link: TracedLink
    leads_in: bool
    at_run: bool


@dataclass(frozen=True, slots=True)
class Note:
    kind: str
    count: int
    text: str


def amount(millionths: int | None) -> Decimal | None:
    """A quantity out of the walk, without trailing zeros."""
    if millionths is None:
        return None
    whole, rest = divmod(millionths, sql.MILLION)
    return Decimal(millionths).scaleb(-6).normalize() if rest else Decimal(whole)


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _iso(at: datetime | None) -> str | None:
    return at and at.isoformat().replace("+00:00", "Z")


def plain(quantity: Decimal | None) -> str | None:
    return None if quantity is None else f"{quantity:f}"


@dataclass
class TraceResult:
    """What `resolve` returns. `holdings` are sorted by depth, location, product and batch."""

    direction: str
    trace: Trace
    holdings: list[TracedHolding]
    notes: list[Note]
    seeds: list[dict]
    # Lines without a batch that may belong to it (`unnamed.Unnamed`).
    unnamed: list = field(default_factory=list)
    # Where it is stopped somewhere: the trace as it is without, and the links of runs that it
    # ends at, each with whether the run is the stop.
    whole: "TraceResult | None" = None
    ended: list[tuple[tuple, bool]] = field(default_factory=list)
    _documents: dict[int, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return self.trace.complete

    @cached_property
    def by_holding(self) -> dict[int, TracedHolding]:
        return {held.holding_id: held for held in self.holdings}

    @cached_property
    def counts(self) -> dict[str, int]:
        return {
            "holdings": len(self.holdings),
            "batches": len({held.batch_id for held in self.holdings}),
            "locations": len({held.location_id for held in self.holdings}),
        }

    @cached_property
    def links(self) -> list[TracedLink]:
        """Every affected link, once, in the order in which the walk met them."""
        shipped = [row[LINK] for row in self.trace.links if row[RUN] is None]
        line = dict(sql.rows_by_id(sql.LINES, shipped))
        return [self._link(row, line.get(row[LINK])) for row in self.trace.links]

    @cached_property
    def ends(self) -> list[End]:
        leads_in = self.direction == FORWARD
        return [End(self._link(row, None), leads_in, is_run) for row, is_run in self.ended]

    def _link(self, row: tuple, line: int | None) -> TracedLink:
        ends, times = self.trace.ends(row), self._times(row)
        return TracedLink(row[LINK], *ends, *times, amount(row[QUANTITY]), line, row[RUN])

    def path(self, holding_id: int) -> tuple[Step, ...]:
        """Why the holding is affected: the way from a starting point, empty for one."""
        way = self.trace.way(holding_id)
        if any(row[LINK] not in self._documents for row in way):
            self._load_documents()
        return tuple(self._step(row) for row in way)

    def came_by(self, holding_id: int) -> tuple[str, int] | None:
        """The last document of that way and the holding before it; None for a starting point."""
        way = self.trace.way(holding_id)
        if not way:
            return None
        row = way[-1]
        if row[LINK] not in self._documents:
            self._load_documents()
        return self._documents[row[LINK]], row[HERE] if row[THERE] == holding_id else row[THERE]

    def as_json(self) -> dict:
        """The JSON of docs/interfaces: plain types only."""
        return {
            "direction": self.direction,
            "seeds": self.seeds,
            "complete": self.complete,
            "notes": [{"kind": n.kind, "count": n.count, "text": n.text} for n in self.notes],
            "holdings": [self._holding_json(held) for held in self.holdings],
            "batches": [
                {"product": product, "batch": number, "origin": origin}
                for product, number, origin in sorted(
                    {(h.product_code, h.batch_number, h.origin_code) for h in self.holdings}
                )
            ],
            "locations": [
                {"code": code, "name": name}
                for code, name in sorted(
                    {(h.location_code, h.location_name) for h in self.holdings}
                )
            ],
            "counts": self.counts,
        }

    def _holding_json(self, held: TracedHolding) -> dict:
        return {
            "product": held.product_code,
            "batch": held.batch_number,
            "origin": held.origin_code,
            "location": held.location_code,
            "since" if self.direction == FORWARD else "until": _iso(held.bound),
            "depth": held.depth,
            "received": plain(held.received),
            "on_hand": plain(held.on_hand),
            "unit": held.unit,
            "path": [_step_json(step) for step in self.path(held.holding_id)],
        }

    def _times(self, row: tuple) -> tuple[int | None, int | None]:
        """(left_by, arrived_from) of a link, in seconds."""
        near, far = row[NEAR], row[FAR]
        if self.direction == FORWARD:
            return near, far
        return None if far is None else -far, None if near is None else -near

    def _step(self, row: tuple) -> Step:
        left_by, arrived_from = self._times(row)
        source, target = (self.by_holding[holding] for holding in self.trace.ends(row))
        return Step(
            document=self._documents[row[LINK]],
            kind="shipment" if row[RUN] is None else "run",
            left_by=moment(left_by),
            arrived_from=moment(arrived_from),
            quantity=amount(row[QUANTITY]),
            from_holding=source.holding_id,
            to_holding=target.holding_id,
            from_batch=source.batch_number,
            from_location=source.location_code,
            to_batch=target.batch_number,
            to_location=target.location_code,
        )

    def _load_documents(self) -> None:
        """The references of every link that stands in a path, in two queries for all."""
        rows = list(self.trace.parent.values())
        rows += [row for way in self.trace.ways() for row in way]
        runs = dict(sql.rows_by_id(sql.RUN_REFERENCES, {r[RUN] for r in rows} - {None}))
        self._documents.update({r[LINK]: runs[r[RUN]] for r in rows if r[RUN] is not None})
        shipped = {r[LINK] for r in rows if r[RUN] is None}
        self._documents.update(sql.rows_by_id(sql.REFERENCES, shipped))


def _step_json(step: Step) -> dict:
    return {
        "document": step.document,
        "kind": step.kind,
        "left_by": _iso(step.left_by),
        "arrived_from": _iso(step.arrived_from),
        "quantity": plain(step.quantity),
        "from": {"batch": step.from_batch, "location": step.from_location},
        "to": {"batch": step.to_batch, "location": step.to_location},
    }


def reached(trace: Trace, holdings: Iterable[int]) -> set[int]:
    """Those of `holdings` at which an affected link ends."""
    asked = set(holdings)
    return {row[THERE] for row in trace.links if row[THERE] in asked}
