"""Recalled goods that come to a site of ours are held in the transaction that moves them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Hold, Shipment
from batches.operations.documents.shipments import create_shipment, post_shipment
from batches.operations.holds import release_hold
from batches.tests import factory as batches
from recalls.models import Recall
from recalls.tests import factory
from recalls.tests.factory import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    made = factory.granola()
    batches.location("RET", kind="warehouse", is_own=True)
    return made


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def ship(holding, place, by, **fields):
    shipment = create_shipment(
        reference=f"S-{Shipment.objects.count()}",
        origin=holding.location,
        destination=batches.location(place),
        lines=[{"batch": holding.batch, "quantity": Decimal(5)}],
        by=by,
        at=NOON,
        **fields,
    )
    return post_shipment(shipment=shipment, by=by, at=NOON)


def held_at(place) -> list[str]:
    return list(Hold.objects.active().filter(location__code=place).values_list("recall", flat=True))


@pytest.mark.parametrize("status", ["active", "completed", "closed"])
def test_what_a_store_returns_is_held_where_it_comes_back_to(active, nodes, otto, status):
    Recall.objects.filter(pk=active.pk).update(status=status)
    ship(nodes["BAR@STORE1"], "RET", otto, purpose="return")
    assert held_at("RET") == [active.reference]
    back = nodes["BAR@STORE1"].batch.holdings.get(location__code="RET")
    with pytest.raises(ValidationError, match=f"held by recall {active.reference}"):
        ship(back, "STORE2", otto)


def test_a_return_is_held_again_although_an_earlier_one_was_released(active, nodes, otto, quinn):
    ship(nodes["BAR@STORE1"], "RET", otto, purpose="return")
    hold = Hold.objects.active().get(location__code="RET")
    release_hold(hold=hold, reason="Reworked.", recall=active.reference, by=quinn, at=NOON)
    ship(nodes["BAR@STORE2"], "RET", otto, purpose="return")
    assert held_at("RET") == [active.reference]


def test_a_delivery_out_of_an_affected_holding_is_held_on_arrival(active, nodes, otto, quinn):
    ship(nodes["BAR@DC"], "RET", otto)
    assert held_at("RET") == [active.reference]
    hold = Hold.objects.active().get(location__code="RET")
    release_hold(hold=hold, reason="Reworked.", recall=active.reference, by=quinn, at=NOON)
    ship(nodes["BAR@DC"], "RET", otto)
    assert held_at("RET") == [], "what was decided once is not undone by the next delivery"


def test_what_no_recall_under_way_covers_is_not_held(active, nodes, otto):
    other = batches.batch("CLEAN", at="DC", quantity=Decimal(50))
    ship(other.holdings.get(), "RET", otto, purpose="return")
    Recall.objects.filter(pk=active.pk).update(status="closed")
    ship(nodes["BAR@DC"], "RET", otto)
    assert held_at("RET") == []
    ship(nodes["BAR@DC"], "STORE2", otto, purpose="return")
    assert held_at("STORE2") == [], "only our own sites hold"
