"""The plans by which recalls are followed up: the list, and the form of one class."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.operations.changes import fingerprint
from recalls.forms.following import PlanForm
from recalls.models import Recall, ReminderPlan
from recalls.operations.plans import save_plan
from recalls.views.acts import refusal_of, refused


@needs("recalls.view_reminderplan")
def plan_list(request):
    return render(request, "recalls/plan_list.html", {"plans": _in_order()})


def _in_order() -> list[ReminderPlan]:
    """The gravest class first."""
    order = list(Recall.Classification.values)
    return sorted(ReminderPlan.objects.all(), key=lambda plan: order.index(plan.classification))


@needs("recalls.change_reminderplan")
def plan_change(request, classification):
    plan = get_object_or_404(ReminderPlan, classification=classification)
    if request.method != "POST":
        form = PlanForm(initial={**vars(plan), "seen": fingerprint(plan)})
        return _plan_page(request, plan, form)
    form = PlanForm(request.POST)
    if form.is_valid() and _saved(request, plan, form):
        return redirect("reminder-plans")
    return _plan_page(request, plan, form)


def _saved(request, plan: ReminderPlan, form: PlanForm) -> bool:
    values = dict(form.cleaned_data)
    seen = values.pop("seen")
    for name, value in values.items():
        setattr(plan, name, value)
    try:
        save_plan(plan=plan, seen=seen, by=request.user, at=timezone.now())
    except ValidationError as error:
        refused(error, form)
        return False
    word = plan.get_classification_display().lower()
    messages.success(request, f"Recalls of {word} are followed up like this from now on.")
    return True


def _plan_page(request, plan: ReminderPlan, form: PlanForm):
    refusal = refusal_of(form, "") if form.is_bound else None
    context = {"plan": plan, "form": form, "faults": refusal.faults if refusal else []}
    status = 422 if form.is_bound else 200
    return render(request, "recalls/plan_form.html", context, status=status)
