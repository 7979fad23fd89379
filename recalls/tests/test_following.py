"""Reminders and escalation by the clock: who, when, how often, and never twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches.models import Event, Location
from batches.tests.factory import NOON
from recalls import tasks
from recalls.models import Escalation, Notice, Recall, ReminderPlan
from recalls.operations import desk, notices, plans, recalls, responses
from recalls.reports.silence import silences
from recalls.reports.status import status
from recalls.scope import lines_of
from recalls.tests import factory

pytestmark = pytest.mark.django_db
ONE, TWO, HEAD = "one@store.example", "two@store.example", "head@chain.example"


def hours(number):
    """A little later than on the hour: sending takes its time."""
    return NOON + timedelta(hours=number, seconds=30)


@pytest.fixture
def active(quinn, paula):
    """Class I: reminded after 4 hours, three times, then a step every two hours.

    Store 1 belongs to a chain; the centre and store 2 share a mailbox and belong to nobody.
    """
    nodes = factory.granola()
    factory.contact("CHAIN", HEAD, language="de")
    chain = Location.objects.get(code="CHAIN")
    Location.objects.filter(code="STORE1").update(parent=chain)
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    tasks.tick(now=NOON)
    return recall


def tick(*moments):
    for number in moments:
        tasks.tick(now=hours(number))


def sent(kind, address=None):
    found = Notice.objects.filter(kind=kind)
    return found.filter(address=address).count() if address else found.count()


def steps(code):
    return list(Escalation.objects.filter(location__code=code).values_list("because", "step", "at"))


def recipient(recall, address=ONE):
    return recall.recipients.get(address=address)


def answer(recall, address, at):
    person = recipient(recall, address)
    responses.answer(
        recipient=person,
        answers={line.pk: factory.found(quarantined=1) for line in lines_of(person)},
        name="Uno",
        phone="",
        remark="",
        at=at,
    )


@pytest.mark.slow
def test_the_clock_reminds_by_the_plan_and_then_escalates_step_by_step(active):
    tick(3.9)
    assert sent("reminder") == 0
    tick(4, 4.1)
    assert (sent("reminder", ONE), sent("reminder", TWO)) == (1, 1)
    tick(8, 8.1, 12, 12.1, 13.9)
    assert (sent("reminder", ONE), sent("reminder", TWO), sent("escalation")) == (3, 3, 0)
    tick(14, 14.1)
    assert steps("STORE1") == [("unread", "parent", hours(14))]
    assert steps("STORE2") == [("unread", "call", hours(14))]  # nobody stands above it
    tick(16, 18, 18.1, 20, 40, 60)
    assert [step for _, step, _ in steps("STORE1")] == ["parent", "call", "lead"]
    assert [step for _, step, _ in steps("STORE2")] == ["call", "lead"]
    assert (sent("reminder"), sent("escalation", HEAD)) == (6, 1)
    last = Notice.objects.filter(kind="escalation", recipient=None)
    assert [row.address for row in last] == ["quinn@lotline.example"] * 2
    assert "2 places still say nothing" in last.first().subject
    assert not Notice.objects.exclude(state="accepted").exists()


@pytest.mark.slow
def test_control_without_the_steps_that_were_taken_the_clock_would_tell_again(active, monkeypatch):
    """The mutant forgets what was done; only the database still stops it."""
    from django.db import IntegrityError

    from recalls.operations import escalation
    from recalls.reports import silence

    tick(4, 8, 12, 14)
    assert len(steps("STORE1")) == 1
    keep = silence._Facts.silence

    def forgetful(self, place):
        found = keep(self, place)
        if found:
            found.done = {}
        return found

    monkeypatch.setattr(silence._Facts, "silence", forgetful)
    with pytest.raises(IntegrityError):
        escalation.escalate(recall=active, at=hours(15))


@pytest.mark.slow
def test_the_place_above_is_told_of_its_own_silent_places_and_can_answer_for_them(active):
    tick(4, 8, 12, 14)
    letter = Notice.objects.get(kind="escalation")
    assert letter.subject == f"Keine Antwort von Store 1: {active.reference}"
    assert "Diese Standorte gehören zu Ihnen." in letter.text
    assert "Store 2" not in letter.text and "Northgate" not in letter.text
    above = recipient(active, HEAD)
    assert {line.location.code for line in lines_of(above)} == {"STORE1"}
    responses.acknowledge(recipient=above, at=hours(15))
    place = next(p for p in status(active).places if p.code == "STORE1")
    assert place.state == "accepted", "what the place above has read, the place has not"
    answer(active, HEAD, hours(15))
    place = next(p for p in status(active).places if p.code == "STORE1")
    assert place.answered
    tick(16, 18)
    assert len(steps("STORE1")) == 1


@pytest.mark.slow
def test_whoever_acknowledged_is_left_in_peace_until_the_answer_is_due(active, quinn):
    recalls.change_recall(recall=active, by=quinn, at=NOON, deadline=hours(24))
    responses.acknowledge(recipient=recipient(active), at=hours(2))
    tick(4, 8, 12, 14, 16, 18, 20, 27.9)
    assert (sent("reminder", ONE), steps("STORE1")) == (0, [])
    tick(28, 32, 36)
    assert sent("reminder", ONE) == 3
    tick(38, 40, 42)
    assert [row[:2] for row in steps("STORE1")] == [
        ("uncounted", "parent"),
        ("uncounted", "call"),
        ("uncounted", "lead"),
    ]


@pytest.mark.slow
def test_without_a_deadline_an_acknowledgement_ends_the_reminders(active):
    responses.acknowledge(recipient=recipient(active), at=hours(2))
    tick(4, 100, 200)
    assert (sent("reminder", ONE), steps("STORE1")) == (0, [])


@pytest.mark.slow
def test_whoever_answered_or_was_waived_is_not_followed_up(active, quinn):
    answer(active, ONE, hours(1))
    for code in ("STORE2", "DC"):
        place = Location.objects.get(code=code)
        responses.waive_location(
            recall=active, location=place, reason="Gone.", by=quinn, at=hours(1)
        )
    tick(4, 8, 100)
    assert (sent("reminder"), Escalation.objects.count()) == (0, 0)


@pytest.mark.slow
def test_a_withdrawn_link_is_not_reminded_but_its_place_is_looked_after_at_once(active, quinn):
    desk.revoke_link(recipient=recipient(active), reason="Left.", by=quinn, at=hours(1))
    tick(1)
    assert [row[:2] for row in steps("STORE1")] == [
        ("undelivered", "parent"),
        ("undelivered", "call"),
    ]
    tick(4)
    assert (sent("reminder", ONE), sent("reminder", TWO)) == (0, 1)
    letter = Notice.objects.get(kind="escalation", address=HEAD)
    assert "Store 1: keine E-Mail erreicht ihn" in letter.text


@pytest.mark.slow
def test_a_place_without_a_contact_is_told_of_above_after_a_moment_to_mend_it(quinn, paula):
    nodes = factory.granola()
    factory.contact("CHAIN", HEAD)
    store = Location.objects.get(code="STORE1")
    store.contacts.all().delete()
    Location.objects.filter(code="STORE1").update(parent=Location.objects.get(code="CHAIN"))
    factory.active(quinn, paula, nodes["BAR@PLANT1"])
    tick(0)
    assert steps("STORE1") == []
    tick(0.2)
    assert [step for _, step, _ in steps("STORE1")] == ["parent", "call"]
    assert "no mail reaches it" in Notice.objects.get(kind="escalation").text


@pytest.mark.slow
def test_in_a_drill_nobody_above_is_told(active):
    Recall.objects.filter(pk=active.pk).update(is_drill=True)
    tick(4, 8, 12, 14, 16, 18)
    assert sent("reminder", ONE) == 3
    assert sent("escalation", HEAD) == 0
    assert [step for _, step, _ in steps("STORE1")] == ["call", "lead"]
    assert Notice.objects.filter(kind="escalation").first().subject.startswith("DRILL: ")


@pytest.mark.slow
def test_a_reminder_by_hand_counts_and_moves_the_next_one(active, quinn):
    notices.remind(recall=active, by=quinn, at=hours(3))
    tick(4, 6.9)
    assert sent("reminder", ONE) == 1
    tick(7, 11, 13)
    assert sent("reminder", ONE) == 3
    assert steps("STORE1") == [("unread", "parent", hours(13))]


def test_a_completed_recall_reminds_nobody(active):
    Recall.objects.filter(pk=active.pk).update(status="completed")
    assert notices.follow_up(recall=active, at=hours(100)) == 0
    assert sent("reminder") == 0


@pytest.mark.slow
def test_what_falls_due_soon_after_goes_into_one_mail_to_the_same_people(active):
    Location.objects.filter(code="STORE2").update(parent=Location.objects.get(code="CHAIN"))
    tick(4, 8, 12)
    late = Notice.objects.filter(kind="reminder", address=TWO).order_by("-pk").first()
    Notice.objects.filter(pk=late.pk).update(created_at=hours(12.1))
    tick(14, 14.1)
    assert sent("escalation", HEAD) == 1
    tick(14.3)
    assert sent("escalation", HEAD) == 2
    assert {line.location.code for line in lines_of(recipient(active, HEAD))} == {
        "STORE1",
        "STORE2",
    }


@pytest.mark.slow
def test_a_clock_killed_in_between_leaves_all_of_an_act_or_nothing(active, monkeypatch):
    """The kill comes after the rows and before the commit; the next clock writes them once."""
    from recalls.operations import reminders

    def killed(**_):
        raise KeyboardInterrupt

    for at, kind in ((4, "reminder"), (14, "escalation")):
        if kind == "escalation":
            tick(8, 12)
        before = Notice.objects.count()
        with monkeypatch.context() as patch:
            patch.setattr("recalls.operations.reminders.record", killed)
            patch.setattr("recalls.operations.escalation.record", killed)
            with pytest.raises(KeyboardInterrupt):
                reminders.follow_up(recall=active, at=hours(at))
        assert Notice.objects.count() == before
        tick(at, at)
        assert sent(kind) == (2 if kind == "reminder" else 1)


@pytest.mark.slow
def test_each_act_of_the_clock_is_one_event_by_nobody(active):
    tick(4, 8, 12, 14)
    events = Event.objects.filter(verb__in=["reminders written", "silence escalated"])
    said = [(event.verb, event.actor, event.after) for event in events.order_by("seq")]
    assert said[0] == ("reminders written", None, {"count": 2, "places": 3})
    verb, _, after = said[-1]
    assert (verb, after) == ("silence escalated", {"parent": 1, "call": 2, "lead": 0, "mails": 1})


@pytest.mark.slow
def test_reading_who_is_silent_takes_as_many_queries_for_many_places(
    quinn, paula, django_assert_num_queries
):
    from recalls.tests.test_status import stores

    recall = factory.active(quinn, paula, stores(*[f"s{n}@x.example" for n in range(25)]))
    tasks.tick(now=NOON)
    now = status(recall)
    # The plan, the steps that were taken, the places above.
    with django_assert_num_queries(3):
        assert len(silences(recall, now)) == 25


def test_a_plan_is_changed_with_an_event_and_counts_at_once(active, paula):
    plan = ReminderPlan.objects.get(classification="I")
    plan.first_hours, plan.reminders, plan.to_parent = 1, 1, False
    plans.save_plan(plan=plan, by=paula, at=NOON)
    assert Event.objects.order_by("seq").last().before == {
        "first_hours": 4,
        "reminders": 3,
        "to_parent": True,
    }
    tick(1, 3)
    assert sent("reminder", ONE) == 1
    assert steps("STORE1") == [("unread", "call", hours(3))]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"first_hours": 0}, "Enter 1 to 1,440 hours."),
        ({"reminders": 11}, "Enter 0 to 10 reminders."),
        (
            {"reminders": 0, "to_parent": False, "to_call_list": False, "to_lead": False},
            "This plan would follow up nobody.",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(paula, changed, said):
    plan = ReminderPlan.objects.get(classification="II")
    for name, value in changed.items():
        setattr(plan, name, value)
    with pytest.raises(ValidationError, match=said):
        plans.save_plan(plan=plan, by=paula, at=NOON)


def test_there_is_a_plan_for_each_class():
    assert set(ReminderPlan.objects.values_list("classification", flat=True)) == set(
        Recall.Classification.values
    )
