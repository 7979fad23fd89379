"""Saying what is recalled: rules and exclusions, while the scope can still be looked at."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.models import Holding
from recalls.forms.recalls import ReasonForm
from recalls.forms.scope import FORMS
from recalls.models import Recall, ScopeRule
from recalls.operations.scope import (
    add_rule,
    check_drift,
    exclude_holding,
    readmit_holding,
    withdraw_rule,
)
from recalls.scope import preview
from recalls.scope.hints import hints_of
from recalls.scope.rules import checked, found
from recalls.views.acts import act, refusal_of, refused
from recalls.views.cases import Refusal, find
from recalls.views.room import recall_page
from recalls.views.wizard.looking import look_context, remember_look
from recalls.views.wizard.scope import BATCHES
from recalls.views.wizard.steps import PREPARED, address


def add(kind: str):
    """The view that adds a rule of a kind."""

    @act("recalls.change_recall")
    def view(request, recall):
        form = FORMS[kind](request.POST, auto_id=f"{kind}_%s", user=request.user)
        return _added(request, recall, form)

    return view


def _added(request, recall, form):
    if not form.is_valid():
        return recall_page(request, find(recall.reference), refusal_of(form, form.kind))
    now, given = timezone.now(), form.parameters()
    try:
        rule = add_rule(recall=recall, kind=form.kind, parameters=given, by=request.user, at=now)
    except ValidationError as error:
        return recall_page(request, find(recall.reference), refused(error, form, form.kind))
    remember_look(request, recall)
    messages.success(request, _what_it_did(recall, rule, now))
    return back(recall)


def tried(kind: str):
    """The view that shows what a rule of a kind would add to the scope. It keeps nothing."""

    @act("recalls.change_recall")
    def view(request, recall):
        form = FORMS[kind](request.POST, auto_id=f"{kind}_%s", user=request.user)
        rule = _unsaved(recall, form)
        context = {"recall": recall, "tried": rule, **look_context(request, recall, rule)}
        context["batches"] = context["seen"].batches[:BATCHES] if context["seen"] else []
        return render(request, "recalls/prepare/preview.html", context)

    return view


def _unsaved(recall: Recall, form) -> ScopeRule | None:
    """The rule as it is typed; none while it is not one yet."""
    try:
        given = checked(form.kind, form.parameters()) if form.is_valid() else None
    except ValidationError:
        return None
    return given and ScopeRule(recall=recall, kind=form.kind, parameters=given)


def back(recall: Recall):
    """To the page where the rules stand: of a draft its scope step."""
    return redirect(address(recall, "scope") if recall.status in PREPARED else recall)


@act("recalls.change_recall")
def add_suggested(request, recall):
    """Adds what a suggestion names, if the records still suggest it."""
    hints = {hint.key: hint for hint in hints_of(preview(recall))}
    hint = hints.get(request.POST.get("hint", ""))
    if hint is None:
        gone = Refusal([("", "The records do not suggest this any more. Look again.")], "scope")
        return recall_page(request, find(recall.reference), gone)
    now = timezone.now()
    given = {"kind": hint.rule, "parameters": hint.parameters}
    try:
        rule = add_rule(recall=recall, by=request.user, at=now, **given)
    except ValidationError as error:
        return recall_page(request, find(recall.reference), refused(error, slot="scope"))
    remember_look(request, recall)
    messages.success(request, _what_it_did(recall, rule, now))
    return back(recall)


def _what_it_did(recall: Recall, rule: ScopeRule, now) -> str:
    """On an active recall the wider scope is looked at now, not at the next tick."""
    if recall.status != Recall.Status.ACTIVE:
        return "Rule added." if not found(rule).is_empty else "Rule added. It matches nothing yet."
    grown = check_drift(recall=recall, at=now)
    return "Rule added. See what it found above." if grown else "Rule added; it reaches no more."


@act("recalls.change_recall")
def withdraw(request, recall, pk):
    rule = get_object_or_404(recall.rules, pk=pk)
    try:
        withdraw_rule(rule=rule, by=request.user, at=timezone.now())
    except ValidationError as error:
        refusal = refused(error, slot="scope")
        return recall_page(request, find(recall.reference), refusal)
    remember_look(request, recall)
    messages.success(request, "Rule taken away.")
    return back(recall)


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
            return back(recall)
    faults = refusal_of(form, "").faults if form.is_bound else []
    context = {"recall": recall, "holding": holding, "form": form, "faults": faults}
    status = 422 if form.is_bound else 200
    return render(request, "recalls/exclusion_form.html", context, status=status)


@act("recalls.change_recall")
def include(request, recall, pk):
    """Takes back that a holding is left out."""
    exclusion = get_object_or_404(recall.exclusions, pk=pk)
    try:
        readmit_holding(exclusion=exclusion, by=request.user, at=timezone.now())
    except ValidationError as error:
        refusal = refused(error, slot="scope")
        return recall_page(request, find(recall.reference), refusal)
    remember_look(request, recall)
    messages.success(request, f"{exclusion.holding} is in the scope again.")
    return back(recall)
