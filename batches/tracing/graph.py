"""Walks the trace graph, knowing nothing of the database: seeds in, affected holdings out.

Inside the walk a time is a *tick*: seconds forward, negated seconds backward, so that one
loop serves both directions and "earlier" always means "reaches more".
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

FORWARD, BACKWARD = "forward", "backward"

# Earlier than any tick, and later than any; both fit a bigint and may be negated.
EVER, UNSEEN = -(2**62), 2**62

# A link as the walk sees it, from the holding it is walked from (here) to the other (there):
# (here, near, there, far, link, quantity, run). `near` is the tick that decides whether the
# link counts, `far` the tick that it passes on, null when unknown.
HERE, NEAR, THERE, FAR, LINK, QUANTITY, RUN = range(7)

# (holding, its bound, its bound before or UNSEEN), see `walk`.
Frontier = list[tuple[int, int, int]]


class Seeds(NamedTuple):
    """Where a trace begins: `starts` are starting points with their bound in seconds (None:
    since ever, or until now); `others` are the further holdings of wholly affected batches,
    affected without bound, whose way from a starting point is still to be found."""

    starts: Mapping[int, int | None]
    others: Collection[int] = ()


@dataclass
class Trace:
    """What `walk` found.

    A whole-batch seed RAW, forward, seconds on the arrows (left_by..arrived_from):

        RAW@FARM --1..2--> RAW@PLANT --5--> MIX@PLANT --8..9--> MIX@SHOP
        depth 0            depth 1          depth 2             depth 3
        since ever         since ever       since 5             since 9
                                 \\
                                  `--3..4--> RAW@LAB    (since ever: the same batch)

    A link that left MIX@PLANT by 4 would not be affected: MIX has been affected since 5.
    """

    direction: str
    bound: dict[int, int] = field(default_factory=dict)
    depth: dict[int, int] = field(default_factory=dict)
    links: list[tuple] = field(default_factory=list)
    parent: dict[int, tuple] = field(default_factory=dict)
    unexplained: set[int] = field(default_factory=set)
    complete: bool = True
    levels: int = 0
    _ways: dict[int, tuple] = field(default_factory=dict)

    def seconds(self, holding: int) -> int | None:
        """Since when (forward) or until when (backward) it is affected; None: no bound."""
        tick = self.bound[holding]
        if tick == EVER:
            return None
        return tick if self.direction == FORWARD else -tick

    def ends(self, row: tuple) -> tuple[int, int]:
        """The (source, target) of a link, whichever way it was walked."""
        if self.direction == FORWARD:
            return row[HERE], row[THERE]
        return row[THERE], row[HERE]

    def way(self, holding: int) -> tuple[tuple, ...]:
        """The links from a starting point to `holding`, in the order of the walk."""
        steps, at = [], holding
        while at in self.parent and at not in self._ways:
            steps.append(self.parent[at])
            at = self.parent[at][HERE]
        first, rest = self._ways.get(at, ()), steps[::-1]
        way = (*first, *rest)
        if len({row[LINK] for row in way}) == len(way):
            return way
        onto = THERE if self.direction == FORWARD else HERE
        ends = [row[onto] for row in first] + [row[THERE] for row in rest]
        return _without_loops(way, ends)

    def ways(self) -> Iterable[tuple[tuple, ...]]:
        """The ways that are kept apart from the parents."""
        return self._ways.values()

    def received(self) -> dict[int, int | None]:
        """Affected quantity that arrived, by holding, in the unit the links carry.

        A shipment line counts once; what a run made counts once per run, however many of
        its inputs are affected. None when a part of it is unknown.
        """
        target = THERE if self.direction == FORWARD else HERE
        total, made = {}, set()
        for row in self.links:
            holding, run = row[target], row[RUN]
            if run is not None:
                if (run, holding) in made:
                    continue
                made.add((run, holding))
            so_far, quantity = total.get(holding, 0), row[QUANTITY]
            known = quantity is not None and so_far is not None
            total[holding] = so_far + quantity if known else None
        return total


def walk(
    seeds: Seeds,
    links_of: Callable[[Frontier], Iterable[tuple]],
    direction: str = FORWARD,
    limit: int | None = None,
) -> Trace:
    """Everything the seeds reach; `links_of` is called once per level.

    For each (holding, bound, before) of the frontier, `links_of` returns the links at the
    holding that matter now (`matters` says which). Those are the newly enabled ones, and
    those enabled before whose arrival does not already decide: without the latter a target
    keeps a bound that is too late when a link has only a date. Bounds only fall and never
    below the bound they came from, so the walk ends on cycles, and a parent set when a
    bound strictly falls cannot close a loop.

    With `limit`, no holding beyond that many is added to the seeds' own, and the trace is
    not complete if one was left out.
    """
    trace, waiting = _begin(seeds, direction)
    room = None if limit is None else max(limit, len(trace.bound) + len(waiting))
    frontier = [(holding, trace.bound[holding], UNSEEN) for holding in sorted(trace.bound)]
    is_uneven = False
    while frontier or waiting:
        if not frontier:
            # Nothing explains these: each is a starting point of its own.
            frontier = [(holding, EVER, UNSEEN) for holding in sorted(waiting)]
            _set_out(trace, waiting)
            trace.unexplained, waiting, is_uneven = waiting, set(), True
        rows, frontier, bent = _level(trace, frontier, links_of(frontier), waiting)
        is_uneven = is_uneven or bent
        if room is not None and _cut(trace, frontier, rows, room - len(waiting), seeds.others):
            _set_out(trace, waiting)
            break
    if (direction == BACKWARD and seeds.others) or trace.unexplained:
        _explain(trace, seeds)
        is_uneven = True
    if is_uneven:
        _measure_depth(trace, trace.unexplained.union(seeds.starts))
    return trace


def _begin(seeds: Seeds, direction: str) -> tuple[Trace, set[int]]:
    """A trace with its seeds, and those of them that are still to be explained."""
    trace = Trace(direction)
    sign = 1 if direction == FORWARD else -1
    others = set(seeds.others)
    for holding, moment in seeds.starts.items():
        trace.bound[holding] = EVER if moment is None or holding in others else sign * moment
        trace.depth[holding] = 0
    waiting = others - trace.bound.keys()
    if direction == BACKWARD:
        # Their way lies after the origin, so the walk will not come by.
        _set_out(trace, waiting)
        waiting = set()
    return trace, waiting


def _set_out(trace: Trace, holdings: Iterable[int]) -> None:
    for holding in holdings:
        trace.bound[holding], trace.depth[holding] = EVER, 0


def _level(
    trace: Trace, frontier: Frontier, rows: Iterable[tuple], waiting: set[int]
) -> tuple[list[tuple], Frontier, bool]:
    """Relaxes the links of one frontier: (its newly enabled links, next frontier, whether a
    link led to a holding by fewer links than the level says)."""
    bound, depth, parent = trace.bound, trace.depth, trace.parent
    bound_of = bound.get
    trace.levels += 1
    level, before = trace.levels, {}
    improved = {holding: old for holding, _, old in frontier if old != UNSEEN}
    rows = rows if isinstance(rows, list) else list(rows)
    for row in rows:
        here, _, there, at, _, _, _ = row
        now = bound[here]
        if at is None or at < now:
            at = now
        old = bound_of(there)
        if old is None:
            if waiting and there in waiting:
                waiting.remove(there)
                at = EVER
                # A way through a bound that may yet fall is kept as it is now.
                if now != EVER:
                    trace._ways[there] = (*trace.way(here), row)
            bound[there] = at
            parent[there] = row
            depth[there] = level
            before[there] = UNSEEN
        elif at < old:
            bound[there] = at
            parent[there] = row
            if there not in before:
                before[there] = old
    bent = False
    if improved:
        rows = [r for r in rows if _is_new(r, improved.get(r[HERE], UNSEEN))]
        bent = any(depth[r[THERE]] > depth[r[HERE]] + 1 for r in rows)
    trace.links += rows
    return rows, [(holding, bound[holding], before[holding]) for holding in sorted(before)], bent


def _is_new(row: tuple, before: int) -> bool:
    return before == UNSEEN or (row[NEAR] is not None and row[NEAR] < before)


def matters(row: tuple, bound: int, before: int) -> bool:
    """Whether `walk` needs a link of a holding whose bound fell from `before` to `bound`."""
    near, far = row[NEAR], row[FAR]
    if near is not None and near < before:
        return bool(near >= bound)
    return far is None or far < before


def among(links: Iterable[tuple], direction: str = FORWARD) -> Callable[[Frontier], list[tuple]]:
    """A `links_of` over links in memory: (source, left_by, target, arrived_from, link,
    quantity, run), times in seconds."""
    at: dict[int, list[tuple]] = {}
    for source, left_by, target, arrived_from, link, quantity, run in links:
        row = (source, left_by, target, arrived_from, link, quantity, run)
        if direction == BACKWARD:
            near, far = (None if t is None else -t for t in (arrived_from, left_by))
            row = (target, near, source, far, link, quantity, run)
        at.setdefault(row[HERE], []).append(row)

    def links_of(frontier: Frontier) -> list[tuple]:
        return [
            row
            for holding, bound, before in frontier
            for row in at.get(holding, ())
            if matters(row, bound, before)
        ]

    return links_of


def told(
    links_of: Callable[[Frontier], Iterable[tuple]], hear: Callable[[int], None]
) -> Callable[[Frontier], Iterable[tuple]]:
    """The same `links_of`, that says how many holdings the walk has met so far."""
    met = 0

    def heard(frontier: Frontier) -> Iterable[tuple]:
        nonlocal met
        met += sum(before == UNSEEN for _, _, before in frontier)
        hear(met)
        return links_of(frontier)

    return heard


def as_stored(trace: Trace, row: tuple) -> tuple:
    """A link as the database has it, in seconds, whichever way it was walked."""
    near, far = row[NEAR], row[FAR]
    if trace.direction == BACKWARD:
        near, far = (None if tick is None else -tick for tick in (far, near))
    source, target = trace.ends(row)
    return source, near, target, far, row[LINK], row[QUANTITY], row[RUN]


def _cut(
    trace: Trace, frontier: Frontier, rows: list[tuple], room: int, own: Collection[int]
) -> bool:
    """Takes back what a level found beyond the room there is; False if it all fits."""
    excess = len(trace.bound) - room
    if excess <= 0:
        return False
    found = [n for n, _, before in frontier if before == UNSEEN and n not in own]
    spare = set(found[max(0, len(found) - excess) :])
    for holding in spare:
        del trace.bound[holding], trace.depth[holding], trace.parent[holding]
    del trace.links[len(trace.links) - len(rows) :]
    trace.links += [row for row in rows if row[THERE] not in spare]
    trace.complete = False
    return True


def _explain(trace: Trace, seeds: Seeds) -> None:
    """Finds a way along the affected links, as the goods went, to the seed holdings that the
    walk did not come by: backward they lie after their origin, and forward a link may have
    turned out to be affected only since. What is not found so is a starting point."""
    sought = set(seeds.others) - seeds.starts.keys()
    if trace.direction == FORWARD:
        sought = trace.unexplained
    onward: dict[int, list[tuple[int, tuple]]] = {}
    for row in sorted(trace.links, key=lambda row: row[LINK]):
        source, target = trace.ends(row)
        onward.setdefault(source, []).append((target, row))
    came_by: dict[int, tuple] = dict.fromkeys(seeds.starts, ())
    queue = deque(sorted(came_by))
    while queue:
        at = queue.popleft()
        for target, row in onward.get(at, ()):
            if target not in came_by:
                came_by[target] = (*came_by[at], row)
                queue.append(target)
    trace._ways.update({holding: came_by[holding] for holding in sought & came_by.keys()})
    trace.unexplained = sought - came_by.keys()


def _measure_depth(trace: Trace, starts: Collection[int]) -> None:
    """Fewest links from a starting point, over everything that turned out to be affected."""
    onward: dict[int, list[int]] = {}
    for row in trace.links:
        onward.setdefault(row[HERE], []).append(row[THERE])
    late: dict[int, list[int]] = {}
    if trace.direction == BACKWARD:
        for holding, way in trace._ways.items():
            late.setdefault(len(way), []).append(holding)
    depth, level, here = dict.fromkeys(starts, 0), 0, sorted(starts)
    while here or any(at > level for at in late):
        level += 1
        reached = [there for holding in here for there in onward.get(holding, ())]
        here = []
        for holding in (*reached, *late.get(level, ())):
            if holding not in depth:
                depth[holding] = level
                here.append(holding)
    trace.depth.update(depth)


def _without_loops(way: tuple[tuple, ...], ends: list[int]) -> tuple[tuple, ...]:
    """`way`, of which each link leads to one of `ends`, without what leads back to a holding."""
    begin = way[0][HERE] if way[0][HERE] != ends[0] else way[0][THERE]
    kept, passed = [], [begin]
    for row, end in zip(way, ends, strict=True):
        if end in passed:
            del kept[passed.index(end) :], passed[passed.index(end) + 1 :]
        else:
            kept.append(row)
            passed.append(end)
    return tuple(kept)
