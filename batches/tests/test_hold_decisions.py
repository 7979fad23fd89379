"""What people do with a hold: assign, extend, scrap and rework; and when it waits for them."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.models import Adjustment, Event, Hold, Holding, Run
from batches.operations.changes import fingerprint
from batches.operations.decisions import (
    assign_hold,
    extend_hold,
    extend_holds,
    rework_hold,
    scrap_hold,
)
from batches.operations.documents import create_run, post_run
from batches.operations.events import verify_chain
from batches.operations.holds import place_hold, release_hold, to_decide
from batches.operations.stock import recompute
from batches.tests import factory
from batches.tests.factory import NOON
from batches.tracing.balance import balances

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 11, 21)


@pytest.fixture
def made():
    factory.location("PLANT1", is_own=True)
    batch = factory.batch("L1", quantity=Decimal(40))
    recompute(batch.holdings.values_list("pk", flat=True))
    return batch


@pytest.fixture
def hold(made, quinn):
    return place_hold(batch=made, reason="Mites.", by=quinn, at=NOON)


def refused(sentence):
    return pytest.raises(ValidationError, match=re.escape(sentence))


def verbs():
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def waiting(at=NOON):
    return list(to_decide(Hold.objects.all(), at))


def test_a_hold_is_assigned_to_who_may_decide(hold, quinn, paula, otto):
    hold = assign_hold(hold=hold, owner=paula, by=quinn, at=NOON)
    assert hold.owner == paula and waiting() == [hold]
    with refused("otto may not decide about holds. Choose somebody of the role Quality."):
        assign_hold(hold=hold, owner=otto, by=quinn, at=NOON)
    assign_hold(hold=hold, owner=None, by=quinn, at=NOON)
    event = Event.objects.order_by("-seq").first()
    assert (event.verb, event.before, event.after) == (
        "hold assigned",
        {"owner": paula.pk},
        {"owner": None},
    )


def test_an_extended_hold_waits_for_nobody_until_its_day(hold, quinn):
    for until in (NOON.date(), date(2028, 1, 1)):
        with refused("Give a day after today, and within a year."):
            extend_hold(hold=hold, until=until, reason="Lab.", by=quinn, at=NOON)
    with refused("Say why the decision can wait."):
        extend_hold(hold=hold, until=TOMORROW, reason=" ", by=quinn, at=NOON)
    extend_hold(hold=hold, until=TOMORROW, reason="The laboratory is late.", by=quinn, at=NOON)
    assert waiting() == [] and waiting(NOON + timedelta(days=1)) == [hold]
    assert Hold.objects.active().get() == hold, "It stops the goods all the time."
    assert verbs() == ["hold placed", "hold extended"] and verify_chain() == []


def test_holds_are_extended_all_or_none(hold, quinn):
    other = place_hold(
        batch=factory.batch("L2"), reason="x", by=quinn, at=NOON, recall="RC-2026-0001"
    )
    with refused("The hold on L2 belongs to recall RC-2026-0001.") as refusal:
        extend_holds(holds=[hold.pk, other.pk], until=TOMORROW, reason="Lab.", by=quinn, at=NOON)
    assert refusal.value.messages[-1].startswith("Nothing was extended.")
    assert not Hold.objects.exclude(due_on=None).exists()


def test_scrap_takes_what_is_held_off_the_books_and_the_hold_stays(made, hold, quinn):
    store = factory.location("STORE1", kind="store")
    sold = Holding.objects.create(batch=made, location=store, quantity=5)
    hold = scrap_hold(hold=hold, reason="Mites in every sack.", by=quinn, at=NOON)
    adjustment = Adjustment.objects.get()
    assert (adjustment.quantity, adjustment.reason) == (-40, "scrap")
    sold.refresh_from_db()
    assert made.holdings.get(location=made.origin).quantity == 0 and sold.quantity == 5
    assert verbs() == ["hold placed", "stock adjusted", "hold decided"]
    assert balances([made.pk])[0].overall.adjusted == {"scrap": 40}
    assert Hold.objects.active().get().decision == "scrap" and waiting() == []
    with refused("Nothing of L1 is there to scrap. Release the hold, or extend it."):
        scrap_hold(hold=hold, reason="Again.", by=quinn, at=NOON)
    Holding.objects.filter(location=made.origin).update(quantity=3)
    assert waiting() == [hold], "What came back waits for a decision."


def test_scrap_refuses_what_it_cannot_count_and_what_nobody_saw(made, hold, quinn):
    seen = fingerprint(hold, hold.stock())
    Holding.objects.update(quantity=41)
    with refused("has changed since you looked. Nothing was scrapped."):
        scrap_hold(hold=hold, reason="Mites.", by=quinn, at=NOON, seen=seen)
    Holding.objects.update(quantity=None)
    with refused("How much of L1 is at PLANT1 is not known. Correct the count there first."):
        scrap_hold(hold=hold, reason="Mites.", by=quinn, at=NOON)
    assert not Adjustment.objects.exists() and waiting() == [hold]


def test_nothing_is_decided_about_the_holds_of_recalls_and_drills(quinn, paula):
    fields = {"reason": "x", "by": quinn, "at": NOON}
    live = place_hold(batch=factory.batch("L1", quantity=1), recall="RC-2026-0001", **fields)
    drill = place_hold(batch=factory.batch("L2", quantity=1), is_drill=True, **fields)
    for act in (scrap_hold, rework_hold):
        with refused("belongs to recall RC-2026-0001"):
            act(hold=live, **fields)
        with refused("was a drill's and stops nothing"):
            act(hold=drill, **fields)
    with refused("was a drill's and stops nothing"):
        assign_hold(hold=drill, owner=paula, by=quinn, at=NOON)


def run_of(made, otto, kind):
    packed = factory.batch(f"P-{Run.objects.count()}")
    return create_run(
        reference=f"RUN-{Run.objects.count()}",
        location=made.origin,
        kind=kind,
        inputs=[{"batch": made, "quantity": 40}],
        outputs=[{"batch": packed, "quantity": 38}],
        ran_at=NOON,
        by=otto,
        at=NOON,
    )


def test_what_is_for_rework_goes_into_a_rework_alone_and_that_is_held_too(made, hold, quinn, otto):
    with refused("L1 is on hold at PLANT1: Mites. Release the hold before using it."):
        post_run(run=run_of(made, otto, "rework"), by=otto, at=NOON)
    rework_hold(hold=hold, reason="Sieve it.", by=quinn, at=NOON)
    assert waiting() == []
    with refused("L1 is held for rework already."):
        rework_hold(hold=hold, reason="Sieve it.", by=quinn, at=NOON)
    with refused("It was decided to rework L1. Nobody waits for that hold."):
        extend_hold(hold=hold, until=TOMORROW, reason="Lab.", by=quinn, at=NOON)
    with refused("L1 is held for rework. Enter RUN-1 as a rework."):
        post_run(run=run_of(made, otto, "production"), by=otto, at=NOON)
    run = post_run(run=run_of(made, otto, "rework"), by=otto, at=NOON)
    [new] = waiting()
    assert new.batch == run.outputs.get().batch
    assert new.reason == "Reworked from L1. Decide whether it is good now."
    assert made.holdings.get().quantity == 0


def test_a_recall_that_holds_the_goods_too_stops_their_rework(made, hold, quinn, otto):
    rework_hold(hold=hold, reason="Sieve it.", by=quinn, at=NOON)
    place_hold(batch=made, reason="Glass.", by=quinn, at=NOON, recall="RC-2026-0001")
    with refused("L1 is held by recall RC-2026-0001. Take it off RUN-0."):
        post_run(run=run_of(made, otto, "rework"), by=otto, at=NOON)


def test_a_released_hold_is_decided_about_no_more(hold, quinn):
    release_hold(hold=hold, reason="Clean.", by=quinn, at=NOON)
    with refused("The hold on L1 was released already."):
        scrap_hold(hold=hold, reason="Mites.", by=quinn, at=NOON)


def test_the_page_decides_and_keeps_what_was_typed_when_it_is_refused(as_quinn, made, hold):
    url = f"/holds/{hold.pk}/decide/"
    page = as_quinn.get(url)
    assert "40 cases" in text_of(page).partition("What the hold stops")[2]
    sent = {"decision": "scrap", "reason": "Mites.", "seen": page.context["act"].seen}
    Holding.objects.update(quantity=39)
    late = as_quinn.post(url, sent)
    shown = text_of(late)
    assert late.status_code == 422 and "39 cases" in shown and "Mites.</textarea>" in shown
    assert "Not saved, try again" in shown and waiting() == [hold]
    sent["seen"] = late.context["act"].seen
    assert as_quinn.post(url, sent)["Location"] == "/holds/"
    listed = text_of(as_quinn.get("/holds/?state=scrap"))
    assert ">Scrapped</span>" in listed
    as_quinn.post(url, {"decision": "release", "reason": "All gone."})
    assert not Hold.objects.active().exists()


def test_the_list_knows_whose_holds_are_and_which_can_wait(as_quinn, quinn, paula, hold):
    url = f"/holds/assign/?hold={hold.pk}"
    assert '<option value="">Nobody</option>' in text_of(as_quinn.get(url))
    assert as_quinn.post(url, {"owner": paula.pk}).status_code == 302
    assert as_quinn.get("/holds/?owner=@paula").context["table"].list_page.counted == 1
    assert as_quinn.get("/holds/?owner=me").context["nothing"] == ""
    url = f"/holds/extend/?hold={hold.pk}"
    late = as_quinn.post(url, {"until": "2020-01-01", "reason": "Lab."})
    assert late.status_code == 422 and "Not saved, try again" in text_of(late)
    later = timezone.now().date() + timedelta(days=9)
    as_quinn.post(f"/holds/{hold.pk}/extend/", {"until": later.isoformat(), "reason": "Lab."})
    for state, count in (("waiting", 0), ("extended", 1), ("active", 1)):
        found = as_quinn.get(f"/holds/?state={state}").context["table"].list_page.counted
        assert found == count, state
