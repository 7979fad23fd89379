"""A trace that is not followed past some points: what is left of it, and where it ends. Pure.

    RAW-1 --> MIX-1 --> (oven) --> BREAD --> SHOP-A     stopped at the oven: MIX-1 is the end
                  \\
                   `-> SHOP-B                           and SHOP-B stays

The whole trace is walked first and this one anew over its links, so that what a stop
leaves out is known exactly. A stop changes what is looked at, never what is affected.
"""

from collections.abc import Collection, Iterable

from batches.tracing.graph import (
    FORWARD,
    HERE,
    NEAR,
    RUN,
    THERE,
    Seeds,
    Trace,
    among,
    as_stored,
    walk,
)


def cut(
    whole: Trace, seeds: Seeds, holdings: Collection[int], runs: Collection[int]
) -> tuple[Trace, list[tuple]]:
    """What of `whole`, which `seeds` gave, is reached without passing one of `holdings` or
    `runs`, and the links of runs at which it ends: those of one of `runs`, or of any run that
    one of `holdings` went into or came from.

    Forward, a further holding of a seed's batch that lies behind a stop is left out too,
    though it is affected by itself: one looks at the way of the goods.
    """
    followed = [x for x in whole.links if x[HERE] not in holdings and x[RUN] not in runs]
    starts = {**seeds.starts, **dict.fromkeys(whole.unexplained)}
    others = set(seeds.others) - whole.unexplained
    if whole.direction == FORWARD:
        others &= _reached(starts, followed)
    links = among((as_stored(whole, row) for row in followed), whole.direction)
    trace = walk(Seeds(starts, others), links, whole.direction)
    trace.unexplained = whole.unexplained & trace.bound.keys()
    trace.complete = whole.complete
    ended = [
        x for x in whole.links if x[RUN] in runs or (x[RUN] is not None and x[HERE] in holdings)
    ]
    return trace, [row for row in ended if _leaves(trace, row)]


def _leaves(trace: Trace, row: tuple) -> bool:
    """Whether a link would be followed out of what is left."""
    bound = trace.bound.get(row[HERE])
    return bound is not None and (row[NEAR] is None or row[NEAR] >= bound)


def _reached(starts: Iterable[int], links: Iterable[tuple]) -> set[int]:
    onward: dict[int, list[int]] = {}
    for row in links:
        onward.setdefault(row[HERE], []).append(row[THERE])
    seen = set(starts)
    todo = list(seen)
    while todo:
        new = [there for there in onward.get(todo.pop(), ()) if there not in seen]
        seen.update(new)
        todo += new
    return seen
