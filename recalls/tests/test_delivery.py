"""Notices against a real SMTP socket: refused, postponed, dropped, claimed twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test import override_settings

from batches.tests.factory import NOON
from recalls.models import Attempt, Notice, Outcome
from recalls.operations import delivery, notices
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


@pytest.fixture
def active(quinn, paula):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def drain(minutes=0, limit=50, **fields):
    return notices.drain(worker="w1", now=NOON + timedelta(minutes=minutes), limit=limit, **fields)


def notice(address=ONE):
    return Notice.objects.get(address=address)


def test_every_notice_is_taken_once_with_its_own_message_id(sink, active):
    assert drain() == 3
    assert sorted(to for to, _ in sink.accepted) == [ONE, QUINN, TWO]
    assert dict(sink.accepted)[ONE] == notice().message_id
    assert notice().state == "accepted"
    assert Outcome.objects.filter(result="accepted").count() == 3
    assert drain() == 0


def test_a_mail_postponed_by_the_server_is_tried_again_later_with_the_same_message_id(sink, active):
    sink.replies[ONE] = ["451 Try later", "452 Full@rcpt"]
    drain()
    assert (notice().state, notice().last_reply) == ("pending", "451 Try later")
    assert notice().not_before >= NOON + timedelta(seconds=10)
    assert drain() == 0
    drain(minutes=1)
    assert notice().last_reply == "452 Full"
    drain(minutes=5)
    assert (notice().state, notice().attempts_made) == ("accepted", 3)
    assert sink.copies(ONE) == [notice().message_id]
    results = Outcome.objects.filter(attempt__notice=notice()).values_list("result", flat=True)
    assert list(results) == ["retry", "retry", "accepted"]


@pytest.mark.parametrize("reply", ["550 No such user@rcpt", "554 Refused"])
def test_a_refused_mail_is_failed_at_once_and_delays_no_other(sink, active, reply):
    from recalls.reports.status import status

    sink.replies[ONE] = [reply]
    drain()
    assert (notice().state, notice().last_reply) == ("failed", reply.removesuffix("@rcpt"))
    assert notice(TWO).state == notice(QUINN).state == "accepted"
    place = next(place for place in status(active).places if place.code == "STORE1")
    assert (place.key, place.word, place.last_reply[:3]) == (
        "not_delivered",
        "Not delivered",
        reply[:3],
    )


def test_an_outcome_keeps_no_address(sink, active):
    sink.replies[ONE] = [f"550 No mailbox {ONE.upper()} here@rcpt"]
    drain()
    assert Outcome.objects.get(result="failed").reply == "550 No mailbox the address here"
    assert ONE.upper() in notice().last_reply


def test_a_copy_of_a_mail_dropped_after_it_was_taken_has_the_same_message_id(sink, active):
    sink.replies[ONE] = ["drop"]
    drain()
    assert notice().state == "pending"
    drain(minutes=1)
    assert notice().state == "accepted"
    assert sink.copies(ONE) == [notice().message_id] * 2
    assert notice().attempts_made == 2


def test_without_a_mail_server_everything_stays_owed(settings, active):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert drain() == 3
    assert set(Notice.objects.values_list("state", flat=True)) == {"pending"}
    assert "refused" in notice().last_reply


def test_a_worker_without_a_key_fails_no_notice(sink, active):
    with override_settings(SECRET_KEY=""):
        drain()
    assert set(Notice.objects.values_list("state", flat=True)) == {"pending", "accepted"}
    drain(minutes=1)
    assert set(Notice.objects.values_list("state", flat=True)) == {"accepted"}


def test_after_48_hours_without_success_somebody_has_to_call(sink, active):
    sink.replies[ONE] = ["451 Try later"] * 2
    drain()
    drain(minutes=60 * 49)
    assert notice().state == "failed"
    assert notice().last_reply == "Given up after 48 hours. 451 Try later"


def test_a_mail_that_cannot_be_built_delays_no_other(sink, active):
    Notice.objects.filter(address=ONE).update(address="one\r\nBcc: all@store.example@x")
    drain()
    broken = Notice.objects.get(state="failed")
    assert "cannot be sent" in broken.last_reply
    assert Notice.objects.filter(state="accepted").count() == 2
    assert all("all@" not in to for to, _ in sink.accepted)


def test_line_breaks_in_names_reach_no_header(sink, quinn, paula):
    nodes = factory.granola()
    product = nodes["BAR@DC"].batch.product
    product.name = "Bar\r\nBcc: all@store.example\u202e"
    product.save()
    factory.active(quinn, paula, nodes["ALM@SIERRA"])
    assert notice().subject == "URGENT product recall: Bar Bcc: all@store.example, batch BAR"
    drain()
    assert notice().state == "accepted"


def test_two_drains_that_overlap_share_the_work(sink, active):
    seen = []

    def meanwhile(notice):
        if not seen:
            seen.append(notice.pk)
            # The second worker comes while the first one is in the middle of its claim.
            assert notices.drain(worker="w2", now=NOON, limit=50) == 1

    assert drain(limit=2, on_attempt=meanwhile) == 2
    assert len(sink.accepted) == 3
    assert Attempt.objects.count() == 3


def test_a_worker_that_lost_its_lease_cannot_say_how_it_ended(sink, active, settings):
    def stall(notice):
        # As long as it takes: the lease runs out, another worker claims and sends.
        Notice.objects.filter(pk=notice.pk).update(lease_until=NOON - timedelta(days=900))
        assert notices.drain(worker="w2", now=NOON, limit=1) == 1
        Notice.objects.filter(pk=notice.pk).update(last_reply="by w2")

    drain(limit=1, on_attempt=stall)
    claimed = Notice.objects.annotate(n=Count("attempts")).get(n=2)
    assert (claimed.state, claimed.last_reply) == ("accepted", "by w2")
    assert Outcome.objects.get(attempt__notice=claimed).attempt.worker == "w2"
    assert len(sink.copies(claimed.address)) == 2 == claimed.attempts_made


def test_leases_are_in_the_time_of_the_database_not_of_the_worker(sink, active):
    Notice.objects.exclude(address=ONE).update(state="accepted", accepted_at=NOON)

    def elsewhere(notice):
        # A worker whose clock is a day ahead sees no lease that ran out.
        assert notices.drain(worker="w2", now=NOON + timedelta(days=1), limit=5) == 0

    assert drain(on_attempt=elsewhere) == 1


def test_an_interrupted_worker_gives_back_what_it_did_not_try(sink, active):
    def interrupted(notice):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drain(on_attempt=interrupted)
    states = Notice.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["pending", "pending", "sending"]


def test_a_lease_shorter_than_three_mail_timeouts_is_refused_at_start(settings):
    settings.EMAIL_TIMEOUT, settings.NOTICE_LEASE_SECONDS = 20, 59
    [error] = delivery.check_lease()
    assert error.id == "lotline.E010"
    settings.NOTICE_LEASE_SECONDS = 60
    assert delivery.check_lease() == []
    settings.EMAIL_TIMEOUT = None
    assert delivery.check_lease()


def test_reminders_go_in_the_thread_to_who_said_nothing(sink, quinn, active):
    from recalls.operations import responses

    drain()
    responses.acknowledge(recipient=active.recipients.get(name="Uno"), at=NOON)
    assert notices.remind(recall=active, by=quinn, at=NOON) == 1
    # Pressed twice: the first reminder is still on its way.
    assert notices.remind(recall=active, by=quinn, at=NOON) == 0
    reminder = Notice.objects.get(kind="reminder")
    assert reminder.address == TWO
    assert reminder.subject == "Reminder 1: URGENT product recall: P-Bar, batch BAR"
    message = delivery.mail.message_for(reminder, delivery._thread_of(reminder)).message()
    first = Notice.objects.get(kind="notice", address=TWO)
    assert message["In-Reply-To"] == message["References"] == first.message_id
    assert message["Message-ID"] != first.message_id

    place = active.versions.get().lines.get(location__code="STORE1").location
    assert notices.remind(recall=active, by=quinn, at=NOON, locations=[place]) == 1
    drain()
    assert notices.remind(recall=active, by=quinn, at=NOON) == 1
    assert Notice.objects.filter(subject__startswith="Reminder 2").count() == 1


def test_a_claim_is_one_statement(active, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        delivery._claim("token", NOON, 10)
    skip = connection.vendor == "postgresql"
    assert ("SKIP LOCKED" in queries.captured_queries[0]["sql"]) == skip
