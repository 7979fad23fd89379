"""What a trace page shows, worked out once: the trace, its picture, its drawing, its figures."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from batches.models import Batch
from batches.templatetags import wording
from batches.tracing import (
    BACKWARD,
    FORWARD,
    Step,
    TracedHolding,
    TraceResult,
    Unnamed,
    WholeBatch,
    resolve,
)
from batches.tracing.drawing import Bundle, Drawing, draw
from batches.tracing.facts import Facts, read_facts
from batches.tracing.picture import Picture, Words, paint
from batches.tracing.picture.roles import MADE, SUPPLIED, is_unsure
from batches.tracing.result import End
from batches.tracing.stops import stops_of
from batches.views.trace.asked import Asked
from batches.views.trace.times import Times

# Beyond this a page would take more than about three seconds. It says so when it was reached and
# offers to resolve the whole trace in the background; `manage.py trace` knows no limit.
LIMIT = 20_000
# Seconds up to which a page may ask twice: first whether the server can make another trace.
QUICK = 1.0


@dataclass
class Found:
    asked: Asked
    seeds: list[Batch]
    results: list[TraceResult]
    facts: Facts
    picture: Picture
    times: Times
    seconds: float

    @cached_property
    def holdings(self) -> dict[int, TracedHolding]:
        return self.picture.index.holdings

    @cached_property
    def links(self) -> list:
        return self.picture.index.links

    @cached_property
    def unsure(self) -> int:
        return sum(map(is_unsure, self.links))

    @cached_property
    def chosen(self) -> list[TracedHolding]:
        """What the selected card stands for, the largest first."""
        ids = self.picture.holdings.get(self.asked.sel, ())
        here = [self.holdings[key] for key in ids]
        return sorted(here, key=lambda h: (-(h.received or Decimal(0)), h.holding_id))

    @cached_property
    def explained(self) -> TracedHolding | None:
        """The one of these whose path is shown."""
        via = int(self.asked.via or 0)
        return next((h for h in self.chosen if h.holding_id == via), next(iter(self.chosen), None))

    @cached_property
    def steps(self) -> Sequence[Step]:
        return self.result_of(self.explained.holding_id).path(self.explained.holding_id)

    def result_of(self, holding: int) -> TraceResult:
        return next(result for result in self.results if holding in result.by_holding)

    def is_affected(self, holding: int) -> bool:
        """Whether a forward trace reached it; else it is where something came from."""
        return self.result_of(holding).direction == FORWARD

    @cached_property
    def drawing(self) -> Drawing:
        asked, picture = self.asked, self.picture
        path = picture.path(self.steps) if self.explained else []
        if self.explained and (asked.sel not in path):
            path.append(asked.sel)
        return draw(
            picture.nodes,
            picture.edges,
            seeds=picture.seeds,
            selected=asked.sel if self.chosen else None,
            pinned=self.stopped_cards,
            path=path,
            others=self._other_ways(),
            opens=asked.open,
        )

    @cached_property
    def stopped_cards(self) -> set[str]:
        stops = stops_of(self.asked.stops)
        return self.picture.cards_at(stops) if stops else set()

    @cached_property
    def group(self) -> Bundle | None:
        """The group of cards whose rows alone are asked for; None where it is not drawn."""
        key = self.asked.group
        return next((one for one in self.drawing.bundles if one.key == key), None) if key else None

    @cached_property
    def behind(self) -> list[TracedHolding]:
        """What is affected or connected and not shown, because the trace is stopped before it."""
        shown = {key for result in self.results for key in result.by_holding}
        whole = _once(result.whole for result in self.results if result.whole)
        return [held for held in whole if held.holding_id not in shown]

    @property
    def hides_affected(self) -> bool:
        """Whether a stop leaves out what a recall from here would take in."""
        forward = [result for result in self.results if result.direction == FORWARD]
        return any(x.whole and len(x.whole.holdings) > len(x.holdings) for x in forward)

    def _other_ways(self) -> set[tuple[str, str]]:
        """The lines of every way from where the trace began to what is selected."""
        if not self.explained or not self.steps:
            return set()
        affected = self.is_affected(self.explained.holding_id)
        return self.picture.ways(self.asked.sel, affected=affected)

    def notes(self) -> list[str]:
        """Everything that is not known or was left out, once each."""
        several = len(self.results) > 1
        found: dict[str, None] = {}
        for result in self.results:
            for note in result.notes:
                way = "Forward: " if result.direction == FORWARD else "Back: "
                found[(way if several else "") + note.text] = None
        return [*self.times.notes(), *found]

    def stop_notes(self) -> list[str]:
        """Where it is stopped and why, and how much that leaves out."""
        if not self.asked.stops:
            return []
        said = [f"The trace is stopped at {s.name}: {s.reason}" for s in self.asked.stops]
        return [*said, left_out(self.behind)]

    @cached_property
    def unnamed(self) -> list[Unnamed]:
        """Lines without a batch that may belong to it, each once, the earliest first."""
        found = {line.batch_id: line for result in self.results for line in result.unnamed}
        ever = datetime.min.replace(tzinfo=UTC)
        return sorted(found.values(), key=lambda line: (line.at or ever, line.batch_id))

    @property
    def is_quick(self) -> bool:
        return self.seconds < QUICK

    @property
    def complete(self) -> bool:
        return all(result.complete for result in self.results)


def left_out(behind: list[TracedHolding]) -> str:
    """How much a stopped trace does not show, as a sentence without its full stop."""
    if not behind:
        return "Nothing of this trace lies behind"
    places = len({held.location_id for held in behind})
    where = "1 place" if places == 1 else f"{wording.number(places)} places"
    if len(behind) == 1:
        return f"1 holding at {where} lies behind and is not shown"
    return f"{wording.number(len(behind))} holdings at {where} lie behind and are not shown"


def find(
    asked: Asked,
    seeds: list[Batch],
    limit: int | None = None,
    hear: Callable[[int], None] | None = None,
) -> Found:
    """`limit` is LIMIT unless said otherwise; `hear` is told how far the walk is."""
    began = time.perf_counter()
    ways = {"fwd": [FORWARD], "back": [BACKWARD], "both": [FORWARD, BACKWARD]}[asked.dir]
    start = [WholeBatch(batch.pk) for batch in seeds]
    stops = stops_of(asked.stops)
    most = LIMIT if limit is None else limit
    results = [resolve(start, way, most, asked.known_at, stops, hear) for way in ways]
    links = {link.id: link for result in results for link in result.links}
    times = Times(list(links.values()), asked)
    holdings = times.shown_holdings(_once(results))
    ends = _ends(results, times)
    documents = [*times.shown, *(end.link for end in ends)]
    facts = read_facts(holdings, documents, with_answers=not asked.known_at)
    now = timezone.now()
    words = Words(wording.quantity, lambda moment: wording.day(moment, now))
    with_stock = asked.dir != "back" and not asked.known_at
    picture = paint(holdings, times.shown, facts, words, with_stock=with_stock, ends=ends)
    picture.seeds = _seed_cards(picture, facts, {batch.pk for batch in seeds})
    return Found(asked, seeds, results, facts, picture, times, time.perf_counter() - began)


def _ends(results: list[TraceResult], times: Times) -> list[End]:
    """Where a stopped trace ends, as far as it may have been in the days asked for."""
    ends = [end for result in results for end in result.ends]
    shown = {link.id for link in times.among(end.link for end in ends)}
    return [end for end in ends if end.link.id in shown]


def _once(results: Iterable[TraceResult]) -> list[TracedHolding]:
    """A holding that both directions reach stands as the forward trace has it."""
    found: dict[int, TracedHolding] = {}
    for result in results:
        for holding in result.holdings:
            found.setdefault(holding.holding_id, holding)
    return list(found.values())


def _seed_cards(picture: Picture, facts: Facts, batches: set[int]) -> list[str]:
    """The card of each seed batch where it was made; the starting points if there is none."""
    index = picture.index
    own = [
        picture.card[key]
        for key, holding in index.holdings.items()
        if holding.batch_id in batches and index.roles[key] in (MADE, SUPPLIED)
    ]
    return own or picture.seeds
