"""Tasks of a recall: written by its kind at activation, added by people, closed by the facts."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import Recall, ScopeLine, ScopeVersion, Task
from recalls.operations.states import locked
from recalls.reports.status import status
from recalls.reports.todo import to_be_called

Kind, _R = Task.Kind, Recall.Kind
_UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)


@dataclass(frozen=True)
class Template:
    """A task that every recall of some kinds begins with; hours from its activation."""

    kind: str
    title: str
    hours: int
    kinds: tuple[str, ...]
    depths: tuple[str, ...] = tuple(Recall.Depth)


ANY = tuple(_R)
TEMPLATES = (
    Template(Kind.STOP_SALE, "Stop sale at our sites", 1, ANY),
    Template(Kind.REPORT, "File initial report", 24, (_R.RECALL, _R.SAFETY_ALERT)),
    Template(
        Kind.PUBLIC,
        "Draft public notice",
        6,
        (_R.RECALL, _R.SAFETY_ALERT),
        (Recall.Depth.CONSUMER, Recall.Depth.RETAIL),
    ),
    Template(Kind.PICKUP, "Arrange pick-ups", 8, (_R.RECALL, _R.WITHDRAWAL)),
)
CALL_WITHIN = timedelta(hours=2)
CHECK_WITHIN = timedelta(hours=24)


def write_tasks(*, version: ScopeVersion, at) -> list[Task]:
    """The tasks that a recall of this kind begins with; part of its activation.

    Its lead gets them. Nothing is picked up where nobody is told, nothing stopped where
    nothing is ours.
    """
    recall = version.recall
    if recall.tasks.exists():
        return []
    lines = version.lines.order_by().values_list("role", flat=True)
    roles = set(lines.distinct())
    wanted = [one for one in TEMPLATES if _fits(one, recall, roles)]
    return Task.objects.bulk_create(
        Task(
            recall=recall,
            kind=one.kind,
            title=one.title,
            assignee=recall.lead,
            due_at=at + timedelta(hours=one.hours),
            created_at=at,
        )
        for one in wanted
    )


def _fits(template: Template, recall: Recall, roles: set[str]) -> bool:
    needs = {
        Kind.STOP_SALE: ScopeLine.Role.OWN_SITE,
        Kind.PICKUP: ScopeLine.Role.RECIPIENT,
    }.get(template.kind)
    fits = recall.kind in template.kinds and recall.depth in template.depths
    return fits and (needs is None or needs in roles)


@transaction.atomic
def add_task(*, recall, title, by, at, assignee=None, due_at=None) -> Task:
    """Adds a task. Refuses an empty title, a due moment that has passed, a closed recall."""
    recall = locked(recall, *_UNDER_WAY, to="given tasks")
    if due_at and due_at <= at:
        raise ValidationError({"due_at": "This time has passed. Choose one that lies ahead."})
    return _added(recall, title, assignee, due_at, by, at)


@transaction.atomic
def add_action(*, recall, title, assignee, due_at, by, at) -> Task:
    """Adds what is put right after a drill, by whom and until when; also once that is over.

    Refuses an empty title, a due moment that has passed, and one without either.
    """
    recall = locked(recall, *Recall.Status, to="given actions")
    if not recall.is_drill:
        raise ValidationError("Corrective actions belong to drills. Add a task instead.")
    if due_at is None or due_at <= at:
        raise ValidationError({"due_at": "Say by when, and choose a time that lies ahead."})
    if assignee is None:
        raise ValidationError({"assignee": "Say who sees to it."})
    return _added(recall, title, assignee, due_at, by, at, kind=Kind.CORRECTIVE)


def _added(recall: Recall, title: str, assignee, due_at, by, at, **kind) -> Task:
    _refuse_inactive(assignee)
    task = Task.objects.create(
        recall=recall,
        title=_title(title),
        assignee=assignee,
        due_at=due_at,
        created_by=by,
        created_at=at,
        **kind,
    )
    after = {"task": task.pk, "title": task.title, "assignee": task.assignee_id}
    record(verb="task added", obj=recall, by=by, at=at, after=after)
    return task


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not 1 <= len(title) <= 200:
        raise ValidationError({"title": "Say in 1 to 200 characters what is to be done."})
    return title


def _refuse_inactive(person) -> None:
    if person and not person.is_active:
        raise ValidationError({"assignee": f"{person} has no active account. Choose another."})


@transaction.atomic
def assign_task(*, task, assignee, due_at, by, at) -> Task:
    """Gives an open task to somebody, or to nobody, and says until when."""
    recall, task = _locked(task)
    if task.done_at:
        raise ValidationError("This task is done. Open it again first.")
    if task.kind == Kind.CORRECTIVE and (assignee is None or due_at is None):
        raise ValidationError("A corrective action has somebody who sees to it, and a day.")
    _refuse_inactive(assignee)
    before = {"task": task.pk, "assignee": task.assignee_id, "due_at": task.due_at}
    task.assignee, task.due_at = assignee, due_at
    task.save(update_fields=["assignee", "due_at"])
    after = {"assignee": task.assignee_id, "due_at": due_at, "title": task.title}
    record(verb="task assigned", obj=recall, by=by, at=at, before=before, after=after)
    return task


@transaction.atomic
def complete_task(*, task, by, at, note="") -> Task:
    """Notes that a task is done, by whom and when. Refuses one that is done."""
    recall, task = _locked(task)
    if task.done_at:
        raise ValidationError("This task is done already.")
    _close(recall, task, by, at, " ".join(note.split())[:200])
    return task


def _close(recall: Recall, task: Task, by, at, note: str) -> None:
    task.done_by, task.done_at, task.note = by, at, note
    task.save(update_fields=["done_by", "done_at", "note"])
    after = {"task": task.pk, "title": task.title}
    record(verb="task done", obj=recall, by=by, at=at, after=after, reason=note)


@transaction.atomic
def reopen_task(*, task, by, at) -> Task:
    """Opens a task again. Refuses one that is open; a call that another task asks for."""
    recall, task = _locked(task)
    if task.done_at is None:
        raise ValidationError("This task is open already.")
    if task.kind == Kind.CALL and recall.tasks.open().filter(kind=Kind.CALL).exists():
        raise ValidationError("There is an open task for these calls already.")
    before = {"task": task.pk, "done_at": task.done_at, "done_by": task.done_by_id}
    task.done_by, task.done_at, task.note = None, None, ""
    task.save(update_fields=["done_by", "done_at", "note"])
    after = {"task": task.pk, "title": task.title}
    record(verb="task opened again", obj=recall, by=by, at=at, before=before, after=after)
    return task


def _locked(task: Task) -> tuple[Recall, Task]:
    """What a drill has taught is put right after it is over; all else ends with the recall."""
    allowed = tuple(Recall.Status) if task.kind == Kind.CORRECTIVE else _UNDER_WAY
    recall = locked(task.recall, *allowed, to="worked on")
    return recall, Task.objects.select_for_update(of=("self",)).get(pk=task.pk)


def follow_tasks(*, recall, at) -> int:
    """Writes and closes by itself the task to call whom no mail reaches; returns how many acts.

    Who was spoken to, answered or was waived is not to be called any more.
    """
    recall = Recall.objects.get(pk=recall.pk)
    if recall.status != Recall.Status.ACTIVE:
        return 0
    wanted = to_be_called(recall, status(recall)) > 0
    if wanted == recall.tasks.open().filter(kind=Kind.CALL).exists():
        return 0
    return _follow_calls(recall, wanted, at)


@transaction.atomic
def _follow_calls(recall: Recall, wanted: bool, at) -> int:
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    task = recall.tasks.open().filter(kind=Kind.CALL).first()
    if bool(task) == wanted or recall.status != Recall.Status.ACTIVE:
        return 0
    if task:
        _close(recall, task, None, at, "Everybody was reached, answered or was waived.")
        return 1
    task = Task.objects.create(
        recall=recall,
        kind=Kind.CALL,
        title="Call the undelivered",
        assignee=recall.lead,
        due_at=at + CALL_WITHIN,
        created_at=at,
    )
    after = {"task": task.pk, "title": task.title}
    record(verb="task added", obj=recall, by=None, at=at, after=after)
    return 1


def write_check_task(recall: Recall, location, by, at) -> Task:
    """The follow-up of a failed check; the operation that records the check writes it."""
    return Task.objects.create(
        recall=recall,
        kind=Kind.CHECK,
        title=f"Follow up the failed check at {location.name}"[:200],
        location=location,
        assignee=recall.lead,
        due_at=at + CHECK_WITHIN,
        created_by=by,
        created_at=at,
    )
