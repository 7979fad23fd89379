"""Targets: met, running, late; changed with a reason; missed ones raise an alarm once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches.models import Event, Finding
from batches.tests.factory import NOON
from recalls import tasks as clock
from recalls.models import Notice, Recall, TargetPlan
from recalls.operations import targets as acts
from recalls.operations.calls import log_contacts
from recalls.operations.responses import acknowledge, waive_location
from recalls.reports.status import status
from recalls.reports.targets import targets
from recalls.tests import factory

pytestmark = pytest.mark.django_db


def hours(number):
    return NOON + timedelta(hours=number)


@pytest.fixture
def case(quinn, paula):
    """Opened and activated at noon; the mail server took its notices 52 minutes later."""
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    clock.deliver(now=hours(0))
    Notice.objects.update(accepted_at=NOON + timedelta(minutes=52))
    return recall


def rows(case, at):
    case.refresh_from_db()
    return {row.target: row for row in targets(case, status(case), at)}


def said(case, at):
    return {name: (row.state, row.text) for name, row in rows(case, at).items()}


def test_each_target_says_where_it_stands(case):
    assert said(case, hours(1)) == {
        "scope": ("met", "0 min of 4 h"),
        "notified": ("met", "52 min of 4 h"),
        "records": ("running", "23 h left of 24 h"),
        "answers": ("running", "0 of 3, due 12:00 Sat"),
    }


def test_what_is_late_says_by_how_much_and_stays_late_once_it_is_met(case, quinn):
    late = said(case, hours(26))
    assert late["records"] == ("late", "late by 2 h")
    assert late["answers"] == ("late", "0 of 3, late by 2 h")
    hand_over(case, quinn, hours(26))
    assert said(case, hours(30))["records"] == ("met_late", "met, late by 2 h")


def hand_over(case, by, at, **fields):
    given = {"authority": "Food office", "reference": "FSA-88-20417", "note": ""} | fields
    return acts.hand_over_records(recall=case, by=by, at=at, **{"handed_at": at} | given)


def test_records_are_met_by_the_act_of_handing_over_and_by_nothing_else(case, quinn):
    with pytest.raises(ValidationError, match="lies ahead"):
        hand_over(case, quinn, hours(2), handed_at=hours(3))
    with pytest.raises(ValidationError, match="before the recall"):
        hand_over(case, quinn, hours(2), handed_at=hours(-1))
    with pytest.raises(ValidationError):
        hand_over(case, quinn, hours(2), reference=" ")
    assert said(case, hours(3))["records"][0] == "running"
    hand_over(case, quinn, hours(3))
    hand_over(case, quinn, hours(5), reference="FSA-88-20418")
    assert said(case, hours(6))["records"] == ("met", "3 h of 24 h"), "the first counts"
    assert Event.objects.filter(verb="records handed over").count() == 2


def test_who_was_spoken_to_counts_as_told(case, quinn):
    lost = Notice.objects.get(address="one@store.example")
    Notice.objects.filter(pk=lost.pk).update(state="failed", accepted_at=None)
    assert said(case, hours(1))["notified"] == ("stuck", "1 of 3 not delivered")
    place = lost.lines.get().location
    call = {"channel": "phone", "person": "Uno", "note": ""}
    log_contacts(recall=case, locations=[place], reached=False, by=quinn, at=hours(1), **call)
    assert said(case, hours(1))["notified"][0] == "stuck"
    log_contacts(recall=case, locations=[place], reached=True, by=quinn, at=hours(2), **call)
    assert said(case, hours(3))["notified"] == ("met", "2 h of 4 h")


def test_all_responses_are_in_when_every_place_answered_or_was_waived(case, quinn):
    for code in ("DC", "STORE1", "STORE2"):
        line = case.versions.get().lines.get(location_code=code)
        waive_location(recall=case, location=line.location, reason="Shut.", by=quinn, at=hours(5))
    assert said(case, hours(9))["answers"] == ("met", "5 h of 24 h")


def test_a_reader_changes_nothing_of_when_a_place_was_told(case):
    acknowledge(recipient=case.recipients.first(), at=hours(6))
    assert said(case, hours(7))["notified"] == ("met", "52 min of 4 h")


def test_other_hours_for_one_recall_need_a_reason_and_are_kept(case, quinn):
    change = {"recall": case, "target": "records", "by": quinn, "at": hours(1)}
    for wrong, words in (
        ({"hours": 48, "reason": ""}, "Say why"),
        ({"hours": 0, "reason": "x"}, "1 to 1,440"),
        ({"hours": 24, "reason": "x"}, "already"),
    ):
        with pytest.raises(ValidationError, match=words):
            acts.change_target(**change, **wrong)
    acts.change_target(**change, hours=48, reason="The office agreed by phone.")
    row = rows(case, hours(30))["records"]
    assert (row.state, row.text) == ("running", "18 h left of 48 h")
    assert row.change.reason == "The office agreed by phone."
    assert Event.objects.get(verb="target changed").before == {"target": "records", "hours": 24}


def test_the_hours_of_a_class_count_at_once_also_under_way(case, paula):
    plan = TargetPlan.objects.get(classification="I")
    plan.records_hours = 2
    acts.save_targets(plan=plan, by=paula, at=hours(3))
    assert said(case, hours(3))["records"] == ("late", "late by 1 h")
    plan.records_hours = 0
    with pytest.raises(ValidationError, match="1 to 1,440"):
        acts.save_targets(plan=plan, by=paula, at=hours(3))


def alarms():
    return sorted(Finding.objects.open().values_list("kind", flat=True))


@pytest.mark.slow
def test_a_missed_target_raises_one_alarm_and_closes_it_when_it_is_met(case, quinn):
    clock.tick(now=hours(23))
    assert alarms() == []
    clock.tick(now=hours(25))
    clock.tick(now=hours(26))
    assert alarms() == ["target_answers", "target_records"]
    assert Event.objects.filter(verb="target missed").count() == 2
    hand_over(case, quinn, hours(26))
    clock.tick(now=hours(27))
    assert alarms() == ["target_answers"]


def test_a_closed_recall_says_what_it_did_not_meet_and_alarms_no_more(case, quinn, paula):
    clock.tick(now=hours(25))
    Recall.objects.filter(pk=case.pk).update(status="closed", closed_at=hours(25))
    assert said(case, hours(90))["records"] == ("missed", "late by 1 h")
    acts.check_targets(recall=Recall.objects.get(pk=case.pk), at=hours(91))
    assert alarms() == []


@pytest.mark.parametrize("count", [1, 12])
def test_targets_take_as_many_queries_for_many_places_as_for_one(
    count, quinn, paula, django_assert_num_queries
):
    nodes = factory.granola()
    for number in range(count):
        factory.move(nodes, "BAR@DC", f"BAR@EXTRA{number}")
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    state = status(recall)
    with django_assert_num_queries(4):
        targets(recall, state, hours(1))
