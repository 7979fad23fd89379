"""A location's time zone, once days are on record there."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Link, Location
from batches.operations.documents.adjustments import adjust_stock
from batches.operations.documents.shipments import create_shipment, post_shipment, void_shipment
from batches.operations.master import save_location
from batches.tests import factory as build
from batches.tests.factory import NOON
from batches.tracing import FromHolding, resolve

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def place():
    return build.location("A1", timezone="UTC")


def sent(place, otto, *, date_only, post=True):
    batch = build.batch("X", at=place.code, quantity=Decimal(10))
    shipment = create_shipment(
        reference="S1",
        origin=place,
        destination=build.location("B1", timezone="UTC"),
        lines=[{"batch": batch, "quantity": Decimal(1)}],
        shipped_at=MIDNIGHT,
        shipped_date_only=date_only,
        by=otto,
        at=NOON,
    )
    if post:
        post_shipment(shipment=shipment, by=otto, at=NOON)
    return shipment


def move(place, otto, zone="America/Los_Angeles"):
    place.timezone = zone
    return save_location(location=place, by=otto, at=NOON)


@pytest.mark.parametrize("post", [True, False])
def test_a_zone_stays_once_a_shipment_left_on_a_bare_date(place, otto, post):
    sent(place, otto, date_only=True, post=post)
    with pytest.raises(ValidationError, match="Shipment S1 has a date without time of day"):
        move(place, otto)
    assert Location.objects.get(code="A1").timezone == "UTC"


def test_what_left_on_a_bare_date_is_still_reached_after_the_refusal(place, otto):
    shipment = sent(place, otto, date_only=True)
    with pytest.raises(ValidationError, match="add a location of its own"):
        move(place, otto)
    link = Link.objects.get()
    assert link.left_by == int(MIDNIGHT.timestamp()) + 86_399
    evening = datetime(2026, 11, 20, 23, tzinfo=UTC)
    found = resolve([FromHolding(link.source_id, evening)], direction="forward")
    assert {h.location_code for h in found.holdings} == {"A1", shipment.destination.code}


def test_the_destination_keeps_its_zone_only_for_bare_arrivals(place, otto):
    shipment = sent(place, otto, date_only=True)
    move(shipment.destination, otto)
    assert shipment.destination.zone.key == "America/Los_Angeles"


def test_exact_times_and_voided_shipments_let_the_zone_change(place, otto):
    sent(place, otto, date_only=False)
    assert move(place, otto).timezone == "America/Los_Angeles"


def test_a_voided_shipment_lets_the_zone_change(place, otto):
    shipment = sent(place, otto, date_only=True)
    void_shipment(shipment=shipment, reason="entered twice", by=otto, at=NOON)
    assert move(place, otto).timezone == "America/Los_Angeles"


def test_an_adjustment_on_a_bare_date_keeps_the_zone(place, otto):
    batch = build.batch("X", at="A1", quantity=Decimal(10))
    adjust_stock(
        holding=batch.holdings.get(),
        quantity=Decimal(-1),
        reason="scrap",
        happened_at=MIDNIGHT,
        date_only=True,
        by=otto,
        at=NOON,
    )
    with pytest.raises(ValidationError, match="An adjustment of batch X has a date"):
        move(place, otto)


def test_a_batch_made_on_a_bare_date_keeps_the_zone(place, otto):
    build.batch("X", at="A1", produced_at=MIDNIGHT)
    with pytest.raises(ValidationError, match="Batch X has a date without time of day"):
        move(place, otto)


def test_a_batch_made_at_an_hour_lets_the_zone_change(place, otto):
    build.batch("X", at="A1", produced_at=NOON)
    assert move(place, otto).timezone == "America/Los_Angeles"


def test_naming_the_zone_that_holds_anyway_is_no_change(otto):
    place = build.location("A1", timezone="")
    sent(place, otto, date_only=True)
    assert move(place, otto, zone="UTC").timezone == "UTC"
