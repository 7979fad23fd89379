"""What was posted after the freeze: told once, asked again, and never ended over."""

import hashlib

import pytest
from django.core.exceptions import ValidationError

from batches.models import Contact, Finding, Link, Location
from batches.operations.listeners import links_were_written
from batches.tests import factory as batches
from recalls.models import Notice, ScopeRule
from recalls.operations import closing, notices, recalls, responses, scope
from recalls.reports.status import status
from recalls.scope import canonical_scope
from recalls.tests import factory
from recalls.tests.factory import NOON, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def test_a_look_that_cannot_be_had_raises_an_alarm_until_one_can(active, quinn, nodes):
    broken = {"kind": "window", "parameters": {"location": 0, "from": "spring", "to": None}}
    rule = ScopeRule.objects.create(recall=active, created_by=quinn, created_at=NOON, **broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="spring"):
            scope.check_drift(recall=active, at=NOON)
    finding = Finding.objects.open().get(kind="scope_unseen")
    assert (finding.severity, finding.label) == ("alarm", active.reference)
    active.refresh_from_db()
    assert active.drift_due
    rule.withdrawn_at = NOON
    rule.save()
    move(nodes, "BAR@DC", "BAR@STORE3")
    assert scope.check_drift(recall=active, at=NOON).number == 2
    assert not Finding.objects.open().filter(kind="scope_unseen").exists()


@pytest.mark.parametrize("known", [None, 40])
def test_another_movement_of_unknown_amount_asks_again(quinn, paula, nodes, known):
    into_store = Link.objects.filter(target=nodes["BAR@STORE1"])
    into_store.update(quantity=known)
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    assert scope.check_drift(recall=recall, at=NOON) is None
    move(nodes, "BAR@DC", "BAR@STORE1", quantity=None)
    version = scope.check_drift(recall=recall, at=NOON)
    line = version.lines.get(location__code="STORE1")
    assert (line.change, line.links_in, line.received) == ("changed", 2, None)


def test_a_line_from_before_movements_were_counted_keeps_its_hash(active):
    version = active.versions.get()
    lines = list(version.lines.all())
    assert b'"links_in"' in canonical_scope(version, lines)
    for line in lines:
        line.links_in = None
    assert b'"links_in"' not in canonical_scope(version, lines)


def test_more_of_the_same_goes_to_who_was_told_as_a_change_and_needs_another_answer(
    active, nodes, paula
):
    one = active.recipients.get(name="Uno")
    line = active.versions.get().lines.get(location__code="STORE1")
    responses.answer(
        recipient=one,
        answers={line.pk: factory.found(quarantined=40)},
        name="",
        phone="",
        remark="",
        at=NOON,
    )
    assert status(active).answered == 1
    move(nodes, "BAR@DC", "BAR@STORE1", quantity=5)
    factory.stock(nodes["BAR@STORE1"], 45)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    assert [n.recipient for n in Notice.objects.filter(version=version)] == [one]
    now = status(active)
    place = next(place for place in now.places if place.code == "STORE1")
    assert (place.state, place.answered, place.amounts[0].no_answer) == ("pending", False, 5)


def test_a_change_that_nobody_can_be_told_of_makes_a_place_unreachable(active, nodes, paula):
    notices.drain(worker="w", now=NOON, limit=50)
    assert status(active).conservation.accepted == 3
    Contact.objects.filter(location__code="STORE1").delete()
    move(nodes, "BAR@DC", "BAR@STORE1", quantity=5)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    now = status(active).conservation
    assert (now.accepted, now.unreachable) == (2, 1)


def add_oats(nodes):
    """Another batch made of the almonds goes to store 1."""
    batches.trace_graph("ALM@PLANT1 -7x5-> OAT@PLANT1 -8x5-> OAT@STORE1")
    links_were_written([nodes["ALM@PLANT1"].pk])


def state_of(recall, code) -> str:
    return next(place.state for place in status(recall).places if place.code == code)


def test_the_mail_of_a_new_line_names_also_what_no_mail_has_brought_yet(active, nodes, paula):
    notices.drain(worker="w", now=NOON, limit=50)
    first = Notice.objects.get(kind="notice", address="one@store.example")
    Notice.objects.filter(pk=first.pk).update(state="failed", accepted_at=None)
    add_oats(nodes)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    second = Notice.objects.get(kind="notice", version=version)
    assert {line.batch_number for line in second.lines.all()} == {"BAR", "OAT"}
    assert "batch BAR" in second.text and "batch OAT" in second.text
    assert scope.check_drift(recall=active, at=NOON) is None


def test_a_notice_that_failed_late_is_not_hidden_by_a_later_one_about_something_else(
    active, nodes, paula
):
    add_oats(nodes)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    first, second = Notice.objects.filter(kind="notice", address="one@store.example")
    assert [line.batch_number for line in second.lines.all()] == ["OAT"], "the first is on its way"
    Notice.objects.filter(pk=second.pk).update(state="accepted", accepted_at=NOON)
    assert state_of(active, "STORE1") == "pending"
    Notice.objects.filter(pk=first.pk).update(state="failed", last_reply="550 No such user")
    assert state_of(active, "STORE1") == "failed"
    place = next(place for place in status(active).places if place.code == "STORE1")
    assert place.last_reply == "550 No such user"
    Notice.objects.filter(pk=first.pk).update(state="accepted", accepted_at=NOON)
    assert state_of(active, "STORE1") == "accepted"


def test_a_second_drift_replaces_the_first_and_releasing_it_tells_both(active, nodes, paula):
    for number in (3, 4):
        batches.location(f"STORE{number}", kind="store")
        factory.contact(f"STORE{number}", f"{number}@store.example")
    move(nodes, "BAR@DC", "BAR@STORE3")
    first = scope.check_drift(recall=active, at=NOON)
    move(nodes, "BAR@DC", "BAR@STORE4")
    second = scope.check_drift(recall=active, at=NOON)
    with pytest.raises(ValidationError, match="Version 3 has replaced version 2"):
        scope.release_version(version=first, by=paula, at=NOON)
    scope.release_version(version=second, by=paula, at=NOON)
    told = Notice.objects.filter(version=second, kind="notice").values_list("address", flat=True)
    assert set(told) == {"3@store.example", "4@store.example"}


def test_what_the_trace_does_not_reach_any_more_stays_in_the_scope(active, nodes):
    nodes["BAR@STORE1"].links_in.update(voided=True)
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    version = scope.check_drift(recall=active, at=NOON)
    assert version.lines.get(location__code="STORE1").change == "same"
    stored = canonical_scope(version, version.lines.all())
    assert hashlib.sha256(stored).hexdigest() == version.sha256


def test_a_site_of_ours_that_was_asked_stays_asked_when_its_contact_is_gone(quinn, paula, nodes):
    Location.objects.filter(code="DC").update(is_own=True)
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    notices.drain(worker="w", now=NOON, limit=50)
    Contact.objects.filter(location__code="DC").update(receives_notices=False)
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@PLANT1", "BAR@STORE3")
    version = scope.check_drift(recall=recall, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    assert version.lines.get(location__code="DC").role == "recipient"
    assert {place.code for place in status(recall).places} == {"DC", "STORE1", "STORE2", "STORE3"}
    assert status(recall).conservation.accepted == 3, "it was told, and owes its answer"
    move(nodes, "BAR@PLANT1", "BAR@DC")
    version = scope.check_drift(recall=recall, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    assert {p.code for p in status(recall).places if p.state == "unreachable"} == {"DC", "STORE3"}


def test_a_place_that_can_be_reached_only_now_is_told(quinn, paula, nodes):
    Contact.objects.filter(location__code="STORE1").delete()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    assert status(recall).conservation.unreachable == 1
    factory.contact("STORE1", "new@store.example")
    version = scope.check_drift(recall=recall, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    assert [n.address for n in Notice.objects.filter(version=version)] == ["new@store.example"]
    assert status(recall).conservation.unreachable == 0


def test_drift_after_completing_stops_the_closing_and_its_release_opens_the_recall_again(
    quinn, paula, active, nodes
):
    for place in ("BAR@DC", "BAR@STORE1", "BAR@STORE2"):
        responses.waive_location(
            recall=active, location=nodes[place].location, reason="Gone.", by=quinn, at=NOON
        )
    recall = recalls.complete_recall(recall=active, by=quinn, at=NOON)
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    version = scope.check_drift(recall=recall, at=NOON)
    with pytest.raises(ValidationError, match="Release it first"):
        recalls.close_recall(
            recall=recall, by=paula, at=NOON, password="paula", meaning="x", statement="x"
        )
    scope.release_version(version=version, by=paula, at=NOON)
    recall.refresh_from_db()
    assert recall.status == "active"


@pytest.mark.slow
def test_completing_is_refused_while_a_version_is_not_released(quinn, active, nodes):
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    scope.check_drift(recall=active, at=NOON)
    with pytest.raises(ValidationError, match="Scope version 2 found new movements"):
        recalls.complete_recall(recall=active, by=quinn, at=NOON)


@pytest.mark.slow
def test_a_waiver_is_for_what_was_asked_until_then(quinn, paula, active, nodes):
    store = nodes["BAR@STORE1"].location
    waive_all(active, quinn)
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    release_drift(active, paula)
    assert [p.code for p in status(active).places if not p.waived] == ["STORE3"]
    with pytest.raises(ValidationError, match="Store 1 was waived already"):
        responses.waive_location(recall=active, location=store, reason="-", by=quinn, at=NOON)
    move(nodes, "BAR@DC", "BAR@STORE1")
    release_drift(active, paula)
    assert [p.code for p in status(active).places if not p.waived] == ["STORE1", "STORE3"]
    with pytest.raises(ValidationError, match="2 places have not answered: Store 1, Store3"):
        recalls.complete_recall(recall=active, by=quinn, at=NOON)
    waive_all(active, quinn)
    recalls.complete_recall(recall=active, by=quinn, at=NOON)
    numbers = active.waivers.filter(location=store).values_list("version__number", flat=True)
    assert list(numbers) == [1, 3]


def release_drift(recall, by):
    version = scope.check_drift(recall=recall, at=NOON)
    return scope.release_version(version=version, by=by, at=NOON)


def test_completing_and_closing_look_again_before_they_end_anything(quinn, paula, active, nodes):
    """Nobody ran the clock: the movement is found by the very act that would hide it."""
    for number in (3, 4):
        batches.location(f"STORE{number}", kind="store")
    waive_all(active, quinn)
    move(nodes, "BAR@DC", "BAR@STORE3")
    with pytest.raises(ValidationError, match="Scope version 2 found new movements"):
        recalls.complete_recall(recall=active, by=quinn, at=NOON)
    scope.release_version(version=active.versions.get(number=2), by=paula, at=NOON)
    waive_all(active, quinn)
    recalls.complete_recall(recall=active, by=quinn, at=NOON)
    move(nodes, "BAR@DC", "BAR@STORE4")
    with pytest.raises(ValidationError, match="Scope version 3 found new movements"):
        close(active, paula)
    active.refresh_from_db()
    assert active.status == "completed"
    scope.release_version(version=active.versions.get(number=3), by=paula, at=NOON)


def test_what_moves_between_the_look_and_the_lock_is_refused_too(quinn, paula, active, nodes):
    batches.location("STORE3", kind="store")
    waive_all(active, quinn)
    recalls.complete_recall(recall=active, by=quinn, at=NOON)
    move(nodes, "BAR@DC", "BAR@STORE3")
    with pytest.raises(ValidationError, match="Goods moved on while we looked"):
        # The part under the lock, as if the movement were committed just after the look.
        closing._close(
            recall=active, by=paula, at=NOON, password="paula", meaning="x", statement="x"
        )


def waive_all(recall, by):
    for place in status(recall).places:
        if not place.waived:
            location = Location.objects.get(pk=place.location_id)
            responses.waive_location(recall=recall, location=location, reason="-", by=by, at=NOON)


def close(recall, by):
    return recalls.close_recall(
        recall=recall, by=by, at=NOON, password="paula", meaning="x", statement="x"
    )
