"""The clock: drift, reports and notices from rows alone, and safe to run twice."""

from datetime import timedelta

import pytest

from batches.models import Location
from batches.operations import doorbell
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls import tasks
from recalls.models import Notice
from recalls.operations import recalls, responses
from recalls.tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def rounds(recall):
    reports = recall.notices.filter(kind="report").order_by("pk")
    return list(reports.values_list("round", flat=True))


def test_a_tick_sends_what_is_owed(active):
    tasks.tick(now=NOON)
    assert not Notice.objects.exclude(state="accepted").exists()


@pytest.mark.slow
def test_one_report_is_written_per_day_while_active_however_often_the_clock_ticks(active):
    tasks.tick(now=NOON + timedelta(hours=3))
    assert rounds(active) == ["activation"]
    tasks.tick(now=NOON + timedelta(hours=18))  # six in the morning
    assert rounds(active) == ["activation"]
    for hours in (19, 20, 30, 43):
        tasks.tick(now=NOON + timedelta(hours=hours))
    assert rounds(active) == ["activation", "2026-11-21", "2026-11-22"]


def test_a_completed_recall_has_its_last_report_and_no_daily_ones(quinn, active, nodes):
    for place in Location.objects.filter(code__in=["DC", "STORE1", "STORE2"]):
        responses.waive_location(recall=active, location=place, reason="Gone.", by=quinn, at=NOON)
    recalls.complete_recall(recall=active, by=quinn, at=NOON)
    for hours in (0, 30):
        tasks.tick(now=NOON + timedelta(hours=hours))
    assert rounds(active) == ["activation", "completion"]


def test_the_clock_writes_a_report_that_the_activation_could_not(active):
    from batches import triggers

    triggers.remove()
    active.notices.filter(kind="report").delete()
    triggers.install()
    tasks.tick(now=NOON)
    assert rounds(active) == ["activation"]


def test_the_clock_finds_a_movement_that_nobody_announced(active, nodes):
    store = batches.location("STORE3", kind="store")
    holding = nodes["BAR@DC"].batch.holdings.create(location=store, quantity=1)
    batches.link(nodes["BAR@DC"], holding, 9, 9, 1)
    tasks.tick(now=NOON)
    assert active.versions.last().lines.get(holding=holding).change == "new"
    active.refresh_from_db()
    assert (active.drift_due, active.resolved_at) == (False, NOON)


def test_a_recall_that_cannot_be_looked_at_keeps_no_other_waiting(active, quinn, paula, nodes):
    other = factory.active(quinn, paula, nodes["BAR@DC"])
    # A rule that no reader knows, as an older program would find it.
    active.rules.update(kind="unheard-of")
    store = batches.location("STORE3", kind="store")
    holding = nodes["BAR@DC"].batch.holdings.create(location=store, quantity=1)
    batches.link(nodes["BAR@DC"], holding, 9, 9, 1)
    tasks.tick(now=NOON)
    assert (active.versions.count(), other.versions.count()) == (1, 2)


def test_activating_rings_after_the_commit_and_a_broken_bell_breaks_nothing(
    quinn, paula, nodes, django_capture_on_commit_callbacks, monkeypatch
):
    rung = []

    def broken():
        rung.append(Notice.objects.count())
        raise ConnectionError("The broker is away.")

    monkeypatch.setattr(doorbell, "_bells", [broken])
    with django_capture_on_commit_callbacks(execute=True):
        recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    assert recall.status == "active"
    assert rung and rung[0] == 3
