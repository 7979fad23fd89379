"""The trace against a walk that is written differently, on random graphs."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from batches.models import (
    Adjustment,
    Batch,
    Holding,
    Link,
    Location,
    Product,
    Run,
    Shipment,
    ShipmentLine,
)
from batches.tests.graphs import (
    EVER,
    NEVER,
    NORMAL,
    check,
    explained_starts,
    graphs,
    received,
    simply,
    walks,
)
from batches.tracing import FromHolding, LocationWindow, WholeBatch, resolve
from batches.tracing.graph import BACKWARD, FORWARD, Seeds, among, walk
from batches.tracing.result import amount


@NORMAL
@given(walks())
@pytest.mark.slow
def test_the_walk_finds_what_trying_all_links_over_and_over_finds(case):
    links, starts, others, direction = case
    trace = walk(Seeds(starts, others), among(links, direction), direction)
    check(trace, starts, others, links, direction)


# --- the same in the database ----------------------------------------------------------------


@st.composite
def stocks(draw, nodes):
    """(on hand, losses as seconds or None) by node, and when each batch was made."""
    on_hand = st.sampled_from([None, Decimal(0), Decimal(0), Decimal(5)])
    losses = st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=1)
    held = {n: (draw(on_hand), draw(losses)) for n in range(len(nodes))}
    return held, {batch: draw(st.one_of(st.none(), st.integers(0, 60))) for batch, _ in nodes}


@st.composite
def traces(draw):
    nodes, links = draw(graphs())
    held, made = draw(stocks(nodes))
    moments = st.one_of(st.none(), st.integers(0, 60))
    window = st.tuples(st.integers(0, 6), moments, moments)
    seeds = [
        *(("batch", b) for b in draw(st.sets(st.sampled_from(sorted(made)), max_size=2))),
        *(("holding", n, at) for n, at in draw(_some(nodes, moments))),
        *(("window", *each) for each in draw(st.lists(window, max_size=2))),
    ]
    voided = draw(st.sets(st.integers(0, 100), max_size=5))
    return nodes, links, held, made, seeds, voided, draw(st.sampled_from([FORWARD, BACKWARD]))


def _some(nodes, moments):
    return st.lists(st.tuples(st.integers(0, len(nodes) - 1), moments), max_size=2)


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Stored:
    """A random graph as rows; node n of the drawing is holding `pk[n]`."""

    def __init__(self, nodes, links, held, made, voided):
        self.places = Location.objects.bulk_create(
            Location(code=f"W{n}", name=f"Place {n}") for n in range(7)
        )
        product = Product.objects.create(code="PX", name="Px")
        origin = {}
        for batch, place in nodes:
            origin.setdefault(batch, place)
        self.batches = {
            batch: Batch.objects.create(
                product=product,
                number=f"B{batch}",
                number_key=f"B{batch}",
                origin=self.places[place],
                produced_at=moment(made[batch]),
            )
            for batch, place in origin.items()
        }
        self.holdings = Holding.objects.bulk_create(
            Holding(batch=self.batches[b], location=self.places[p], quantity=held[n][0])
            for n, (b, p) in enumerate(nodes)
        )
        self.pk = [holding.pk for holding in self.holdings]
        self.node = {pk: n for n, pk in enumerate(self.pk)}
        Adjustment.objects.bulk_create(
            Adjustment(holding=self.holdings[n], quantity=-1, reason="scrap", at=moment(at))
            for n, (_, losses) in held.items()
            for at in losses
        )
        self._link(links, voided)

    def _link(self, links, voided):
        runs = Run.objects.bulk_create(
            Run(reference=f"R{n}", location=self.places[0], status="posted") for n in range(10)
        )
        shipment = Shipment.objects.create(
            reference="S1", origin=self.places[0], destination=self.places[1], status="received"
        )
        line = ShipmentLine.objects.create(
            shipment=shipment, batch=next(iter(self.batches.values()))
        )
        rows = Link.objects.bulk_create(
            Link(
                source_id=self.pk[source],
                left_by=left_by,
                target_id=self.pk[target],
                arrived_from=arrived_from,
                quantity=None if quantity is None else amount(quantity),
                run=None if run is None else runs[run],
                shipment_line=line if run is None else None,
                voided=number in voided,
            )
            for source, left_by, target, arrived_from, number, quantity, run in links
        )
        self.link = {row.pk: number for number, row in enumerate(rows)}

    def seed(self, kind, *values):
        if kind == "batch":
            return WholeBatch(self.batches[values[0]].pk)
        if kind == "holding":
            return FromHolding(self.pk[values[0]], moment(values[1]))
        return LocationWindow(self.places[values[0]].pk, moment(values[1]), moment(values[2]))


def moment(second):
    return None if second is None else datetime.fromtimestamp(second, UTC)


def seeded(nodes, links, held, made, seeds, direction):
    """(starts, others) by section 3 of the domain, straight from the words."""
    pick = min if direction == FORWARD else max
    starts, others, origin = {}, set(), {}
    for n, (batch, _) in enumerate(nodes):
        origin.setdefault(batch, n)

    def start(n, at):
        starts[n] = None if at is None or starts.get(n, at) is None else pick(at, starts.get(n, at))

    for kind, *values in seeds:
        if kind == "batch":
            start(origin[values[0]], None)
            others |= {n for n, (b, _) in enumerate(nodes) if b == values[0]} - {origin[values[0]]}
        elif kind == "holding":
            start(*values)
        else:
            place, begin, end = values
            for n in [n for n, (_, p) in enumerate(nodes) if p == place]:
                arrived, left = stay(n, nodes, links, held, made, origin)
                if end is not None and arrived is not None and arrived > end:
                    continue
                if begin is not None and all(at < begin for at in left):
                    continue
                if direction == FORWARD:
                    known = [at for at in (begin, arrived) if at is not None]
                    start(n, max(known) if known else None)
                else:
                    last = max(left, default=NEVER)
                    known = [at for at in (end, last) if at is not None and at != NEVER]
                    start(n, min(known) if known else None)
    return starts, others


def stay(n, nodes, links, held, made, origin):
    """(earliest arrival or None, moments at which it may have left; NEVER for still there)."""
    came = [link for link in links if link[2] == n]
    arrived = None if None in [k[3] for k in came] else min((k[3] for k in came), default=None)
    if origin[nodes[n][0]] == n and all(link[6] is None for link in came):
        arrived = made[nodes[n][0]]
    left = [link[1] for link in links if link[0] == n] + held[n][1]
    if held[n][0] != 0 or not left:
        left.append(None)
    return arrived, [NEVER if at is None else at for at in left]


@pytest.mark.django_db
@NORMAL
@given(traces())
@pytest.mark.slow
def test_a_trace_in_the_database_is_what_the_rules_say_in_words(case):
    nodes, links, held, made, seeds, voided, direction = case
    with undone():
        stored = Stored(nodes, links, held, made, voided)
        valid = [link for link in links if link[4] not in voided]
        result = resolve([stored.seed(*seed) for seed in seeds], direction)
        starts, others = seeded(nodes, valid, held, made, seeds, direction)
        bound, used = simply(starts, others, valid, direction)
        assert {stored.node[h.holding_id]: h.bound for h in result.holdings} == {
            n: moment(at) for n, at in bound.items()
        }
        sums = received(used)
        for h in result.holdings:
            assert h.received == amount(sums.get(stored.node[h.holding_id], 0))
        assert Counter(stored.link[link.id] for link in result.links) == Counter(k[4] for k in used)
        begins, unexplained = explained_starts(starts, others, used)
        assert {
            stored.node[h.holding_id] for h in result.holdings if h.is_unexplained
        } == unexplained
        for h in result.holdings:
            path = result.path(h.holding_id)
            ends = {stored.node[p] for s in path[:1] for p in (s.from_holding, s.to_holding)}
            assert ends & begins if path else stored.node[h.holding_id] in begins


@pytest.mark.django_db
@NORMAL
@given(traces())
@pytest.mark.slow
def test_many_seeds_in_any_order_give_what_each_gives_alone(case):
    nodes, links, held, made, seeds, voided, direction = case
    with undone():
        stored = Stored(nodes, links, held, made, voided)
        seeds = [stored.seed(*seed) for seed in seeds]
        together, turned = resolve(seeds, direction), resolve(seeds[::-1], direction)
        assert together.holdings == turned.holdings
        for h in together.holdings:
            assert together.path(h.holding_id) == turned.path(h.holding_id)
        alone = {}
        for seed in seeds:
            for h in resolve([seed], direction).holdings:
                alone.setdefault(h.holding_id, []).append(h.bound)
        pick = min if direction == FORWARD else max
        assert {h.holding_id: h.bound for h in together.holdings} == {
            pk: None if None in bounds else pick(bounds) for pk, bounds in alone.items()
        }


# Labels as (node, time) rows: no levels, no slices, and the database decides when it is done.
RECURSIVE = """
WITH RECURSIVE reach(node, at) AS (
  SELECT id, {ever} FROM batches_holding WHERE batch_id = %s
  UNION
  SELECT l.target_id, {later}(r.at, coalesce(l.arrived_from, {ever}))
  FROM reach r JOIN batches_link l ON l.source_id = r.node
  WHERE NOT l.voided AND (l.left_by IS NULL OR l.left_by >= r.at)
)
SELECT node, min(at) FROM reach GROUP BY node
"""


@pytest.mark.django_db
@NORMAL
@given(traces())
@pytest.mark.slow
def test_a_recursive_query_agrees(case):
    nodes, links, held, made, _, voided, _ = case
    with undone():
        stored = Stored(nodes, links, held, made, voided)
        batch = stored.batches[nodes[0][0]]
        later = "greatest" if connection.vendor == "postgresql" else "max"
        with connection.cursor() as cursor:
            cursor.execute(
                RECURSIVE.format(ever=f"CAST({EVER} AS bigint)", later=later), [batch.pk]
            )
            bound = {node: moment(None if at == EVER else at) for node, at in cursor.fetchall()}
        result = resolve([WholeBatch(batch.pk)])
        assert {h.holding_id: h.bound for h in result.holdings} == bound
