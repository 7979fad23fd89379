"""The scope step: the forms of the six kinds of rules, what they refuse, and what it shows."""

import re

import pytest
from django.urls import reverse

from batches.models import Complaint, Event, Shipment, ShipmentLine
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.operations import recalls
from recalls.operations.scope import exclude_holding
from recalls.tests.factory import activate, draft, granola, stock
from recalls.tests.test_pages_recall import door, page, text_of

__all__ = ["door"]


@pytest.fixture
def nodes(db):
    return granola()


@pytest.fixture
def case(quinn, nodes):
    return draft(quinn)


@pytest.fixture
def add(quinn, door, case):
    def post(kind, **fields):
        return door(quinn).post(page(f"recall-add-{kind}", case), fields, follow=True)

    return post


def scope_page(case, door, person) -> str:
    return door(person).get(page("recall-newest-scope", case)).content.decode()


def test_all_six_kinds_are_offered_and_explained_by_their_fields(case, quinn, door):
    html = scope_page(case, door, quinn)
    assert re.findall(r"<summary>([^<]+)</summary><form", html) == [
        "These batches",
        "Product made between two dates",
        "A supplier&#x27;s batch number",
        "What was at a place",
        "A shipment or pallet",
        "What complaints are about",
    ]
    for field in re.findall(r'<(?:input|textarea)[^>]* id="(\w+)"', html):
        assert f'for="{field}"' in html or "_left" in field or "complaints" in field, field


def test_a_supplier_number_is_added_as_it_was_typed(add, case, nodes):
    text = text_of(add("supplier", number="alm", supplier="sierra"))
    assert case.rules.get().parameters["number"] == "alm"
    assert "Supplier&#x27;s batch number alm of Sierra" in text
    assert "named by rule 1" in text and "reached by rule 1" in text


def test_a_place_and_its_clock_make_a_window(add, case, nodes):
    nodes["BAR@DC"].location.__class__.objects.filter(code="DC").update(timezone="Asia/Tokyo")
    response = add("window", location="Northgate", start="1970-01-01T09:00", end="2026-11-22T08:00")
    assert case.rules.get().parameters["from"] == "1970-01-01T09:00:00+09:00"
    text = text_of(response)
    assert "Everything that was at Northgate DC from 1 Jan 1970 09:00 to 22 Nov 2026 08:00" in text
    assert "names 1 holding" in text


def test_a_place_that_is_not_known_or_not_clear_is_said_and_what_was_typed_stays(add, case):
    response = add("window", location="store", start="2026-11-22T08:00")
    assert response.status_code == 422
    text = text_of(response)
    assert "“store” can mean more than one location: STORE1, STORE2. Enter its code." in text
    html = response.content.decode()
    assert 'value="store"' in html and 'value="2026-11-22T08:00"' in html
    assert 'name="rule" open><summary>What was at a place' in html
    assert "No location has the code NIX" in text_of(add("window", location="NIX"))


def test_a_window_that_ends_before_it_begins_is_refused_at_its_field(add, case):
    fields = {"location": "DC", "start": "2026-11-22T08:00", "end": "2026-11-21T08:00"}
    response = add("window", **fields)
    assert "The end is before the beginning. Swap the two." in text_of(response)
    assert not case.rules.exists()


def test_shipments_are_typed_or_a_pallet_is_scanned_into_the_same_field(add, case, nodes):
    line = ShipmentLine.objects.get(links__target=nodes["BAR@DC"])
    add("shipment", shipments=line.shipment.reference.lower())
    assert case.rules.get().parameters["shipments"] == [line.shipment_id]
    sscc = "106141412345678908"
    ShipmentLine.objects.filter(pk=line.pk).update(sscc=sscc)
    text = text_of(add("shipment", shipments=f"(00){sscc}"))
    assert case.rules.last().parameters == {"shipments": [], "sscc": sscc, "left": False}
    assert f"What came on pallet {sscc}" in text


def test_a_shipment_that_is_not_recorded_or_not_clear_is_said(add, case, nodes):
    assert "No shipment is recorded as NIX. Check the document." in text_of(
        add("shipment", shipments="NIX")
    )
    text = text_of(add("shipment", shipments="SH-"))
    assert "“SH-” can mean SH-0" in text and "Enter one of them in full." in text
    only = Shipment.objects.order_by("-pk")[0]
    Shipment.objects.filter(pk=only.pk).update(reference="SH-1000")
    assert "“SH-100” can mean SH-1000." in text_of(add("shipment", shipments="SH-100"))
    assert "Name a shipment, or the SSCC of a pallet." in text_of(add("shipment"))
    assert Shipment.objects.exists() and not case.rules.exists()


def test_complaints_are_ticked_or_typed(add, case, nodes, quinn, door):
    open_one = Complaint.objects.create(batch=nodes["BAR@DC"].batch, at=NOON, text="Soap.")
    closed = Complaint.objects.create(
        batch=nodes["ALM@PLANT1"].batch, at=NOON, text="Stone.", status="closed"
    )
    html = scope_page(case, door, quinn)
    assert f'value="{open_one.pk}"' in html and "Soap." in html and "Stone." not in html
    add("complaint", complaints=[open_one.pk], numbers=str(closed.pk))
    assert case.rules.get().parameters == {"complaints": [open_one.pk, closed.pk]}
    assert "There is no complaint 99999." in text_of(add("complaint", numbers="99999"))
    assert "Choose a complaint, or enter its number." in text_of(add("complaint"))


def test_production_can_be_narrowed_to_a_line(add, case, nodes):
    text = text_of(add("production", product="P-BAR", line="2"))
    assert "Every batch of P-Bar on line 2" in text
    assert "1 batch has no line on record and was treated as possible" in text


def test_a_number_that_nobody_has_offers_what_comes_close(add, case):
    factory.batch("BAR-2", of="OTHER")
    response = add("batches", numbers="BAR2X")
    assert response.status_code == 422
    assert "give each a line" in text_of(add("batches", numbers="NIX8 NIX9"))
    response = add("batches", numbers="BAR-")
    assert "BAR" in text_of(response)


def test_a_scanned_label_names_its_batch(add, case, nodes):
    product = nodes["BAR@DC"].batch.product
    product.__class__.objects.filter(pk=product.pk).update(gtin="09520123456788")
    factory.batch("BAR", of="OTHER")
    add("batches", numbers="(01)09520123456788(10)BAR")
    assert case.rules.get().parameters == {"batches": [nodes["BAR@DC"].batch_id]}


def test_a_rule_that_matches_nothing_says_so(add, case, nodes):
    text = text_of(add("supplier", number="NOBODY-1"))
    assert "Rule added. It matches nothing yet." in text
    assert "Matches nothing" in text and "No batch matches these rules." in text


def test_what_is_left_out_is_shown_with_its_reason_and_taken_back(add, case, nodes, quinn, door):
    add("batches", numbers="BAR")
    url = page("recall-exclude", case, pk=nodes["BAR@STORE1"].pk)
    text = text_of(door(quinn).post(url, {"reason": "Never arrived"}, follow=True))
    assert "excluded, because: Never arrived" in text and "1 left out" in text
    row = case.exclusions.get()
    text = text_of(door(quinn).post(page("recall-include", case, pk=row.pk), follow=True))
    assert "is in the scope again." in text and "Never arrived" not in text
    again = door(quinn).post(page("recall-include", case, pk=row.pk))
    assert again.status_code == 422


def test_the_frozen_version_prints_its_rules_and_what_was_left_out(
    case, nodes, add, quinn, paula, door
):
    add("batches", numbers="BAR")
    exclude_holding(
        recall=case, holding=nodes["BAR@STORE1"], reason="Never arrived", by=quinn, at=NOON
    )
    recalls.submit_recall(recall=case, by=quinn, at=NOON)
    activate(case, paula)
    text = text_of(door(quinn).get(page("recall-scope", case, number=1)))
    assert "Batch BAR of P-BAR" in text
    assert "BAR at Store 1, 40 case: excluded, because: Never arrived" in text


def test_the_difference_to_the_last_look_counts_goods_too(case, nodes, add, quinn, door):
    add("batches", numbers="BAR")
    html = scope_page(case, door, quinn)
    look = re.search(r'name="look" value="([^"]+)"', html)[1].replace("&quot;", '"')
    factory.location("STORE3", kind="store")
    more = factory.trace_graph("NEW@PLANT1 -3x9-> NEW@STORE3")
    stock(more["NEW@STORE3"], 9)
    stock(more["NEW@PLANT1"], 971)
    tried = text_of(
        door(quinn).post(page("recall-try-batches", case), {"numbers": "NEW", "look": look})
    )
    assert "with the rule that you are typing" in tried and case.rules.count() == 1
    for text in (tried, text_of(add("batches", numbers="NEW", look=look))):
        assert "+1 batch" in text and "+1 recipient" in text and "+980 cases" in text


def test_a_rule_that_is_typed_is_no_rule_until_it_can_be_one(case, nodes, add, quinn, door):
    add("batches", numbers="BAR")
    events = Event.objects.count()
    for kind, typed in (("batches", {"numbers": "NO-SUCH"}), ("window", {"location": "store"})):
        shown = door(quinn).post(page(f"recall-try-{kind}", case), typed)
        assert shown.status_code == 200 and "you are typing" not in text_of(shown)
        assert "BAR" in text_of(shown), "what is kept stays in sight"
    assert case.rules.count() == 1 and Event.objects.count() == events


def test_a_look_that_was_tampered_with_is_forgotten(case, nodes, add):
    for look in ('{"batches": "x"}', "[]", '{"amounts": 1}', "{"):
        assert add("batches", numbers="BAR", look=look).status_code == 200


def test_the_widening_of_an_active_recall_has_all_kinds_too(nodes, quinn, paula, door, case, add):
    add("batches", numbers="BAR")
    recalls.submit_recall(recall=case, by=quinn, at=NOON)
    activate(case, paula)
    html = door(quinn).get(case.get_absolute_url()).content.decode()
    assert reverse("recall-add-shipment", args=[case.reference]) in html
    assert "See what it found above." in text_of(add("supplier", number="ALM"))


def test_the_step_asks_the_database_as_often_for_many_places_as_for_few(
    case, nodes, add, quinn, door, django_assert_num_queries, django_assert_max_num_queries
):
    add("batches", numbers="BAR")
    scope_page(case, door, quinn)
    with django_assert_max_num_queries(66) as few:
        scope_page(case, door, quinn)
    for number in range(3, 28):
        factory.trace_graph(f"BAR@DC -4x5-> BAR@STORE{number}")
    with django_assert_num_queries(len(few)):
        html = scope_page(case, door, quinn)
    assert "<b>29</b><span>holdings</span>" in html


def test_numbers_beyond_what_is_looked_up_at_once_are_refused_and_never_left_out(add, case, nodes):
    response = add("batches", numbers="\n".join(f"N{n}" for n in range(501)))
    assert response.status_code == 422 and not case.rules.exists()
    assert "These are 501; 500 can be added at once." in text_of(response)
