"""Returns, destruction and dispositions: what they move, what they refuse, who must agree."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from batches.models import Adjustment, Batch, Event, Hold, Location, Shipment
from batches.operations.batches import change_batch
from batches.operations.holds import place_hold
from recalls.models import Disposition, DispositionDecision, Recall
from recalls.operations import recalls
from recalls.operations.dispositions import carry_out, propose_disposition, reject_disposition
from recalls.operations.narrowing import approve_narrowing, propose_narrowing
from recalls.operations.scope import check_drift
from recalls.reports.costs import costs
from recalls.tests.stories import LATER, bars

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(otto, quinn, paula):
    return bars(otto, quinn, paula)


def propose(story, code, kind, quantity, by, **fields):
    fields = {"reason": "Peanut."} | fields
    if kind == "destroyed":
        fields = {
            "happened_on": LATER.date(), "method": "Incinerated", "witness_name": "Ina Berg",
            "witness_function": "Site manager",
        } | fields  # fmt: skip
    return propose_disposition(
        recall=story.recall, holding=story.at(code), kind=kind, quantity=Decimal(quantity),
        by=by, at=LATER, **fields,
    )  # fmt: skip


# --- returns -----------------------------------------------------------------------------------


def test_what_came_back_is_a_received_return_and_is_held_on_arrival(story, otto):
    shipment = story.back("STORE1", 12, otto, document="RN 7")
    assert (shipment.purpose, shipment.status, shipment.document) == ("return", "received", "RN 7")
    assert (story.at("STORE1").quantity, story.at("RET").quantity) == (28, 12)
    hold = Hold.objects.get(location__code="RET")
    assert (hold.recall, hold.released_at) == (story.recall.reference, None)
    event = Event.objects.get(verb="goods came back")
    assert (event.actor, event.after["shipment"]) == (otto, shipment.reference)


def test_a_held_and_expired_batch_comes_back_too(story, otto, quinn):
    place_hold(batch=story.batch, reason="Mould.", by=quinn, at=LATER)
    change_batch(
        batch=story.batch, expires_on=(LATER - timedelta(days=1)).date(), by=otto, at=LATER
    )
    assert story.back("STORE1", 12, otto).status == "received"


def test_the_same_return_is_not_posted_twice(story, otto):
    story.back("STORE1", 12, otto, reference="R-1")
    with pytest.raises(ValidationError, match="Reference already exists"):
        story.back("STORE1", 12, otto, reference="R-1")
    assert story.at("RET").quantity == 12


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quantity": 0}, "must be more than zero"),
        ({"destination": "STORE2"}, "Store 2 is no site of ours"),
        ({"arrived_on": LATER.date() + timedelta(days=1)}, "still to come"),
        ({"arrived_on": LATER.date() - timedelta(days=1)}, "was not active yet on this day"),
    ],
)
def test_a_return_that_cannot_be_is_refused(story, otto, wrong, sentence):
    quantity = wrong.pop("quantity", 12)
    if code := wrong.get("destination"):
        wrong["destination"] = Location.objects.get(code=code)
    with pytest.raises(ValidationError, match=sentence):
        story.back("STORE1", quantity, otto, **wrong)
    assert not Shipment.objects.filter(purpose="return").exists()


def test_a_place_that_is_asked_itself_takes_no_returns(story, otto):
    Location.objects.filter(code="STORE2").update(is_own=True)
    with pytest.raises(ValidationError, match="is asked in this recall itself"):
        story.back("STORE1", 12, otto, destination=Location.objects.get(code="STORE2"))


def test_goods_that_the_recall_does_not_cover_are_not_part_of_its_returns(story, otto):
    from recalls.operations.recovery import record_return

    with pytest.raises(ValidationError, match="scope was renewed"):
        record_return(
            recall=story.recall, location=Location.objects.get(code="STORE1"), reference="R",
            destination=Location.objects.get(code="RET"), arrived_on=LATER.date(),
            came={story.at("STORE2").pk: Decimal(1)}, by=otto, at=LATER,
        )  # fmt: skip


def test_a_drill_moves_no_goods(otto, quinn, paula):
    drill = bars(otto, quinn, paula)
    Recall.objects.filter(pk=drill.recall.pk).update(is_drill=True)
    with pytest.raises(ValidationError, match="A drill moves no goods"):
        drill.back("STORE1", 1, otto)
    with pytest.raises(ValidationError, match="A drill moves no goods"):
        propose(drill, "PLANT1", "scrap", 1, quinn)


def test_goods_come_back_also_after_the_close(story, otto):
    Recall.objects.filter(pk=story.recall.pk).update(status="closed", closed_at=LATER)
    story.back("STORE1", 2, otto)
    assert Hold.objects.active().filter(location__code="RET").exists()


# --- destruction -------------------------------------------------------------------------------


def test_nothing_is_destroyed_before_a_second_person_agrees(story, quinn, paula):
    row = propose(story, "PLANT1", "destroyed", 8, quinn, certificate="C-1", cost=Decimal("12.50"))
    assert (row.number, row.is_open, story.at("PLANT1").quantity) == (1, True, 28)
    with pytest.raises(ValidationError, match="You proposed this"):
        carry_out(disposition=row, by=quinn, at=LATER)
    decision = carry_out(disposition=row, by=paula, at=LATER)
    made = Adjustment.objects.get(reason="destroyed")
    assert (decision.adjustment, made.quantity, made.at_date_only) == (made, -8, True)
    assert "certificate C-1" in made.remark and story.at("PLANT1").quantity == 20
    with pytest.raises(ValidationError, match="decided already"):
        carry_out(disposition=row, by=paula, at=LATER)
    verbs = set(Event.objects.filter(verb__startswith="disposition").values_list("verb", flat=True))
    assert verbs == {"disposition proposed", "disposition carried out"}


def test_one_person_destroys_alone_where_the_site_allows_it(story, quinn, settings):
    settings.DESTRUCTION_NEEDS_TWO = False
    propose(story, "PLANT1", "destroyed", 8, quinn)
    assert story.at("PLANT1").quantity == 20


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"method": ""}, "Say how it was destroyed"),
        ({"witness_name": " "}, "Enter who saw it"),
        ({"witness_function": ""}, "witness's function"),
        ({"happened_on": None}, "Enter the day on which it was destroyed"),
        ({"happened_on": LATER.date() + timedelta(days=1)}, "still to come"),
        ({"reason": ""}, "Say why"),
        ({"quantity": 29}, r"Only 28.*cases of L1 are recorded at PLANT1"),
        ({"quantity": 0}, "more than zero"),
        ({"cost": Decimal(-1)}, "not below zero"),
    ],
)
def test_a_destruction_without_its_facts_is_refused(story, quinn, wrong, sentence):
    with pytest.raises(ValidationError, match=sentence):
        propose(story, "PLANT1", "destroyed", wrong.pop("quantity", 8), quinn, **wrong)
    assert not Disposition.objects.exists()


def test_what_others_proposed_is_not_proposed_again(story, quinn):
    propose(story, "PLANT1", "destroyed", 20, quinn)
    with pytest.raises(ValidationError, match=r"20.*cases wait for a decision"):
        propose(story, "PLANT1", "scrap", 9, quinn)
    propose(story, "PLANT1", "scrap", 8, quinn)


def test_a_rejected_proposal_moves_nothing_and_keeps_its_reason(story, quinn, paula):
    row = propose(story, "PLANT1", "destroyed", 8, quinn)
    with pytest.raises(ValidationError, match="Say why not"):
        reject_disposition(disposition=row, reason="", by=paula, at=LATER)
    decision = reject_disposition(disposition=row, reason="Keep it.", by=paula, at=LATER)
    assert (decision.is_carried_out, decision.reason) == (False, "Keep it.")
    assert story.at("PLANT1").quantity == 28
    with pytest.raises(ValidationError, match="decided already"):
        carry_out(disposition=row, by=paula, at=LATER)


def test_the_database_refuses_one_person_where_two_are_needed(story, quinn):
    row = propose(story, "PLANT1", "destroyed", 8, quinn)
    with pytest.raises(IntegrityError), transaction.atomic():
        DispositionDecision.objects.create(
            disposition=row, is_carried_out=True, needs_second=True, proposed_by=quinn, by=quinn,
            at=LATER,
        )  # fmt: skip


# --- dispositions ------------------------------------------------------------------------------


def test_goods_go_back_to_the_supplier_by_a_shipment(story, quinn):
    nuts = Location.objects.get(code="NUTS")
    row = propose(story, "PLANT1", "supplier", 5, quinn, destination=nuts)
    shipment = row.decision.shipment
    assert (shipment.destination, shipment.status, shipment.purpose) == (nuts, "posted", "return")
    assert (story.at("PLANT1").quantity, story.at("NUTS").quantity) == (23, 5)


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        ("supplier", {}, "which supplier"),
        ("supplier", {"destination": "RET"}, "is a site of ours"),
        ("rework", {}, "batch number of its own"),
    ],
)
def test_a_disposition_without_what_it_needs_is_refused(story, quinn, kind, more, sentence):
    if code := more.get("destination"):
        more["destination"] = Location.objects.get(code=code)
    with pytest.raises(ValidationError, match=sentence):
        propose(story, "PLANT1", kind, 5, quinn, **more)


def test_what_is_with_others_is_destroyed_there_or_comes_back(story, quinn):
    with pytest.raises(ValidationError, match="is with Store 1"):
        propose(story, "STORE1", "scrap", 5, quinn)


def test_goods_of_no_recall_are_not_decided_about(story, quinn):
    from batches.tests import factory as batches

    other = batches.batch("OTHER", quantity=Decimal(5)).holdings.get()
    with pytest.raises(ValidationError, match="neither covered nor held"):
        propose_disposition(
            recall=story.recall, holding=other, kind="scrap", quantity=Decimal(1), reason="No.",
            by=quinn, at=LATER,
        )  # fmt: skip


def test_what_came_back_can_be_decided_about_before_the_next_look(story, otto, quinn):
    story.back("STORE1", 12, otto)
    propose(story, "RET", "scrap", 12, quinn)
    assert story.at("RET").quantity == 0


def test_a_rework_uses_held_goods_and_holds_what_it_makes(story, quinn, paula):
    row = propose(story, "PLANT1", "rework", 10, quinn, output_number="L1-R")
    assert row.is_open
    decision = carry_out(disposition=row, by=paula, at=LATER)
    made = Batch.objects.get(number="L1-R")
    assert (decision.run.kind, story.at("PLANT1").quantity) == ("rework", 18)
    holds = Hold.objects.active().filter(recall=story.recall.reference)
    assert set(holds.values_list("batch__number", flat=True)) == {"L1", "L1-R"}
    version = check_drift(recall=story.recall, at=LATER)
    assert version.lines.filter(batch=made).exists(), "what is made of it is part of the recall"


def test_a_hold_that_is_not_the_recalls_still_stops_a_rework(story, quinn, paula):
    row = propose(story, "PLANT1", "rework", 10, quinn, output_number="L1-R")
    place_hold(batch=story.batch, reason="Mould.", by=quinn, at=LATER)
    with pytest.raises(ValidationError, match="is on hold at PLANT1: Mould"):
        carry_out(disposition=row, by=paula, at=LATER)
    assert not Batch.objects.filter(number="L1-R").exists()


def test_recalled_goods_are_not_released_while_the_recall_covers_them(story, quinn):
    with pytest.raises(ValidationError, match=r"still covers .* Narrow the scope, or close"):
        propose(story, "PLANT1", "release", 28, quinn)


def test_goods_that_were_taken_out_are_released_by_a_second_person(story, quinn, paula):
    narrowing = propose_narrowing(
        recall=story.recall, holdings=[story.at("PLANT1").pk], reason="Made before.", by=quinn,
        at=LATER,
    )  # fmt: skip
    approve_narrowing(narrowing=narrowing, by=paula, at=LATER, password="paula", meaning="Checked.")
    with pytest.raises(ValidationError, match=r"on all that is there\. Enter 28.*cases"):
        propose(story, "PLANT1", "release", 8, quinn)
    row = propose(story, "PLANT1", "release", 28, quinn)
    with pytest.raises(ValidationError, match="You proposed this"):
        carry_out(disposition=row, by=quinn, at=LATER)
    carry_out(disposition=row, by=paula, at=LATER)
    assert not Hold.objects.active().filter(location__code="PLANT1").exists()


def test_a_closed_recall_lets_its_goods_be_released(story, quinn, paula):
    story.answer("STORE1", sold=40)
    story.answer("STORE2", sold=30)
    recalls.complete_recall(recall=story.recall, by=quinn, at=LATER)
    recalls.close_recall(
        recall=story.recall, by=paula, at=LATER, password="paula", meaning="Closed."
    )
    row = propose(story, "PLANT1", "release", 28, quinn)
    carry_out(disposition=row, by=paula, at=LATER)
    assert not Hold.objects.active().exists()


def test_costs_count_what_was_carried_out_in_its_currency(story, quinn, paula, settings):
    propose(story, "PLANT1", "scrap", 1, quinn, cost=Decimal("10.05"))
    propose(story, "PLANT1", "scrap", 1, quinn, cost=Decimal("0.10"))
    propose(story, "PLANT1", "scrap", 1, quinn)
    waiting = propose(story, "PLANT1", "destroyed", 1, quinn, cost=Decimal(99))
    settings.CURRENCY = "CHF"
    propose(story, "PLANT1", "scrap", 1, quinn, cost=Decimal(7))
    assert waiting.is_open
    found = [(one.currency, one.total, one.unknown) for one in costs(story.recall)]
    assert found == [("CHF", Decimal(7), 0), ("EUR", Decimal("10.15"), 1)]
