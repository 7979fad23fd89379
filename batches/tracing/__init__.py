"""Where did it go, where did it come from: `resolve` walks the links from seeds to an answer."""

from collections.abc import Callable, Iterable
from datetime import datetime

from batches.tracing.graph import BACKWARD, FORWARD, told, walk
from batches.tracing.loading import notes_on, seeds_named, stopped, traced_holdings
from batches.tracing.past import links_known_at
from batches.tracing.result import Note, Step, TracedHolding, TracedLink, TraceResult
from batches.tracing.seeds import FromHolding, LocationWindow, Seed, WholeBatch, seeds_of
from batches.tracing.sql import links_of, one_snapshot
from batches.tracing.stops import Stops
from batches.tracing.unnamed import Unnamed, unnamed_near

__all__ = [
    "BACKWARD",
    "FORWARD",
    "FromHolding",
    "LocationWindow",
    "Note",
    "Seed",
    "Step",
    "Stops",
    "TraceResult",
    "TracedHolding",
    "TracedLink",
    "Unnamed",
    "WholeBatch",
    "resolve",
]


def resolve(
    seeds: Iterable[Seed],
    direction: str = FORWARD,
    limit: int | None = None,
    known_at: datetime | None = None,
    stops: Stops | None = None,
    hear: Callable[[int], None] | None = None,
) -> TraceResult:
    """Every holding that the seeds reach, read in one snapshot.

    Forward is where it went, backward where it came from. With `limit`, at most that many
    holdings beside the seeds' own; the result is then incomplete and a note says so.
    With `known_at`, by the links that were on record then; stock is always as it is now.
    With `stops`, as far as one gets without passing them; `whole` is then the trace without,
    and the notes speak of that. `hear` is told, level by level, how many holdings were met.
    """
    if direction not in (FORWARD, BACKWARD):
        raise ValueError(f"A trace goes {FORWARD} or {BACKWARD}, not {direction!r}.")
    seeds = list(dict.fromkeys(seeds))
    with one_snapshot():
        links = links_known_at(direction, known_at) if known_at else links_of(direction)
        links = told(links, hear) if hear else links
        starts = seeds_of(seeds, direction)
        trace = walk(starts, links, direction, limit)
        holdings = traced_holdings(trace)
        unnamed = unnamed_near(trace, holdings, known_at)
        result = TraceResult(
            direction=direction,
            trace=trace,
            holdings=holdings,
            notes=notes_on(trace, seeds, limit, len(unnamed)),
            seeds=seeds_named(seeds),
            unnamed=unnamed,
        )
        return stopped(result, starts, stops) if stops else result
