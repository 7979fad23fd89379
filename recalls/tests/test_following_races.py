"""Several clocks at once: each reminder and each step is taken once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from batches.models import Location
from batches.operations.events import verify_chain
from batches.tests.factory import NOON
from recalls import tasks
from recalls.models import Escalation, Notice, Recall
from recalls.operations import escalation, reminders
from recalls.tests import factory
from recalls.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def active(quinn, paula):
    nodes = factory.granola()
    factory.contact("CHAIN", "head@chain.example")
    Location.objects.filter(code="STORE1").update(parent=Location.objects.get(code="CHAIN"))
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    tasks.tick(now=NOON)
    return recall


def clocks(recall, hours):
    at = NOON + timedelta(hours=hours, seconds=30)
    results = at_once(*[lambda: reminders.follow_up(recall=recall, at=at)] * 4)
    tasks.deliver(now=at)
    return results


@pytest.mark.slow
def test_of_four_clocks_at_once_each_thing_is_done_by_one(active):
    for hours in (4, 8, 12, 14, 16, 18):
        results = clocks(active, hours)
        assert not [result for result in results if isinstance(result, Exception)], results
    assert Notice.objects.filter(kind="reminder").count() == 6
    assert Notice.objects.filter(kind="escalation", address="head@chain.example").count() == 1
    assert Escalation.objects.filter(location__code="STORE1").count() == 3
    assert verify_chain() == []


@pytest.mark.postgres
def test_control_clocks_that_do_not_lock_the_recall_meet(active, monkeypatch):
    """Without the lock they collide; the database's own rule keeps the second copy out."""

    class Free:
        objects = type("Rows", (), {"select_for_update": lambda self: Recall.objects})()
        Status = Recall.Status

    monkeypatch.setattr(reminders, "Recall", Free)
    monkeypatch.setattr(escalation, "Recall", Free)
    results = [result for hours in (4, 8, 12, 14) for result in clocks(active, hours)]
    assert any(isinstance(result, IntegrityError) for result in results), results
    assert Notice.objects.filter(kind="reminder").count() == 6


def test_two_transactions_that_write_the_same_step_leave_one(active):
    version = active.versions.get()
    row = {
        "recall": active,
        "version": version,
        "location": Location.objects.get(code="STORE1"),
        "because": "unread",
        "step": "call",
        "at": NOON,
    }
    Escalation.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(**row)
