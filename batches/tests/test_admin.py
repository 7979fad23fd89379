"""The admin is a door: what it saves goes through operations, and it deletes nothing."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry

from batches.models import (
    Adjustment,
    Batch,
    Complaint,
    Contact,
    Event,
    Hold,
    Holding,
    Inspection,
    Location,
    Product,
    Run,
    Shipment,
)
from batches.operations.changes import fingerprint
from batches.operations.documents import create_run
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.admin_pages import drafted, lines, messages_of, shipment_form, split, url, verbs
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db

# Saving


def test_a_draft_shipment_is_saved_with_its_lines_by_one_operation(as_otto, otto):
    batch = factory.batch(quantity=100)
    response = as_otto.post(url("add", "shipment"), shipment_form(batch))
    assert response.status_code == 302
    shipment = Shipment.objects.get()
    assert (shipment.status, shipment.created_by, shipment.lines.get().quantity) == (
        "draft",
        otto,
        30,
    )
    assert verbs() == ["shipment drafted"]
    assert not LogEntry.objects.exists()


def test_what_an_operation_refuses_is_shown_in_the_form_and_nothing_typed_is_lost(as_otto):
    batch = factory.batch(quantity=100)
    form = shipment_form(batch, **{"lines-0-quantity": "-3"})
    response = as_otto.post(url("add", "shipment"), form)
    assert response.status_code == 200
    page = response.content.decode()
    assert "The quantity must be more than zero. Leave it empty if it is not known." in page
    assert "Dock 4" in page
    assert 'value="-3' in page
    assert not Shipment.objects.exists()
    assert not Event.objects.exists()


def test_a_zero_too_many_is_said_before_it_is_posted(as_otto, otto):
    batch = factory.batch(quantity=1000)
    for number, usual in enumerate((20, 30, 40)):
        drafted(otto, batch, f"SH-0{number}", usual)
    rows = ({"batch": batch.pk, "quantity": "300"}, {"batch": batch.pk, "quantity": "301"})
    form = shipment_form(batch) | lines("lines", *rows)
    said = messages_of(as_otto.post(url("add", "shipment"), form, follow=True))
    assert [text for text in said if "usual" in text] == [
        "Batch L1: 301\u00a0cases is more than ten times the usual 30\u00a0cases. "
        "Check it before it is posted."
    ]


def test_a_draft_is_edited_and_lines_come_and_go(as_otto, otto):
    batch, other = factory.batch(quantity=100), factory.batch("L2", quantity=5)
    shipment = drafted(otto, batch)
    page = as_otto.get(url("change", "shipment", shipment.pk))
    seen = page.context["adminform"].form.initial["seen"]
    assert seen == fingerprint(shipment, shipment.lines.all())
    row = {"id": shipment.lines.get().pk, "batch": batch.pk, "quantity": "30", "DELETE": "on"}
    new = {"batch": other.pk, "quantity": "5", "sscc": ""}
    form = shipment_form(batch, seen=seen) | lines("lines", row, new, initial=1)
    assert as_otto.post(url("change", "shipment", shipment.pk), form).status_code == 302
    assert shipment.lines.get().batch == other
    assert verbs() == ["shipment drafted", "shipment changed"]


def test_two_people_do_not_overwrite_each_other(as_otto, otto):
    product = factory.product(brand="Old")
    page = as_otto.get(url("change", "product", product.pk))
    form = page.context["adminform"].form
    Product.objects.update(brand="Theirs")
    sent = {name: form[name].value() or "" for name in form.fields} | {"brand": "Mine"}
    sent["active"] = "on"
    response = as_otto.post(url("change", "product", product.pk), sent)
    assert "Somebody else changed GRANOLA Granola" in response.content.decode()
    assert 'value="Mine"' in response.content.decode()
    assert Product.objects.get().brand == "Theirs"


def test_a_departure_is_typed_and_shown_in_the_time_of_its_origin(as_otto):
    batch = factory.batch(quantity=100)
    Location.objects.update(timezone="America/New_York")
    form = shipment_form(batch, shipped_date_only="on")
    as_otto.post(url("add", "shipment"), form | split("shipped_at", "2026-11-20", "00:00"))
    shipment = Shipment.objects.get()
    assert shipment.shipped_at.isoformat() == "2026-11-20T05:00:00+00:00"
    page = as_otto.get(url("change", "shipment", shipment.pk)).content.decode()
    assert 'value="2026-11-20"' in page
    assert 'value="00:00:00"' in page


def test_a_moment_that_nobody_touched_stays_as_it_is(as_otto):
    # Half past two in Berlin for the second time that night.
    moment = datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC)
    batch = factory.batch(quantity=100, produced_at=moment)
    Location.objects.update(timezone="Europe/Berlin")
    address = url("change", "batch", batch.pk)
    form = as_otto.get(address).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields} | {"supplier_number": "S1"}
    assert as_otto.post(address, sent | split("produced_at", "2026-10-25", "02:30")).url
    batch.refresh_from_db()
    assert (batch.supplier_number, batch.produced_at) == ("S1", moment)
    assert Event.objects.first().after == {"supplier_number": "S1"}
    form = as_otto.get(address).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields}
    as_otto.post(address, sent | split("produced_at", "2026-10-25", "03:30"))
    batch.refresh_from_db()
    assert batch.produced_at == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)


def test_a_day_without_an_hour_is_a_bare_date(as_otto):
    batch = factory.batch(quantity=100)
    Location.objects.update(timezone="Europe/Berlin")
    form = shipment_form(batch) | split("shipped_at", "2026-11-20", "")
    assert as_otto.post(url("add", "shipment"), form).status_code == 302
    shipment = Shipment.objects.get()
    assert shipment.shipped_date_only
    assert shipment.shipped_at.isoformat() == "2026-11-19T23:00:00+00:00"


def test_a_draft_run_is_saved_with_inputs_and_outputs(as_otto):
    oats, mix = factory.batch("OATS-1", quantity=9), factory.batch("MIX-1")
    form = {"reference": "RUN-1", "location": oats.origin.pk, "kind": "production"}
    form |= lines("inputs", {"batch": oats.pk, "quantity": "9"})
    form |= lines("outputs", {"batch": mix.pk, "quantity": "8"})
    assert as_otto.post(url("add", "run"), form).status_code == 302
    run = Run.objects.get()
    assert (run.inputs.get().batch, run.outputs.get().batch) == (oats, mix)
    form |= {"reference": "RUN-2"} | lines("outputs", {"batch": oats.pk, "quantity": "8"})
    page = as_otto.post(url("add", "run"), form).content.decode()
    assert "OATS-1 is both used and made by RUN-2." in page


def test_a_batch_is_made_with_its_holding(as_otto):
    form = {
        "product": factory.product().pk,
        "origin": factory.location().pk,
        "number": "L9",
        "status": "released",
        "quantity": "12",
    }
    assert as_otto.post(url("add", "batch"), form).status_code == 302
    assert Holding.objects.get().quantity == 12
    assert "already exists" in as_otto.post(url("add", "batch"), form).content.decode()


def test_a_location_is_saved_with_its_contacts_and_nobody_is_named_in_a_log(as_otto):
    form = {"code": "S1", "name": "Store 1", "kind": "store", "active": "on"}
    contact = {"name": "Ms Miller", "email": "miller@shop.example", "language": "en"}
    contact |= {"receives_notices": "on"}
    sent = form | lines("contacts", contact)
    assert as_otto.post(url("add", "location"), sent).status_code == 302
    assert Contact.objects.get().email == "miller@shop.example"
    assert verbs() == ["location added", "contact added"]
    assert "iller" not in str(list(Event.objects.values()))
    assert not LogEntry.objects.exists()


def test_a_refused_contact_takes_the_location_back_with_it(as_otto):
    form = {"code": "S1", "name": "Store 1", "kind": "store", "active": "on"}
    contact = {"name": "Ms Miller", "language": "en", "receives_notices": "on", "phone": "5"}
    page = as_otto.post(url("add", "location"), form | lines("contacts", contact)).content.decode()
    assert "Whoever receives notices needs an e-mail address." in page
    assert "Ms Miller" in page
    assert not Location.objects.exists()
    assert not Event.objects.exists()


def test_a_short_gtin_is_taken(as_otto):
    form = {"code": "A", "name": "A", "unit": "kg", "gtin": "4006381333931", "active": "on"}
    assert as_otto.post(url("add", "product"), form).status_code == 302
    assert Product.objects.get().gtin == "04006381333931"


def test_inspections_complaints_and_adjustments_go_through_operations(as_otto):
    batch = factory.batch(quantity=100)
    when = split("at", "2026-11-20", "12:00")
    sent = {"batch": batch.pk, "kind": "Moisture", "value": 11, "upper_limit": 10, "result": "open"}
    assert as_otto.post(url("add", "inspection"), sent | when).status_code == 302
    assert Inspection.objects.get().result == "failed"
    sent = {"batch": batch.pk, "severity": "minor", "text": "A stone"}
    assert as_otto.post(url("add", "complaint"), sent | when).status_code == 302
    assert Complaint.objects.get().product == batch.product
    sent = {"holding": Holding.objects.get().pk, "quantity": "-101", "reason": "scrap"}
    page = as_otto.post(url("add", "adjustment"), sent).content.decode()
    assert "Only 100 case of L1 are at PLANT1." in page
    sent["quantity"] = "-1"
    assert as_otto.post(url("add", "adjustment"), sent).status_code == 302
    assert Holding.objects.get().quantity == 99
    assert verbs() == ["inspection recorded", "complaint logged", "stock adjusted"]


# Acts on ticked rows


def tick(action, *rows, **more):
    return {"action": f"{action}_each", "_selected_action": [row.pk for row in rows]} | more


def test_posting_asks_first_and_says_what_became_of_each(as_otto, otto):
    batch = factory.batch(quantity=100)
    good, bad = drafted(otto, batch, "SH-1", 30), drafted(otto, batch, "SH-2", 300)
    asked = as_otto.post(url("changelist", "shipment"), tick("post_shipment", good, bad))
    assert "Post: 2 shipments" in asked.content.decode()
    assert not Shipment.objects.exclude(status="draft").exists()
    done = as_otto.post(
        url("changelist", "shipment"),
        tick("post_shipment", good, bad, confirmed="Post"),
        follow=True,
    )
    said = messages_of(done)
    assert said[0].startswith("Only 70 case of L1 are at PLANT1, but SH-2 takes 300.")
    assert said[1] == "1 shipment posted."
    assert dict(Shipment.objects.values_list("reference", "status")) == {
        "SH-1": "posted",
        "SH-2": "draft",
    }


def test_voiding_needs_the_reason_that_the_page_asks_for(as_otto, otto):
    shipment = drafted(otto, factory.batch(quantity=100))
    page = as_otto.post(
        url("changelist", "shipment"),
        tick("void_shipment", shipment, confirmed="Void", reason=""),
    )
    assert "Give a reason. It is kept in the log." in page.content.decode()
    as_otto.post(
        url("changelist", "shipment"),
        tick("void_shipment", shipment, confirmed="Void", reason="Typo"),
    )
    shipment.refresh_from_db()
    assert (shipment.status, shipment.void_reason) == ("voided", "Typo")


def test_a_run_is_posted_and_voided(as_otto, otto):
    oats, mix = factory.batch("OATS-1", quantity=9), factory.batch("MIX-1")
    run = create_run(
        reference="RUN-1",
        location=oats.origin,
        inputs=[{"batch": oats, "quantity": 9}],
        outputs=[{"batch": mix, "quantity": 8}],
        by=otto,
        at=NOON,
    )
    for action, status in (("post_run", "posted"), ("void_run", "voided")):
        sent = tick(action, run, confirmed="yes", reason="Because")
        as_otto.post(url("changelist", "run"), sent)
        run.refresh_from_db()
        assert run.status == status


def test_a_batch_is_held_and_released_with_reasons(as_quinn):
    batch = factory.batch(quantity=5)
    sent = tick("place_hold", batch, confirmed="Hold", reason="Mites.", location="NOWHERE")
    page = as_quinn.post(url("changelist", "batch"), sent).content.decode()
    assert "There is no location “NOWHERE”. Check the code." in page
    as_quinn.post(url("changelist", "batch"), sent | {"location": "plant1"})
    hold = Hold.objects.active().get()
    assert (hold.location, hold.reason) == (batch.origin, "Mites.")
    sent = tick("release_hold", hold, confirmed="Release", reason="Clean")
    as_quinn.post(url("changelist", "hold"), sent)
    assert not Hold.objects.active().exists()


def test_an_operator_holds_and_does_not_release(as_otto, otto):
    hold = place_hold(batch=factory.batch(), reason="Mites.", by=otto, at=NOON)
    sent = tick("release_hold", hold, confirmed="Release", reason="Clean")
    as_otto.post(url("changelist", "hold"), sent)
    assert Hold.objects.active().exists()


def test_a_complaint_is_closed_with_its_outcome(as_otto):
    complaint = Complaint.objects.create(product=factory.product(), at=NOON, text="A stone")
    sent = tick("close_complaint", complaint, confirmed="Close", outcome="A raisin")
    as_otto.post(url("changelist", "complaint"), sent)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.outcome) == ("closed", "A raisin")


def test_an_adjustment_and_a_batch_are_voided(as_otto, otto):
    batch = factory.batch(quantity=100)
    holding = Holding.objects.get()
    adjustment = Adjustment.objects.create(holding=holding, quantity=-1, reason="scrap")
    sent = {"confirmed": "Void", "reason": "Typo"}
    as_otto.post(url("changelist", "adjustment"), tick("void_adjustment", adjustment, **sent))
    as_otto.post(url("changelist", "batch"), tick("void_batch", batch, **sent))
    assert Adjustment.objects.get().void_reason == "Typo"
    assert Batch.objects.get().status == "voided"
