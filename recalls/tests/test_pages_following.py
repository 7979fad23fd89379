"""The plans of following up, and what the pages of a recall say about it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from batches.models import Location
from recalls import tasks
from recalls.models import Notice, ReminderPlan
from recalls.tests import factory

BACKEND = "django.contrib.auth.backends.ModelBackend"
VALUES = {
    "first_hours": "6",
    "every_hours": "12",
    "reminders": "2",
    "update_days": "7",
    "escalate_hours": "3",
    "to_parent": "on",
    "to_lead": "on",
}


def text_of(response) -> str:
    html = re.sub(r"</?bdi>", "", response.content.decode())
    plain = re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


@pytest.fixture
def paulas(client, paula):
    client.force_login(paula, backend=BACKEND)
    return client


def plan_of(classification="II") -> ReminderPlan:
    return ReminderPlan.objects.get(classification=classification)


def test_an_approver_changes_the_plan_of_a_class(paulas):
    url = reverse("reminder-plan", args=["II"])
    page = paulas.get(url).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    assert 'name="first_hours" value="24"' in page
    said = text_of(paulas.post(url, VALUES | {"seen": seen}, follow=True))
    assert "Reminders, Class II: saved. It counts from now on." in said
    plan = plan_of()
    assert (plan.first_hours, plan.every_hours, plan.reminders) == (6, 12, 2)
    assert (plan.to_parent, plan.to_call_list, plan.to_lead) == (True, False, True)
    refused = paulas.post(url, VALUES | {"first_hours": "7", "seen": seen})
    assert refused.status_code == 422
    assert "Somebody else changed" in text_of(refused) and 'value="7"' in refused.content.decode()
    assert plan_of().first_hours == 6


def test_what_makes_no_sense_is_said_beside_the_field(paulas):
    url = reverse("reminder-plan", args=["II"])
    nothing = {"reminders": "0", "to_parent": "", "to_lead": ""}
    refused = paulas.post(url, VALUES | nothing)
    assert refused.status_code == 422
    assert "This plan would follow up nobody." in text_of(refused)
    assert paulas.post(url, VALUES | {"first_hours": "soon"}).status_code == 422
    assert plan_of().first_hours == 24


def test_the_list_shows_every_class_and_a_viewer_no_button(client, vera):
    client.force_login(vera, backend=BACKEND)
    page = client.get(reverse("reminder-plans"))
    assert page.content.decode().count("after ") >= 4
    assert "Class I " in text_of(page) and ">Change<" not in page.content.decode()


@pytest.fixture
def case(quinn, paula):
    nodes = factory.granola()
    factory.contact("CHAIN", "head@chain.example")
    Location.objects.filter(code="STORE1").update(parent=Location.objects.get(code="CHAIN"))
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    tasks.deliver(now=timezone.now())
    return recall


def test_the_room_says_when_the_next_reminder_goes_and_to_how_many(case, paulas):
    said = text_of(paulas.get(case.get_absolute_url()))
    assert re.search(r"The next reminder goes .*?, to 2 recipients\.", said)
    assert "to be called" not in said


@pytest.mark.slow
def test_a_place_that_was_escalated_is_called_and_its_page_says_what_was_done(case, paulas):
    Notice.objects.update(accepted_at=timezone.now() - timedelta(hours=30))
    for _ in range(8):
        Notice.objects.filter(kind="reminder").update(
            created_at=timezone.now() - timedelta(hours=20)
        )
        tasks.tick(now=timezone.now())
    said = text_of(paulas.get(case.get_absolute_url()))
    # The centre and store 2 have nobody above them: they are called first.
    assert re.search(r"2 are to be called ?: call list", said)
    assert "reminders did not help" in said
    url = reverse("recall-recipient", args=[case.reference, "STORE1"])
    page = text_of(paulas.get(url))
    assert "The place above was told Chain" in page
    assert "it has not read the notice" in page
    assert "Then it is put on the call list" in page
    assert "Escalation, version 1" in page
