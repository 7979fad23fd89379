"""Suggestions to widen a scope: what they find, what they say, and how one becomes a rule."""

from datetime import timedelta

import pytest

from batches.codes.numbering import unrecorded_number
from batches.models import Batch, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.operations.scope import add_rule
from recalls.scope import preview
from recalls.scope.hints import hints_of
from recalls.tests.factory import draft
from recalls.tests.test_pages_recall import door, page, text_of

__all__ = ["door"]

pytestmark = pytest.mark.django_db


def batch(number, **fields) -> Batch:
    return batches.batch(number, of=f"P-{number}", **fields)


def run(reference, inputs=(), outputs=(), hours=0, **fields) -> Run:
    fields = {"ran_at": NOON + timedelta(hours=hours), "status": "posted", **fields}
    made = Run.objects.create(reference=reference, location=batches.location(), **fields)
    for model, rows in ((RunInput, inputs), (RunOutput, outputs)):
        model.objects.bulk_create(model(run=made, batch=row, quantity=1) for row in rows)
    return made


def ship(reference, *rows, to="DC", **fields) -> Shipment:
    fields = {"status": "received", "shipped_at": NOON, **fields}
    place = batches.location(to, kind="warehouse")
    sent = Shipment.objects.create(
        reference=reference, origin=batches.location(), destination=place, **fields
    )
    ShipmentLine.objects.bulk_create(ShipmentLine(shipment=sent, batch=row) for row in rows)
    return sent


@pytest.fixture
def case(quinn):
    return draft(quinn)


def cover(case, *rows) -> None:
    parameters = {"batches": [row.pk for row in rows]}
    add_rule(recall=case, kind="batches", parameters=parameters, by=case.lead, at=NOON)


def hints(case) -> dict[str, object]:
    return {hint.key: hint for hint in hints_of(preview(case))}


def test_an_empty_scope_suggests_nothing(case):
    assert hints(case) == {}


# --- next on the line ------------------------------------------------------------------------


def test_what_was_made_next_on_the_line_is_suggested_with_its_moment(case):
    bad, after, later = batch("L1"), batch("L2"), batch("L3")
    run("PO-1", outputs=[bad], line="Line 3")
    run("PO-2", outputs=[after], hours=5, line="Line 3")
    run("PO-3", outputs=[later], hours=9, line="Line 3")
    run("PO-4", outputs=[batch("L4")], hours=1, line="Line 4")
    run("PO-5", outputs=[batch("L5")], hours=2, line="Line 3", status="voided")
    cover(case, bad)
    [hint] = hints(case).values()
    assert hint.title == "L2, made next on Line 3 at Plant1"
    assert "Made in PO-2 on 20 Nov 2026 17:00, next after L1." in hint.evidence
    assert hint.parameters == {"batches": [after.pk]}
    cover(case, after)
    assert [hint.title for hint in hints(case).values()] == ["L3, made next on Line 3 at Plant1"]


def test_a_line_that_stands_with_the_batch_alone_counts_too(case):
    bad = batch("L1", line="7", produced_at=NOON)
    batch("L2", line="7", produced_at=NOON + timedelta(hours=2))
    run("PO-3", outputs=[batch("L3", line="7")], hours=1)
    batch("L4", line="", produced_at=NOON + timedelta(minutes=5))
    cover(case, bad)
    [hint] = hints(case).values()
    assert hint.title.startswith("L3, made next on 7")


def test_each_gap_in_what_a_line_made_is_suggested(case):
    made = [batch(f"L{number}") for number in range(1, 6)]
    for number, row in enumerate(made):
        run(f"PO-{number}", outputs=[row], hours=number, line="A")
    cover(case, made[0], made[2])
    assert {hint.title[:2] for hint in hints(case).values()} == {"L2", "L4"}


def test_a_run_without_a_moment_is_not_said_to_be_next(case):
    bad = batch("L1")
    run("PO-1", outputs=[bad], line="A")
    run("PO-2", outputs=[batch("L2")], line="A", ran_at=None)
    cover(case, bad)
    assert hints(case) == {}


# --- shared inputs and rework ----------------------------------------------------------------


def test_inputs_that_also_went_elsewhere_come_in_the_order_of_what_they_explain(case):
    oats, salt, own = batch("OATS"), batch("SALT"), batch("OWN")
    one, two, other, far = batch("L1"), batch("L2"), batch("L8"), batch("L9")
    run("PO-1", inputs=[oats, salt, own], outputs=[one])
    run("PO-2", inputs=[oats], outputs=[two])
    run("PO-3", inputs=[oats], outputs=[other])
    run("PO-4", inputs=[salt], outputs=[other, far])
    cover(case, one, two)
    found = list(hints(case).values())
    assert [hint.title.split()[0] for hint in found] == ["OATS", "SALT"]
    assert found[0].evidence == "Went into L1, L2, and into 1 other outside the scope: L8."
    assert found[1].evidence == "Went into L1, and into 2 others outside the scope: L8, L9."
    assert {hint.word for hint in found} == {"Shared input"}


def test_rework_is_called_rework_and_comes_first(case):
    oats, scraps = batch("OATS"), batch("SCRAPS")
    one, other = batch("L1"), batch("L2")
    run("RW-1", inputs=[batch("OLD")], outputs=[scraps], kind="rework")
    run("PO-1", inputs=[oats, scraps], outputs=[one])
    run("PO-2", inputs=[oats, scraps], outputs=[other])
    cover(case, one)
    found = list(hints(case).values())
    assert [(hint.word, hint.title.split()[0]) for hint in found] == [
        ("Shared rework", "SCRAPS"),
        ("Shared input", "OATS"),
    ]


# --- shipments -------------------------------------------------------------------------------


def test_what_travelled_with_it_is_suggested_as_the_shipment(case):
    bad, beside = batch("L1"), batch("L2")
    sent = ship("SH-1", bad, beside)
    ship("SH-2", bad)
    ship("SH-3", beside)
    ship("SH-4", bad, batch("L3"), status="voided")
    cover(case, bad)
    [hint] = hints(case).values()
    assert hint.title == "SH-1, Plant1 to Dc"
    assert hint.evidence == "Carried 1 other batch beside L1: L2."
    assert (hint.rule, hint.parameters["shipments"]) == ("shipment", [sent.pk])


def test_what_went_with_the_same_vehicle_within_a_day_is_suggested(case):
    bad, other = batch("L1"), batch("L2")
    ship("SH-1", bad, vehicle="TRUCK 7")
    near = ship("SH-2", other, vehicle="TRUCK 7", shipped_at=NOON + timedelta(hours=20))
    ship("SH-3", other, vehicle="TRUCK 7", shipped_at=NOON + timedelta(days=3))
    ship("SH-4", other, vehicle="TRUCK 8")
    unknown = ship("SH-5", other, vehicle="TRUCK 7", shipped_at=None)
    ship("SH-6", other, vehicle="TRUCK 7", status="voided")
    cover(case, bad)
    found = {hint.parameters["shipments"][0]: hint for hint in hints(case).values()}
    assert set(found) == {near.pk, unknown.pk}
    assert found[near.pk].evidence == (
        "Left on 21 Nov 2026 08:00 with TRUCK 7, which also carried SH-1 of the scope."
    )
    assert "a time that is not known" in found[unknown.pk].evidence


# --- lines without a batch ---------------------------------------------------------------------


def without_batch(reference, hours, of="P-L1", **fields) -> Batch:
    number = unrecorded_number(reference, 1)
    row = batches.batch(number, of=of, is_unidentified=True)
    sent = ship(reference, row, shipped_at=NOON + timedelta(hours=hours), **fields)
    ShipmentLine.objects.filter(shipment=sent).update(quantity=4)
    return row


def test_lines_without_a_batch_are_suggested_by_product_and_place(case):
    bad = batch("L1", produced_at=NOON)
    ship("SH-1", bad)
    one, two = without_batch("SH-8", 1), without_batch("SH-9", 50)
    without_batch("SH-7", -48)
    without_batch("SH-6", 1, of="P-L2")
    cover(case, bad)
    [hint] = hints(case).values()
    assert hint.title == "2 lines of P-L1 at Plant1 between 20 Nov 2026 and 22 Nov 2026"
    assert hint.evidence.startswith("SH-8, SH-9 name no batch (8 cases).")
    assert hint.parameters == {"batches": [one.pk, two.pk]}
    note = next(note for note in preview(case).notes if note["kind"] == "unidentified")
    assert note["count"] == 2
    add_rule(recall=case, kind=hint.rule, parameters=hint.parameters, by=case.lead, at=NOON)
    assert hints(case) == {}
    assert {line.batch_number for line in preview(case).lines} == {"L1", one.number, two.number}


def test_a_line_without_a_batch_and_a_time_says_so(case):
    bad = batch("L1", produced_at=NOON)
    without_batch("SH-8", 1)
    Shipment.objects.update(shipped_at=None)
    ShipmentLine.objects.update(quantity=None)
    cover(case, bad)
    [hint] = hints(case).values()
    assert hint.title == "1 line of P-L1 at Plant1, at a time that is not known"
    assert hint.evidence.startswith("SH-8 names no batch (how much is not known).")


# --- the page --------------------------------------------------------------------------------


def test_a_suggestion_becomes_a_rule_with_one_click_and_is_not_made_again(case, quinn, door):
    bad, after = batch("L1"), batch("L2")
    run("PO-1", outputs=[bad], line="A")
    run("PO-2", outputs=[after], hours=1, line="A")
    cover(case, bad)
    text = text_of(door(quinn).get(page("recall-newest-scope", case)))
    assert "May belong to it too" in text and "Next on the line L2, made next on A" in text
    url = page("recall-add-suggested", case)
    text = text_of(door(quinn).post(url, {"hint": f"line-{after.pk}"}, follow=True))
    assert "Rule added." in text and "Batch L2 of P-L2" in text
    assert case.rules.count() == 2
    again = door(quinn).post(url, {"hint": f"line-{after.pk}"})
    assert again.status_code == 422
    assert "The records do not suggest this any more." in text_of(again)
    assert case.rules.count() == 2


def test_who_may_not_change_a_recall_gets_no_suggestions(case, vera, door):
    bad = batch("L1")
    ship("SH-1", bad, batch("L2"))
    cover(case, bad)
    assert "May belong" not in text_of(door(vera).get(page("recall-newest-scope", case)))


def test_suggestions_ask_the_database_as_often_for_many_as_for_few(
    case, django_assert_num_queries, django_assert_max_num_queries
):
    bad, oats = batch("L1"), batch("OATS")
    run("PO-1", inputs=[oats], outputs=[bad], line="A")
    run("PO-2", inputs=[oats], outputs=[batch("L2")], hours=1, line="A")
    ship("SH-0", bad, batch("L3"))
    cover(case, bad)
    seen = preview(case)
    with django_assert_max_num_queries(25) as few:
        assert len(hints_of(seen)) == 3
    for number in range(10, 35):
        run(f"PO-{number}", inputs=[oats], outputs=[batch(f"L{number}")], hours=number, line="A")
        ship(f"SH-{number}", bad, batch(f"M{number}"))
    with django_assert_num_queries(len(few)):
        assert len(hints_of(seen)) == 28
