"""What counts for each class of recalls, reminders and targets: the list, and one class's form."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import Form
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.operations.changes import fingerprint
from recalls.forms.following import PlanForm
from recalls.forms.targets import TargetsForm
from recalls.models import Recall, ReminderPlan, TargetPlan
from recalls.operations.plans import save_plan
from recalls.operations.targets import save_targets
from recalls.views.acts import refusal_of, refused


@dataclass(frozen=True)
class ByClass:
    """One row of `model` for each class of recalls; `url_name` is the list's."""

    model: type[Model]
    form: type[Form]
    operation: Callable
    url_name: str
    list_template: str
    form_template: str

    def listed(self, request):
        """The gravest class first."""
        order = list(Recall.Classification.values)
        plans = sorted(self.model.objects.all(), key=lambda plan: order.index(plan.classification))
        return render(request, self.list_template, {"plans": plans})

    def changed(self, request, classification: str):
        plan = get_object_or_404(self.model, classification=classification)
        if request.method != "POST":
            form = self.form(initial={**vars(plan), "seen": fingerprint(plan)})
            return self._page(request, plan, form)
        form = self.form(request.POST)
        if form.is_valid() and self._saved(request, plan, form):
            return redirect(self.url_name)
        return self._page(request, plan, form)

    def _saved(self, request, plan, form: Form) -> bool:
        values = dict(form.cleaned_data)
        seen = values.pop("seen")
        for name, value in values.items():
            setattr(plan, name, value)
        try:
            self.operation(plan=plan, seen=seen, by=request.user, at=timezone.now())
        except ValidationError as error:
            refused(error, form)
            return False
        messages.success(request, f"{plan}: saved. It counts from now on.")
        return True

    def _page(self, request, plan, form: Form):
        refusal = refusal_of(form, "") if form.is_bound else None
        context = {"plan": plan, "form": form, "faults": refusal.faults if refusal else []}
        status = 422 if form.is_bound else 200
        return render(request, self.form_template, context, status=status)


_REMINDERS = ByClass(
    ReminderPlan,
    PlanForm,
    save_plan,
    "reminder-plans",
    "recalls/plan_list.html",
    "recalls/plan_form.html",
)
_TARGETS = ByClass(
    TargetPlan,
    TargetsForm,
    save_targets,
    "target-plans",
    "recalls/targets/plans.html",
    "recalls/targets/plan_form.html",
)


@needs("recalls.view_reminderplan")
def plan_list(request):
    return _REMINDERS.listed(request)


@needs("recalls.change_reminderplan")
def plan_change(request, classification):
    return _REMINDERS.changed(request, classification)


@needs("recalls.view_targetplan")
def target_plans(request):
    return _TARGETS.listed(request)


@needs("recalls.change_targetplan")
def target_plan(request, classification):
    return _TARGETS.changed(request, classification)
