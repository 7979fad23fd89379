"""Which rule brought each batch into the scope: those that name it and those that reach it."""

from dataclasses import dataclass

from batches.tracing import TraceResult
from batches.tracing.graph import FAR, HERE, LINK, NEAR, QUANTITY, RUN, THERE, Seeds, among, walk
from recalls.scope.seeds import RuleFound
from recalls.scope.seeds import Seeds as RuleSeeds


@dataclass(frozen=True, order=True)
class Reason:
    """`is_named`: the rule itself names the batch; else the trace came by from what it names."""

    number: int
    is_named: bool


def reasons_of(seeds: RuleSeeds, trace: TraceResult) -> dict[int, list[Reason]]:
    """By batch. Each rule is walked by itself over the links that all of them reached together:
    a rule alone reaches nothing beyond those, and no query is needed."""
    found: dict[int, list[Reason]] = {}
    links_of = among(_as_recorded(row) for row in trace.trace.links)
    batch_of = {item.holding_id: item.batch_id for item in trace.holdings}
    for one in seeds.rules:
        named = one.found.batches | {batch_of[pk] for pk in one.found.holdings if pk in batch_of}
        reached = set(batch_of.values()) if len(seeds.rules) == 1 else None
        if reached is None:
            bound = walk(_seeds(one, trace), links_of).bound
            reached = {batch_of[pk] for pk in bound if pk in batch_of}
        for batch in reached:
            found.setdefault(batch, []).append(Reason(one.number, batch in named))
    return found


def _as_recorded(row: tuple) -> tuple:
    return row[HERE], row[NEAR], row[THERE], row[FAR], row[LINK], row[QUANTITY], row[RUN]


def _seeds(one: RuleFound, trace: TraceResult) -> Seeds:
    starts, others = dict(one.found.holdings), set()
    for item in trace.holdings:
        if item.batch_id not in one.found.batches:
            continue
        if item.location_code == item.origin_code:
            starts[item.holding_id] = None
        else:
            others.add(item.holding_id)
    known = trace.by_holding
    return Seeds({pk: second for pk, second in starts.items() if pk in known}, others)
