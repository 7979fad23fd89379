"""What becomes of the goods that a recall holds on our sites: proposed, carried out, rejected."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from batches.lists.access import check, needs
from batches.models import Hold, Holding, Location
from recalls.forms.recalls import ReasonForm
from recalls.forms.recovery import CertificateForm, DecideForm, today
from recalls.models import Certificate, Disposition, Recall
from recalls.operations.dispositions import (
    APPROVED,
    add_certificate,
    carry_out,
    propose_disposition,
    reject_disposition,
)
from recalls.operations.recovery import UNDER_WAY
from recalls.reports.costs import costs
from recalls.views.acts import refusal_of, refused
from recalls.views.cases import Refusal, find
from recalls.views.handed_in import sent_file
from recalls.views.recovered import dispositions_of
from recalls.views.recovery import proposed

SEE, PROPOSE = "recalls.view_disposition", "recalls.add_disposition"
APPROVE = "recalls.approve_disposition"
SHOWN = 200
Kind = Disposition.Kind


@dataclass(frozen=True)
class Stock:
    """Goods on a site of ours that the recall ever held. `waiting` is proposed and undecided."""

    holding: Holding
    is_held: bool
    waiting: Decimal


@needs(SEE)
def goods(request, reference):
    return goods_page(request, find(reference))


def goods_page(request, recall: Recall, refusal: Refusal | None = None):
    found = dispositions_of(recall)
    decided = Paginator(found.filter(decision__isnull=False), SHOWN)
    page = decided.get_page(request.GET.get("page"))
    context = {
        "recall": recall,
        "stock": stock_of(recall),
        "waiting": found.filter(decision__isnull=True),
        "rows": page,
        "costs": costs(recall),
        "is_open": is_open(recall),
        "approved": APPROVED,
        "form": refusal.form if refusal and refusal.form else None,
        "slot": refusal.slot if refusal else "",
        "faults": refusal.faults if refusal else [],
    }
    return render(request, "recalls/goods.html", context, status=422 if refusal else 200)


def is_open(recall: Recall) -> bool:
    return recall.status in UNDER_WAY and not recall.is_drill


def stock_of(recall: Recall) -> list[Stock]:
    """What is there of it, place by place; nothing of what is used up."""
    holds = Hold.objects.filter(recall=recall.reference, location__is_own=True).order_by()
    held: dict[tuple[int, int], bool] = {}
    for batch, place, released in holds.values_list("batch", "location", "released_at"):
        held[batch, place] = held.get((batch, place), False) or released is None
    rows = Holding.objects.filter(
        batch__in={batch for batch, _ in held}, location__in={place for _, place in held}
    ).exclude(quantity=0)
    rows = rows.select_related("batch__product", "location")
    rows = rows.order_by("location__code", "batch__product__code", "batch__number", "pk")
    waiting = dict(
        recall.dispositions.filter(decision__isnull=True)
        .order_by()
        .values_list("holding")
        .annotate(Sum("quantity"))
    )
    return [
        Stock(row, held[row.batch_id, row.location_id], waiting.get(row.pk, Decimal(0)))
        for row in rows
        if (row.batch_id, row.location_id) in held
    ]


@needs(PROPOSE)
def decide(request, reference, pk):
    """A page of its own: what is chosen here cannot be undone by a click."""
    recall = find(reference)
    rows = Holding.objects.select_related("batch__product", "location")
    holding = get_object_or_404(rows, pk=pk, location__is_own=True)
    if not is_open(recall):
        messages.error(
            request, "Goods are decided about once a recall is active, never in a drill."
        )
        return redirect(recall)
    if request.method != "POST":
        return _decide_page(request, recall, holding, _form(holding))
    form = _form(holding, request.POST, request.FILES)
    if not form.is_valid():
        return _decide_page(request, recall, holding, form, refusal_of(form, ""))
    try:
        row = propose_disposition(
            recall=recall, holding=holding, by=request.user, at=timezone.now(), **form.cleaned_data
        )
    except ValidationError as error:
        return _decide_page(request, recall, holding, form, refused(error, form))
    messages.success(request, proposed(row))
    return redirect("recall-goods", recall.reference)


def _form(holding: Holding, data=None, files=None) -> DecideForm:
    suppliers = Location.objects.filter(is_own=False, active=True, kind=Location.Kind.SUPPLIER)
    there = "" if holding.quantity is None else f"{holding.quantity.normalize():f}"
    return DecideForm(
        data,
        files,
        unit=holding.batch.product.unit,
        suppliers=suppliers,
        currency=settings.CURRENCY,
        initial={"quantity": there, "happened_on": today()},
        auto_id="goods_%s",
    )


def _decide_page(request, recall, holding, form, refusal: Refusal | None = None):
    context = {
        "recall": recall,
        "holding": holding,
        "form": form,
        "two": settings.DESTRUCTION_NEEDS_TWO,
        "faults": refusal.faults if refusal else [],
    }
    status = 422 if refusal else 200
    return render(request, "recalls/goods_form.html", context, status=status)


def _act_on(request, reference, number, do):
    """Calls `do` with the proposal and says how it went."""
    recall = find(reference)
    row = get_object_or_404(dispositions_of(recall), number=number)
    if request.method != "POST":
        return redirect("recall-goods", recall.reference)
    if row.kind in APPROVED:
        check(request.user, APPROVE)
    try:
        said = do(row)
    except ValidationError as error:
        return goods_page(request, recall, refused(error))
    messages.success(request, said)
    return redirect("recall-goods", recall.reference)


@needs(PROPOSE)
def carry_out_one(request, reference, number):
    def do(row: Disposition) -> str:
        carry_out(disposition=row, by=request.user, at=timezone.now())
        return f"{row.get_kind_display()}: carried out."

    return _act_on(request, reference, number, do)


@needs(PROPOSE)
def reject_one(request, reference, number):
    def do(row: Disposition) -> str:
        form = ReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        reject_disposition(disposition=row, reason=reason, by=request.user, at=timezone.now())
        return "Rejected. Nothing was moved."

    return _act_on(request, reference, number, do)


@needs("recalls.view_recipient")
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request, reference, number):
    """GET takes the paper away, POST keeps one that came later."""
    recall = find(reference)
    row = get_object_or_404(dispositions_of(recall), number=number, kind=Kind.DESTROYED)
    if request.method != "POST":
        return sent_file(get_object_or_404(Certificate, disposition=row))
    check(request.user, PROPOSE)
    form = CertificateForm(request.POST, request.FILES, auto_id=f"cert{number}_%s")
    if not form.is_valid():
        return goods_page(request, recall, refusal_of(form, f"{number}"))
    given = {"number": form.cleaned_data["certificate"], "upload": form.cleaned_data["upload"]}
    try:
        add_certificate(disposition=row, by=request.user, at=timezone.now(), **given)
    except ValidationError as error:
        return goods_page(request, recall, refused(error, form, f"{number}"))
    messages.success(request, "The certificate is kept.")
    return redirect("recall-goods", recall.reference)
