"""The calendar of drills: what is owed until when, adding to it, changing and ending a row."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.templatetags.wording import site_zone
from recalls.forms.drills import DutyForm, NewDutyForm
from recalls.forms.recalls import ReasonForm
from recalls.models import DrillDuty
from recalls.operations.drill_calendar import change_duty, end_duty, owe_drill
from recalls.reports.drill_calendar import calendar
from recalls.views.acts import refusal_of, refused
from recalls.views.drills import RUN, SEE


@needs(SEE)
def drill_calendar(request):
    if request.method != "POST":
        return _page(request, NewDutyForm(initial={"owner": request.user}))
    return _add(request)


@needs(RUN)
def _add(request):
    form = NewDutyForm(request.POST)
    if form.is_valid() and _done(request, form, owe_drill, "It is in the calendar."):
        return redirect("drill-calendar")
    return _page(request, form)


def _page(request, form: NewDutyForm):
    context = {
        "rows": calendar(timezone.now().astimezone(site_zone()).date()),
        "form": form,
        "faults": refusal_of(form, "").faults if form.is_bound else [],
    }
    status = 422 if form.is_bound else 200
    return render(request, "recalls/drill_calendar.html", context, status=status)


def _done(request, form, do, said: str, **given) -> bool:
    """Calls the operation with the form's values; a refusal is said in the form."""
    try:
        do(by=request.user, at=timezone.now(), **given, **form.cleaned_data)
    except ValidationError as error:
        refused(error, form)
        return False
    messages.success(request, said)
    return True


def _find(pk: int) -> DrillDuty:
    return get_object_or_404(DrillDuty.objects.select_related("site"), pk=pk, ended_at=None)


@needs(RUN)
def drill_duty(request, pk):
    duty = _find(pk)
    if request.method != "POST":
        return _duty_page(request, duty, _filled(duty), _reason())
    form = DutyForm(request.POST)
    if form.is_valid() and _done(request, form, change_duty, "Saved.", duty=duty):
        return redirect("drill-calendar")
    return _duty_page(request, duty, form, _reason())


@needs(RUN)
def drill_duty_end(request, pk):
    duty = _find(pk)
    if request.method != "POST":
        return redirect("drill-duty", pk)
    reason = _reason(request.POST)
    said = f"{duty} is out of the calendar."
    if reason.is_valid() and _done(request, reason, end_duty, said, duty=duty):
        return redirect("drill-calendar")
    return _duty_page(request, duty, _filled(duty), reason)


def _filled(duty: DrillDuty) -> DutyForm:
    return DutyForm(initial={name: getattr(duty, name) for name in DutyForm.base_fields})


def _reason(given=None) -> ReasonForm:
    return ReasonForm(given, auto_id="end_%s")


def _duty_page(request, duty: DrillDuty, form: DutyForm, reason: ReasonForm):
    bound = reason if reason.is_bound else form
    context = {
        "duty": duty,
        "form": form,
        "reason": reason,
        "faults": refusal_of(bound, "").faults if bound.is_bound else [],
    }
    status = 422 if bound.is_bound else 200
    return render(request, "recalls/drill_duty.html", context, status=status)
