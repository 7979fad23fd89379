"""Opening a recall or a drill, and changing what it says."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.recalls import DetailsForm, OpenForm
from recalls.models import Recall, ScopeRule
from recalls.operations.recalls import change_recall, open_recall
from recalls.operations.scope import add_rule
from recalls.views.acts import refusal_of, refused
from recalls.views.room import find

# A second click comes within seconds; the same title a minute later is meant.
_TWICE = timedelta(seconds=60)


@needs("recalls.add_recall")
def recall_open(request):
    if request.method != "POST":
        wanted = request.GET.getlist("batch")
        mode = "drill" if request.GET.get("mode") == "drill" else "live"
        return _form_page(request, OpenForm(batches=wanted, initial={"mode": mode}))
    form = OpenForm(request.POST, batches=request.POST.getlist("batch"))
    if not form.is_valid():
        return _form_page(request, form)
    try:
        return redirect(_opened(request, form))
    except ValidationError as error:
        refused(error, form)
        return _form_page(request, form)


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
        kind = ScopeRule.Kind.BATCHES
        add_rule(recall=recall, kind=kind, parameters={"batches": batches}, by=by, at=now)
    messages.success(request, f"{recall.reference} is open. Now say what it covers.")
    return recall


@needs("recalls.change_recall")
def recall_edit(request, reference):
    recall = find(reference)
    names = DetailsForm.base_fields
    if request.method != "POST":
        form = DetailsForm(initial={name: getattr(recall, name) for name in names})
        return _form_page(request, form, recall)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, recall)
    given = dict(form.cleaned_data)
    if recall.status == Recall.Status.ACTIVE:
        del given["kind"]
    try:
        change_recall(recall=recall, by=request.user, at=timezone.now(), **given)
    except ValidationError as error:
        refused(error, form)
        return _form_page(request, form, recall)
    messages.success(request, "Saved.")
    return redirect(recall)


def _form_page(request, form, recall=None):
    context = {
        "form": form,
        "recall": recall,
        "faults": refusal_of(form, "").faults if form.is_bound else [],
        "sections": _sections(form),
    }
    status = 422 if form.is_bound else 200
    return render(request, "recalls/recall_form.html", context, status=status)


def _sections(form) -> list[tuple[str, list]]:
    """The fields under the headings of the page."""
    return [
        ("What is wrong", [form[n] for n in ("title", "hazard", "reason_code")]),
        ("How serious it is", [form[n] for n in ("kind", "classification")]),
        ("What people are asked", [form[n] for n in ("instructions", "deadline", "remedy")]),
    ]
