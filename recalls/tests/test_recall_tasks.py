"""Tasks of a recall: begun by its kind, added by people, closed by them or by the facts."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from batches.models import Event
from batches.tests.factory import NOON
from recalls import tasks as clock
from recalls.models import Notice, Task
from recalls.operations import tasks
from recalls.operations.calls import log_contacts
from recalls.tests import factory

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=3)


def active(quinn, paula, **fields):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["BAR@PLANT1"], **fields)


@pytest.mark.parametrize(
    ("kind", "depth", "wanted"),
    [
        ("recall", "retail", ["stop_sale", "report", "public", "pickup"]),
        ("recall", "wholesale", ["stop_sale", "report", "pickup"]),
        ("withdrawal", "retail", ["stop_sale", "pickup"]),
        ("stock_recovery", "retail", ["stop_sale"]),
        ("safety_alert", "consumer", ["stop_sale", "report", "public"]),
    ],
)
def test_a_recall_begins_with_the_tasks_of_its_kind(quinn, paula, kind, depth, wanted):
    case = active(quinn, paula, kind=kind, depth=depth)
    assert [task.kind for task in case.tasks.all()] == wanted
    assert {task.assignee for task in case.tasks.all()} == {quinn}
    assert case.tasks.get(kind="stop_sale").due_at == NOON + timedelta(hours=1)


@pytest.fixture
def case(quinn, paula):
    return active(quinn, paula)


def test_a_task_is_added_given_to_somebody_done_and_opened_again(client, case, quinn, otto):
    task = tasks.add_task(recall=case, title=" Call  the lab ", by=quinn, at=NOON)
    assert (task.title, task.assignee, task.kind) == ("Call the lab", None, "own")
    client.force_login(quinn)
    page = client.get(f"/recalls/{case.reference}/tasks/")
    assert page.status_code == 200 and "Call the lab" in page.content.decode()
    tasks.assign_task(task=task, assignee=otto, due_at=LATER, by=quinn, at=NOON)
    tasks.complete_task(task=task, note="Report PX-5530", by=otto, at=NOON)
    task.refresh_from_db()
    assert (task.done_by, task.assignee, task.note) == (otto, otto, "Report PX-5530")
    with pytest.raises(ValidationError, match="done already"):
        tasks.complete_task(task=task, by=otto, at=NOON)
    with pytest.raises(ValidationError, match="Open it again"):
        tasks.assign_task(task=task, assignee=quinn, due_at=None, by=quinn, at=NOON)
    tasks.reopen_task(task=task, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="open already"):
        tasks.reopen_task(task=task, by=quinn, at=NOON)
    said = list(Event.objects.filter(verb__startswith="task").order_by("seq").values_list("verb"))
    assert [verb for (verb,) in said] == [
        "task added", "task assigned", "task done", "task opened again",
    ]  # fmt: skip


def test_a_task_that_makes_no_sense_is_refused(case, quinn, otto):
    with pytest.raises(ValidationError, match="has passed"):
        tasks.add_task(recall=case, title="x", due_at=NOON, by=quinn, at=NOON)
    with pytest.raises(ValidationError):
        tasks.add_task(recall=case, title="  ", by=quinn, at=NOON)
    otto.is_active = False
    with pytest.raises(ValidationError, match="no active account"):
        tasks.add_task(recall=case, title="x", assignee=otto, by=quinn, at=NOON)


def test_the_task_to_call_comes_and_goes_with_the_facts(case, quinn):
    clock.tick(now=NOON)
    assert not case.tasks.filter(kind="call").exists()
    lost = Notice.objects.get(address="one@store.example")
    Notice.objects.filter(pk=lost.pk).update(state="failed")
    clock.tick(now=NOON)
    clock.tick(now=NOON)
    task = Task.objects.get(kind="call")
    assert task.done_at is None and task.created_by is None
    log_contacts(
        recall=case, locations=[lost.lines.get().location], channel="phone", person="Uno",
        reached=True, note="", by=quinn, at=LATER,
    )  # fmt: skip
    clock.tick(now=LATER)
    task.refresh_from_db()
    assert (task.done_at, task.done_by) == (LATER, None)
    assert "Everybody was reached" in task.note
    Notice.objects.filter(address="two@store.example").update(state="failed")
    clock.tick(now=LATER)
    assert case.tasks.open().filter(kind="call").count() == 1
    with pytest.raises(ValidationError, match="open task for these calls"):
        tasks.reopen_task(task=task, by=quinn, at=LATER)
