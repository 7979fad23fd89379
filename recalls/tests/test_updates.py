"""A status update that nobody sent: the lead is written to, once for each day it was due."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from batches.models import Event
from batches.tests.factory import NOON
from recalls import tasks
from recalls.models import Notice, ReminderPlan
from recalls.operations import updates
from recalls.operations.plans import save_plan
from recalls.operations.updates import post_update, remind_of_update
from recalls.tests import factory
from recalls.tests.sink import MailServer

pytestmark = pytest.mark.django_db
QUINN = "quinn@lotline.example"


@pytest.fixture
def sink(settings):
    with MailServer() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


@pytest.fixture
def case(quinn, paula):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["BAR@PLANT1"])


def days(count, minutes=0):
    return NOON + timedelta(days=count, minutes=minutes)


def owed(case):
    return case.notices.filter(kind="update_due").order_by("pk")


@pytest.mark.parametrize(
    ("mutant", "mails"), [("", 1), ("a round for each look", 3)], ids=["rows", "control"]
)
def test_the_lead_is_mailed_once_when_the_update_is_overdue(
    case,
    sink,
    monkeypatch,
    mutant,
    mails,
):
    if mutant:
        monkeypatch.setattr(updates, "_round", lambda due: f"{due.now:%d%H%M%S}")
    tasks.tick(now=days(6.9))
    assert not owed(case)
    sink.replies[QUINN] = []
    for minute in (1, 2, 3):
        tasks.tick(now=days(7, minute))
    about = [row.message_id for row in owed(case)]
    assert len(about) == mails == sum(sink.copies(QUINN).count(one) for one in about)
    assert "status update of RC-2026-0001" in sink.headers[QUINN]["Subject"]
    assert "is overdue by" in sink.texts[QUINN] and "/update/" in sink.texts[QUINN]
    assert Event.objects.filter(verb="reminded of an update").count() == mails


def test_a_mail_server_that_is_down_loses_no_reminder(case, sink):
    tasks.tick(now=days(0))
    sink.replies[QUINN] = ["451 Later", "451 Later"]
    remind_of_update(recall=case, at=days(7, 1))
    for minute in (1, 3, 9):
        tasks.deliver(days(7, minute))
    [row] = owed(case)
    assert (row.state, row.attempts_made) == ("accepted", 3)
    assert sink.copies(QUINN).count(row.message_id) == 1


def test_it_goes_on_until_one_is_mailed_and_a_clock_that_stood_still_says_only_the_newest(case):
    assert remind_of_update(recall=case, at=days(22)) == 1
    assert remind_of_update(recall=case, at=days(27)) == 0
    assert remind_of_update(recall=case, at=days(28, 1)) == 1
    said = {"recall": case, "text": "All quiet.", "by": case.lead, "at": days(28, 2)}
    post_update(**said)
    assert [row.state for row in owed(case)] == ["pending", "pending"], "nobody was mailed"
    post_update(**said, by_mail=True)
    assert [row.state for row in owed(case)] == ["withdrawn", "withdrawn"]
    assert remind_of_update(recall=case, at=days(35)) == 0
    assert remind_of_update(recall=case, at=days(36)) == 1


def test_the_plan_of_the_class_says_how_often_and_a_lead_without_address_is_no_silence(case, paula):
    plan = ReminderPlan.objects.get(classification=case.classification)
    plan.update_days = 2
    save_plan(plan=plan, by=paula, at=NOON)
    get_user_model().objects.filter(pk=case.lead_id).update(email="")
    case.refresh_from_db()
    assert remind_of_update(recall=case, at=days(2, 1)) == 1
    assert [row.address for row in Notice.objects.filter(kind="update_due")] == [paula.email]
