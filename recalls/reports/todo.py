"""What is to be done in a recall, and who does it. Reads only."""

from datetime import datetime

from django.db.models import F

from recalls.models import Recall, Task
from recalls.reports.customers import customers
from recalls.reports.status import RecallStatus

# So many open actions stand in the list of drills.
SHOWN = 50


def todo(recall: Recall, state: RecallStatus, now: datetime) -> dict:
    """What the pages of a recall show of its tasks; one query, and another for calls."""
    rows = recall.tasks.select_related("assignee", "done_by")
    tasks = list(rows.order_by("done_at", F("due_at").asc(nulls_last=True), "pk"))
    tasks.sort(key=lambda task: task.done_at is None)
    is_over = recall.status in (Recall.Status.CLOSED, Recall.Status.CANCELLED)
    for task in _dressed(tasks, now):
        # What a drill left undone when it ended is late for nobody any more.
        task.is_late &= not is_over or task.kind == Task.Kind.CORRECTIVE
        if task.kind == Task.Kind.CALL and task.done_at is None:
            task.words = f"Call {to_be_called(recall, state):,} undelivered"
    return {"tasks": tasks, "tasks_done": sum(task.done_at is not None for task in tasks)}


def actions(recall: Recall, now: datetime) -> list[Task]:
    """The corrective actions of a drill, open ones first, then by when they are due."""
    rows = recall.tasks.filter(kind=Task.Kind.CORRECTIVE).select_related("assignee", "done_by")
    found = sorted(rows, key=lambda task: (task.done_at is not None, task.due_at, task.pk))
    return _dressed(found, now)


def open_actions(now: datetime) -> list[Task]:
    """The corrective actions of all drills that are not done, the oldest due first."""
    rows = Task.objects.open().filter(kind=Task.Kind.CORRECTIVE)
    found = rows.select_related("recall", "assignee").order_by("due_at", "pk")[:SHOWN]
    return _dressed(list(found), now)


def _dressed(tasks: list[Task], now: datetime) -> list[Task]:
    for task in tasks:
        task.words, task.is_late = task.title, _is_late(task, now)
    return tasks


def _is_late(task: Task, now: datetime) -> bool:
    return task.done_at is None and task.due_at is not None and task.due_at < now


def to_be_called(recall: Recall, now: RecallStatus) -> int:
    """How many no mail reaches, who did not answer, and to whom nobody has spoken: places, and
    customers of theirs."""
    lost = {place.location_id for place in now.places if place.key == "not_delivered"}
    spoken = recall.contacted.filter(reached=True).order_by()
    places = lost - set(spoken.values_list("location", flat=True)) if lost else set()
    theirs = customers(recall) if now.has_customers else []
    return len(places) + sum(one.is_unreached and not one.is_told for one in theirs)
