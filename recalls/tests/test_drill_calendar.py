"""The calendar of drills: who is reminded when, and what a drill that was run moves on."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from batches.models import Finding, Location
from recalls import outbox
from recalls.models import DrillDuty, Notice
from recalls.operations.activation import activate_unsigned
from recalls.operations.drill_calendar import (
    change_duty,
    end_duty,
    months_later,
    owe_drill,
    remind_of_duties,
)
from recalls.operations.drills import finish_drill, plan_drill, start_drill
from recalls.operations.notices import drain
from recalls.operations.recalls import submit_recall
from recalls.tests import factory
from recalls.tests.factory import NOON

pytestmark = pytest.mark.django_db
DUE_ON = NOON.date() + timedelta(days=60)


@pytest.fixture
def nodes():
    nodes = factory.granola()
    bar = nodes["BAR@DC"].batch.product
    bar.category = "Bars"
    bar.save()
    return nodes


@pytest.fixture
def duty(quinn, nodes):
    return owed(quinn, site=Location.objects.get(code="PLANT1"))


def owed(quinn, **more):
    return owe_drill(owner=quinn, by=quinn, at=NOON, **{"due_on": DUE_ON} | more)


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def days(late):
    """So many days after the due day; before it for what is below nought."""
    return NOON + timedelta(days=60 + late)


def mails():
    return Notice.objects.filter(kind="drill_due").order_by("pk")


def run(quinn, batch, at, freeze=True):
    drill = start_drill(drill=plan_drill(lead=quinn, by=quinn, at=at, batch=batch), by=quinn, at=at)
    if freeze:
        recall = submit_recall(recall=drill.recall, by=quinn, at=at)
        activate_unsigned(recall=recall, by=quinn, at=at)
    return finish_drill(drill=drill, by=quinn, at=at)


def test_months_end_where_there_is_no_such_day():
    assert months_later(date(2026, 11, 25), 12) == date(2027, 11, 25)
    assert months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 31), 6) == date(2027, 6, 30)


def test_what_cannot_stand_in_the_calendar_is_refused(quinn, vera, nodes, duty):
    plant = Location.objects.get(code="PLANT1")
    with refused("not both"):
        owed(quinn, site=plant, product_group="Bars")
    with refused("not both"):
        owed(quinn)
    with refused("No product is of the group Nuts"):
        owed(quinn, product_group="Nuts")
    with refused("stands in the calendar already"):
        owed(quinn, site=plant)
    with refused("This day has passed"):
        owed(quinn, product_group="Bars", due_on=NOON.date() - timedelta(days=1))
    vera.email = ""
    vera.save()
    with refused("has no mailbox"):
        owe_drill(owner=vera, due_on=DUE_ON, product_group="Bars", by=quinn, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrillDuty.objects.create(owner=quinn, due_on=DUE_ON, created_at=NOON)


def test_the_clock_reminds_at_each_step_once_and_until_it_was_run(quinn, nodes, duty, settings):
    settings.DRILL_MAIL = ["team@lotline.example"]
    assert remind_of_duties(at=days(-31)) == 0
    for late in (-30, -29, -7, 0, 1, 30):
        remind_of_duties(at=days(late))
        remind_of_duties(at=days(late))
    said = list(mails().filter(address=quinn.email).values_list("subject", flat=True))
    assert [subject.partition(":")[0] for subject in said] == [
        "Due in 30 days", "Due in 7 days", "Due today", "Overdue",
    ]  # fmt: skip
    assert mails().filter(address="team@lotline.example").count() == 4
    assert "was not run yet" in Finding.objects.open().get(kind="drill_due").text
    drain(worker="w", now=days(30), limit=20)
    assert {mail.to for mail in outbox.letters()} == {quinn.email, "team@lotline.example"}


def test_a_clock_that_stood_still_says_only_the_newest(quinn, duty):
    assert remind_of_duties(at=days(3)) == 1
    assert mails().get().subject.startswith("Overdue")


def test_once_a_drill_was_run_nobody_is_reminded_and_the_next_is_owed_in_a_year(quinn, nodes, duty):
    group = owed(quinn, product_group="Bars")
    remind_of_duties(at=days(2))
    assert mails().filter(state="pending").count() == 2
    drill = run(quinn, nodes["ALM@SIERRA"].batch, days(2))
    assert set(mails().values_list("state", flat=True)) == {"withdrawn"}
    assert drain(worker="w", now=days(2), limit=50) and not any(
        "Overdue" in mail.subject for mail in outbox.letters()
    )
    for row in (duty, group):
        row.refresh_from_db()
        assert (row.due_on, row.last_drill) == (months_later(days(2).date(), 12), drill)
    assert not Finding.objects.open().filter(kind="drill_due").exists()
    assert remind_of_duties(at=days(40)) == 0


def test_a_drill_of_something_else_or_that_froze_nothing_moves_nothing_on(quinn, nodes, duty):
    group = owed(quinn, product_group="Bars")
    nodes["BAR@DC"].batch.product.__class__.objects.filter(category="Bars").update(category="Nuts")
    run(quinn, nodes["ALM@SIERRA"].batch, NOON)
    duty.refresh_from_db()
    group.refresh_from_db()
    assert duty.due_on != DUE_ON and group.due_on == DUE_ON
    before = duty.due_on
    run(quinn, nodes["ALM@SIERRA"].batch, days(2), freeze=False)
    duty.refresh_from_db()
    assert duty.due_on == before


def test_another_day_withdraws_the_mail_and_the_old_day_again_owes_it_again(quinn, duty):
    remind_of_duties(at=days(-7))
    given = {"owner": quinn, "every_months": 12, "by": quinn, "at": days(-7)}
    duty = change_duty(duty=duty, due_on=DUE_ON + timedelta(days=90), **given)
    assert mails().get().state == "withdrawn"
    assert remind_of_duties(at=days(-7)) == 0
    change_duty(duty=duty, due_on=DUE_ON, **given)
    assert remind_of_duties(at=days(-7)) == 1
    assert mails().get().state == "pending"


def test_what_is_taken_out_of_the_calendar_reminds_nobody(quinn, duty):
    remind_of_duties(at=days(0))
    with refused("Say why"):
        end_duty(duty=duty, reason=" ", by=quinn, at=days(0))
    end_duty(duty=duty, reason="The site was sold.", by=quinn, at=days(0))
    assert remind_of_duties(at=days(30)) == 0
    assert mails().get().state == "withdrawn"
    assert not Finding.objects.open().filter(kind="drill_due").exists()
    owed(quinn, site=Location.objects.get(code="PLANT1"))


def test_a_batch_is_drawn_among_what_the_calendar_asks_for(quinn, nodes, duty):
    drill = plan_drill(lead=quinn, by=quinn, at=NOON, duty=owed(quinn, product_group="Bars"))
    assert drill.batch.number == "BAR"
    DrillDuty.objects.filter(pk=duty.pk).update(site=Location.objects.get(code="STORE1"))
    duty.refresh_from_db()
    with refused("Nothing of Store 1 was shipped yet"):
        plan_drill(lead=quinn, by=quinn, at=NOON, duty=duty)
