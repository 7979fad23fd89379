"""Voiding a shipment takes it back, unless its goods have moved on."""

from decimal import Decimal

import pytest

from batches.models import Holding, Link
from batches.operations.documents import adjust_stock, post_shipment, void_shipment
from batches.tests.factory import NOON
from batches.tests.test_operations_shipments import draft, made, on_hand, posted, refused

__all__ = ["made"]

pytestmark = pytest.mark.django_db


def test_voiding_takes_everything_back_and_keeps_the_links_as_voided(otto, made):
    shipment = posted(otto, (made, 30))
    shipment = void_shipment(shipment=shipment, reason="Wrong store", by=otto, at=NOON)
    assert (shipment.status, shipment.void_reason) == ("voided", "Wrong store")
    assert (on_hand(made), on_hand(made, "STORE")) == (100, 0)
    assert Link.objects.get().voided
    with refused("SH-1 was voided already."):
        void_shipment(shipment=shipment, reason="Again", by=otto, at=NOON)
    with refused("SH-1 was voided. Enter a new shipment."):
        post_shipment(shipment=shipment, by=otto, at=NOON)


@pytest.mark.parametrize("reason", ["", "  "])
def test_voiding_needs_a_reason(otto, made, reason):
    with refused("Say why SH-1 is voided."):
        void_shipment(shipment=posted(otto, (made, 30)), reason=reason, by=otto, at=NOON)


def test_a_shipment_whose_goods_moved_on_names_what_to_void_first(otto, made):
    first = posted(otto, (made, 30))
    posted(otto, (made, 5), origin="STORE", destination="SHOP")
    store = Holding.objects.get(location__code="STORE")
    adjust_stock(holding=store, quantity=Decimal(-2), reason="sold", by=otto, at=NOON)
    with refused("L1 has moved on from STORE. Void SH-2 and the adjustment Sold -2 first."):
        void_shipment(shipment=first, reason="Wrong", by=otto, at=NOON)
    assert on_hand(made, "STORE") == 23
    assert not Link.objects.filter(voided=True).exists()


def test_goods_of_unknown_quantity_that_moved_on_are_not_left_without_a_source(otto, made):
    first = posted(otto, (made, None))
    posted(otto, (made, None), origin="STORE", destination="SHOP")
    with refused("L1 has moved on from STORE. Void SH-2 first."):
        void_shipment(shipment=first, reason="Wrong", by=otto, at=NOON)


def test_a_draft_is_voided_too(otto, made):
    shipment = void_shipment(shipment=draft(otto, (made, 30)), reason="Typo", by=otto, at=NOON)
    assert shipment.status == "voided"
    assert on_hand(made) == 100
