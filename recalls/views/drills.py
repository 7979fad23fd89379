"""Drills: the list with what each came to, planning and starting one, its report."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from batches.lists.access import needs
from batches.templatetags.wording import site_zone
from recalls.forms.drills import ActionForm, FinishForm, PlanForm
from recalls.models import Drill, Recall
from recalls.operations.drills import finish_drill, plan_drill, start_drill
from recalls.reports.drill_calendar import calendar
from recalls.reports.drill_report import as_pdf, record_of
from recalls.reports.drill_trend import overdue_since, trend
from recalls.reports.drilled import in_words, score
from recalls.reports.todo import actions, open_actions
from recalls.views.acts import refusal_of, refused

SEE, RUN = "recalls.view_drill", "recalls.run_drill"
# So many stand in the list.
_SHOWN = 50
_RELATED = ("recall", "batch__product", "batch__origin", "lead", "finished_by")


@needs(SEE)
@require_safe
def drill_list(request):
    return _list_page(request, PlanForm(initial={"duty": request.GET.get("duty")}))


def _list_page(request, form: PlanForm):
    now = timezone.now()
    run = Drill.objects.exclude(recall__status=Recall.Status.CANCELLED, finished_at=None)
    drills = list(run.select_related(*_RELATED)[:_SHOWN])
    begun = [row for row in drills if row.started_at and row.started_at <= now]
    context = {
        "planned": [row for row in drills if row not in begun],
        "running": [row for row in begun if not row.finished_at],
        "finished": trend(row for row in begun if row.finished_at),
        "calendar": calendar(now.astimezone(site_zone()).date()),
        "actions": open_actions(now),
        "overdue": overdue_since(now),
        "form": form,
        "faults": refusal_of(form, "").faults if form.is_bound else [],
    }
    return render(request, "recalls/drill_list.html", context, status=422 if form.is_bound else 200)


@needs(RUN)
@require_POST
def drill_plan(request):
    """Plans one in the window that was given; without a window it starts at once."""
    form, now = PlanForm(request.POST), timezone.now()
    if not form.is_valid():
        return _list_page(request, form)
    try:
        drill = plan_drill(lead=request.user, by=request.user, at=now, **form.details())
        if form.cleaned_data["window_until"]:
            messages.success(request, "Planned. It starts by itself, at an hour nobody knows.")
            return redirect("drill-list")
        drill = start_drill(drill=drill, by=request.user, at=now)
    except ValidationError as error:
        refused(error, form)
        return _list_page(request, form)
    messages.success(request, f"{drill} has begun. The time runs.")
    return redirect(drill.recall)


def find_drill(reference: str) -> Drill:
    return get_object_or_404(Drill.objects.select_related(*_RELATED), recall__reference=reference)


@needs(SEE)
@require_safe
def drill_detail(request, reference):
    return detail_page(request, find_drill(reference), FinishForm())


def detail_page(request, drill: Drill, form: FinishForm, action: ActionForm | None = None):
    """The page of a drill, with the form that was refused."""
    now, bound = timezone.now(), action if action and action.is_bound else form
    figures = drill.score or score(drill, now)
    context = {
        "drill": drill,
        "recall": drill.recall,
        "score": figures,
        "rows": in_words(figures),
        "record": record_of(drill, now),
        "actions": actions(drill.recall, now),
        "is_cancelled": not drill.finished_at and drill.recall.status == Recall.Status.CANCELLED,
        "form": form,
        "action_form": action or ActionForm(auto_id="action_%s"),
        "faults": refusal_of(bound, "").faults if bound.is_bound else [],
    }
    code = 422 if bound.is_bound else 200
    return render(request, "recalls/drill_detail.html", context, status=code)


@needs(RUN)
def drill_finish(request, reference):
    drill = find_drill(reference)
    if request.method != "POST":
        return redirect("drill-detail", reference)
    form = FinishForm(request.POST)
    try:
        if form.is_valid():
            finish_drill(drill=drill, by=request.user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, f"{reference} is finished. Its score is kept.")
            return redirect("drill-detail", reference)
    except ValidationError as error:
        refused(error, form)
    return detail_page(request, drill, form)


@needs(SEE)
@require_safe
def drill_report(request, reference):
    headers = {"Content-Disposition": f'attachment; filename="{reference}-report.pdf"'}
    content = as_pdf(find_drill(reference), timezone.now())
    return HttpResponse(content, content_type="application/pdf", headers=headers)
