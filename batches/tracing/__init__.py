"""Where did it go, where did it come from: `resolve` walks the links from seeds to an answer."""

from collections.abc import Iterable

from batches.tracing.graph import BACKWARD, FORWARD, walk
from batches.tracing.loading import notes_on, seeds_named, traced_holdings
from batches.tracing.result import Note, Step, TracedHolding, TracedLink, TraceResult
from batches.tracing.seeds import FromHolding, LocationWindow, Seed, WholeBatch, seeds_of
from batches.tracing.sql import links_of, one_snapshot

__all__ = [
    "BACKWARD",
    "FORWARD",
    "FromHolding",
    "LocationWindow",
    "Note",
    "Seed",
    "Step",
    "TraceResult",
    "TracedHolding",
    "TracedLink",
    "WholeBatch",
    "resolve",
]


def resolve(
    seeds: Iterable[Seed], direction: str = FORWARD, limit: int | None = None
) -> TraceResult:
    """Every holding that the seeds reach, read in one snapshot.

    Forward is where it went, backward where it came from. With `limit`, at most that many
    holdings beside the seeds' own; the result is then incomplete and a note says so.
    """
    if direction not in (FORWARD, BACKWARD):
        raise ValueError(f"A trace goes {FORWARD} or {BACKWARD}, not {direction!r}.")
    seeds = list(dict.fromkeys(seeds))
    with one_snapshot():
        trace = walk(seeds_of(seeds, direction), links_of(direction), direction, limit)
        return TraceResult(
            direction=direction,
            trace=trace,
            holdings=traced_holdings(trace),
            notes=notes_on(trace, seeds, limit),
            seeds=seeds_named(seeds),
        )
