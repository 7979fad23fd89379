"""Several people and postings at once."""

import threading
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from batches.models import Hold, Holding
from batches.operations.events import record, verify_chain
from batches.operations.listeners import links_were_written
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.models import Recall
from recalls.operations import activation, scope, snapshots
from recalls.scope import newest
from recalls.tests import factory

pytestmark = pytest.mark.django_db(transaction=True)
# SQLite lets one writer in at a time; on PostgreSQL they really meet.
postgres = pytest.mark.postgres


def at_once(*acts):
    """Runs the acts in threads that start together; returns what each returned or raised."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_activate_at_once_one_does(quinn, paula):
    nodes = factory.granola()
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    results = at_once(*[lambda: factory.activate(recall, paula)] * 3)
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert len(refused) == 2, results
    assert recall.versions.count() == recall.signatures.count() == 1
    assert recall.notices.filter(kind="notice").count() == 2
    assert Hold.objects.count() == 2
    assert verify_chain() == []


def test_numbers_given_out_at_once_have_no_gap_and_no_double(quinn):
    at_once(*[lambda: factory.draft(quinn)] * 6)
    wanted = [f"RC-2026-{number:04}" for number in range(1, 7)]
    assert sorted(Recall.objects.values_list("reference", flat=True)) == wanted


def log_until(done, quinn, product):
    def write():
        while not done.is_set():
            with transaction.atomic():
                record(verb="seen", obj=product, by=quinn, at=NOON)

    return write


@postgres
@pytest.mark.parametrize("tries", [6, 1], ids=["tried again", "control: tried once"])
def test_events_written_meanwhile_make_the_activation_look_again(quinn, paula, monkeypatch, tries):
    nodes = factory.granola()
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    monkeypatch.setattr(snapshots, "_TRIES", tries)
    done = threading.Event()

    def activate():
        time.sleep(0.2)
        try:
            return factory.activate(recall, paula)
        finally:
            done.set()

    result, _ = at_once(activate, log_until(done, quinn, nodes["BAR@DC"].batch.product))
    recall.refresh_from_db()
    assert recall.status == ("active" if tries == 6 else "submitted"), result
    assert verify_chain() == []


@postgres
@pytest.mark.parametrize("drift", [True, False], ids=["drift", "control: no drift"])
def test_every_movement_posted_around_the_freeze_is_in_a_version(quinn, paula, monkeypatch, drift):
    nodes = factory.granola()
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    stores = [batches.location(f"NEW{number}", kind="store") for number in range(40)]
    if not drift:
        monkeypatch.setattr(activation, "check_drift", lambda **_: None)

    def post():
        for store in stores:
            with transaction.atomic():
                holding = nodes["BAR@DC"].batch.holdings.create(location=store, quantity=1)
                batches.link(nodes["BAR@DC"], holding, 9, 9, 1)
                links_were_written([nodes["BAR@DC"].pk])

    def activate():
        time.sleep(0.05)
        return factory.activate(recall, paula)

    results = at_once(activate, post)
    assert not [result for result in results if isinstance(result, Exception)], results
    recall.refresh_from_db()
    if drift and recall.drift_due:
        scope.check_drift(recall=recall, at=NOON)
    posted = set(Holding.objects.filter(location__code__startswith="NEW").values_list("pk"))
    frozen = set(newest(recall).lines.values_list("holding"))
    assert len(posted) == 40
    assert bool(posted - frozen) is not drift


@postgres
def test_the_freeze_sees_one_moment(quinn, paula):
    seen = []

    @snapshots.in_one_snapshot
    def look():
        seen.append(Recall.objects.count())
        at_once(lambda: factory.draft(quinn))
        seen.append(Recall.objects.count())

    look()
    assert seen == [0, 0]
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)
