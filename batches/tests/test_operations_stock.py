"""What is on hand is what every posted document together says, exactly."""

from datetime import timedelta
from decimal import Decimal

import pytest

from batches.models import (
    Adjustment,
    Batch,
    Holding,
    Link,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.operations import listeners
from batches.operations.posting import post_lines_in_bulk, post_runs_in_bulk
from batches.operations.stock import get_or_make_holdings, recompute
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


def on_hand(batch, place):
    return Holding.objects.get(batch=batch, location__code=place).quantity


def ship(batch, origin, destination, *quantities, status="posted"):
    shipment = Shipment.objects.create(
        reference=f"SH-{Shipment.objects.count()}",
        origin=factory.location(origin),
        destination=factory.location(destination),
        shipped_at=NOON,
        status=status,
    )
    return shipment, [
        ShipmentLine.objects.create(shipment=shipment, batch=batch, quantity=quantity)
        for quantity in quantities
    ]


def post(*shipped):
    return post_lines_in_bulk(
        [shipment for shipment, _ in shipped], [line for _, lines in shipped for line in lines]
    )


def test_goods_leave_one_place_and_stand_at_the_other():
    made = factory.batch(quantity=100)
    posted = post(ship(made, "PLANT1", "STORE", 30), ship(made, "STORE", "SHOP", Decimal("0.1")))
    assert posted.links == 2
    assert on_hand(made, "PLANT1") == 70
    assert on_hand(made, "STORE") == Decimal("29.9")
    assert on_hand(made, "SHOP") == Decimal("0.1")


def test_tenths_add_up_exactly():
    made = factory.batch(quantity=None)
    post(ship(made, "PLANT1", "STORE", *[Decimal("0.1")] * 30, Decimal("123456789.000001")))
    assert on_hand(made, "STORE") == Decimal("123456792.000001")


def test_one_unknown_quantity_makes_both_ends_unknown():
    made = factory.batch(quantity=100)
    post(ship(made, "PLANT1", "STORE", 30, None), ship(made, "PLANT1", "SHOP", 5))
    assert on_hand(made, "PLANT1") is None
    assert on_hand(made, "STORE") is None
    assert on_hand(made, "SHOP") == 5


def test_a_draft_and_a_voided_document_move_nothing():
    made = factory.batch(quantity=100)
    ship(made, "PLANT1", "STORE", 30, status="draft")
    ship(made, "PLANT1", "STORE", 30, status="voided")
    recompute(Holding.objects.values_list("pk", flat=True))
    assert on_hand(made, "PLANT1") == 100


def test_what_a_run_made_replaces_what_the_batch_says():
    raw, mix = factory.batch("RAW", of="OATS", quantity=50), factory.batch("MIX", quantity=99)
    run = Run.objects.create(reference="R1", location=raw.origin, ran_at=NOON, status="posted")
    RunInput.objects.create(run=run, batch=raw, quantity=40)
    RunOutput.objects.create(run=run, batch=mix, quantity=45)
    post_runs_in_bulk([run])
    assert on_hand(raw, "PLANT1") == 10
    assert on_hand(mix, "PLANT1") == 45
    assert Link.objects.get().quantity == 45


def test_every_input_is_linked_with_every_output():
    used = [factory.batch(f"IN{n}") for n in range(3)]
    made = [factory.batch(f"OUT{n}") for n in range(2)]
    run = Run.objects.create(reference="R1", location=used[0].origin, status="posted")
    for batch in used:
        RunInput.objects.create(run=run, batch=batch)
    for batch in made:
        RunOutput.objects.create(run=run, batch=batch)
    assert post_runs_in_bulk([run]).links == 6
    pairs = Link.objects.values_list("source__batch__number", "target__batch__number")
    assert set(pairs) == {(f"IN{a}", f"OUT{b}") for a in range(3) for b in range(2)}


def test_adjustments_count_until_they_are_voided():
    made = factory.batch(quantity=100)
    holding = Holding.objects.get()
    for quantity, voided_at in ((-5, None), (2, None), (-50, NOON)):
        Adjustment.objects.create(
            holding=holding, quantity=quantity, reason="count", voided_at=voided_at
        )
    recompute([holding.pk])
    assert on_hand(made, "PLANT1") == 97


def test_a_voided_batch_has_nothing_on_hand():
    made = factory.batch(quantity=100)
    Batch.objects.update(status="voided")
    recompute([Holding.objects.get().pk])
    assert on_hand(made, "PLANT1") == 0


def test_holdings_are_made_once():
    made = factory.batch()
    store = factory.location("STORE")
    places = [(made.pk, store.pk), (made.pk, made.origin_id), (made.pk, store.pk)]
    first = get_or_make_holdings(places)
    assert first == get_or_make_holdings(places)
    assert Holding.objects.count() == 2


def test_links_carry_the_times_and_the_quantity_of_their_document():
    made = factory.batch(quantity=100)
    shipment, lines = ship(made, "PLANT1", "STORE", 30)
    shipment.received_at = NOON + timedelta(hours=2)
    post((shipment, lines))
    link = Link.objects.get()
    noon = int(NOON.timestamp())
    assert (link.left_by, link.arrived_from, link.quantity) == (noon, noon + 7200, 30)
    assert link.shipment_line == lines[0]


def test_listeners_are_told_the_sources_once(monkeypatch):
    told = []
    monkeypatch.setattr(listeners, "_listeners", [told.append])
    made = factory.batch(quantity=100)
    post(ship(made, "PLANT1", "STORE", 30), ship(made, "PLANT1", "SHOP", 30))
    assert told == [{Holding.objects.get(location__code="PLANT1").pk}]


def test_many_lines_take_no_more_statements_than_few(django_assert_max_num_queries):
    made = [factory.batch(f"L{n}", quantity=9) for n in range(60)]
    shipped = [ship(batch, "PLANT1", "STORE", 1) for batch in made]
    with django_assert_max_num_queries(25):
        post(*shipped)


def test_holdings_made_in_great_numbers_have_the_same_quantities(monkeypatch):
    monkeypatch.setattr("batches.operations.stock._MANY", 0)
    made = factory.batch(quantity=100)
    unknown = factory.batch("L2", quantity=None)
    post(ship(made, "PLANT1", "STORE", 30), ship(unknown, "PLANT1", "STORE", None))
    assert (on_hand(made, "PLANT1"), on_hand(made, "STORE")) == (70, 30)
    assert on_hand(unknown, "STORE") is None
