"""However much is connected, the trace page stays a page, and says when it is cut."""

# ruff: noqa: F811 (fixtures of another module)

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Batch, Holding, Link, Location, Shipment, ShipmentLine
from batches.tests import factory
from batches.tests.factory import NOON, location
from batches.tests.test_trace_page import batch, page, story, text  # noqa: F401

pytestmark = pytest.mark.django_db


def shops(count: int) -> Batch:
    """A batch that a plant sent to so many shops."""
    made = factory.batch("BIG", at="PLANT", quantity=count)
    start = Holding.objects.get(batch=made)
    shipment = Shipment.objects.create(
        reference="SH-BIG",
        origin=made.origin,
        destination=location("SHOP-0", kind="store"),
        status="received",
        shipped_at=NOON,
        received_at=NOON,
    )
    line = ShipmentLine.objects.create(shipment=shipment, batch=made, quantity=1)
    places = Location.objects.bulk_create(
        Location(code=f"SHOP-{i}", name=f"Shop {i}", kind="store") for i in range(1, count + 1)
    )
    ends = Holding.objects.bulk_create(
        Holding(batch=made, location=place, quantity=1) for place in places
    )
    at = int(NOON.timestamp())
    Link.objects.bulk_create(
        Link(source=start, target=end, left_by=at, arrived_from=at, quantity=1, shipment_line=line)
        for end in ends
    )
    return made


def test_the_number_of_queries_does_not_grow_with_the_holdings(page):
    few = shops(3)
    sel = f"h:{Holding.objects.get(batch=few, location__code='PLANT').pk}"
    with CaptureQueriesContext(connection) as small:
        page(seed=few.pk, sel=sel)
    start = Holding.objects.get(batch=few, location__code="PLANT")
    link = Link.objects.filter(source=start).first()
    for i in range(40):
        place = location(f"MORE-{i}", kind="store")
        end = Holding.objects.create(batch=few, location=place, quantity=1)
        Link.objects.create(
            source=start,
            target=end,
            left_by=link.left_by,
            arrived_from=link.arrived_from,
            quantity=1,
            shipment_line_id=link.shipment_line_id,
        )
    with CaptureQueriesContext(connection) as large:
        page(seed=few.pk, sel=sel)
    assert len(large) == len(small)


@pytest.mark.slow
def test_a_trace_of_five_thousand_holdings_stays_a_page(page):
    response = page(seed=shops(5000).pk)
    found = response.context["found"]
    assert found.drawing.nodes > 5000
    assert len(response.context["graph"].cards) <= 150
    assert len(response.context["graph"].lines) <= 400
    assert len(response.context["page"].object_list) == 50
    assert len(gzip.compress(response.content)) < 60_000
    tabs = {word: count for _, word, count, _ in response.context["tabs"]}
    assert tabs["Locations"] == len({held.location_id for held in found.holdings.values()}) == 5001
    opened = page(seed=found.seeds[0].pk, open=found.drawing.bundles[0].next_open)
    (rest,) = [card for card in opened.context["graph"].cards if card.opened]
    assert rest.label.startswith("+") and "1 to 6 by size are drawn" in rest.name
    again = page(seed=found.seeds[0].pk)
    assert again.context["graph"].cards == response.context["graph"].cards
    assert again.context["graph"].lines == response.context["graph"].lines


def test_a_cut_trace_says_that_it_is_not_complete(page, story, monkeypatch):
    monkeypatch.setattr("batches.views.trace.found.LIMIT", 3)
    assert "This trace is not complete." in text(page(seed=batch("RAW").pk))
