"""Each side exit of a recall, and each way to a next version, from first act to last."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches.models import Batch, Event, Finding, Hold
from batches.tests import factory as batches
from recalls.models import Notice, Recall
from recalls.operations import narrowing, notices, recalls, responses, scope
from recalls.reports.status import status
from recalls.tasks import tick, watch
from recalls.tests import factory
from recalls.tests.factory import NOON, found, move

pytestmark = pytest.mark.django_db
Kind = Notice.Kind


@pytest.fixture
def nodes():
    return factory.granola()


def verbs(recall) -> list[str]:
    events = Event.objects.filter(object_type="recalls.recall", object_id=str(recall.pk))
    return list(events.order_by("seq").values_list("verb", flat=True))


def send(recall, at=NOON) -> set[str]:
    """Drains what is owed; returns whom notices of the newest version went to."""
    notices.drain(worker="w", now=at + timedelta(hours=1), limit=100)
    sent = recall.notices.filter(state="accepted", kind=Kind.NOTICE)
    newest = recall.versions.order_by("-number").first()
    return set(sent.filter(version=newest).values_list("address", flat=True))


def alarms() -> set[str]:
    """Of decisions; missed targets have tests of their own."""
    kinds = Finding.objects.open().exclude(kind__startswith="target_")
    return set(kinds.values_list("kind", flat=True))


def answer_all(recall, quinn) -> None:
    for place in status(recall).places:
        if place.answered:
            continue
        responses.waive_location(
            recall=recall,
            location=batches.location(place.code),
            reason="Shop burned down.",
            by=quinn,
            at=NOON,
        )


def end(recall, quinn, paula) -> Recall:
    answer_all(recall, quinn)
    recalls.complete_recall(recall=recall, by=quinn, at=NOON)
    return recalls.close_recall(
        recall=recall, by=paula, at=NOON, password="paula", meaning="Done.", statement="Gone."
    )


def test_rejected_mended_and_approved(quinn, paula, nodes):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    recalls.reject_recall(recall=recall, reason="Which oats?", by=paula, at=NOON)
    recalls.change_recall(recall=recall, hazard="May contain oats.", by=quinn, at=NOON)
    recalls.submit_recall(recall=recall, by=quinn, at=NOON)
    factory.activate(recall, paula)
    assert send(recall) == {"one@store.example", "two@store.example"}
    assert "May contain oats." in recall.notices.filter(kind=Kind.NOTICE).first().text
    told = verbs(recall)
    assert (
        told.index("recall rejected")
        < told.index("recall changed")
        < told.index("recall activated")
    )
    assert Event.objects.get(verb="recall rejected").reason == "Which oats?"


def test_cancelled_before_anybody_was_told(quinn, paula, nodes):
    for recall in (
        factory.draft(quinn, nodes["ALM@SIERRA"]),
        factory.submitted(quinn, nodes["ALM@SIERRA"]),
    ):
        recalls.cancel_recall(recall=recall, reason="False alarm.", by=quinn, at=NOON)
        with pytest.raises(ValidationError, match="is cancelled; it cannot be activated"):
            factory.activate(recall, paula)
        tick(NOON)
    assert not Hold.objects.exists() and not Notice.objects.exists()
    references = list(Recall.objects.order_by("pk").values_list("reference", flat=True))
    assert references == ["RC-2026-0001", "RC-2026-0002"], "a number is used once"


def alone(recall, quinn):
    return recalls.break_glass(
        recall=recall, by=quinn, at=NOON, password="quinn", meaning="Alone.", reason="Night."
    )


@pytest.mark.slow
def test_activated_alone_countersigned_in_time_and_closed(quinn, paula, nodes):
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    alone(recall, quinn)
    assert send(recall) == {"one@store.example", "two@store.example"}, "nobody waits for Paula"
    recall.refresh_from_db()
    recalls.countersign(
        recall=recall, by=paula, at=NOON + timedelta(hours=8), password="paula", meaning="Right."
    )
    watch(NOON + timedelta(hours=30))
    assert alarms() == set()
    assert end(recall, quinn, paula).status == "closed"
    assert "recall activated alone" in verbs(recall) and "recall countersigned" in verbs(recall)


@pytest.mark.slow
def test_activated_alone_and_never_countersigned(quinn, paula, nodes):
    paula.email = "paula@lotline.example"
    paula.save()
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    alone(recall, quinn)
    watch(NOON + timedelta(hours=23))
    assert alarms() == {"break_glass"}
    tick(NOON + timedelta(hours=25))
    assert Finding.objects.open().filter(kind="countersign_overdue").exists()
    mails = recall.notices.filter(kind=Kind.ALARM, state="accepted")
    assert {mail.round for mail in mails} == {"break_glass", "countersign_overdue"}
    recall.refresh_from_db()
    answer_all(recall, quinn)
    recalls.complete_recall(recall=recall, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="Another must countersign it"):
        recalls.close_recall(
            recall=recall, by=paula, at=NOON, password="paula", meaning="x", statement="x"
        )


@pytest.mark.slow
def test_expanded_by_a_rule_while_the_first_notices_are_still_waiting(quinn, paula, nodes):
    """Nothing of version 1 is dropped, and version 2 tells only what is new."""
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    batches.trace_graph("OAT@PLANT1 -8x5-> OAT@STORE1")
    oats = {"batches": [Batch.objects.get(number="OAT").pk]}
    scope.add_rule(recall=recall, kind="batches", parameters=oats, by=quinn, at=NOON)
    version = scope.check_drift(recall=recall, at=NOON)
    assert (version.cause, version.is_released) == ("expansion", False)
    scope.release_version(version=version, by=quinn, at=NOON)
    assert send(recall) == {"one@store.example"}
    accepted = recall.notices.filter(kind=Kind.NOTICE, state="accepted")
    told = {
        (line.location_code, line.batch_number)
        for notice in accepted
        for line in notice.lines.all()
    }
    assert told == {("DC", "BAR"), ("STORE1", "BAR"), ("STORE2", "BAR"), ("STORE1", "OAT")}
    assert "This adds to what you were told before." in accepted.get(version=version).text
    assert status(recall).conservation.holds
    assert end(recall, quinn, paula).status == "closed"


@pytest.mark.slow
def test_grown_by_drift_and_told_with_one_click(quinn, paula, nodes):
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    send(recall)
    batches.location("STORE3", kind="store")
    factory.contact("STORE3", "3@store.example")
    move(nodes, "BAR@DC", "BAR@STORE3")
    watch(NOON)
    version = recall.versions.get(number=2)
    assert (version.cause, version.is_released) == ("drift", False)
    assert Finding.objects.open().get(kind="scope_drift").object_id == str(version.pk)
    assert not recall.notices.filter(version=version, kind=Kind.NOTICE).exists()
    scope.release_version(version=version, by=quinn, at=NOON)
    assert send(recall) == {"3@store.example"}
    assert not Finding.objects.open().exists()


@pytest.mark.slow
def test_narrowed_answered_for_the_rest_and_closed(quinn, paula, nodes):
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    send(recall)
    one = recall.recipients.get(name="Uno")
    line = recall.versions.get().lines.get(location__code="STORE1")
    said = {"name": "Kim", "phone": "", "remark": "", "at": NOON}
    responses.answer(recipient=one, answers={line.pk: found(quarantined=40)}, **said)
    proposal = narrowing.propose_narrowing(
        recall=recall, holdings=[nodes["BAR@STORE1"].pk], reason="Older.", by=quinn, at=NOON
    )
    version = narrowing.approve_narrowing(
        narrowing=proposal, by=paula, at=NOON, password="paula", meaning="Checked."
    )
    assert (version.number, version.cause) == (2, "narrowing")
    notices.drain(worker="w", now=NOON + timedelta(hours=1), limit=100)
    removal = recall.notices.get(kind=Kind.REMOVAL)
    assert (removal.state, removal.address) == ("accepted", "one@store.example")
    move(nodes, "BAR@STORE1", "BAR@STORE9")
    watch(NOON)
    kinds = set(Finding.objects.open().values_list("kind", flat=True))
    assert kinds == {"narrowed_moved", "scope_drift"}, "it moved on, and nobody missed it"
    scope.release_version(version=recall.versions.get(number=3), by=quinn, at=NOON)
    assert {place.code for place in status(recall).places} == {"DC", "STORE2", "STORE9"}
    assert end(recall, quinn, paula).status == "closed"
    assert recall.responses.count() == 1, "what was answered before stays"
