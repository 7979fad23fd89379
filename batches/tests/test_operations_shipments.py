"""Shipments are drafted, posted once, received and voided, and refuse what cannot be right."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Adjustment, Batch, Event, Hold, Holding, Link, Shipment
from batches.operations import listeners
from batches.operations.changes import fingerprint
from batches.operations.documents import (
    create_shipment,
    post_shipment,
    receive_shipment,
    save_shipment,
    void_shipment,
)
from batches.operations.events import verify_chain
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made():
    return factory.batch(quantity=100)


def draft(otto, *rows, origin="PLANT1", destination="STORE", **fields):
    fields.setdefault("reference", f"SH-{Shipment.objects.count() + 1}")
    fields.setdefault("shipped_at", NOON)
    return create_shipment(
        origin=factory.location(origin),
        destination=factory.location(destination),
        lines=[dict(zip(("batch", "quantity"), row, strict=False)) for row in rows],
        by=otto,
        at=NOON,
        **fields,
    )


def posted(otto, *rows, **fields):
    return post_shipment(shipment=draft(otto, *rows, **fields), by=otto, at=NOON)


def on_hand(batch, place="PLANT1"):
    holding = Holding.objects.filter(batch=batch, location__code=place).first()
    return holding and holding.quantity


def refused(sentence):
    return pytest.raises(ValidationError, match=re.escape(sentence))


def new_events(action):
    """The verbs of the events that `action` wrote, each with the object it is about."""
    before = Event.objects.count()
    action()
    return list(Event.objects.order_by("seq").values_list("verb", "label")[before:])


# Posting


def test_posting_moves_the_goods_and_writes_one_link_per_line(otto, made):
    shipment = posted(otto, (made, 30), (made, 10))
    assert (shipment.status, shipment.posted_by, shipment.posted_at) == ("posted", otto, NOON)
    assert (on_hand(made), on_hand(made, "STORE")) == (60, 40)
    assert sorted(Link.objects.values_list("quantity", flat=True)) == [10, 30]


def test_drafting_posting_receiving_and_voiding_write_one_event_each(otto, made):
    shipment = draft(otto, (made, 30))
    assert Event.objects.get().verb == "shipment drafted"
    for act, verb in (
        (lambda: post_shipment(shipment=shipment, by=otto, at=NOON), "shipment posted"),
        (lambda: receive_shipment(shipment=shipment, by=otto, at=NOON), "shipment received"),
        (
            lambda: void_shipment(shipment=shipment, reason="Wrong", by=otto, at=NOON),
            "shipment voided",
        ),
    ):
        assert new_events(act) == [(verb, "SH-1")]
    assert verify_chain() == []


def test_posting_tells_the_listeners_the_holdings_that_goods_left(otto, made, monkeypatch):
    told = []
    monkeypatch.setattr(listeners, "_listeners", [told.append])
    posted(otto, (made, 30))
    assert told == [{Holding.objects.get(location__code="PLANT1").pk}]


def test_a_shipment_is_not_posted_twice(otto, made):
    shipment = posted(otto, (made, 30))
    with refused("SH-1 is posted already. Nothing was posted twice."):
        post_shipment(shipment=shipment, by=otto, at=NOON)
    assert on_hand(made, "STORE") == 30


def test_a_shipment_without_lines_is_not_posted(otto):
    with refused("SH-1 has no lines. Add a batch before posting it."):
        posted(otto)


@pytest.mark.parametrize("sscc", ["123", "(00)106141412345678908", "10614141234567890X"])
def test_a_pallet_has_the_number_of_one_whatever_door_it_comes_by(otto, made, sscc):
    shipment = draft(otto, (made, 5))
    shipment.lines.update(sscc="106141412345678900")  # Its label may have a wrong check digit.
    save_shipment(shipment=shipment, lines=list(shipment.lines.all()), by=otto, at=NOON)
    [line] = shipment.lines.all()
    line.sscc = sscc
    with refused(f"“{sscc}” is no SSCC, which has 18 digits."):
        save_shipment(shipment=shipment, lines=[line], by=otto, at=NOON)


def test_no_more_is_shipped_than_is_there_counting_all_lines(otto, made):
    with refused(
        "Only 100 case of L1 are at PLANT1, but SH-1 takes 101. Lower the quantity. "
        "If more is there, correct the count at PLANT1 first."
    ):
        posted(otto, (made, 60), (made, 41))
    assert Shipment.objects.get().status == "draft"


def test_nothing_is_shipped_where_nothing_is_left(otto, made):
    posted(otto, (made, 100))
    with refused("Nothing of L1 is left at PLANT1."):
        posted(otto, (made, None))


def test_what_is_not_known_is_not_refused(otto):
    unknown = factory.batch("L2", quantity=None)
    posted(otto, (unknown, 1000))
    assert on_hand(unknown) is None
    assert on_hand(unknown, "STORE") == 1000


def test_a_batch_that_was_never_at_the_origin_is_refused(otto, made):
    with refused("L1 was never at STORE. Post the document that brought it there"):
        posted(otto, (made, 1), origin="STORE", destination="PLANT1")


def test_a_voided_batch_is_refused(otto, made):
    shipment = draft(otto, (made, 1))
    Batch.objects.update(status="voided")
    with refused("L1 was voided. Take it off SH-1."):
        post_shipment(shipment=shipment, by=otto, at=NOON)


def test_all_that_is_wrong_is_said_at_once(otto, made):
    other = factory.batch("L2", quantity=5)
    with pytest.raises(ValidationError) as caught:
        posted(otto, (made, 101), (other, 6))
    assert len(caught.value.messages) == 2


@pytest.mark.parametrize("where", [None, "PLANT1"])
def test_a_held_batch_is_not_delivered(otto, quinn, made, where):
    place = factory.location(where) if where else None
    place_hold(batch=made, location=place, reason="Glass found.", by=quinn, at=NOON)
    with refused(
        "L1 is on hold at PLANT1: Glass found. Release the hold first, or send it as a "
        "return to quarantine."
    ):
        posted(otto, (made, 1))


def test_a_recalled_batch_is_not_delivered(otto, quinn, made):
    place_hold(batch=made, reason="Salmonella", recall="RC-2026-0001", by=quinn, at=NOON)
    with refused("L1 is held by recall RC-2026-0001. Take it off"):
        posted(otto, (made, 1))


def test_a_hold_elsewhere_and_a_drill_stop_nothing(otto, quinn, made):
    elsewhere = factory.location("STORE")
    place_hold(batch=made, location=elsewhere, reason="Spoilt", by=quinn, at=NOON)
    drill = {"recall": "DR-2026-0001", "is_drill": True}
    place_hold(batch=made, reason="Drill", by=quinn, at=NOON, **drill)
    assert posted(otto, (made, 1)).status == "posted"


def test_an_expired_batch_is_not_delivered_after_its_last_day(otto):
    day = NOON.date()
    posted(otto, (factory.batch("OK", quantity=5, expires_on=day), 1))
    old = factory.batch("OLD", quantity=5, expires_on=day - timedelta(days=1))
    with refused("OLD expired on 2026-11-19. Take it off, or send it as a return"):
        posted(otto, (old, 1))


def test_a_rejected_batch_is_not_delivered(otto):
    with refused("L9 was rejected. Take it off"):
        posted(otto, (factory.batch("L9", quantity=5, status="rejected"), 1))


def test_a_return_moves_a_held_batch_and_holds_it_where_it_goes(otto, quinn, made):
    posted(otto, (made, 30))
    store = factory.location("STORE")
    fields = {"reason": "Glass found.", "recall": "RC-2026-0001"}
    place_hold(batch=made, location=store, by=quinn, at=NOON, **fields)
    back = draft(otto, (made, 30), origin="STORE", destination="PLANT1", purpose="return")
    written = new_events(lambda: post_shipment(shipment=back, by=otto, at=NOON))
    assert sorted(written) == [("hold placed", "Hold on L1"), ("shipment posted", "SH-2")]
    hold = Hold.objects.active().get(location__code="PLANT1")
    assert (hold.reason, hold.recall, hold.placed_by) == ("Glass found.", "RC-2026-0001", otto)


def test_a_return_of_what_is_held_everywhere_needs_no_second_hold(otto, quinn, made):
    posted(otto, (made, 30))
    place_hold(batch=made, reason="Glass found.", by=quinn, at=NOON)
    posted(otto, (made, 30), origin="STORE", destination="PLANT1", purpose="return")
    assert Hold.objects.count() == 1


def test_an_expired_batch_that_comes_back_is_held_there(otto):
    old = factory.batch("OLD", quantity=5, expires_on=date(2026, 11, 1))
    posted(otto, (old, 1), purpose="return")
    hold = Hold.objects.get()
    assert hold.location.code == "STORE"
    assert hold.reason == "Returned by SH-1 after it expired on 2026-11-01."


# Drafts


def test_a_unit_that_is_not_the_products_is_refused(otto, made):
    with refused("L1 is counted in case, not in kg. Enter its quantity in case."):
        create_shipment(
            reference="SH-1",
            origin=factory.location("PLANT1"),
            destination=factory.location("STORE"),
            lines=[{"batch": made, "quantity": 1, "unit": "kg"}],
            by=otto,
            at=NOON,
        )


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_more_than_zero(otto, made, quantity):
    with refused("The quantity of L1 must be more than zero. Leave it empty if it is not known."):
        draft(otto, (made, quantity))


def test_a_shipment_goes_somewhere_else(otto, made):
    with refused("Origin and destination are the same place."):
        draft(otto, (made, 1), destination="PLANT1")


def test_saving_a_draft_again_logs_only_what_changed(otto, made):
    shipment = draft(otto, (made, 30))
    lines = list(shipment.lines.all())
    assert new_events(lambda: save_shipment(shipment=shipment, lines=lines, by=otto, at=NOON)) == []
    shipment.remark = "Dock 4"
    lines[0].quantity = Decimal(31)
    save_shipment(shipment=shipment, lines=lines, by=otto, at=NOON)
    event = Event.objects.first()
    assert event.after == {
        "remark": "Dock 4",
        "lines": [{"batch": made.pk, "quantity": "31", "sscc": ""}],
    }
    assert event.before["remark"] == ""


def test_a_line_that_is_left_out_is_removed(otto, made):
    shipment = draft(otto, (made, 30), (made, 5))
    save_shipment(shipment=shipment, lines=[shipment.lines.last()], by=otto, at=NOON)
    assert [line.quantity for line in shipment.lines.all()] == [5]


def test_a_draft_that_somebody_else_changed_is_not_overwritten(otto, made):
    shipment = draft(otto, (made, 30))
    seen = fingerprint(shipment, shipment.lines.all())
    Shipment.objects.update(remark="Theirs")
    shipment.remark = "Mine"
    with refused("Somebody else changed SH-1 while you were editing it."):
        save_shipment(
            shipment=shipment, lines=list(shipment.lines.all()), by=otto, at=NOON, seen=seen
        )


def test_a_posted_shipment_is_not_edited(otto, made):
    shipment = posted(otto, (made, 30))
    shipment.remark = "Later"
    with refused("SH-1 is in transit and is not edited any more. Void it with a reason"):
        save_shipment(shipment=shipment, lines=list(shipment.lines.all()), by=otto, at=NOON)


# Receiving


def test_receiving_completes_the_times_of_the_links(otto, made):
    shipment = posted(otto, (made, 30))
    noon = int(NOON.timestamp())
    assert Link.objects.get().arrived_from == noon
    receive_shipment(shipment=shipment, received_at=NOON + 5 * HOUR, by=otto, at=NOON + 6 * HOUR)
    assert (Link.objects.get().left_by, Link.objects.get().arrived_from) == (noon, noon + 18000)


@pytest.mark.parametrize(("count", "difference"), [(28, -2), (33, 3)])
def test_a_count_that_differs_becomes_a_correction_and_leaves_with_the_shipment(
    otto, made, count, difference
):
    shipment = posted(otto, (made, 30))
    received = {shipment.lines.get().pk: Decimal(count)}
    receive = lambda: receive_shipment(shipment=shipment, received=received, by=otto, at=NOON)  # noqa: E731
    assert [verb for verb, _ in new_events(receive)] == ["stock adjusted", "shipment received"]
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.reason) == (difference, "count")
    assert adjustment.remark == f"SH-1: {count} case arrived, 30 case were shipped."
    assert on_hand(made, "STORE") == count
    void_shipment(shipment=shipment, reason="Never sent", by=otto, at=NOON)
    assert (on_hand(made), on_hand(made, "STORE")) == (100, 0)
    assert Adjustment.objects.get().void_reason == "SH-1 was voided: Never sent"


def test_a_count_that_agrees_changes_nothing(otto, made):
    shipment = posted(otto, (made, 30))
    received = {shipment.lines.get().pk: Decimal(30)}
    receive_shipment(shipment=shipment, received=received, by=otto, at=NOON)
    assert not Adjustment.objects.exists()


def test_a_count_is_not_compared_with_what_is_not_known(otto, made):
    shipment = posted(otto, (made, None))
    with refused("How much of L1 was shipped is not known, so nothing can be compared."):
        receive_shipment(
            shipment=shipment, received={shipment.lines.get().pk: Decimal(3)}, by=otto, at=NOON
        )


def test_only_what_is_in_transit_is_received(otto, made):
    shipment = draft(otto, (made, 30))
    with refused("SH-1 is a draft. Post it before receiving it."):
        receive_shipment(shipment=shipment, by=otto, at=NOON)
    post_shipment(shipment=shipment, by=otto, at=NOON)
    receive_shipment(shipment=shipment, by=otto, at=NOON)
    with refused("SH-1 was received already. Nothing was received twice."):
        receive_shipment(shipment=shipment, by=otto, at=NOON)
    void_shipment(shipment=shipment, reason="Wrong", by=otto, at=NOON)
    with refused("SH-1 was voided. Enter a new shipment."):
        receive_shipment(shipment=shipment, by=otto, at=NOON)


def test_an_arrival_before_the_departure_is_refused_and_a_bare_date_of_that_day_is_not(otto, made):
    shipment = posted(otto, (made, 30))
    with refused("SH-1 would arrive before it left."):
        receive_shipment(shipment=shipment, received_at=NOON - HOUR, by=otto, at=NOON)
    midnight = NOON.replace(hour=0)
    receive_shipment(
        shipment=shipment, received_at=midnight, received_date_only=True, by=otto, at=NOON
    )
