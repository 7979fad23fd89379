"""Batches, holds, quality records and master data: saved whole, logged by what changed."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Contact, Event, Hold, Holding, Location, Product
from batches.operations.batches import change_batch, make_batch, save_batch, void_batch
from batches.operations.changes import fingerprint
from batches.operations.documents import create_shipment
from batches.operations.events import verify_chain
from batches.operations.holds import place_hold, place_holds, release_hold
from batches.operations.master import save_contact, save_location, save_product
from batches.operations.quality import (
    close_complaint,
    log_complaint,
    record_inspection,
    save_complaint,
    save_inspection,
)
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


def refused(sentence):
    return pytest.raises(ValidationError, match=re.escape(sentence))


def verbs():
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def make(otto, number="L 26-311 A", **fields):
    return make_batch(
        product=factory.product(),
        origin=factory.location(),
        number=number,
        by=otto,
        at=NOON,
        **fields,
    )


# Batches


def test_making_a_batch_puts_its_quantity_at_its_origin(otto):
    batch = make(otto, quantity=Decimal(40))
    holding = Holding.objects.get()
    assert (holding.batch, holding.location, holding.quantity) == (batch, batch.origin, 40)
    assert batch.number_key == "L26311A"
    assert verbs() == ["batch made"]


def test_a_batch_of_unknown_quantity_has_unknown_stock(otto):
    make(otto)
    assert Holding.objects.get().quantity is None


def test_stock_follows_a_corrected_quantity_and_the_log_has_only_that(otto):
    batch = change_batch(batch=make(otto, quantity=Decimal(40)), quantity=41, by=otto, at=NOON)
    assert Holding.objects.get().quantity == 41
    assert batch.quantity == 41
    assert (Event.objects.first().before, Event.objects.first().after) == (
        {"quantity": "40"},
        {"quantity": "41"},
    )


def test_a_number_is_given_once_per_product_and_origin(otto):
    make(otto)
    with refused("already exists"):
        make(otto)


def test_a_number_of_ours_is_given_once_however_it_is_typed(otto):
    first = factory.batch("26326A-001K")
    again = {"product": first.product, "origin": first.origin, "number": "26326a 001k"}
    with refused("PLANT1 has 26326A-001K of GRANOLA already, which is the same number."):
        make_batch(**again, by=otto, at=NOON)
    Location.objects.filter(pk=first.origin_id).update(kind=Location.Kind.SUPPLIER)
    again["origin"].refresh_from_db()
    make_batch(**again, by=otto, at=NOON)


def test_what_names_a_batch_stays(otto):
    batch = make(otto)
    batch.number = "L2"
    with refused("This names the batch and stays as it is. Void the batch and make another."):
        save_batch(batch=batch, by=otto, at=NOON)


def test_a_batch_does_not_expire_before_it_is_made(otto):
    with refused("The batch would expire before it was made. Check both dates."):
        make(otto, produced_at=NOON, expires_on=date(2026, 11, 19))


def test_a_batch_is_voided_with_a_reason_and_then_stays(otto):
    batch = make(otto, quantity=Decimal(40))
    with refused(f"Say why {batch} is voided."):
        void_batch(batch=batch, reason="", by=otto, at=NOON)
    void_batch(batch=batch, reason="Typo", by=otto, at=NOON)
    assert Holding.objects.get().quantity == 0
    with refused(f"{batch} was voided already."):
        void_batch(batch=batch, reason="Typo", by=otto, at=NOON)
    with refused(f"{batch} was voided and is not edited any more."):
        change_batch(batch=batch, line="2", by=otto, at=NOON)
    with refused(f"{batch} was voided. There is nothing to hold."):
        place_hold(batch=batch, reason="Mites.", by=otto, at=NOON)


def test_a_batch_on_documents_is_not_voided(otto):
    batch = make(otto)
    create_shipment(
        reference="SH-1",
        origin=batch.origin,
        destination=factory.location("STORE"),
        lines=[{"batch": batch, "quantity": 1}],
        by=otto,
        at=NOON,
    )
    with refused(f"{batch} stands on documents. Void SH-1 first."):
        void_batch(batch=batch, reason="Typo", by=otto, at=NOON)


# Holds


def test_a_hold_is_placed_once_and_released_once(quinn):
    batch = factory.batch()
    hold = place_hold(batch=batch, reason="Mites.", by=quinn, at=NOON)
    with refused("L1 is on hold everywhere already. Release that hold first."):
        place_hold(batch=batch, reason="Mites.", by=quinn, at=NOON)
    release_hold(hold=hold, reason="Clean", by=quinn, at=NOON)
    with refused("The hold on L1 was released already."):
        release_hold(hold=hold, reason="Clean", by=quinn, at=NOON)
    assert verbs() == ["hold placed", "hold released"]
    assert not Hold.objects.active().exists()


def test_holds_need_reasons(quinn):
    with refused("Say why the batch is held."):
        place_hold(batch=factory.batch(), reason=" ", by=quinn, at=NOON)
    hold = place_hold(batch=factory.batch("L2"), reason="Mites.", by=quinn, at=NOON)
    with refused("Say why the batch may move again."):
        release_hold(hold=hold, reason="", by=quinn, at=NOON)


def test_only_its_recall_releases_the_hold_of_a_recall(quinn):
    fields = {"reason": "Mites.", "recall": "RC-2026-0001"}
    hold = place_hold(batch=factory.batch(), by=quinn, at=NOON, **fields)
    with refused("The hold on L1 belongs to recall RC-2026-0001. It ends with the recall"):
        release_hold(hold=hold, reason="Clean", by=quinn, at=NOON)
    release_hold(hold=hold, reason="Closed", recall="RC-2026-0001", by=quinn, at=NOON)
    assert not Hold.objects.active().exists()


def test_many_holds_skip_those_that_are_there(quinn):
    batches = [factory.batch(f"L{n}") for n in range(3)]
    place = batches[0].origin_id
    fields = {"reason": "Mites.", "recall": "RC-2026-0001", "by": quinn, "at": NOON}
    place_holds(places=[(batches[0].pk, place)], **fields)
    new = place_holds(places=[(batch.pk, place) for batch in batches], **fields)
    assert {hold.batch for hold in new} == set(batches[1:])
    assert verbs() == ["hold placed"] * 3


# Quality


@pytest.mark.parametrize(("value", "result"), [(5, "passed"), (10, "passed"), (11, "failed")])
def test_value_and_limits_decide_the_result(quinn, value, result):
    made = record_inspection(
        batch=factory.batch(), kind="Moisture", value=value, upper_limit=10, by=quinn, at=NOON
    )
    assert made.result == result
    assert verbs() == ["inspection recorded"]


def test_an_inspection_that_contradicts_itself_is_refused(quinn):
    fields = {"batch": factory.batch(), "kind": "Moisture", "by": quinn, "at": NOON}
    with refused("The value is outside its limits: it has not passed."):
        record_inspection(value=11, upper_limit=10, result="passed", **fields)
    with refused("The lower limit is above the upper one."):
        record_inspection(lower_limit=11, upper_limit=10, **fields)


def test_a_result_is_added_once(quinn):
    made = record_inspection(batch=factory.batch(), kind="Taste", by=quinn, at=NOON)
    made.result = "passed"
    save_inspection(inspection=made, by=quinn, at=NOON)
    made.result = "failed"
    with refused("The result is known and stays. Record a new inspection."):
        save_inspection(inspection=made, by=quinn, at=NOON)


def test_a_complaint_knows_the_product_of_its_batch(otto):
    batch = factory.batch()
    made = log_complaint(batch=batch, text="Stone, says Ms Miller", by=otto, at=NOON)
    assert made.product == batch.product
    assert "Miller" not in str(Event.objects.values())
    with refused("L1 is no batch of OATS."):
        log_complaint(batch=batch, product=factory.product("OATS"), text="-", by=otto, at=NOON)
    with refused("Choose the product, or the batch if it is known."):
        log_complaint(text="-", by=otto, at=NOON)


def test_a_complaint_is_closed_once_with_its_outcome(quinn):
    made = log_complaint(product=factory.product(), text="Stone", by=quinn, at=NOON)
    with refused("Say why the complaint can be closed."):
        close_complaint(complaint=made, outcome="", by=quinn, at=NOON)
    made = close_complaint(complaint=made, outcome="A raisin", by=quinn, at=NOON)
    with refused("This complaint is closed already."):
        close_complaint(complaint=made, outcome="A raisin", by=quinn, at=NOON)
    with refused("This complaint is closed and stays as it is."):
        save_complaint(complaint=made, by=quinn, at=NOON)
    assert verbs() == ["complaint logged", "complaint closed"]


# Master data


def test_a_change_of_a_product_logs_the_changed_fields_only(otto):
    product = save_product(product=Product(code="GR", name="Granola"), by=otto, at=NOON)
    product.name = "Granola classic"
    save_product(product=product, by=otto, at=NOON)
    event = Event.objects.first()
    assert (event.verb, event.before, event.after) == (
        "product changed",
        {"name": "Granola"},
        {"name": "Granola classic"},
    )
    save_product(product=product, by=otto, at=NOON)
    assert verbs() == ["product added", "product changed"]
    assert verify_chain() == []


def test_the_unit_stays_once_batches_are_counted_in_it(otto):
    product = factory.product(unit="case")
    product.unit = "box"
    save_product(product=product, by=otto, at=NOON)
    factory.batch()
    product.unit = "kg"
    with refused("Batches of GRANOLA are counted in box. For another unit make a product"):
        save_product(product=product, by=otto, at=NOON)


def test_a_short_gtin_is_filled_up(otto):
    made = save_product(product=Product(code="A", name="A", gtin="4006381333931"), by=otto, at=NOON)
    assert made.gtin == "04006381333931"


def test_a_gs1_key_with_a_typing_error_is_refused_and_an_imported_one_stays(otto):
    product, place = factory.product(), factory.location()
    product.gtin, place.gln = "4006381333930", "4006381333930"
    for save, obj in ((save_product, {"product": product}), (save_location, {"location": place})):
        with refused("Check digit 0 is wrong, expected 1."):
            save(**obj, by=otto, at=NOON)
    Product.objects.filter(pk=product.pk).update(gtin="04006381333930")
    product.name = "Granola with a number that somebody imported"
    assert save_product(product=product, by=otto, at=NOON).gtin == "04006381333930"


def test_a_product_that_somebody_else_changed_is_not_overwritten(otto):
    product = factory.product()
    seen = fingerprint(product)
    Product.objects.update(brand="Theirs")
    product.brand = "Mine"
    with refused("Somebody else changed GRANOLA Granola while you were editing it."):
        save_product(product=product, by=otto, at=NOON, seen=seen)


def test_a_location_does_not_stand_above_itself(otto):
    upper = save_location(location=Location(code="DC", name="DC"), by=otto, at=NOON)
    lower = save_location(location=Location(code="S", name="S", parent=upper), by=otto, at=NOON)
    upper.parent = lower
    with refused("DC would stand above itself."):
        save_location(location=upper, by=otto, at=NOON)


def test_nothing_personal_of_a_contact_is_logged(otto):
    contact = Contact(
        location=factory.location(), name="Ms Miller", email="miller@shop.example", phone="555-1"
    )
    save_contact(contact=contact, by=otto, at=NOON)
    contact.email = "m.miller@shop.example"
    save_contact(contact=contact, by=otto, at=NOON)
    assert not re.search("iller|555", str(list(Event.objects.values())))
    assert Event.objects.first().after == {"email": "(not logged)"}


def test_a_contact_can_be_reached(otto):
    with refused("Enter an e-mail address, or at least a phone number."):
        save_contact(contact=Contact(location=factory.location()), by=otto, at=NOON)
    with refused("Whoever receives notices needs an e-mail address."):
        save_contact(contact=Contact(location=factory.location(), phone="5"), by=otto, at=NOON)
