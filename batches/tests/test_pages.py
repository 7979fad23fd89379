"""The pages of a batch, its documents and places, and what is done on them."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Batch, Complaint, Event, Hold, Inspection, Run, RunInput, RunOutput
from batches.operations.batches import make_batch
from batches.operations.documents import (
    create_run,
    create_shipment,
    post_run,
    post_shipment,
    receive_shipment,
)
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def as_quinn(client, quinn):
    client.force_login(quinn, backend=BACKEND)
    return client


@pytest.fixture
def as_vera(client, vera):
    client.force_login(vera, backend=BACKEND)
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def shipment(by, *, quantity=4, reference="SH-1", purpose="delivery"):
    made = Batch.objects.filter(number="L1").first() or factory.batch("L1", quantity=10)
    store = factory.location("STORE1", kind="store", name="Store 1")
    return create_shipment(
        reference=reference,
        origin=made.origin,
        destination=store,
        purpose=purpose,
        shipped_at=NOON,
        lines=[{"batch": made, "quantity": quantity}],
        by=by,
        at=NOON,
    )


# One batch


def test_a_batch_page_says_how_the_batch_adds_up_and_where_it_is(as_quinn, otto):
    factory.location("PLANT1", is_own=True, name="Plant 1")
    post_shipment(shipment=shipment(otto), by=otto, at=NOON)
    page = text_of(as_quinn.get("/batches/GRANOLA/L1/"))
    assert "<dt>Made or received</dt><dd>10 cases</dd>" in page
    assert "<dt>On our sites</dt><dd>6 cases</dd>" in page
    assert "<dt>At other places</dt><dd>4 cases</dd>" in page
    assert "nothing, it adds up" in page
    assert 'href="/locations/STORE1/"' in page and "SH-1" in page
    assert "left Plant 1 for Store 1" in page
    places = as_quinn.get("/batches/GRANOLA/L1/").context["places"]
    assert {place.location.code: place.since for place in places}["STORE1"] == NOON
    assert "left Plant 1" not in text_of(as_quinn.get("/batches/GRANOLA/L1/?milestones=1"))


def test_a_batch_page_names_people_and_documents_and_shows_the_label(as_quinn, quinn, otto):
    made = make_batch(
        product=factory.product(),
        origin=factory.location(),
        number="L1",
        quantity=10,
        by=otto,
        at=NOON,
    )
    sent = shipment(otto)
    sent.document = "DN 4711"
    sent.save()
    post_shipment(shipment=sent, by=otto, at=NOON)
    place_hold(batch=made, reason="Smells.", by=quinn, at=NOON)
    page = text_of(as_quinn.get("/batches/GRANOLA/L1/"))
    assert "<b>Quinn</b> held it" in page and "<b>Otto</b> recorded it" in page
    assert "Left with" in page and "DN 4711" in page
    assert "The label of L1 as it is printed" in page


def test_six_of_the_next_of_kin_are_shown_and_the_trace_has_the_others(as_quinn):
    lines = "\n".join(f"RAW-{n}@PLANT1 --> BAR@PLANT1" for n in range(8))
    factory.trace_graph(lines)
    bar = Batch.objects.get(number="BAR")
    for run, number in zip(Run.objects.order_by("pk"), range(8), strict=True):
        raw = Batch.objects.get(number=f"RAW-{number}")
        RunInput.objects.create(run=run, batch=raw)
        RunOutput.objects.create(run=run, batch=bar)
    response = as_quinn.get(bar.get_absolute_url())
    assert len(response.context["before"].kin) == 6
    assert f'href="/trace/?seed={bar.pk}&amp;dir=back"' in text_of(response)
    assert "and 2 more" in text_of(response)


def test_what_is_unexplained_is_said_with_its_quantity(as_quinn):
    made = factory.batch("L1", quantity=10)
    made.holdings.update(quantity=7)
    assert '<dd class="c-hold">3 cases</dd>' in text_of(as_quinn.get("/batches/GRANOLA/L1/"))


def test_a_number_that_two_origins_share_lists_both_and_origin_chooses(as_quinn):
    factory.batch("112", at="PLANT1")
    factory.batch("112", at="PLANT2")
    page = text_of(as_quinn.get("/batches/GRANOLA/112/"))
    assert "Which batch 112?" in page
    assert "/batches/GRANOLA/112/?origin=PLANT2" in page
    chosen = as_quinn.get("/batches/GRANOLA/112/?origin=PLANT2")
    assert chosen.status_code == 200 and "Which batch" not in text_of(chosen)


def test_a_number_typed_otherwise_leads_to_the_number_as_printed(as_quinn):
    factory.batch("L-26.311 A")
    response = as_quinn.get("/batches/granola/l26311a/")
    assert response.status_code == 302
    assert response["Location"] == "/batches/GRANOLA/L-26.311%20A/?origin=PLANT1"


@pytest.mark.parametrize("number", ["A/B", "..", "A~2FB", "Ä ö&?#", "100%"])
def test_whatever_is_printed_on_a_label_has_an_address_that_works(as_quinn, number):
    made = factory.batch(number)
    assert as_quinn.get(made.get_absolute_url()).status_code == 200


def test_an_unknown_batch_is_not_found(as_quinn):
    factory.product()
    assert as_quinn.get("/batches/GRANOLA/NOPE/").status_code == 404


@pytest.mark.parametrize("tail", ["L%00/", "L1/?origin=%00", "L1/?all=%00"])
def test_a_nul_in_an_address_breaks_nothing(as_quinn, tail):
    factory.batch("L1")
    assert as_quinn.get(f"/batches/GRANOLA/{tail}").status_code in (200, 404)


def test_the_next_of_kin_are_shown_one_step_each_way(as_quinn, otto):
    oats, bar = factory.batch("OATS", of="OAT", quantity=5), factory.batch("BAR")
    run = create_run(
        reference="RUN-1",
        location=bar.origin,
        inputs=[{"batch": oats, "quantity": 5}],
        outputs=[{"batch": bar, "quantity": 9}],
        ran_at=NOON,
        by=otto,
        at=NOON,
    )
    post_run(run=run, by=otto, at=NOON)
    back = text_of(as_quinn.get(bar.get_absolute_url()))
    assert oats.get_absolute_url() in back and "Made 9 cases at Plant1" in back
    on = text_of(as_quinn.get(oats.get_absolute_url()))
    assert bar.get_absolute_url() in on and "Used 5 cases at Plant1" in on


def test_a_batch_without_input_says_that_it_cannot_be_traced_back(as_quinn):
    made = factory.batch("L1")
    page = text_of(as_quinn.get(made.get_absolute_url()))
    assert "No input is recorded. This batch cannot be traced back further." in page


def test_a_recalled_batch_carries_the_recall_in_a_red_notice(as_quinn, quinn):
    made = factory.batch("L1")
    place_hold(batch=made, reason="Recall", by=quinn, at=NOON, recall="RC-2026-0001")
    page = text_of(as_quinn.get(made.get_absolute_url()))
    assert "This batch is recalled." in page and "RC-2026-0001" in page
    assert "Release</a>" not in page


def test_the_log_is_in_the_timeline_only_for_those_who_may_read_it(client, vera, quinn):
    made = factory.batch("L1")
    Event.objects.create(
        seq=1,
        at=NOON,
        actor=quinn,
        verb="batch changed",
        object_type="batches.batch",
        object_id=str(made.pk),
        label="L1",
        previous_hash="0" * 64,
        hash="1" * 64,
    )
    client.force_login(vera, backend=BACKEND)
    assert "Batch changed" not in text_of(client.get(made.get_absolute_url()))
    client.force_login(quinn, backend=BACKEND)
    assert "Batch changed by quinn" in text_of(client.get(made.get_absolute_url()))


def test_a_viewer_gets_no_buttons_that_change_something(as_vera):
    page = text_of(as_vera.get(factory.batch("L1").get_absolute_url()))
    assert "/holds/place/" not in page and "/recalls/new/" not in page


def test_contacts_are_shown_only_to_roles_that_may_see_people(client, vera, otto):
    place = factory.location("STORE1", kind="store")
    place.contacts.create(email="kim@store.example", name="Kim")
    client.force_login(vera, backend=BACKEND)
    assert "kim@store.example" not in text_of(client.get(place.get_absolute_url()))
    client.force_login(otto, backend=BACKEND)
    assert "kim@store.example" in text_of(client.get(place.get_absolute_url()))


def fill_batch_page(otto, name, count):
    """A batch with `count` of everything that its page lists."""
    made = factory.batch(name, quantity=1000)
    for n in range(count):
        store = factory.location(f"STORE{n}", kind="store")
        sent = create_shipment(
            reference=f"SH-{name}-{n}",
            origin=made.origin,
            destination=store,
            shipped_at=NOON,
            lines=[{"batch": made, "quantity": 1}],
            by=otto,
            at=NOON,
        )
        post_shipment(shipment=sent, by=otto, at=NOON)
        run = Run.objects.create(
            reference=f"R-{name}-{n}", location=made.origin, status="posted", ran_at=NOON
        )
        RunInput.objects.create(run=run, batch=made, quantity=1)
        RunOutput.objects.create(run=run, batch=factory.batch(f"OUT-{name}-{n}"), quantity=1)
        Inspection.objects.create(batch=made, kind="Moisture", result="passed", at=NOON)
        Complaint.objects.create(batch=made, product=made.product, at=NOON, text="Stale.")
        Hold.objects.create(batch=made, location=store, reason="x", placed_by=otto, placed_at=NOON)
    return made


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.slow
def test_a_batch_page_asks_the_same_number_of_questions_however_much_it_shows(as_quinn, otto):
    few = queries_of(as_quinn, fill_batch_page(otto, "A", 2).get_absolute_url())
    assert queries_of(as_quinn, fill_batch_page(otto, "B", 5).get_absolute_url()) == few


@pytest.mark.parametrize("page", ["/locations/PLANT1/", "/products/GRANOLA/"])
def test_a_page_about_one_thing_asks_the_same_however_much_it_shows(as_quinn, otto, page):
    fill_batch_page(otto, "A", 2)
    few = queries_of(as_quinn, page)
    fill_batch_page(otto, "B", 5)
    assert queries_of(as_quinn, page) == few


# Acts


def test_a_hold_is_placed_with_its_reason_and_shown(as_quinn):
    made = factory.batch("L1", quantity=5)
    response = as_quinn.post(f"/holds/place/{made.pk}/", {"reason": "Seal broken."}, follow=True)
    assert "L1 is on hold." in text_of(response)
    assert Hold.objects.get().reason == "Seal broken."
    assert Batch.objects.on_hold().get() == made


def test_a_hold_without_a_reason_is_refused_with_words_at_the_field(as_quinn):
    made = factory.batch("L1")
    response = as_quinn.post(f"/holds/place/{made.pk}/", {"reason": "  "})
    assert response.status_code == 422
    page = text_of(response)
    assert "<title>Error: Hold L1" in page and "There is a problem" in page
    assert "Give a reason. It is kept in the log." in page
    assert not Hold.objects.exists()


def test_a_hold_at_one_place_offers_only_the_places_of_the_batch(as_quinn):
    made = factory.batch("L1")
    factory.location("ELSEWHERE")
    page = text_of(as_quinn.get(f"/holds/place/{made.pk}/"))
    assert "Plant1" in page and "Elsewhere" not in page


def test_a_released_hold_lets_the_batch_move_again(as_quinn, quinn):
    made = factory.batch("L1")
    hold = place_hold(batch=made, reason="Smells.", by=quinn, at=NOON)
    response = as_quinn.post(
        f"/holds/{hold.pk}/decide/", {"decision": "release", "reason": "Tested."}, follow=True
    )
    assert "The hold on L1 is released." in text_of(response)
    assert not Batch.objects.on_hold().exists()


def test_the_hold_of_a_recall_is_not_released_by_this_page(as_quinn, quinn):
    made = factory.batch("L1")
    hold = place_hold(batch=made, reason="Recall", by=quinn, at=NOON, recall="RC-2026-0001")
    response = as_quinn.post(
        f"/holds/{hold.pk}/decide/", {"decision": "release", "reason": "Enough."}
    )
    assert response.status_code == 422 and "RC-2026-0001" in text_of(response)
    assert Batch.objects.on_hold().exists()


def test_a_shipment_is_posted_received_and_voided_on_its_pages(as_quinn, otto):
    sent = shipment(otto)
    assert "Post</a>" in text_of(as_quinn.get(sent.get_absolute_url()))
    page = text_of(as_quinn.post("/shipments/SH-1/post/", follow=True))
    assert "Shipment SH-1 is posted." in page and "In transit" in page
    answer = {"day": "2026-11-21", "hour": "08:00"}
    page = text_of(as_quinn.post("/shipments/SH-1/receive/", answer, follow=True))
    assert "Shipment SH-1 has arrived." in page and "21 Nov" in page
    page = text_of(as_quinn.post("/shipments/SH-1/void/", {"reason": "Typo."}, follow=True))
    assert "Shipment SH-1 is voided." in page and "Voided: Typo." in page


def test_a_shipment_shows_its_pallets_its_trace_and_what_was_counted(as_quinn, otto):
    sent = post_shipment(shipment=shipment(otto), by=otto, at=NOON)
    sent.lines.update(sscc="123456789012345675")
    received = {sent.lines.get().pk: Decimal(3)}
    receive_shipment(shipment=sent, received=received, by=otto, at=NOON)
    page = text_of(as_quinn.get("/shipments/SH-1/"))
    assert 'Pallet <span class="code">123456789012345675</span>' in page
    assert "Short</span>" in page and "-1 cases against the paper" in page
    way = re.search(r'data-key="f" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert as_quinn.get(way)["Location"].startswith("/trace/?seed=")


def test_an_arrival_without_an_hour_is_kept_as_a_day(as_quinn, otto):
    sent = shipment(otto)
    post_shipment(shipment=sent, by=otto, at=NOON)
    as_quinn.post("/shipments/SH-1/receive/", {"day": "2026-11-21", "hour": ""})
    sent.refresh_from_db()
    assert sent.received_date_only and sent.status == "received"


def test_an_hour_of_arrival_is_read_in_the_zone_of_the_place(as_quinn, otto):
    factory.location("STORE1", kind="store", timezone="Asia/Tokyo")
    sent = shipment(otto)
    post_shipment(shipment=sent, by=otto, at=NOON)
    as_quinn.post("/shipments/SH-1/receive/", {"day": "2026-11-21", "hour": "09:00"})
    sent.refresh_from_db()
    assert sent.received_at.isoformat() == "2026-11-21T00:00:00+00:00"


def test_what_an_operation_refuses_is_said_on_the_page(as_quinn, otto):
    sent = shipment(otto, quantity=400)
    response = as_quinn.post("/shipments/SH-1/post/")
    assert response.status_code == 422 and "There is a problem" in text_of(response)
    sent.refresh_from_db()
    assert sent.is_draft


def test_a_second_post_changes_nothing_and_says_so(as_quinn, otto):
    shipment(otto)
    as_quinn.post("/shipments/SH-1/post/")
    response = as_quinn.post("/shipments/SH-1/post/")
    assert response.status_code == 422
    assert "SH-1 is posted already. Nothing was posted twice." in text_of(response)


def test_a_complaint_is_closed_with_what_came_of_it(as_quinn):
    made = factory.batch("L1")
    row = Complaint.objects.create(batch=made, product=made.product, at=NOON, text="Stale.")
    assert as_quinn.post(f"/complaints/{row.pk}/close/", {"outcome": ""}).status_code == 422
    page = text_of(
        as_quinn.post(f"/complaints/{row.pk}/close/", {"outcome": "Replaced."}, follow=True)
    )
    assert f"Complaint {row.pk} is closed." in page and "Replaced." in page
    row.refresh_from_db()
    assert row.status == "closed"


def test_a_refused_person_is_told_which_role_may(as_vera):
    made = factory.batch("L1")
    response = as_vera.post(f"/holds/place/{made.pk}/", {"reason": "x"})
    assert response.status_code == 403
    assert "This needs the role Operator or Quality or Approver." in text_of(response)
    assert not Hold.objects.exists()
