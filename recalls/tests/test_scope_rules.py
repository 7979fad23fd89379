"""The six kinds of rules: what each finds, refuses and says, alone and joined with others."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.models import Batch, Complaint, Shipment, ShipmentLine
from batches.tests import factory as batches
from recalls.models import ScopeExclusion
from recalls.operations import recalls, scope
from recalls.scope import preview
from recalls.scope.rules import described
from recalls.tests import factory
from recalls.tests.factory import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def draft(quinn):
    return factory.draft(quinn)


def at(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


def add(recall, kind, **parameters):
    return scope.add_rule(recall=recall, kind=kind, parameters=parameters, by=recall.lead, at=NOON)


def reached(recall) -> set[str]:
    return {f"{line.batch_number}@{line.location_code}" for line in preview(recall).lines}


def said(recall) -> list[str]:
    return [text for _, text in described(recall.rules.all())]


def notes(recall) -> dict[str, str]:
    return {note["kind"]: note["text"] for note in preview(recall).notes}


def complaint(**fields) -> Complaint:
    return Complaint.objects.create(at=NOON, text="Tastes of soap.", **fields)


# --- supplier --------------------------------------------------------------------------------


def test_a_suppliers_number_finds_its_own_batches_and_those_that_carry_it(draft, nodes):
    Batch.objects.filter(pk=nodes["BAR@DC"].batch_id).update(supplier_number="S 77.a")
    other = batches.batch("S-77A", of="NUT", at="SIERRA")
    batches.batch("S77A", of="OWN", at="PLANT1")
    add(draft, "supplier", number="s-77 A")
    seen = preview(draft)
    assert [(b.number, b.origin_code) for b in seen.batches] == [
        (other.number, "SIERRA"),
        ("BAR", "PLANT1"),
    ]
    assert said(draft) == ["Supplier's batch number s-77 A"]


def test_a_supplier_and_a_product_narrow_its_number(draft, nodes):
    batches.location("OTHER", kind="supplier", name="Other farm")
    mine = batches.batch("N1", of="NUT", at="SIERRA")
    batches.batch("N1", of="NUT", at="OTHER")
    batches.batch("N1", of="SEED", at="SIERRA")
    # It is not known whose number this one carries, so it is not left out.
    carried = batches.batch("X", of="NUT", at="PLANT1", supplier_number="N-1")
    add(
        draft,
        "supplier",
        number="N1",
        supplier=batches.location("SIERRA").pk,
        product=mine.product_id,
    )
    assert {batch.batch_id for batch in preview(draft).batches} == {mine.pk, carried.pk}
    assert said(draft) == ["Supplier's batch number N1 of Sierra, product Nut"]


def test_a_suppliers_number_without_a_letter_or_digit_is_refused(draft):
    with pytest.raises(ValidationError, match="Enter the number that the supplier gave"):
        add(draft, "supplier", number=" - ")


# --- window ----------------------------------------------------------------------------------


def test_a_window_takes_what_was_there_then_and_what_left_since(draft):
    batches.trace_graph(
        """
        OLD@FARM -10-> OLD@SILO -20-> OLD@MILL
        NOW@FARM -40-> NOW@SILO -60-> NOW@MILL
        NEW@FARM -90-> NEW@SILO -95-> NEW@MILL
        """
    )
    for name in ("OLD", "NOW", "NEW"):
        Batch.objects.get(number=name).holdings.filter(location__code="SILO").update(quantity=0)
    add(draft, "window", location=batches.location("SILO").pk, **{"from": at(30), "to": at(70)})
    assert reached(draft) == {"NOW@SILO", "NOW@MILL"}
    assert said(draft) == ["Everything that was at Silo from 1 Jan 1970 00:00 to 1 Jan 1970 00:01"]


def test_what_left_before_the_window_is_not_in_it_and_an_unknown_departure_is(draft):
    batches.trace_graph("A@SILO -10-> A@SHOP1\n A@SILO -50-> A@SHOP2\n A@SILO -?-> A@SHOP3")
    add(draft, "window", location=batches.location("SILO").pk, **{"from": at(30)})
    assert reached(draft) == {"A@SILO", "A@SHOP2", "A@SHOP3"}


def test_a_product_narrows_a_window(draft):
    nodes = batches.trace_graph("A@SILO -10-> A@SHOP\n B@SILO -10-> B@SHOP")
    silo, product = batches.location("SILO"), nodes["A@SILO"].batch.product
    add(draft, "window", location=silo.pk, product=product.pk)
    assert reached(draft) == {"A@SILO", "A@SHOP"}
    assert said(draft) == [f"All {product.name} that was at Silo at any time"]


def test_an_arrival_that_is_not_known_counts_as_there_and_is_noted(draft):
    batches.trace_graph("A@FARM -?-> A@SILO")
    add(draft, "window", location=batches.location("SILO").pk)
    assert reached(draft) == {"A@SILO"}
    assert "1 batch there has no known arrival" in notes(draft)["unknown_arrival"]


def test_a_window_that_ends_before_it_begins_or_has_no_zone_is_refused(draft):
    silo = batches.location("SILO").pk
    with pytest.raises(ValidationError, match="Swap the two"):
        add(draft, "window", location=silo, **{"from": at(9), "to": at(1)})
    for year in ("0001", "9999"):
        with pytest.raises(ValidationError, match="Check the year"):
            add(draft, "window", location=silo, **{"from": f"{year}-01-01T00:00+00:00"})
    with pytest.raises(ValidationError, match="Enter a moment such as"):
        add(draft, "window", location=silo, **{"from": "2026-11-22T08:00"})
    with pytest.raises(ValidationError, match="Choose a place"):
        add(draft, "window", location=0)


def test_moments_in_different_zones_are_compared_as_moments(draft):
    later, sooner = "2026-11-22T08:00:00+09:00", "2026-11-21T23:30:00+00:00"
    rule = add(
        draft, "window", location=batches.location("SILO").pk, **{"from": later, "to": sooner}
    )
    assert rule.parameters["to"] == sooner


# --- shipment --------------------------------------------------------------------------------


def test_a_shipment_starts_where_and_when_it_arrived(draft):
    nodes = batches.trace_graph(
        """
        A@PLANT -10-> A@DC -20-> A@SHOP1
        A@PLANT -30-> A@DC
        A@DC -40-> A@SHOP2
        """
    )
    second = Shipment.objects.get(lines__links__arrived_from=30)
    add(draft, "shipment", shipments=[second.pk])
    assert reached(draft) == {"A@DC", "A@SHOP2"}
    assert said(draft) == [f"What came in shipment {second.reference}"]
    assert {p.code for p in preview(draft).recipients} == {"DC", "SHOP2"}, nodes


def test_what_stayed_where_a_shipment_left_from_is_taken_in_on_demand(draft):
    batches.trace_graph("A@PLANT -10-> A@DC\n A@PLANT -5-> A@SHOP")
    wanted = Shipment.objects.get(lines__links__arrived_from=10)
    add(draft, "shipment", shipments=[wanted.pk], left=True)
    assert reached(draft) == {"A@PLANT", "A@DC", "A@SHOP"}
    assert said(draft)[0].endswith("and what stayed where it left from")


def test_a_pallet_is_followed_wherever_its_lines_went(draft):
    batches.trace_graph("A@PLANT -10-> A@DC -20-> A@SHOP\n B@PLANT -10-> B@DC")
    sscc = "106141412345678908"
    ShipmentLine.objects.filter(batch__number="A").update(sscc=sscc)
    add(draft, "shipment", sscc=sscc)
    assert reached(draft) == {"A@DC", "A@SHOP"}
    assert said(draft) == [f"What came on pallet {sscc}"]


def test_a_pallet_narrows_its_shipment(draft):
    nodes = batches.trace_graph("A@PLANT -10-> A@DC\n B@PLANT -10-> B@SHOP")
    line = ShipmentLine.objects.get(links__target=nodes["A@DC"])
    extra = ShipmentLine.objects.create(
        shipment=line.shipment, batch=nodes["B@SHOP"].batch, sscc="106141412345678908"
    )
    nodes["B@SHOP"].links_in.update(shipment_line=extra)
    add(draft, "shipment", shipments=[line.shipment_id], sscc=extra.sscc)
    assert reached(draft) == {"B@SHOP"}


def test_a_shipment_that_has_not_left_takes_in_the_stock_that_it_would_take(draft):
    nodes = batches.trace_graph("A@PLANT -10-> A@SHOP")
    waiting = Shipment.objects.create(
        reference="WAIT", origin=nodes["A@PLANT"].location, destination=batches.location("DC")
    )
    ShipmentLine.objects.create(shipment=waiting, batch=nodes["A@PLANT"].batch)
    add(draft, "shipment", shipments=[waiting.pk])
    assert reached(draft) == {"A@PLANT", "A@SHOP"}
    assert "has not left yet" in notes(draft)["unsent"]


def test_a_voided_shipment_reaches_nothing_and_says_so(draft):
    nodes = batches.trace_graph("A@PLANT -10-> A@DC")
    Shipment.objects.update(status=Shipment.Status.VOIDED)
    nodes["A@DC"].links_in.update(voided=True)
    add(draft, "shipment", shipments=[Shipment.objects.get().pk])
    assert reached(draft) == set()
    assert "never went" in notes(draft)["voided"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Name a shipment, or the SSCC of a pallet."),
        ({"shipments": [0]}, "Choose a shipment that is recorded here."),
        ({"sscc": "123"}, "An SSCC has 18 digits."),
        ({"sscc": "106141412345678908"}, "No pallet has the SSCC"),
        ({"sscc": "106141412345678900"}, "Its check digit is wrong."),
    ],
)
def test_a_shipment_rule_that_names_nothing_is_refused(draft, given, sentence):
    with pytest.raises(ValidationError, match=sentence):
        add(draft, "shipment", **given)


# --- complaint -------------------------------------------------------------------------------


def test_complaints_bring_their_batches_and_without_one_what_the_place_ever_had(draft, nodes):
    named = complaint(batch=nodes["ALM@PLANT1"].batch)
    product, store = nodes["BAR@DC"].batch.product, nodes["BAR@STORE1"].location
    unnamed = complaint(product=product, location=store)
    add(draft, "complaint", complaints=[unnamed.pk])
    assert {batch.number for batch in preview(draft).batches} == {"BAR"}
    assert "1 complaint names no batch" in notes(draft)["unknown_batch"]
    add(draft, "complaint", complaints=[named.pk])
    assert "ALM@SIERRA" in reached(draft)
    assert said(draft)[1] == f"The batches of complaint {named.pk}"


def test_a_complaint_that_is_linked_to_a_batch_later_says_so_with_the_next_look(draft, nodes):
    case = complaint(product=nodes["BAR@DC"].batch.product, location=nodes["BAR@DC"].location)
    add(draft, "complaint", complaints=[case.pk])
    case.batch = batches.batch("LATER", of="P-BAR")
    case.save()
    assert [batch.number for batch in preview(draft).batches] == ["LATER"]


def test_a_complaint_that_says_neither_batch_nor_place_is_refused(draft):
    case = complaint(product=batches.product())
    with pytest.raises(ValidationError, match="Link it to a batch, or add a rule"):
        add(draft, "complaint", complaints=[case.pk])


# --- joined, narrowed, reasoned --------------------------------------------------------------


def test_an_unknown_kind_is_refused(draft):
    with pytest.raises(ValidationError, match="There is no rule “moon”"):
        add(draft, "moon")


def test_rules_join_and_each_batch_says_which_rule_named_or_reached_it(draft, nodes):
    add(draft, "batches", batches=[nodes["BAR@DC"].batch_id])
    add(draft, "supplier", number="ALM")
    lone = batches.batch("LONE", of="OTHER")
    add(draft, "batches", batches=[lone.pk])
    found = {b.number: [(r.number, r.is_named) for r in b.reasons] for b in preview(draft).batches}
    assert found == {
        "BAR": [(1, True), (2, False)],
        "ALM": [(2, True)],
        "LONE": [(3, True)],
    }


def test_a_rule_is_no_reason_for_what_left_before_its_time(draft):
    """Two rules start at one place at different times: each is asked for by itself."""
    nodes = batches.trace_graph("A@SILO -50-> B@MILL\n A@SILO -90-> C@MILL")
    silo = batches.location("SILO").pk
    add(draft, "window", location=silo, **{"from": at(80)})
    add(draft, "window", location=silo, **{"from": at(40)})
    found = {b.number: [r.number for r in b.reasons] for b in preview(draft).batches}
    assert found == {"A": [1, 2], "B": [2], "C": [1, 2]}, nodes


def test_rules_that_name_one_holding_at_two_moments_count_from_the_earlier(draft):
    batches.trace_graph("A@SILO -50-> A@SHOP")
    silo = batches.location("SILO").pk
    add(draft, "window", location=silo, **{"from": at(80)})
    assert reached(draft) == {"A@SILO"}
    add(draft, "window", location=silo, **{"from": at(40)})
    assert reached(draft) == {"A@SILO", "A@SHOP"}


def test_a_rule_that_matches_nothing_is_known_by_itself(draft, nodes):
    add(draft, "batches", batches=[nodes["BAR@DC"].batch_id])
    add(draft, "supplier", number="NOBODY")
    assert [one.found.is_empty for one in preview(draft).sources] == [False, True]


def test_a_frozen_version_says_what_its_rules_said_and_what_was_left_out(quinn, paula, draft):
    nodes = batches.trace_graph("A@SILO -50x5-> A@SHOP\n A@SILO -60x2-> A@SHOP2")
    factory.stock(nodes["A@SHOP2"], 2)
    add(draft, "window", location=batches.location("SILO").pk, **{"from": at(40)})
    scope.exclude_holding(
        recall=draft, holding=nodes["A@SHOP2"], reason="Came back unopened.", by=quinn, at=NOON
    )
    recalls.submit_recall(recall=draft, by=quinn, at=NOON)
    version = factory.activate(draft, paula)
    rule, exclusion = version.rules
    assert rule["text"] == "Everything that was at Silo from 1 Jan 1970 00:00"
    assert rule["holdings"] == [
        {"product": "P-A", "batch": "A", "origin": "SILO", "location": "SILO", "since": at(40)}
    ]
    assert (exclusion["batch"], exclusion["location_name"], exclusion["on_hand"]) == (
        "A", "Shop2", "2",
    )  # fmt: skip
    assert exclusion["reason"] == "Came back unopened."


# --- exclusions ------------------------------------------------------------------------------


def test_an_exclusion_is_taken_back_and_made_again(quinn, draft, nodes):
    add(draft, "batches", batches=[nodes["BAR@DC"].batch_id])
    store = nodes["BAR@STORE1"]
    first = scope.exclude_holding(recall=draft, holding=store, reason="No.", by=quinn, at=NOON)
    assert "BAR@STORE1" not in reached(draft)
    [row] = preview(draft).excluded
    assert (row.location_code, row.reason, row.is_reached, row.on_hand) == (
        "STORE1",
        "No.",
        True,
        40,
    )
    scope.readmit_holding(exclusion=first, by=quinn, at=NOON)
    assert "BAR@STORE1" in reached(draft) and preview(draft).excluded == []
    with pytest.raises(ValidationError, match="is in the scope again already"):
        scope.readmit_holding(exclusion=first, by=quinn, at=NOON)
    scope.exclude_holding(recall=draft, holding=store, reason="Yet.", by=quinn, at=NOON)
    assert ScopeExclusion.objects.standing().get().reason == "Yet."
    with pytest.raises(ValidationError, match="is excluded already"):
        scope.exclude_holding(recall=draft, holding=store, reason="Twice.", by=quinn, at=NOON)


def test_an_exclusion_stands_once_the_recall_is_submitted(quinn, draft, nodes):
    add(draft, "batches", batches=[nodes["BAR@DC"].batch_id])
    row = scope.exclude_holding(
        recall=draft, holding=nodes["BAR@STORE1"], reason="No.", by=quinn, at=NOON
    )
    recalls.submit_recall(recall=draft, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="cannot be widened"):
        scope.readmit_holding(exclusion=row, by=quinn, at=NOON)


# --- what the preview counts -----------------------------------------------------------------


def test_the_preview_counts_what_was_made_used_and_gained(quinn, nodes):
    draft = factory.draft(quinn, nodes["BAR@PLANT1"])
    before = preview(draft)
    add(draft, "supplier", number="ALM")
    look = {**before.look, "amounts": before.amounts}
    seen = preview(draft, look)
    assert before.amounts == {"case": "100"}
    assert {unit: int(more) for unit, more in seen.gained.items()} == {"case": 355}


def test_contacts_that_never_confirmed_a_notice_are_counted(quinn, nodes):
    draft = factory.draft(quinn, nodes["BAR@PLANT1"])
    assert {place.code for place in preview(draft).untested} == {"DC", "STORE1", "STORE2"}
    nodes["BAR@STORE1"].location.contacts.update(tested_at=timezone.now())
    assert {place.code for place in preview(draft).untested} == {"DC", "STORE2"}


def test_a_look_asks_the_database_as_often_for_many_places_as_for_few(
    quinn, nodes, django_assert_num_queries, django_assert_max_num_queries
):
    draft = factory.draft(quinn, nodes["BAR@PLANT1"])
    add(draft, "window", location=nodes["BAR@DC"].location_id)
    preview(draft)
    with django_assert_max_num_queries(40) as few:
        preview(draft)
    for number in range(3, 30):
        batches.trace_graph(f"BAR@DC -4x5-> BAR@STORE{number}")
    with django_assert_num_queries(len(few)):
        assert len(preview(draft).lines) == 31
