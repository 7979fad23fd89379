"""Opening a recall or a drill, and changing what it says."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import check, needs
from batches.tracing.stops import Stop, read_stops
from recalls.forms.recalls import DetailsForm, OpenForm
from recalls.models import Recall, ScopeRule
from recalls.operations.recalls import change_recall, open_recall
from recalls.operations.scope import add_rule
from recalls.scope.rules.complaint import provenance
from recalls.views.acts import refusal_of, refused
from recalls.views.cases import find
from recalls.views.wizard.pages import step_context
from recalls.views.wizard.steps import PREPARED, address, steps

# A second click comes within seconds; the same title a minute later is meant.
_TWICE = timedelta(seconds=60)


@needs("recalls.add_recall")
def recall_open(request):
    if request.method != "POST":
        mode = "drill" if request.GET.get("mode") == "drill" else "live"
        form = OpenForm(**_led_by(request.GET), initial={"mode": mode})
        return _form_page(request, form, stops=_stops(request.GET))
    form, stops = OpenForm(request.POST, **_led_by(request.POST)), _stops(request.POST)
    if not form.is_valid():
        return _form_page(request, form, stops=stops)
    try:
        recall = _opened(request, form)
    except ValidationError as error:
        refused(error, form)
        return _form_page(request, form, stops=stops)
    for stop in stops:
        messages.warning(
            request,
            f"The trace was stopped at {stop.name}: {stop.reason}. This scope is not: it follows "
            "the goods past it. Leave out below, with a reason, what does not belong to it.",
        )
    return redirect(address(recall, "scope"))


def _stops(values) -> list[Stop]:
    """Where the trace was stopped that led here: it narrows nothing, and that is said."""
    try:
        return read_stops(values.getlist("stop"), values.getlist("reason"))
    except ValidationError:
        return []


def _led_by(values) -> dict:
    """The batches that it starts with, and the complaints that led to them."""
    return {"batches": values.getlist("batch"), "complaints": values.getlist("complaint")}


@transaction.atomic
def _opened(request, form: OpenForm) -> Recall:
    now, by = timezone.now(), request.user
    title = form.cleaned_data["title"].strip()
    # The person's row is the lock: of two clicks at once the second sees the first one's recall.
    get_user_model().objects.select_for_update().get(pk=by.pk)
    is_drill = form.cleaned_data["mode"] == "drill"
    twin = Recall.objects.filter(
        title=title,
        lead=by,
        is_drill=is_drill,
        status=Recall.Status.DRAFT,
        opened_at__gte=now - _TWICE,
    ).first()
    if twin:
        return twin
    recall = open_recall(title=title, by=by, at=now, is_drill=is_drill, **form.details())
    if batches := [batch.pk for batch in form.cleaned_data["batch"]]:
        kind, given = ScopeRule.Kind.BATCHES, {"batches": batches}
        why = provenance(complaint.pk for complaint in form.cleaned_data["complaint"])
        add_rule(recall=recall, kind=kind, parameters=given, source_text=why, by=by, at=now)
    messages.success(request, f"{recall.reference} is open. Now say what it covers.")
    return recall


@needs("recalls.view_recall")
def recall_start(request, reference):
    """The first step of a recall that is open already: what is wrong, and how serious it is."""
    recall = find(reference)
    if recall.status not in PREPARED:
        return redirect(recall)
    if request.method != "POST":
        return _start_page(request, recall, _filled(recall))
    check(request.user, "recalls.change_recall")
    form = DetailsForm(request.POST)
    if not _changed(request, recall, form):
        return _start_page(request, recall, form)
    messages.success(request, "Saved.")
    if request.POST.get("then") == "leave":
        return redirect("recall-list")
    return redirect(address(recall, "scope"))


@needs("recalls.change_recall")
def recall_edit(request, reference):
    """What an active recall says; while it is prepared, that is its first step."""
    recall = find(reference)
    if request.method != "POST":
        if recall.status in PREPARED:
            return redirect(address(recall, "start"))
        return _form_page(request, _filled(recall), recall)
    form = DetailsForm(request.POST)
    if not _changed(request, recall, form):
        return _form_page(request, form, recall)
    messages.success(request, "Saved.")
    return redirect(recall)


def _filled(recall: Recall) -> DetailsForm:
    return DetailsForm(initial={name: getattr(recall, name) for name in DetailsForm.base_fields})


def _changed(request, recall: Recall, form: DetailsForm) -> bool:
    """Saves the form; what stands against it is said in the form."""
    if not form.is_valid():
        return False
    given = dict(form.cleaned_data)
    if recall.status == Recall.Status.ACTIVE:
        del given["kind"]
    try:
        change_recall(recall=recall, by=request.user, at=timezone.now(), **given)
    except ValidationError as error:
        refused(error, form)
        return False
    return True


def _start_page(request, recall: Recall, form: DetailsForm):
    context = step_context(request, recall, "start")
    return _rendered(request, "recalls/wizard/start.html", form, context)


def _form_page(request, form, recall=None, stops: Sequence[Stop] = ()):
    context = {"recall": recall, "steps": [] if recall else steps(None, "start"), "stops": stops}
    return _rendered(request, "recalls/recall_form.html", form, context)


def _rendered(request, template: str, form, context: dict):
    context |= {
        "form": form,
        "faults": refusal_of(form, "").faults if form.is_bound else [],
        "sections": _sections(form),
    }
    return render(request, template, context, status=422 if form.is_bound else 200)


def _sections(form) -> list[tuple[str, list]]:
    """The fields under the headings of the page."""
    return [
        ("What is wrong", [form[n] for n in ("title", "hazard", "reason_code", "discovery")]),
        ("How serious it is", [form[n] for n in ("kind", "classification")]),
        ("What people are asked", [form[n] for n in ("instructions", "deadline", "remedy")]),
    ]
