"""Proposing what is taken out of an active recall, and deciding about a proposal."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.decisions import ApproveNarrowingForm, NarrowForm
from recalls.forms.recalls import ReasonForm
from recalls.models import Narrowing, Recall, ScopeVersion
from recalls.operations.narrowing import approve_narrowing, propose_narrowing, reject_narrowing
from recalls.operations.scope import check_drift, readmit_holding
from recalls.scope import newest
from recalls.scope.narrowed import effect_of
from recalls.scope.rules import described
from recalls.views.acts import act, refusal_of, refused
from recalls.views.cases import Refusal, find
from recalls.views.room import recall_page

SHOWN = 200
PEOPLE = ("proposed_by", "decided_by", "version")


@needs("recalls.submit_recall")
def narrow(request, reference):
    """A page of its own, because what is chosen here may be sold again tomorrow."""
    recall = find(reference)
    version = newest(recall)
    if version is None or recall.status != Recall.Status.ACTIVE:
        messages.error(request, "Only an active recall can be narrowed.")
        return redirect(recall)
    if request.method != "POST":
        return _choose(request, recall, NarrowForm(recall=recall, version=version), version)
    form = NarrowForm(request.POST, recall=recall, version=version)
    if not form.is_valid():
        return _choose(request, recall, form, version, refusal_of(form, ""))
    try:
        made = propose_narrowing(recall=recall, by=request.user, at=timezone.now(), **form.values())
    except ValidationError as error:
        return _choose(request, recall, form, version, refused(error, form))
    messages.success(request, "Proposed. A second person must check and approve it.")
    return redirect("recall-narrowing", recall.reference, made.number)


def _choose(request, recall, form, version: ScopeVersion, refusal: Refusal | None = None):
    lines = version.lines.order_by("location_code", "product_code", "batch_number", "pk")
    find_text = request.GET.get("q", "").strip()
    if find_text:
        lines = lines.filter(location_name__icontains=find_text) | lines.filter(
            location_code__iexact=find_text
        )
    shown = list(lines.defer("path", "contacts")[: SHOWN + 1])
    context = {
        "recall": recall,
        "version": version,
        "form": form,
        "q": find_text,
        "faults": refusal.faults if refusal else [],
        "rules": described(recall.rules.filter(withdrawn_at__isnull=True)),
        "batches": _batches(version),
        "lines": shown[:SHOWN],
        "has_more": len(shown) > SHOWN,
        "waiting": recall.narrowings.filter(state=Narrowing.State.OPEN).first(),
    }
    status = 422 if refusal else 200
    return render(request, "recalls/narrow_form.html", context, status=status)


def _batches(version: ScopeVersion) -> list[dict]:
    names = ("batch", "batch_number", "product_code", "product_name")
    rows = version.lines.order_by().values(*names).annotate(n=Count("pk"))
    return list(rows.order_by("product_code", "batch_number", "batch")[:SHOWN])


@needs("recalls.view_recall")
def narrowing_detail(request, reference, number):
    recall = find(reference)
    return _page(request, recall, _found(recall, number))


def _found(recall: Recall, number: int) -> Narrowing:
    rows = recall.narrowings.select_related(*PEOPLE)
    narrowing = get_object_or_404(rows, number=number)
    narrowing.recall = recall
    return narrowing


def _page(request, recall, narrowing: Narrowing, refusal: Refusal | None = None):
    is_open = narrowing.state == Narrowing.State.OPEN and recall.status == Recall.Status.ACTIVE
    context = {
        "recall": recall,
        "narrowing": narrowing,
        "is_open": is_open,
        "is_own": narrowing.proposed_by_id == request.user.pk,
        "effect": effect_of(narrowing) if is_open else None,
        "gone": _gone(narrowing),
        "rules": [text for _, text in described(narrowing.rules.order_by("pk"))],
        "forms": _forms(refusal),
        "faults": refusal.faults if refusal else [],
    }
    status = 422 if refusal else 200
    return render(request, "recalls/narrowing_detail.html", context, status=status)


def _gone(narrowing: Narrowing) -> list[tuple]:
    """What it took out; with each holding that is out still, the form that takes it back in."""
    rows = narrowing.holdings.filter(line__isnull=False).select_related("line")
    out = {row.holding_id: row for row in narrowing.exclusions.standing()}
    return [
        (row.line, out.get(row.holding_id), ReasonForm(auto_id=f"back{row.pk}_%s"))
        for row in rows.order_by("line__location_code", "line__product_code", "pk").defer(
            "line__path", "line__contacts"
        )[:SHOWN]
    ]


def _forms(refusal: Refusal | None) -> dict:
    forms = {
        "sign": ApproveNarrowingForm(auto_id="sign_%s"),
        "reject": ReasonForm(auto_id="reject_%s"),
    }
    if refusal and refusal.slot:
        forms[refusal.slot] = refusal.form
    return forms


@act("recalls.activate_recall")
def approve(request, recall, number):
    form = ApproveNarrowingForm(request.POST, auto_id="sign_%s")
    return _decide(request, recall, number, form, "sign", approve_narrowing)


@act("recalls.submit_recall")
def reject(request, recall, number):
    form = ReasonForm(request.POST, auto_id="reject_%s")
    return _decide(request, recall, number, form, "reject", reject_narrowing)


def _decide(request, recall, number, form, slot, do):
    narrowing = _found(recall, number)
    if not form.is_valid():
        return _page(request, recall, narrowing, refusal_of(form, slot))
    try:
        done = do(narrowing=narrowing, by=request.user, at=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        return _page(request, recall, _found(recall, number), refused(error, form, slot))
    messages.success(request, _SAID.get(type(done), "The goods stay in the recall."))
    return redirect(recall)


_SAID = {ScopeVersion: "Narrowed. Who had been told is told that these goods are out."}


@act("recalls.change_recall")
def readmit(request, recall, pk):
    """Takes an exclusion back; on an active recall the wider scope is looked at now."""
    exclusion = get_object_or_404(recall.exclusions, pk=pk)
    form, now = ReasonForm(request.POST, auto_id=f"back{pk}_%s"), timezone.now()
    if not form.is_valid():
        return recall_page(request, recall, refusal_of(form, ""))
    reason = form.cleaned_data["reason"]
    try:
        readmit_holding(exclusion=exclusion, reason=reason, by=request.user, at=now)
    except ValidationError as error:
        return recall_page(request, find(recall.reference), refused(error, form))
    if recall.status == Recall.Status.ACTIVE:
        check_drift(recall=recall, at=now)
    messages.success(request, f"{exclusion.holding} is in the scope again.")
    return redirect(recall)
