"""The window in which notices can be stopped, and what a stop does to workers under way."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from batches.models import Event
from batches.tests.factory import NOON
from recalls.models import Attempt, Notice, SendStop
from recalls.operations import delivery, notices, scope, window
from recalls.operations import recalls as life
from recalls.operations.messages import send_test
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.sink import MailServer

pytestmark = pytest.mark.django_db
ONE, TWO, QUINN = "one@store.example", "two@store.example", "quinn@lotline.example"


@pytest.fixture
def sink(settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 5
        yield sink


@pytest.fixture(autouse=True)
def _window(settings):
    settings.NOTICE_WINDOW_SECONDS = 30


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def drain(seconds=0, **fields):
    now = NOON + timedelta(seconds=seconds)
    return notices.drain(worker="w1", now=now, limit=50, **fields)


def to(sink):
    return sorted(address for address, _ in sink.accepted)


def test_no_notice_leaves_before_the_window_is_over(sink, active):
    assert drain(29) == 1  # the report to Quinn
    assert to(sink) == [QUINN]
    assert status(active).conservation.pending == 3
    assert drain(30) == 2
    assert to(sink) == [ONE, QUINN, TWO]


def test_who_activates_may_do_without_the_window(sink, nodes, quinn, paula):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    life.activate_recall(
        recall=recall, by=paula, at=NOON, password="paula", meaning="Now.", at_once=True
    )
    assert drain() == 3


def test_a_later_version_has_its_window_too(sink, nodes, active, paula):
    drain(30)
    factory.contact("STORE3", "three@store.example")
    factory.move(nodes, "BAR@DC", "BAR@STORE3")
    version = scope.check_drift(recall=active, at=NOON)
    later = NOON + timedelta(hours=1)
    scope.release_version(version=version, by=paula, at=later)
    assert drain(3600 + 29) == 0
    assert drain(3600 + 30) == 1
    assert "three@store.example" in to(sink)


def test_stopped_in_the_window_nothing_leaves_and_nothing_is_lost(sink, active, quinn):
    window.stop_sending(recall=active, by=quinn, at=NOON)
    asked = {"audience": "store", "language": "en", "place": "STORE1"}
    send_test(recall=active, by=quinn, at=NOON, **asked)
    assert drain(3600) == 2  # the report and the test to herself, which are no notices
    assert to(sink) == [QUINN, QUINN]
    now = status(active)
    assert now.conservation.holds and now.conservation.pending == 3
    assert window.send_now(recall=active, by=quinn, at=NOON + timedelta(hours=2)) == 2
    drain(7200)
    assert to(sink) == [ONE, QUINN, QUINN, TWO]
    assert status(active).conservation.accepted == 3
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert [verb for verb in verbs if verb.startswith("sending")] == [
        "sending stopped",
        "sending released",
    ]


def test_control_a_claim_that_does_not_ask_for_stops_sends_what_was_stopped(
    sink, active, quinn, monkeypatch
):
    monkeypatch.setattr(delivery, "_NOT_STOPPED", "1 = 1")
    window.stop_sending(recall=active, by=quinn, at=NOON)
    drain(3600)
    assert to(sink) != [QUINN]


def test_a_stop_reaches_a_worker_in_the_middle_of_its_claim(sink, active, quinn):
    def stopped(notice):
        if not SendStop.objects.exists():
            window.stop_sending(recall=active, by=quinn, at=NOON)

    # Both notices are claimed; the stop comes while the first one is being sent.
    Notice.objects.filter(kind="report").update(state="accepted", accepted_at=NOON)
    drain(60, on_attempt=stopped)
    assert len(sink.accepted) == 1 == Attempt.objects.count()
    left = Notice.objects.get(state="pending")
    assert (left.lease_token, left.attempts_made) == ("", 0)
    assert status(active).conservation.holds
    window.send_now(recall=active, by=quinn, at=NOON + timedelta(seconds=90))
    assert drain(90) == 1
    assert to(sink) == [ONE, TWO]


def test_send_now_ends_the_window_and_leaves_postponed_mail_its_own_time(sink, active, quinn):
    window.send_now(recall=active, by=quinn, at=NOON)
    sink.replies[ONE] = ["451 Later"]
    drain()
    postponed = Notice.objects.get(address=ONE).not_before
    assert postponed > NOON
    window.send_now(recall=active, by=quinn, at=NOON)
    assert Notice.objects.get(address=ONE).not_before == postponed


def test_what_is_stopped_cannot_be_stopped_again_and_what_left_not_at_all(sink, active, quinn):
    window.stop_sending(recall=active, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="stopped already"):
        window.stop_sending(recall=active, by=quinn, at=NOON)
    window.send_now(recall=active, by=quinn, at=NOON)
    drain()
    for act in (window.stop_sending, window.send_now):
        with pytest.raises(ValidationError, match="every notice has left"):
            act(recall=active, by=quinn, at=NOON)


def test_the_page_counts_down_offers_stop_and_then_send_now(active, client, quinn, vera):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    Notice.objects.filter(kind="notice").update(not_before=NOON + timedelta(days=9000))
    page = client.get(active.get_absolute_url()).content.decode()
    assert "Sending begins in" in page and "2 notices wait." in page
    client.post(reverse("recall-stop-sending", args=[active.reference]))
    page = client.get(active.get_absolute_url()).content.decode()
    assert "Sending is stopped" in page and "by quinn" in page.lower()
    assert reverse("recall-stop-sending", args=[active.reference]) not in page
    client.post(reverse("recall-send-now", args=[active.reference]))
    assert not SendStop.objects.filter(resumed_at=None).exists()
    assert not Notice.objects.filter(not_before__gt=NOON + timedelta(days=8000)).exists()
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(active.get_absolute_url()).content.decode()
    assert "Stop</button>" not in page and "Send now" not in page
