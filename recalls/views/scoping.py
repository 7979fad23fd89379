"""Saying what is recalled: rules and exclusions, while the scope can still be looked at."""

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.models import Holding
from recalls.forms.recalls import BatchesRuleForm, ProductionRuleForm, ReasonForm
from recalls.models import Recall, ScopeRule
from recalls.operations.scope import add_rule, check_drift, exclude_holding, withdraw_rule
from recalls.views.acts import act, attempt, refusal_of, refused
from recalls.views.room import find, recall_page

_COUNTS = ("batches", "holdings", "locations", "recipients")


@act("recalls.change_recall")
def add_batches(request, recall):
    form = BatchesRuleForm(request.POST, auto_id="b_%s")
    return _added(request, recall, form, ScopeRule.Kind.BATCHES, "batches")


@act("recalls.change_recall")
def add_production(request, recall):
    form = ProductionRuleForm(request.POST, auto_id="p_%s")
    return _added(request, recall, form, ScopeRule.Kind.PRODUCTION, "production")


def _added(request, recall, form, kind, slot):
    if not form.is_valid():
        return recall_page(request, find(recall.reference), refusal_of(form, slot))
    now = timezone.now()
    try:
        add_rule(recall=recall, kind=kind, parameters=form.parameters(), by=request.user, at=now)
    except ValidationError as error:
        return recall_page(request, find(recall.reference), refused(error, form, slot))
    _remember_look(request, recall)
    messages.success(request, _what_it_did(recall, now))
    return redirect(recall)


def _what_it_did(recall: Recall, now) -> str:
    """On an active recall the wider scope is looked at now, not at the next tick."""
    if recall.status != Recall.Status.ACTIVE:
        return "Rule added."
    grown = check_drift(recall=recall, at=now)
    return "Rule added. See what it found above." if grown else "Rule added; it reaches no more."


def _remember_look(request, recall: Recall) -> None:
    """Keeps what the person saw before the change, so that the page can show the difference."""
    try:
        look = json.loads(request.POST.get("look", ""))
        request.session[f"look-{recall.reference}"] = {key: int(look[key]) for key in _COUNTS}
    except (ValueError, TypeError, KeyError):
        request.session.pop(f"look-{recall.reference}", None)


@act("recalls.change_recall")
def withdraw(request, recall, pk):
    rule = get_object_or_404(recall.rules, pk=pk)

    def do(recall, by, at):
        _remember_look(request, recall)
        return withdraw_rule(rule=rule, by=by, at=at)

    return attempt(request, recall, "Rule taken away.", do)


@needs("recalls.change_recall")
def exclude(request, reference, pk):
    """A page of its own, because leaving something out needs a reason and a moment."""
    recall = find(reference)
    holdings = Holding.objects.select_related("batch__product", "location")
    holding = get_object_or_404(holdings, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        try:
            exclude_holding(recall=recall, holding=holding, reason=reason, by=request.user, at=now)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, f"{holding} is left out.")
            return redirect(recall)
    faults = refusal_of(form, "").faults if form.is_bound else []
    context = {"recall": recall, "holding": holding, "form": form, "faults": faults}
    status = 422 if form.is_bound else 200
    return render(request, "recalls/exclusion_form.html", context, status=status)
