"""The pages of one product, location, shipment or run."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from batches.filters import short
from batches.lists import export
from batches.lists.access import needs
from batches.models import Adjustment, Batch, Hold, Holding, Location, Product, Run, Shipment
from batches.tracing.balance import quantities_made

SHOWN = 25


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
        "gaps": _gaps(found, contacts),
        "stock": stock,
        "arrivals": _some(moves.filter(destination=found)),
        "departures": _some(moves.filter(origin=found)),
        "contacts": contacts,
    }
    return render(request, "batches/location_detail.html", context)


def _gaps(found: Location, contacts) -> list[str]:
    """What is missing of a place, for whom the contacts may be seen also of them."""
    told = [contact for contact in contacts or [] if contact.receives_notices]
    is_ours = found.is_own or found.kind == Location.Kind.SUPPLIER
    lacks = {
        "No GLN": not found.gln,
        "No position": found.latitude is None,
        "Nobody to tell": contacts is not None and not told and not is_ours,
        "Mail came back": any(contact.returned_at for contact in told),
    }
    return [word for word, is_missing in lacks.items() if is_missing]


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
