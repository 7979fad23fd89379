"""Faults while notices are sent: a web process killed, a mail server out of order, a clock that is
wrong, workers and people at once. Each with a control that fails."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from batches.tests.factory import NOON
from recalls import tasks
from recalls.models import Attempt, Notice, Outcome, Recall
from recalls.operations import delivery, notices, scope
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.sink import MailServer
from recalls.tests.test_kills import Site, owe, send_while_killing
from recalls.tests.test_races import at_once
from recalls.tests.test_status import stores

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, QUINN = "one@store.example", "two@store.example", "quinn@lotline.example"


@pytest.fixture
def sink(settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 5
        yield sink


@pytest.fixture
def active(quinn, paula):
    return factory.active(quinn, paula, factory.granola()["ALM@SIERRA"])


# A web process that dies between the commit and what it wanted to do after it.
ACTIVATE = """
import os
import django
django.setup()
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from django.db import transaction
from batches.operations import doorbell
from recalls.operations import scope
from django.contrib.auth.models import User
from recalls.models import Recall
from recalls.tests import factory
doorbell._ring_all = lambda: os._exit(9)
{mutation}
factory.activate(Recall.objects.get(), User.objects.get(username="paula"))
"""
# What is to be sent is put in a queue after the commit, instead of in a row with it.
QUEUED_AFTERWARDS = """
write = scope.write_notices
def later(**fields):
    transaction.on_commit(lambda: os._exit(9))
    transaction.on_commit(lambda: write(**fields))
    return 0
scope.write_notices = later
"""


def activated_and_killed(site: Site, mutation: str = "") -> None:
    code = ACTIVATE.format(mutation=mutation)
    environment = site.environment(port=9)
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=site_settings.BASE_DIR, check=False
    )
    assert ended.returncode == 9, "It was to die after the commit."


@pytest.mark.slow
@pytest.mark.parametrize("mutation", ["", QUEUED_AFTERWARDS], ids=["rows", "control: a queue"])
def test_a_recall_is_open_exactly_when_its_notices_are_owed(quinn, paula, tmp_path, mutation):
    factory.submitted(quinn, factory.granola()["ALM@SIERRA"])
    site = Site(tmp_path)
    activated_and_killed(site, mutation)
    [[state]] = site.rows("SELECT status FROM recalls_recall")
    [[owed]] = site.rows("SELECT count(*) FROM recalls_notice WHERE kind = 'notice'")
    assert (state, owed) == ("active", 0 if mutation else 2)
    if not mutation:
        with MailServer() as sink:
            send_while_killing(site, sink, 2, kills=0)
        assert {address for address, _ in sink.accepted} >= {ONE, TWO}


@pytest.mark.slow
def test_a_mail_server_out_of_order_and_killed_workers_lose_nothing(quinn, paula, tmp_path):
    total, now = 120, timezone.now()
    owe(total, quinn, paula)
    # What is 48 hours old is given up when it is postponed once more.
    Notice.objects.update(created_at=now, not_before=now)
    site = Site(tmp_path)
    with MailServer() as sink:
        for n in range(0, total, 40):
            sink.replies[f"s{n}@store.example"] = ["drop"]
            sink.replies[f"s{n + 1}@store.example"] = ["451 Try later"]
        refused = [f"s{n}@store.example" for n in range(2, total, 60)]
        for address in refused:
            sink.replies[address] = ["550 No such user"] * 9
        send_while_killing(site, sink, total, kills=2)
    owed = dict(site.rows("SELECT address, message_id FROM recalls_notice"))
    copies = Counter(sink.accepted)
    assert set(owed) - {address for address, _ in copies} == set(refused)
    assert all(owed[address] == message_id for address, message_id in copies), "another mail"
    assert copies.total() - (total - len(refused)) <= 3 + 2  # reset connections, kills
    # A worker that is killed between the refusal and its record leaves an attempt without an
    # outcome; a refusal on record is final.
    refusals = site.rows(
        "SELECT n.address FROM recalls_outcome o JOIN recalls_attempt a ON a.id = o.attempt_id "
        "JOIN recalls_notice n ON n.id = a.notice_id WHERE o.result = 'failed'"
    )
    assert sorted(address for (address,) in refusals) == sorted(refused)
    failed = site.rows("SELECT address FROM recalls_notice WHERE state = 'failed'")
    assert sorted(address for (address,) in failed) == sorted(refused)
    assert site.rows("SELECT count(*) FROM recalls_notice WHERE state = 'sending'") == [(0,)]


def test_control_with_a_message_id_for_each_try_copies_are_not_known_as_such(
    sink, active, monkeypatch
):
    import uuid

    build = delivery.mail.message_for

    def another(row, *rest):
        row.message_id = f"<{uuid.uuid4().hex}@lotline.example>"
        return build(row, *rest)

    monkeypatch.setattr(delivery.mail, "message_for", another)
    sink.replies[ONE] = ["drop"]
    for minutes in (0, 1):
        tasks.deliver(now=NOON + timedelta(minutes=minutes))
    assert len(set(sink.copies(ONE))) == 2


def stalled(address: str) -> list[str]:
    """One worker stalls after its attempt was begun, for longer than its lease; another takes
    the notice and is in the middle of it when the first one goes on. Returns who had a say."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(notice):
        begun.set()
        go_on.wait(20)

    def second():
        try:
            notices.drain(worker="w2", now=NOON, limit=1, on_attempt=wait)
        finally:
            connections.close_all()

    other = threading.Thread(target=second)

    def stall(notice):
        Notice.objects.filter(pk=notice.pk).update(lease_until=NOON - timedelta(days=900))
        other.start()
        begun.wait(20)

    Notice.objects.exclude(address=address).update(state="accepted", accepted_at=NOON)
    notices.drain(worker="w1", now=NOON, limit=1, on_attempt=stall)
    go_on.set()
    other.join()
    return list(Outcome.objects.order_by("pk").values_list("attempt__worker", flat=True))


def test_a_worker_that_wakes_too_late_has_no_say_and_both_attempts_are_on_record(sink, active):
    assert stalled(ONE) == ["w2"]
    notice = Notice.objects.get(address=ONE)
    assert (notice.state, notice.attempts_made) == ("accepted", 2)
    assert sorted(notice.attempts.values_list("worker", flat=True)) == ["w1", "w2"]
    assert sink.copies(ONE) == [notice.message_id] * 2


def test_control_when_all_workers_have_one_token_the_late_one_has_its_say(
    sink, active, monkeypatch
):
    monkeypatch.setattr(delivery.uuid, "uuid4", lambda: "one-for-all")
    assert "w1" in stalled(ONE)


def poisoned(quinn, paula, sink, settings) -> None:
    """Forty notices, one of which cannot be built, and one whose mail server does not answer."""
    settings.EMAIL_TIMEOUT = 1
    factory.active(quinn, paula, stores(*[f"s{n}@x.example" for n in range(40)]))
    Notice.objects.filter(address="s3@x.example").update(address="s3\r\nBcc: all@x.example@x")
    sink.slow["s7@x.example"] = 3


@pytest.mark.slow
def test_one_bad_row_and_one_silent_mail_server_delay_no_other(quinn, paula, sink, settings):
    poisoned(quinn, paula, sink, settings)
    tasks.deliver(now=NOON)
    told = {address for address, _ in sink.accepted}
    assert told >= {f"s{n}@x.example" for n in range(40) if n not in (3, 7)}
    states = Counter(Notice.objects.filter(kind="notice").values_list("state", flat=True))
    assert states == {"accepted": 38, "failed": 1, "pending": 1}


def test_control_without_a_guard_for_each_row_the_rest_waits(
    quinn, paula, sink, settings, monkeypatch
):
    def unguarded(error):
        raise error

    poisoned(quinn, paula, sink, settings)
    monkeypatch.setattr(delivery, "judge", unguarded)
    with pytest.raises((ValueError, OSError)):
        tasks.deliver(now=NOON)
    assert len(sink.accepted) < 38


def grown(active, paula):
    """A second version is released while the first one is still being sent."""
    notices.drain(worker="w", now=NOON, limit=1)
    batch = active.versions.get().lines.get(location__code="DC").batch
    source = batch.holdings.get(location__code="DC")
    factory.contact("STORE9", "nine@store.example")
    factory.move({"DC": source}, "DC", "BAR@STORE9")
    version = scope.check_drift(recall=active, at=NOON)
    return scope.release_version(version=version, by=paula, at=NOON).version


def untold(active) -> set[str]:
    """Places of which a line is named by no notice that a mail server took."""
    return {place.code for place in status(active).places if place.state != "accepted"}


def test_a_version_released_while_the_one_before_is_being_sent_drops_nobody(sink, active, paula):
    version = grown(active, paula)
    tasks.deliver(now=NOON)
    assert untold(active) == set()
    assert set(version.notices.filter(kind="notice").values_list("address", flat=True)) == {
        "nine@store.example"
    }
    assert Counter(address for address, _ in sink.accepted if address != QUINN) == {
        ONE: 1, TWO: 1, "nine@store.example": 1,
    }  # fmt: skip


def test_control_when_the_older_notices_are_dropped_places_are_not_told(sink, active, paula):
    version = grown(active, paula)
    Notice.objects.filter(state="pending", kind="notice").exclude(version=version).update(
        state="failed", last_reply="Superseded."
    )
    tasks.deliver(now=NOON)
    assert untold(active)


def test_of_many_who_press_approve_at_once_one_does_and_nobody_gets_an_error(quinn, paula, sink):
    case = factory.submitted(quinn, factory.granola()["ALM@SIERRA"])
    url = reverse("recall-approve", args=[case.reference])

    def press():
        client = Client(raise_request_exception=False)
        client.force_login(paula, backend="django.contrib.auth.backends.ModelBackend")
        return client.post(url, {"password": "paula", "meaning": factory.MEANING}).status_code

    answers = Counter(at_once(*[press] * 8))
    assert set(answers) <= {302, 422}, answers
    assert Recall.objects.get().status == "active"
    assert case.versions.count() == case.signatures.count() == 1
    at_once(*[lambda: tasks.deliver(now=timezone.now())] * 6)
    copies = Counter(sink.accepted)
    assert set(copies.values()) == {1} and len(copies) == Notice.objects.count()


def test_the_database_keeps_a_second_notice_of_a_version_away_from_an_address(active):
    row = Notice.objects.get(address=ONE)
    row.pk, row.message_id = None, "<another@lotline.example>"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_worker_whose_clock_is_wrong_sends_nothing_twice_and_loses_nothing(sink, active, hours):
    def elsewhere(notice):
        notices.drain(worker="wrong", now=NOON + timedelta(hours=hours), limit=9)

    tasks_left = notices.drain(worker="w1", now=NOON, limit=1, on_attempt=elsewhere)
    assert tasks_left == 1
    tasks.deliver(now=NOON)
    assert Counter(address for address, _ in sink.accepted) == {ONE: 1, TWO: 1, QUINN: 1}
    assert Attempt.objects.count() == 3


def test_control_with_leases_in_the_time_of_the_worker_a_wrong_clock_sends_twice(
    sink, active, monkeypatch
):
    monkeypatch.setitem(delivery._NOW, connection.vendor, "'2999-01-01 00:00:00'")

    def elsewhere(notice):
        notices.drain(worker="wrong", now=NOON, limit=9)

    notices.drain(worker="w1", now=NOON, limit=1, on_attempt=elsewhere)
    assert max(Counter(address for address, _ in sink.accepted).values()) == 2
