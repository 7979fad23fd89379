"""A trace as it was known at an earlier moment: by what was posted then and not yet voided."""

import random
from datetime import timedelta

import pytest

from batches.models import Holding, Link, Run, Shipment
from batches.operations.documents import create_shipment, post_shipment, void_shipment
from batches.tests import factory
from batches.tests.factory import NOON, trace_graph
from batches.tests.graphs import dense_graph
from batches.tracing import BACKWARD, FORWARD, FromHolding, WholeBatch, resolve
from batches.tracing.graph import Seeds, among, walk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def posted(otto, batch, reference, destination, at):
    shipment = create_shipment(
        reference=reference,
        origin=batch.origin,
        destination=factory.location(destination, kind="store"),
        lines=[{"batch": batch, "quantity": 10}],
        shipped_at=NOON,
        by=otto,
        at=at,
    )
    return post_shipment(shipment=shipment, by=otto, at=at)


def reached(batch, at):
    found = resolve([WholeBatch(batch.pk)], known_at=at).holdings
    return {held.location_code for held in found if not held.is_start}


def test_what_was_posted_later_is_not_known_yet_and_what_was_voided_later_still_is(otto):
    made = factory.batch(quantity=100)
    first = posted(otto, made, "SH-1", "EARLY", NOON)
    posted(otto, made, "SH-2", "LATE", NOON + 4 * HOUR)
    void_shipment(shipment=first, reason="Wrong store.", by=otto, at=NOON + 6 * HOUR)
    assert reached(made, None) == {"LATE"}
    assert reached(made, NOON - HOUR) == set()
    assert reached(made, NOON + HOUR) == {"EARLY"}
    assert reached(made, NOON + 5 * HOUR) == {"EARLY", "LATE"}
    assert reached(made, NOON + 6 * HOUR) == {"LATE"}


def test_a_backward_trace_of_the_past_is_the_mirror(otto):
    made = factory.batch(quantity=100)
    first = posted(otto, made, "SH-1", "EARLY", NOON)
    void_shipment(shipment=first, reason="Wrong store.", by=otto, at=NOON + 6 * HOUR)
    there = Holding.objects.get(location__code="EARLY")
    found = resolve([FromHolding(there.pk)], BACKWARD, known_at=NOON + HOUR)
    assert [held.location_code for held in found.holdings] == ["EARLY", "PLANT1"]
    assert len(resolve([FromHolding(there.pk)], BACKWARD).holdings) == 1


@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
@pytest.mark.parametrize("seed", range(6))
def test_the_past_is_a_walk_over_the_links_on_record_then(seed, direction):
    dice = random.Random(seed)
    names, links = dense_graph(seed)
    nodes = trace_graph("\n".join(f"B{batch}@L{place}" for batch, place in names))
    held = [nodes[f"B{batch}@L{place}"] for batch, place in names]
    on_record = []
    for source, left_by, target, arrived_from, _, quantity, _ in links:
        made = factory.link(held[source], held[target], left_by, arrived_from, quantity)
        document = made.run or made.shipment_line.shipment
        hours = dice.randint(-3, 3), dice.choice([None, dice.randint(-3, 3)])
        posted_at = NOON + hours[0] * HOUR
        voided_at = None if hours[1] is None else posted_at + abs(hours[1]) * HOUR
        type(document).objects.filter(pk=document.pk).update(
            posted_at=posted_at, voided_at=voided_at
        )
        Link.objects.filter(pk=made.pk).update(voided=voided_at is not None)
        if posted_at <= NOON and (voided_at is None or voided_at > NOON):
            on_record.append(made)
    start = held[0].pk
    rows = [
        (x.source_id, x.left_by, x.target_id, x.arrived_from, x.pk, x.quantity, x.run_id)
        for x in on_record
    ]
    wanted = walk(Seeds({start: None}), among(rows, direction), direction)
    found = resolve([FromHolding(start)], direction, known_at=NOON).trace
    assert found.bound == wanted.bound
    assert {row[4] for row in found.links} == {row[4] for row in wanted.links}


def test_control_the_present_differs_from_that_past():
    """The oracle above would notice: of these graphs, the present is another one."""
    assert not Shipment.objects.exists() and not Run.objects.exists()
    nodes = trace_graph("RAW@FARM -1-> RAW@PLANT -2-> RAW@SHOP")
    late = Shipment.objects.order_by("pk").last()
    Shipment.objects.filter(pk=late.pk).update(posted_at=NOON + HOUR)
    Shipment.objects.exclude(pk=late.pk).update(posted_at=NOON)
    seed = [FromHolding(nodes["RAW@FARM"].pk)]
    assert len(resolve(seed).holdings) == 3
    assert len(resolve(seed, known_at=NOON).holdings) == 2
