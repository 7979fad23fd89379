"""Corrective actions of a drill: added on its page, done and opened again there."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.drills import ActionForm, FinishForm
from recalls.forms.tasks import DoneForm
from recalls.models import Task
from recalls.operations import tasks as acts
from recalls.views.acts import refused
from recalls.views.drills import RUN, detail_page, find_drill

CHANGE = "recalls.change_task"


@needs(RUN)
def action_add(request, reference):
    drill = find_drill(reference)
    if request.method != "POST":
        return redirect("drill-detail", reference)
    form = ActionForm(request.POST, auto_id="action_%s")
    try:
        if form.is_valid():
            given = form.cleaned_data
            acts.add_action(recall=drill.recall, by=request.user, at=timezone.now(), **given)
            messages.success(request, f"Added: {given['title']}.")
            return redirect("drill-detail", reference)
    except ValidationError as error:
        refused(error, form)
    return detail_page(request, drill, FinishForm(), form)


@needs(CHANGE)
def action_done(request, reference, pk):
    note = DoneForm(request.POST)
    said = note.cleaned_data["note"] if note.is_valid() else ""
    return _act(request, reference, pk, acts.complete_task, "Done", note=said)


@needs(CHANGE)
def action_reopen(request, reference, pk):
    return _act(request, reference, pk, acts.reopen_task, "Open again")


def _act(request, reference, pk, do, word: str, **more):
    if request.method != "POST":
        return redirect("drill-detail", reference)
    drill = find_drill(reference)
    rows = drill.recall.tasks.filter(kind=Task.Kind.CORRECTIVE).select_related("recall")
    task = get_object_or_404(rows, pk=pk)
    try:
        do(task=task, by=request.user, at=timezone.now(), **more)
        messages.success(request, f"{word}: {task.title}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("drill-detail", reference)
