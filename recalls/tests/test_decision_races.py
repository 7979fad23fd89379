"""Two decisions about one recall at the same moment: one of them counts, and it is a legal one."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from batches.models import Link, Shipment, ShipmentLine
from batches.operations.events import verify_chain
from batches.operations.listeners import links_were_written
from batches.tests import factory as batches
from recalls.models import Narrowing, Recall, Signature
from recalls.operations import activation, narrowing, recalls, responses, scope
from recalls.operations.states import locked
from recalls.reports.status import status
from recalls.scope import newest
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
postgres = pytest.mark.postgres


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def rounds(db):
    """SQLite lets one writer in at a time, so a few rounds say as much there."""
    return range(20 if connection.vendor == "postgresql" else 5)


@pytest.fixture
def pia():
    return batches.user("pia", "Approver")


def winners(results) -> list:
    """What was done; whatever was not done was refused, never broken off."""
    wrong = [r for r in results if isinstance(r, Exception) and not isinstance(r, ValidationError)]
    assert wrong == []
    return [r for r in results if not isinstance(r, ValidationError)]


def is_legal(recall) -> bool:
    """A draft has no version; an active recall has one, and two people who stand for it."""
    recall.refresh_from_db()
    if recall.status == "draft":
        return not recall.versions.exists() and recall.activated_by_id is None
    return recall.versions.count() == 1 and recall.activated_by_id != recall.submitted_by_id


@pytest.mark.slow
def test_approve_against_approve(quinn, paula, pia, nodes, rounds):
    for _ in rounds:
        recall = factory.submitted(quinn, nodes["BAR@STORE1"])
        acts = [lambda r=recall: factory.activate(r, paula)]
        acts += [lambda r=recall: factory.activate(r, pia, password="pia")]
        assert len(winners(at_once(*acts))) == 1
        assert is_legal(recall) and recall.signatures.count() == 1
    assert verify_chain() == []


def reject(recall, by):
    return recalls.reject_recall(recall=recall, reason="No.", by=by, at=NOON)


def test_approve_against_reject(quinn, paula, pia, nodes, rounds):
    for _ in rounds:
        recall = factory.submitted(quinn, nodes["BAR@STORE1"])
        acts = [lambda r=recall: factory.activate(r, paula), lambda r=recall: reject(r, pia)]
        assert len(winners(at_once(*acts))) == 1
        assert is_legal(recall)


def cancel(recall, by):
    return recalls.cancel_recall(recall=recall, reason="False alarm.", by=by, at=NOON)


@pytest.mark.slow
def test_approve_against_cancel(quinn, paula, nodes, rounds):
    for _ in rounds:
        recall = factory.submitted(quinn, nodes["BAR@STORE1"])
        acts = [lambda r=recall: factory.activate(r, paula), lambda r=recall: cancel(r, quinn)]
        assert len(winners(at_once(*acts))) == 1
        recall.refresh_from_db()
        assert (recall.status == "cancelled") is not recall.versions.exists()


def without_the_lock(monkeypatch, recall, paula, other):
    """`other` has read “submitted” before Paula activates, and writes when she has."""
    read, activated = threading.Event(), threading.Event()

    def unlocked(recall, *allowed, to):
        found = Recall.objects.get(pk=recall.pk)
        assert found.status in allowed
        read.set()
        activated.wait(10)
        return found

    def activate():
        read.wait(10)
        try:
            return factory.activate(recall, paula)
        finally:
            activated.set()

    monkeypatch.setattr(recalls, "locked", unlocked)
    return at_once(activate, other)


@postgres
def test_control_without_the_row_lock_a_recall_is_both(quinn, paula, nodes, monkeypatch):
    recall = factory.submitted(quinn, nodes["BAR@STORE1"])
    results = without_the_lock(monkeypatch, recall, paula, lambda: cancel(recall, quinn))
    assert len(winners(results)) == 2
    recall.refresh_from_db()
    assert recall.status == "cancelled" and recall.versions.exists()


@postgres
def test_without_the_row_lock_the_database_still_refuses_a_draft_that_was_activated(
    quinn, paula, pia, nodes, monkeypatch
):
    recall = factory.submitted(quinn, nodes["BAR@STORE1"])
    _, rejected = without_the_lock(monkeypatch, recall, paula, lambda: reject(recall, pia))
    assert "recall_activated_by_a_second_person" in str(rejected)
    assert is_legal(recall)


@pytest.mark.slow
def test_alone_against_approve(quinn, paula, nodes, rounds):
    for _ in rounds:
        recall = factory.submitted(quinn, nodes["BAR@STORE1"])
        sign = {"at": NOON, "password": "quinn", "meaning": "Alone.", "reason": "Night."}
        acts = [lambda r=recall, s=sign: recalls.break_glass(recall=r, by=quinn, **s)]
        acts += [lambda r=recall: factory.activate(r, paula)]
        assert len(winners(at_once(*acts))) == 1
        recall.refresh_from_db()
        assert recall.versions.count() == recall.signatures.count() == 1
        assert recall.is_break_glass is (recall.activated_by_id == quinn.pk)


@pytest.mark.slow
def test_countersign_against_countersign(quinn, paula, pia, nodes, rounds):
    for _ in rounds:
        recall = factory.draft(quinn, nodes["BAR@STORE1"])
        recalls.break_glass(
            recall=recall, by=quinn, at=NOON, password="quinn", meaning="Alone.", reason="Night."
        )
        acts = [
            lambda r=recall, p=person, w=word: recalls.countersign(
                recall=r, by=p, at=NOON, password=w, meaning="Yes."
            )
            for person, word in ((paula, "paula"), (pia, "pia"))
        ]
        assert len(winners(at_once(*acts))) == 1
        assert Signature.objects.filter(recall=recall).count() == 2


def propose(recall, by, holding):
    return narrowing.propose_narrowing(
        recall=recall, holdings=[holding.pk], reason="Older.", by=by, at=NOON
    )


def approve(proposal, by, password):
    return narrowing.approve_narrowing(
        narrowing=proposal, by=by, at=NOON, password=password, meaning="Checked."
    )


@pytest.mark.slow
def test_narrow_against_narrow_and_against_reject(quinn, paula, pia, nodes, rounds):
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    other = propose(recall, quinn, nodes["BAR@STORE1"])
    narrowing.reject_narrowing(narrowing=other, reason="No.", by=paula, at=NOON)
    for number in rounds:
        before = recall.versions.count()
        proposal = propose(recall, quinn, nodes["BAR@STORE1"])
        second = (
            (lambda p=proposal: approve(p, pia, "pia"))
            if number % 2
            else (lambda p=proposal: narrowing.reject_narrowing(
                narrowing=p, reason="No.", by=pia, at=NOON
            ))
        )  # fmt: skip
        assert len(winners(at_once(lambda p=proposal: approve(p, paula, "paula"), second))) == 1
        proposal.refresh_from_db()
        made = recall.versions.count() - before
        assert made == (proposal.state == "approved")
        exclusion = recall.exclusions.standing().first()
        assert (exclusion is not None) is (proposal.state == "approved")
        if exclusion:
            scope.readmit_holding(exclusion=exclusion, reason="Next.", by=quinn, at=NOON)
            version = scope.check_drift(recall=recall, at=NOON)
            scope.release_version(version=version, by=quinn, at=NOON)
    assert verify_chain() == []


def test_propose_against_propose(quinn, paula, nodes, rounds):
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    for _ in rounds:
        places = (nodes["BAR@STORE1"], nodes["BAR@STORE2"])
        acts = [lambda p=place: propose(recall, quinn, p) for place in places]
        assert len(winners(at_once(*acts))) == 1
        [one] = recall.narrowings.filter(state=Narrowing.State.OPEN)
        narrowing.reject_narrowing(narrowing=one, reason="Next.", by=quinn, at=NOON)


@pytest.mark.slow
def test_close_against_a_new_version(quinn, paula, nodes, rounds):
    """It is closed and nothing more is in its scope, or it is not closed and the alarm stands."""
    for number in rounds:
        store = batches.location(f"NEW{number}", kind="store")
        recall = completed(quinn, paula, nodes)

        def post(place=store, recall=recall):
            with transaction.atomic():
                source = nodes["BAR@STORE1"]
                holding = source.batch.holdings.create(location=place, quantity=1)
                batches.link(source, holding, 9, 9, 1)
                links_were_written([source.pk])
            return scope.check_drift(recall=recall, at=NOON)

        def close(recall=recall):
            return recalls.close_recall(
                recall=recall, by=paula, at=NOON, password="paula", meaning="x", statement="x"
            )

        winners(at_once(close, post))
        recall.refresh_from_db()
        is_closed = recall.status == "closed"
        assert newest(recall).is_released is is_closed, recall.status


def completed(quinn, paula, nodes):
    recall = factory.active(quinn, paula, nodes["BAR@STORE1"])
    for place in status(recall).places:
        where = batches.location(place.code)
        responses.waive_location(recall=recall, location=where, reason="-", by=quinn, at=NOON)
    return recalls.complete_recall(recall=recall, by=quinn, at=NOON)


def moved(source, target, reference):
    shipment = Shipment.objects.create(
        reference=reference, origin=source.location, destination=target.location, status="received"
    )
    line = ShipmentLine.objects.create(shipment=shipment, batch=source.batch, quantity=1)
    Link.objects.create(source=source, target=target, quantity=1, shipment_line=line)


@postgres
@pytest.mark.parametrize("drift", [True, False], ids=["drift", "control: no drift"])
def test_four_writers_around_the_freeze_and_nothing_is_missed(
    quinn, paula, nodes, monkeypatch, drift
):
    """Reliability S3, scaled down: goods leave affected places while the scope is frozen."""
    sources = [nodes[name] for name in ("ALM@PLANT1", "BAR@PLANT1", "BAR@DC", "BAR@STORE1")]
    for number in range(300):
        store = batches.location(f"OLD{number}", kind="store")
        batches.link(
            sources[2], sources[2].batch.holdings.create(location=store, quantity=1), 4, 4, 1
        )
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    if not drift:
        monkeypatch.setattr(activation, "check_drift", lambda **_: None)
    frozen, written = threading.Event(), [[] for _ in sources]

    def write(number, source):
        after = 0
        while after < 5:
            after += frozen.is_set()
            with transaction.atomic():
                code = f"NEW{number}-{len(written[number])}"
                place = batches.location(code, kind="store")
                holding = source.batch.holdings.create(location=place, quantity=1)
                moved(source, holding, code)
                links_were_written([source.pk])
            written[number].append(holding.pk)

    def activate():
        try:
            return factory.activate(recall, paula)
        finally:
            frozen.set()

    writers = [lambda n=number, s=source: write(n, s) for number, source in enumerate(sources)]
    assert len(winners(at_once(activate, *writers))) == 5
    recall.refresh_from_db()
    if drift and recall.drift_due:
        scope.check_drift(recall=recall, at=NOON)
    posted = {pk for own in written for pk in own}
    missed = posted - set(newest(recall).lines.values_list("holding_id", flat=True))
    assert len(posted) >= 20
    assert bool(missed) is not drift
    if drift and newest(recall).number > 1:
        version = newest(recall)
        assert version.cause == "drift" and not version.is_released


def test_locked_is_what_every_decision_takes(quinn, nodes):
    """The lock that the control takes away is the one of all acts above."""
    for module in (recalls, activation, narrowing, scope):
        assert module.locked is locked
