"""The pages of one product, location, shipment or run."""

from datetime import timedelta

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from batches.filters import short
from batches.lists import export
from batches.lists.access import needs
from batches.models import Adjustment, Batch, Hold, Holding, Location, Product, Run, Shipment
from batches.tracing.balance import quantities_made

SHOWN = 25
QUIET = timedelta(days=2 * 365)


def _some(rows) -> dict:
    """Up to SHOWN rows for a page that is about something else, and whether there are more."""
    first = list(rows[: SHOWN + 1])
    return {"rows": first[:SHOWN], "more": len(first) > SHOWN}


@needs("batches.view_shipment")
def shipment(request, reference):
    related = ("origin", "destination", "created_by", "posted_by", "returned_with", "takes_back")
    rows = Shipment.objects.select_related(*related).annotate(is_short=short())
    found = get_object_or_404(rows, reference=reference)
    lines = list(found.lines.select_related("batch__product", "batch__origin").order_by("pk"))
    if "export" in request.GET:
        return _exported(request, found, lines)
    _with_state(line.batch for line in lines)
    pallets = _pallets(lines)
    counted = Adjustment.objects.filter(shipment_line__in=lines, voided_at=None)
    context = {
        "shipment": found,
        "lines": lines,
        "pallets": pallets,
        "has_pallets": any(sscc for sscc, _ in pallets),
        "differences": list(counted.select_related("holding__batch__product").order_by("pk")),
    }
    return render(request, "batches/shipment_detail.html", context)


def _exported(request, found: Shipment, lines):
    """What is on it, as CSV."""
    head = export.Head(
        title=f"Shipment {found}",
        filters=f"From {found.origin} to {found.destination}",
        at=timezone.now(),
        by=request.user.get_username(),
        count=len(lines),
    )
    rows = [["SSCC", "Product", "Batch", "Origin", "Best before", "Quantity", "Unit"]]
    for line in lines:
        batch, product = line.batch, line.batch.product
        known = "" if line.quantity is None else line.quantity.normalize()
        day = batch.expires_on or ""
        rows.append(
            [line.sscc, product.code, batch.number, batch.origin.code, day, known, product.unit]
        )
    return export.as_csv(head, rows)


def _pallets(lines) -> list[tuple[str, list]]:
    """The lines by the pallet they are on, in the order of the document; loose goods last."""
    found: dict[str, list] = {}
    for line in lines:
        found.setdefault(line.sscc, []).append(line)
    return sorted(found.items(), key=lambda pallet: not pallet[0])


@needs("batches.view_run")
def run(request, reference):
    rows = Run.objects.select_related("location", "created_by", "posted_by")
    found = get_object_or_404(rows, reference=reference)
    related = ("batch__product", "batch__origin")
    inputs = list(found.inputs.select_related(*related).order_by("pk"))
    outputs = list(found.outputs.select_related(*related).order_by("pk"))
    _with_state(line.batch for line in inputs + outputs)
    context = {"run": found, "inputs": inputs, "outputs": outputs}
    return render(request, "batches/run_detail.html", context)


def _with_state(batches) -> None:
    """Gives batches that were fetched with their lines what a status tag needs."""
    batches = list(batches)
    states = Batch.objects.with_state().in_bulk({batch.pk for batch in batches})
    recalls: dict[int, list[str]] = {}
    holds = Hold.objects.active().filter(batch__in=states).exclude(recall="").order_by("recall")
    for pk, reference in holds.values_list("batch", "recall").distinct():
        recalls.setdefault(pk, []).append(reference)
    for batch in batches:
        batch.recalls = recalls.get(batch.pk, [])
        batch.is_held = states[batch.pk].is_held
        batch.is_recalled = states[batch.pk].is_recalled


@needs("batches.view_location")
def location(request, code):
    found = get_object_or_404(Location.objects.select_related("parent"), code=code)
    stock = Holding.objects.filter(location=found).exclude(quantity=0)
    stock = _some(
        stock.select_related("batch__product", "batch__origin").order_by("batch__expires_on", "pk")
    )
    _with_state(row.batch for row in stock["rows"])
    moves = Shipment.objects.select_related("origin", "destination").exclude(status="voided")
    contacts = _contacts(request.user, found)
    context = {
        "location": found,
        **_reach(found, contacts),
        "is_quiet": _is_quiet(found, moves),
        "stock": stock,
        "arrivals": _some(moves.filter(destination=found)),
        "departures": _some(moves.filter(origin=found)),
        "contacts": contacts,
    }
    return render(request, "batches/location_detail.html", context)


def _reach(found: Location, contacts) -> dict:
    """What the head says of who is told there; nothing of people to whom may not see them."""
    told = [one for one in contacts or [] if one.receives_notices and one.email]
    returned = [one for one in told if one.returned_at]
    known = contacts is not None
    return {
        "gaps": found.gaps(len(told) if known else None, len(returned) if known else None),
        "languages": sorted({one.language.upper() for one in told}),
        "tested_at": max((one.tested_at for one in told if one.tested_at), default=None),
    }


def _is_quiet(found: Location, moves) -> bool:
    """Whether it gets goods from others, and nothing was sent to it for long."""
    if found.is_own or found.kind == Location.Kind.SUPPLIER:
        return False
    since = timezone.now() - QUIET
    lately = Q(shipped_at=None) | Q(shipped_at__gte=since) | Q(received_at__gte=since)
    return not moves.filter(lately, destination=found).exists()


def _contacts(user, found):
    """People's names and addresses only for roles that may see them; None for others."""
    if not user.has_perm("batches.view_contact"):
        return None
    return list(found.contacts.order_by("-receives_notices", "name", "pk"))


@needs("batches.view_product")
def product(request, code):
    found = get_object_or_404(Product, code=code)
    batches = Batch.objects.with_state().filter(product=found).select_related("product", "origin")
    batches = _some(batches.order_by("-produced_at", "-pk"))
    made = quantities_made({batch.pk for batch in batches["rows"]})
    for batch in batches["rows"]:
        batch.made = made[batch.pk]
    context = {
        "product": found,
        "batches": batches,
        "complaints": _some(found.complaints.select_related("batch", "location")),
    }
    return render(request, "batches/product_detail.html", context)
