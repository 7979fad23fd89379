"""Runs use and make batches once, and refuse what cannot have happened."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Adjustment, Batch, Event, Holding, Link, Run
from batches.operations.documents import (
    adjust_stock,
    create_run,
    create_shipment,
    post_run,
    post_shipment,
    void_adjustment,
    void_run,
)
from batches.operations.events import verify_chain
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def oats():
    factory.product("OATS", unit="kg")
    return factory.batch("OATS-1", of="OATS", quantity=500)


@pytest.fixture
def mix():
    return factory.batch("MIX-1", quantity=None)


def draft(otto, inputs, outputs, place="PLANT1", **fields):
    fields.setdefault("reference", f"RUN-{Run.objects.count() + 1}")
    return create_run(
        location=factory.location(place),
        inputs=[{"batch": batch, "quantity": quantity} for batch, quantity in inputs],
        outputs=[{"batch": batch, "quantity": quantity} for batch, quantity in outputs],
        ran_at=NOON,
        by=otto,
        at=NOON,
        **fields,
    )


def posted(otto, *args, **fields):
    return post_run(run=draft(otto, *args, **fields), by=otto, at=NOON)


def ship(otto, batch, quantity, origin="PLANT1"):
    shipment = create_shipment(
        reference=f"SH-{batch}",
        origin=factory.location(origin),
        destination=factory.location("STORE"),
        lines=[{"batch": batch, "quantity": quantity}],
        by=otto,
        at=NOON,
    )
    return post_shipment(shipment=shipment, by=otto, at=NOON)


def on_hand(batch):
    return Holding.objects.get(batch=batch, location__code="PLANT1").quantity


def refused(sentence):
    return pytest.raises(ValidationError, match=re.escape(sentence))


def test_posting_uses_and_makes_and_voiding_takes_both_back(otto, oats, mix):
    run = posted(otto, [(oats, 400)], [(mix, 90)])
    assert (on_hand(oats), on_hand(mix)) == (100, 90)
    assert (run.status, run.posted_by, Link.objects.get().voided) == ("posted", otto, False)
    void_run(run=run, reason="Wrong line", by=otto, at=NOON)
    assert (on_hand(oats), on_hand(mix)) == (500, None)
    assert Link.objects.get().voided
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["run drafted", "run posted", "run voided"]
    assert verify_chain() == []


def test_a_run_is_not_posted_twice(otto, oats, mix):
    run = posted(otto, [(oats, 400)], [(mix, 90)])
    with refused("RUN-1 is posted already. Nothing was posted twice."):
        post_run(run=run, by=otto, at=NOON)
    void_run(run=run, reason="Wrong", by=otto, at=NOON)
    with refused("RUN-1 was voided. Enter a new run."):
        post_run(run=run, by=otto, at=NOON)


@pytest.mark.parametrize(("inputs", "outputs"), [(0, 1), (1, 0)])
def test_a_run_needs_inputs_and_outputs(otto, oats, mix, inputs, outputs):
    missing = "outputs" if inputs else "inputs"
    with refused(f"RUN-1 has no {missing}. Add a batch before posting it."):
        posted(otto, [(oats, 1)] * inputs, [(mix, 1)] * outputs)


def test_a_run_does_not_consume_itself(otto, oats, mix):
    with refused("MIX-1 is both used and made by RUN-1. Give what is made a number of its own."):
        draft(otto, [(oats, 1), (mix, 1)], [(mix, 1)])


def test_a_batch_is_listed_once_a_side(otto, oats, mix):
    with refused("OATS-1 is among the inputs twice. Enter it once, with the sum."):
        draft(otto, [(oats, 1), (oats, 2)], [(mix, 1)])


@pytest.mark.parametrize("kind", ["blend", "split"])
def test_a_blend_and_a_split_do_not_bring_unlike_units_together(otto, oats, mix, kind):
    with refused(f"A {kind} cannot bring case and kg together. Enter it as production or repack."):
        draft(otto, [(oats, 1)], [(mix, 1)], kind=kind)


def test_no_more_is_used_than_is_there(otto, oats, mix):
    with refused("Only 500 kg of OATS-1 are at PLANT1, but RUN-1 takes 501."):
        posted(otto, [(oats, 501)], [(mix, 1)])


def test_an_input_that_was_never_there_is_refused(otto, oats):
    made = factory.batch("MIX-2", at="PLANT2")
    with refused("OATS-1 was never at PLANT2."):
        posted(otto, [(oats, 1)], [(made, 1)], place="PLANT2")


def test_a_held_batch_is_not_used(otto, quinn, oats, mix):
    place_hold(batch=oats, reason="Mites.", by=quinn, at=NOON)
    with refused("OATS-1 is on hold at PLANT1: Mites. Release the hold before using it."):
        posted(otto, [(oats, 1)], [(mix, 1)])


def test_a_recalled_batch_is_not_used(otto, quinn, oats, mix):
    place_hold(batch=oats, reason="Mites.", recall="RC-2026-0001", by=quinn, at=NOON)
    with refused("OATS-1 is held by recall RC-2026-0001. Take it off RUN-1."):
        posted(otto, [(oats, 1)], [(mix, 1)])


def test_what_is_made_elsewhere_is_not_made_here(otto, oats):
    other = factory.batch("MIX-2", at="PLANT2")
    with refused("MIX-2 was made at PLANT2, so RUN-1 at PLANT1 cannot have made it."):
        posted(otto, [(oats, 1)], [(other, 1)])


def test_a_voided_batch_is_not_made(otto, oats, mix):
    run = draft(otto, [(oats, 1)], [(mix, 1)])
    Batch.objects.filter(pk=mix.pk).update(status="voided")
    with refused("MIX-1 was voided. Take it off RUN-1."):
        post_run(run=run, by=otto, at=NOON)


@pytest.mark.parametrize("made_in_all", [None, 90])
def test_a_run_whose_output_moved_on_names_what_to_void_first(otto, oats, made_in_all):
    # Where the batch itself says a quantity, that alone would hide the goods that left.
    mix = factory.batch("MIX-1", quantity=made_in_all)
    run = posted(otto, [(oats, 400)], [(mix, 90)])
    ship(otto, mix, 50)
    with refused("MIX-1 has moved on from PLANT1. Void SH-MIX-1 first."):
        void_run(run=run, reason="Wrong", by=otto, at=NOON)
    assert on_hand(mix) == 40


def test_voiding_a_run_needs_a_reason(otto, oats, mix):
    with refused("Say why RUN-1 is voided."):
        void_run(run=draft(otto, [(oats, 1)], [(mix, 1)]), reason="", by=otto, at=NOON)


# Adjustments


def adjust(otto, batch, quantity, reason="scrap"):
    holding = Holding.objects.get(batch=batch)
    return adjust_stock(
        holding=holding, quantity=Decimal(quantity), reason=reason, by=otto, at=NOON
    )


def test_an_adjustment_changes_the_stock_until_it_is_voided(otto, oats):
    adjustment = adjust(otto, oats, -20)
    assert on_hand(oats) == 480
    void_adjustment(adjustment=adjustment, reason="Typo", by=otto, at=NOON)
    assert on_hand(oats) == 500
    with refused("This adjustment was voided already."):
        void_adjustment(adjustment=adjustment, reason="Typo", by=otto, at=NOON)
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["stock adjusted", "adjustment voided"]


@pytest.mark.parametrize(
    ("quantity", "reason", "sentence"),
    [
        (0, "count", "Zero changes nothing. Enter what was added or, with a minus, taken away."),
        (5, "sample", "“sample” takes stock away. Enter the quantity with a minus."),
        (-501, "scrap", "Only 500 kg of OATS-1 are at PLANT1. Take away no more than that"),
    ],
)
def test_an_adjustment_that_cannot_be_right_is_refused(otto, oats, quantity, reason, sentence):
    with refused(sentence):
        adjust(otto, oats, quantity, reason)
    assert not Adjustment.objects.exists()


def test_a_held_batch_is_not_sold_but_may_be_destroyed(otto, quinn, oats):
    place_hold(batch=oats, reason="Mites.", by=quinn, at=NOON)
    with refused("OATS-1 is on hold at PLANT1 and must not be sold. Release the hold first."):
        adjust(otto, oats, -1, "sold")
    assert adjust(otto, oats, -1, "destroyed").quantity == -1


def test_an_adjustment_whose_goods_moved_on_is_not_voided(otto, oats):
    extra = adjust(otto, oats, 10, "count")
    ship(otto, oats, 505)
    with refused("OATS-1 has moved on from PLANT1. Void SH-OATS-1 first."):
        void_adjustment(adjustment=extra, reason="Typo", by=otto, at=NOON)


def test_voiding_an_adjustment_needs_a_reason(otto, oats):
    with refused("Say why the adjustment is voided."):
        void_adjustment(adjustment=adjust(otto, oats, -1), reason=" ", by=otto, at=NOON)
