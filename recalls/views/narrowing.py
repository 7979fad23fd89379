"""Proposing what is taken out of an active recall, and deciding about a proposal."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict
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
    if "turn" in request.POST:
        form = NarrowForm(recall=recall, version=version, chosen=request.POST)
        return _choose(request, recall, form, version)
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
    find_text, at = _looked_at(request.POST or request.GET)
    if find_text:
        lines = lines.filter(location_name__icontains=find_text) | lines.filter(
            location_code__iexact=find_text
        )
    shown = Paginator(lines.defer("path", "contacts"), SHOWN).get_page(at["page"])
    batches = Paginator(_batches(version), SHOWN).get_page(at["batch_page"])
    context = {
        "recall": recall,
        "version": version,
        "form": form,
        "q": find_text,
        "faults": refusal.faults if refusal else [],
        "rules": described(recall.rules.filter(withdrawn_at__isnull=True)),
        "batches": batches,
        "lines": shown,
        "elsewhere": [
            *(("line", pk) for pk in form.holdings - {line.holding_id for line in shown}),
            *(("batch", pk) for pk in form.batches - {row["batch"] for row in batches}),
        ],
        "waiting": recall.narrowings.filter(state=Narrowing.State.OPEN).first(),
    }
    status = 422 if refusal else 200
    return render(request, "recalls/narrow_form.html", context, status=status)


def _looked_at(given: QueryDict) -> tuple[str, dict[str, str]]:
    """What is looked for, and the pages of places and of batches; `turn` is the button that
    leads to others. What is ticked stays ticked."""
    turn, _, number = given.get("turn", "").partition(":")
    text = "" if turn == "all" else given.get("q", "").strip()[:100]
    at = {name: given.get(name, "") for name in ("page", "batch_page")}
    if turn in {"all", "find"}:
        at["page"] = ""
    return text, at | ({turn: number} if turn in at else {})


def _batches(version: ScopeVersion) -> QuerySet:
    names = ("batch", "batch_number", "product_code", "product_name")
    rows = version.lines.order_by().values(*names).annotate(n=Count("pk"))
    return rows.order_by("product_code", "batch_number", "batch")


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
    effect, number = effect_of(narrowing) if is_open else None, request.GET.get("page")
    page = Paginator(effect.lines if effect else _out(narrowing), SHOWN).get_page(number)
    context = {
        "recall": recall,
        "narrowing": narrowing,
        "is_open": is_open,
        "is_own": narrowing.proposed_by_id == request.user.pk,
        "effect": effect,
        "page": page,
        "gone": [] if effect else _gone(narrowing, page),
        "rules": [text for _, text in described(narrowing.rules.order_by("pk"))],
        "forms": _forms(refusal),
        "faults": refusal.faults if refusal else [],
    }
    status = 422 if refusal else 200
    return render(request, "recalls/narrowing_detail.html", context, status=status)


def _out(narrowing: Narrowing) -> QuerySet:
    """What it took out, by place."""
    rows = narrowing.holdings.filter(line__isnull=False).select_related("line")
    rows = rows.order_by("line__location_code", "line__product_code", "pk")
    return rows.defer("line__path", "line__contacts")


def _gone(narrowing: Narrowing, page: Page) -> list[tuple]:
    """With each holding that is out still, the form that takes it back in."""
    out = {row.holding_id: row for row in narrowing.exclusions.standing()}
    return [
        (row.line, out.get(row.holding_id), ReasonForm(auto_id=f"back{row.pk}_%s")) for row in page
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
