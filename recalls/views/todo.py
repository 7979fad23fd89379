"""Tasks of a recall: the page that lists them, and what people do with one."""

from django.contrib.auth import get_user_model
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.tasks import AssignForm, DoneForm, TaskForm
from recalls.models import Recall, Task
from recalls.operations import tasks as acts
from recalls.reports.status import status
from recalls.reports.todo import todo
from recalls.views.cases import Refusal, find
from recalls.views.own_pages import act_on, attempt_on

PAGE = "recall-tasks"
UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)


@needs("recalls.view_task")
def recall_tasks(request, reference):
    return tasks_page(request, find(reference))


def tasks_page(request, recall: Recall, refusal: Refusal | None = None):
    now = timezone.now()
    forms = {"add": TaskForm(auto_id="add_%s", initial={"assignee": request.user})}
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    context = {
        "recall": recall,
        "now": now,
        **todo(recall, status(recall), now),
        "forms": forms,
        "people": get_user_model().objects.filter(is_active=True).order_by("first_name", "pk"),
        "faults": refusal.faults if refusal else [],
        "is_under_way": recall.status in UNDER_WAY,
    }
    code = 422 if refusal else 200
    return render(request, "recalls/tasks/list.html", context, status=code)


def _to(request, recall: Recall) -> str:
    """Back to the page whose button was pressed."""
    return reverse(PAGE, args=[recall.reference]) if "stay" in request.POST else ""


def _task(recall: Recall, pk: int) -> Task:
    return get_object_or_404(recall.tasks.select_related("recall"), pk=pk)


@act_on("recalls.add_task", PAGE)
def add(request, recall):
    form = TaskForm(request.POST, auto_id="add_%s")

    def do(**values):
        return acts.add_task(recall=recall, **values)

    to = reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, tasks_page, "Added.", do, form=form, slot="add", to=to)


@act_on("recalls.change_task", PAGE)
def done(request, recall, pk):
    task, form = _task(recall, pk), DoneForm(request.POST)

    def do(**values):
        return acts.complete_task(task=task, **values)

    said, to = f"Done: {task.title}.", _to(request, recall)
    return attempt_on(request, recall, tasks_page, said, do, form=form, to=to)


@act_on("recalls.change_task", PAGE)
def reopen(request, recall, pk):
    task = _task(recall, pk)

    def do(**who):
        return acts.reopen_task(task=task, **who)

    said, to = f"Open again: {task.title}.", _to(request, recall)
    return attempt_on(request, recall, tasks_page, said, do, to=to)


@act_on("recalls.add_task", PAGE)
def assign(request, recall, pk):
    task, form = _task(recall, pk), AssignForm(request.POST)

    def do(**values):
        return acts.assign_task(task=task, **values)

    said, to = f"Changed: {task.title}.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, tasks_page, said, do, form=form, to=to)
