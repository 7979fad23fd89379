"""Random graphs, and a second walk of them that knows no levels.

Seven places, a handful of batches, up to 60 holdings; links go anywhere, so there are
cycles, returns and blends; times are equal, missing or bare dates (arrival before departure).
"""

import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from batches.tracing.graph import BACKWARD, FORWARD

EVER, NEVER = -(10**12), 10**12
DAY = 10


@st.composite
def times(draw):
    """(left_by, arrived_from): exact, equal, a bare day, or unknown on either side."""
    leaves = draw(st.integers(0, 40))
    kind = draw(st.sampled_from(["exact", "same", "day", "no departure", "no arrival", "none"]))
    if kind == "exact":
        return leaves, leaves + draw(st.integers(0, 15))
    if kind == "same":
        return leaves, leaves
    if kind == "day":
        return leaves // DAY * DAY + DAY - 1, leaves // DAY * DAY
    return {"no departure": (None, leaves), "no arrival": (leaves, None), "none": (None, None)}[
        kind
    ]


def graphs():
    return st.one_of(small_graphs(), st.integers(0, 2**32).map(dense_graph))


def dense_graph(seed):
    """As `small_graphs`, but full: Hypothesis alone keeps its graphs thin."""
    dice = random.Random(seed)
    size = dice.randint(2, 60)
    nodes = dice.sample([(batch, place) for batch in range(9) for place in range(7)], size)
    links = []
    for number in range(dice.randint(0, 3 * size)):
        leaves, lasts = dice.randint(0, 40), dice.choice([0, 0, 1, 5, 15])
        day = leaves // DAY * DAY
        left_by, arrived_from = dice.choice(
            [(leaves, leaves + lasts)] * 4
            + [(day + DAY - 1, day), (None, leaves), (leaves, None), (None, None)]
        )
        source, target = dice.sample(range(size), 2)
        run = dice.choice([None, None, 0, 1, 2])
        quantity = dice.choice([None, *range(1, 20)])
        if run is not None:
            quantity = run * 1000 + target if (run + target) % 9 else None
        links.append((source, left_by, target, arrived_from, number, quantity, run))
    return nodes, links


@st.composite
def small_graphs(draw):
    """(nodes as (batch, place), links as (source, left_by, target, arrived_from, id, quantity,
    run)); the first node of a batch is at its origin."""
    nodes = draw(
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 6)), min_size=2, max_size=60, unique=True
        )
    )
    pairs = st.tuples(*[st.integers(0, len(nodes) - 1)] * 2).filter(lambda pair: pair[0] != pair[1])
    links = []
    for source, target in draw(st.lists(pairs, max_size=90)):
        left_by, arrived_from = draw(times())
        run = draw(st.one_of(st.none(), st.integers(0, 9)))
        quantity = draw(st.one_of(st.none(), st.integers(1, 9_999_999)))
        if run is not None:  # one output, one quantity, however many inputs
            quantity = run * 1000 + target if (run + target) % 4 else None
        links.append((source, left_by, target, arrived_from, len(links), quantity, run))
    return nodes, links


# --- the other walk: all links, over and over, until nothing changes -------------------------


def simply(starts, others, links, direction):
    """(bound by node, affected links): ten lines that share nothing with the walk."""
    forward = direction == FORWARD
    best, least = (min, EVER) if forward else (max, NEVER)
    bound = {node: least if at is None else at for node, at in starts.items()}
    bound.update(dict.fromkeys(others, least))
    while True:
        known = dict(bound)
        for link in links:
            source, left_by, target, arrived_from = link[:4]
            if forward and source in bound and (left_by is None or left_by >= bound[source]):
                at = max(bound[source], EVER if arrived_from is None else arrived_from)
                bound[target] = best(bound.get(target, at), at)
            if not forward and target in bound and (arrived_from or EVER) <= bound[target]:
                at = min(bound[target], NEVER if left_by is None else left_by)
                bound[source] = best(bound.get(source, at), at)
        if bound == known:
            break
    if forward:
        used = [k for k in links if k[0] in bound and (k[1] is None or k[1] >= bound[k[0]])]
    else:
        used = [k for k in links if k[2] in bound and (k[3] is None or k[3] <= bound[k[2]])]
    return {n: None if at == least else at for n, at in bound.items()}, used


def distances(starts, edges):
    far, ring, n = {}, set(starts), 0
    while ring:
        far.update(dict.fromkeys(ring, n))
        ring = {b for a, b in edges if a in ring} - far.keys()
        n += 1
    return far


def explained_starts(starts, others, used):
    """Starting points, with the seeds that no link leads to from those asked for."""
    found = distances(starts, [(link[0], link[2]) for link in used])
    return set(starts) | (set(others) - found.keys()), set(others) - found.keys() - set(starts)


def received(used):
    sums, seen = {}, set()
    for _, _, target, _, _, quantity, run in used:
        if run is None or (run, target) not in seen:
            seen.add((run, target))
            before = sums.get(target, 0)
            sums[target] = None if None in (before, quantity) else before + quantity
    return sums


def check(trace, starts, others, links, direction):
    forward = direction == FORWARD
    bound, used = simply(starts, others, links, direction)
    assert {node: trace.seconds(node) for node in trace.bound} == bound
    assert sorted(row[4] for row in trace.links) == sorted(link[4] for link in used)
    assert trace.received() == received(used)
    assert trace.complete
    begins, unexplained = explained_starts(starts, others, used)
    assert trace.unexplained == unexplained
    if forward:
        assert trace.depth == distances(begins, [(link[0], link[2]) for link in used])
    for node in bound:
        check_way(trace, node, begins, bound, {link[4]: link for link in used}, others, forward)


def check_way(trace, node, begins, bound, used, others, forward):
    steps = [used[row[4]] for row in trace.way(node)]
    assert len({step[4] for step in steps}) == len(steps), "a link is walked twice"
    if not steps:
        assert node in begins
        return
    ends = [{step[0], step[2]} for step in steps]
    places = [node]
    for pair in reversed(ends):
        (before,) = pair - {places[-1]}
        places.append(before)
    assert places[-1] in begins
    if forward:
        assert [step[2] for step in steps] == places[-2::-1], "a step goes against its link"
        if not others:
            at = bound[places[-1]]
            for step in steps:
                at = max(at if at is not None else EVER, step[3] if step[3] is not None else EVER)
            assert at == (EVER if bound[node] is None else bound[node]), "not the way of its since"


@st.composite
def walks(draw):
    nodes, links = draw(graphs())
    some = st.sets(st.integers(0, len(nodes) - 1), max_size=4)
    moments = st.one_of(st.none(), st.integers(0, 40))
    starts = draw(st.dictionaries(st.integers(0, len(nodes) - 1), moments, max_size=4))
    others = draw(some) - starts.keys()
    return links, starts, others, draw(st.sampled_from([FORWARD, BACKWARD]))


# Reruns of a find come from the printed example, not from a directory of this machine.
NORMAL = settings(
    database=None, max_examples=200, deadline=None, suppress_health_check=list(HealthCheck)
)
