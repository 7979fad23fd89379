"""What part each holding plays in a trace, worked out from its links."""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from decimal import Decimal
from typing import NamedTuple

from batches.models import Location
from batches.tracing.facts import Facts
from batches.tracing.result import End

SUPPLIED, MADE, RECEIVED, OWN, PLACE = "supplied", "made", "received", "own", "place"
ICONS = {
    "supplier": "supplier",
    "plant": "factory",
    "warehouse": "dc",
    "distribution_centre": "dc",
    "store": "store",
    "customer": "user",
}


class Words(NamedTuple):
    """How quantities and days are written: (value, unit) and (moment) to text."""

    amount: Callable[[Decimal | None, str], str]
    day: Callable


class Index:
    """The links of a trace, sorted by what a drawing asks. `ends` are those of runs that it
    ends at, where it is stopped."""

    def __init__(self, holdings: Iterable, links: Iterable, facts: Facts, ends: Iterable[End] = ()):
        self.holdings = {holding.holding_id: holding for holding in holdings}
        self.shipment_of = facts.shipment_of
        self.ends = list(ends)
        self._take(links, self.holdings)
        self.used = {source for sources in self.inputs.values() for source in sources}
        self.used |= {end.link.source for end in self.ends if end.leads_in}
        self.made = {target for targets in self.outputs.values() for target in targets}
        self.made |= {end.link.target for end in self.ends if not end.leads_in}
        self.roles = {key: self._role(holding, facts) for key, holding in self.holdings.items()}
        self.documents: dict[tuple[str, str], int] = {
            **{("run", run.reference): run.pk for run in facts.runs.values()},
            **{("shipment", s.reference): s.pk for s in facts.shipments.values()},
        }

    def only(self, holdings: set[int]) -> "Index":
        """The same with the links between `holdings` alone; every part stays as it is."""
        part = copy(self)
        part._take(self.links, holdings)
        return part

    def reach(self, holdings: Iterable[int], *, back: bool) -> set[int]:
        """`holdings` and all that they came from, or all that came from them."""
        start, end = ("target", "source") if back else ("source", "target")
        ways: dict[int, list[int]] = {}
        for link in self.links:
            ways.setdefault(getattr(link, start), []).append(getattr(link, end))
        seen = set(holdings)
        todo = list(seen)
        while todo:
            new = [x for x in ways.get(todo.pop(), ()) if x not in seen]
            seen.update(new)
            todo += new
        return seen

    def _take(self, links: Iterable, within: Collection[int]) -> None:
        # target -> shipment -> links; run -> sources, targets with quantity
        self.links = [x for x in links if x.source in within and x.target in within]
        self.shipped_in: dict[int, dict[int, list]] = {}
        self.inputs: dict[int, set[int]] = {}
        self.outputs: dict[int, dict[int, Decimal | None]] = {}
        self.first: dict[int, float] = {}
        self.came = {link.target for link in self.links}
        self.ways_out: dict[int, set] = {}
        for link in self.links:
            self._sort(link)
        self._end(within)

    def _end(self, within: Collection[int]) -> None:
        """A run that the trace is stopped at has one side: what went in, or what came out."""
        at_runs = [(end.link, end.leads_in) for end in self.ends if end.at_run]
        self.into_ended = [x for x, leads_in in at_runs if leads_in and x.source in within]
        for link in self.into_ended:
            self.inputs.setdefault(link.run, set()).add(link.source)
            self.outputs.setdefault(link.run, {})
            self.ways_out.setdefault(link.source, set()).add(("run", link.run))
        for link, leads_in in at_runs:
            if not leads_in and link.target in within:
                self.inputs.setdefault(link.run, set())
                self.outputs.setdefault(link.run, {})[link.target] = link.quantity

    def _sort(self, link) -> None:
        if link.run:
            self.inputs.setdefault(link.run, set()).add(link.source)
            self.outputs.setdefault(link.run, {})[link.target] = link.quantity
        else:
            shipment = self.shipment_of[link.shipment_line]
            self.shipped_in.setdefault(link.target, {}).setdefault(shipment, []).append(link)
        out = ("run", link.run) if link.run else ("link", link.id)
        self.ways_out.setdefault(link.source, set()).add(out)
        if (at := seconds(link.arrived_from)) is not None:
            self.first[link.target] = min(at, self.first.get(link.target, at))

    def _role(self, holding, facts: Facts) -> str:
        key = holding.holding_id
        location = facts.locations[holding.location_id]
        is_shipped_in = key in self.shipped_in
        at_origin = facts.batches[holding.batch_id].origin_id == location.pk
        if key in self.made:
            return MADE
        if location.kind == Location.Kind.SUPPLIER and (at_origin or not is_shipped_in):
            return SUPPLIED
        if key in self.used:
            return RECEIVED if is_shipped_in else OWN
        return OWN if at_origin and not is_shipped_in else PLACE


def seconds(moment) -> float | None:
    """A link's time as a number, whether it comes as a datetime or as seconds."""
    if moment is None:
        return None
    return moment.timestamp() if hasattr(moment, "timestamp") else moment


def is_unsure(link) -> bool:
    return link.left_by is None or link.arrived_from is None


def total(quantities: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; unknown when a part of it is."""
    found = list(quantities)
    return None if any(one is None for one in found) else sum(found, Decimal(0))


def joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def worst(*statuses: str) -> str:
    return min(statuses, key=("crit", "hold", "info", "ok", "none").index)
