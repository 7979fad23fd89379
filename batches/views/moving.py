"""The page that moves a pile of scanned batches together, as one shipment."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from batches.forms.moving import LineForms, MoveForm
from batches.lists.access import needs
from batches.lists.ticked import keys
from batches.models import Batch, Location
from batches.operations.documents import move_batches
from batches.reports.moving import Place, movable, places_of
from batches.templatetags.wording import site_zone

MOST, SHOWN = 200, 8


@require_http_methods(["GET", "HEAD", "POST"])
@needs("batches.change_shipment")
def move(request):
    """`batch` are the ids ticked, `sscc` the pallets scanned, `origin` the place that the
    batches leave. POST moves them. None is left out: too many are refused."""
    ids, pallets = keys(request.GET.getlist("batch")), request.GET.getlist("sscc")
    if max(len(ids), len(pallets)) > MOST:
        return _refused(request, max(len(ids), len(pallets)))
    places = places_of(ids)
    origin = _origin(request, places)
    if origin is None:
        return render(request, "batches/move.html", {"asked": len(ids)})
    rows = movable(ids, origin, pallets)
    form, lines = _forms(request, rows)
    if request.method == "POST" and all([form.is_valid(), lines.is_valid()]):
        shipment = _moved(request, form, lines, origin, ids)
        if shipment:
            messages.success(request, f"Shipment {shipment} is posted.")
            return redirect(shipment)
    there = {row.batch.pk: row for row in rows}
    context = {
        "form": form,
        "lines": lines,
        "pairs": [(line.goods and there.get(line.goods.pk), line) for line in lines],
        "origin": origin,
        "places": [place for place in places[:SHOWN] if place.location != origin],
        "elsewhere": len(ids) - len(there),
        "proposed": Location.objects.own().filter(active=True).exclude(pk=origin.pk)[:100],
    }
    return render(
        request, "batches/move.html", context, status=422 if request.method == "POST" else 200
    )


def _refused(request, count: int):
    said = (
        f"One shipment takes at most {MOST} of a pile, these are {count:,}. Tick fewer of them, "
        "and move the rest with a second one."
    )
    return render(request, "400.html", {"message": said, "clean_url": reverse("scan")}, status=400)


def _origin(request, places: list[Place]) -> Location | None:
    """The place asked for, if any of the batches is there, else where most of them are. What
    is sent says it itself: from where most are may be another place by now."""
    if request.method == "POST":
        return get_object_or_404(Location, code=request.POST.get("origin", ""))
    code = request.GET.get("origin", "")
    chosen = [place.location for place in places if place.location.code == code]
    return (chosen or [place.location for place in places] or [None])[0]


def _forms(request, rows) -> tuple[MoveForm, LineForms]:
    now = timezone.now().astimezone(site_zone())
    first = {"reference": f"MV-{now:%y%m%d-%H%M%S}"}
    proposed = [
        {"batch": row.batch.pk, "quantity": row.quantity, "sscc": row.sscc, "is_moved": True}
        for row in rows
    ]
    sent = request.POST if request.method == "POST" else None
    form = MoveForm(sent, user=request.user, today=now.date(), initial=first)
    there = {"there": {row.batch.pk: row.batch for row in rows}}
    return form, LineForms(sent, initial=proposed, prefix="line", form_kwargs=there)


def _moved(request, form, lines, origin, ids):
    """The shipment, or None with the refusals on the form."""
    chosen = [line.cleaned_data for line in lines if line.cleaned_data.get("is_moved")]
    batches = Batch.objects.select_related("product").in_bulk(ids)
    moved = [
        {"batch": batches[row["batch"]], "quantity": row["quantity"], "sscc": row["sscc"]}
        for row in chosen
        if row["batch"] in batches
    ]
    now = timezone.now()
    try:
        return move_batches(
            origin=origin, lines=moved, by=request.user, at=now, **form.cleaned_data
        )
    except ValidationError as refusal:
        for field, said in getattr(refusal, "error_dict", {None: refusal.messages}).items():
            form.add_error(field if field in form.fields else None, said)
        return None
