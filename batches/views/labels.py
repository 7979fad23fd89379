"""Pages that print labels: of a batch, of a shipment's pallets, of many batches at once."""

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from batches.codes.gs1 import CodeError
from batches.filters import BatchFilter
from batches.forms import labels as forms
from batches.forms.labels import Wanted
from batches.labelling import JOB, file_of
from batches.lists.access import needs
from batches.lists.pages import OWN_PARAMETERS, Refused
from batches.lists.ticked import keys
from batches.models import Batch, Job, RunOutput, Shipment
from batches.operations import jobs
from batches.reports.labels import content, pdf, pictures
from batches.reports.labels.content import Label
from batches.reports.labels.layout import Layout, lay_out, symbol_of
from batches.reports.meant import meant
from batches.reports.working import pace_of

# More than this many labels are made by a worker; above the other figure they are refused.
AT_ONCE, MOST = 200, 5_000
_SHOWN = 12
_TYPES = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


def refused(request, refusal: Refused):
    context = {"message": str(refusal), "clean_url": request.path}
    return render(request, "400.html", context, status=400)


@needs("batches.view_batch")
def batch_label(request, product, number):
    found = list(meant(number, product=product, origin=request.GET.get("origin", "")))
    if not found:
        raise Http404(f"There is no batch {number} of product {product}.")
    if len(found) > 1:
        context = {"number": number, "candidates": found}
        return render(request, "batches/batch_candidates.html", context)
    batch = found[0]
    if batch.is_unidentified:
        raise Http404("No batch was recorded for these goods, so no label names them.")
    return label_page(request, batch, [content.of_batch(batch)], {"origin"})


@needs("batches.view_shipment")
def shipment_label(request, reference):
    """The pallets of a shipment; `sscc` asks for one of them."""
    shipment = get_object_or_404(
        Shipment.objects.select_related("origin", "destination"), reference=reference
    )
    labels = content.of_shipment(shipment)
    if sscc := request.GET.get("sscc", ""):
        labels = [label for label in labels if label.number == sscc]
        if not labels:
            raise Http404(f"Shipment {reference} has no pallet {sscc}.")
    return label_page(request, shipment, labels, {"sscc"})


def label_page(request, obj, labels: list[Label], own: set[str]):
    """The page, or the file that it offers. Too many labels at once are refused."""
    try:
        if unknown := set(request.GET) - forms.OWN - own:
            raise Refused(f"This page has no parameter “{min(unknown)}”.")
        form, wanted = forms.read(request.GET)
        if len(labels) * wanted.copies > AT_ONCE:
            raise Refused(f"Here at most {AT_ONCE} labels are made at once. Ask for fewer copies.")
        if wanted.export:
            return exported(labels, wanted)
        context = page_of(form, wanted, labels)
    except CodeError as fault:
        return refused(request, Refused(str(fault)))
    except Refused as refusal:
        return refused(request, refusal)
    kept = [(name, value) for name in own if (value := request.GET.get(name))]
    return render(request, "batches/label.html", {"object": obj, "kept": kept, **context})


def page_of(form, wanted: Wanted, labels: list[Label]) -> dict:
    layouts = [lay_out(label, wanted.symbol, wanted.size) for label in labels]
    shown = [
        {"label": label, "picture": pictures.label_svg(layout), "remarks": layout.remarks}
        for label, layout in zip(labels[:_SHOWN], layouts, strict=False)
    ]
    return {"form": form, "wanted": wanted, "shown": shown, "count": len(labels)}


def exported(labels: list[Label], wanted: Wanted) -> HttpResponse:
    if not labels:
        raise Refused("There is nothing to print a label of.")
    if wanted.export == "pdf":
        body = as_pdf([lay_out(label, wanted.symbol, wanted.size) for label in labels], wanted)
    else:
        body = picture(labels[0], wanted)
    name = labels[0].file_name if len(labels) == 1 else "labels"
    response = HttpResponse(body, content_type=_TYPES[wanted.export])
    response["Content-Disposition"] = f'attachment; filename="{name}.{wanted.export}"'
    return response


def as_pdf(layouts: list[Layout], wanted: Wanted) -> bytes:
    title = f"{len(layouts) * wanted.copies} labels"
    return pdf.as_bytes(layouts, wanted.size, title=title, copies=wanted.copies, first=wanted.first)


def picture(label: Label, wanted: Wanted) -> bytes | str:
    """A picture is of one label: the first."""
    is_svg = wanted.export == "svg"
    if wanted.part:
        symbol = symbol_of(label, wanted.symbol)
        return pictures.symbol_svg(symbol) if is_svg else pictures.symbol_png(symbol)
    layout = lay_out(label, wanted.symbol, wanted.size)
    return pictures.label_svg(layout) if is_svg else pictures.label_png(layout)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("batches.view_batch")
def batch_labels(request):
    """Labels of the batches that were ticked (`batch`), that ticked runs made (`run`), or that a
    filter of the list finds.

    POST gives the work to a worker.
    """
    try:
        form, wanted = forms.read(request.GET)
        ids = list(chosen(request.GET).values_list("pk", flat=True)[: MOST + 1])
        if len(ids) * wanted.copies > MOST:
            raise Refused(f"At most {MOST:,} labels are made at once. Filter the list further.")
        is_many = len(ids) * wanted.copies > AT_ONCE
        if request.method == "POST":
            return redirect("label-job", enqueued(ids, wanted, request.user).pk)
        labels = [content.of_batch(batch) for batch in _batches(ids[:AT_ONCE])]
        if wanted.export:
            if is_many or wanted.export != "pdf":
                raise Refused("So many labels are made in the background. Use the page's button.")
            return exported(labels, wanted)
    except Refused as refusal:
        return refused(request, refusal)
    context = page_of(form, wanted, labels) | {
        "count": len(ids),
        "total": len(ids) * wanted.copies,
        "is_many": is_many,
        "looked_at": len(labels),
        "faults": [label for label in labels if label.fault],
        "kept": [
            (name, value)
            for name in request.GET
            if name not in {*forms.OWN, *OWN_PARAMETERS}
            for value in request.GET.getlist(name)
        ],
    }
    return render(request, "batches/labels.html", context)


def chosen(params):
    """The batches asked for, in the list's own order. Raises Refused."""
    rows = Batch.objects.identified()
    if ticked := params.getlist("batch"):
        if len(found := keys(ticked)) != len(set(ticked)):
            raise Refused("A batch is asked for by its id.")
        return rows.filter(pk__in=found)
    if runs := params.getlist("run"):
        return rows.filter(pk__in=RunOutput.objects.filter(run__in=keys(runs)).values("batch"))
    filters = BatchFilter(params, queryset=rows)
    unknown = set(params) - filters.parameters - OWN_PARAMETERS - forms.OWN
    if unknown or not filters.is_valid():
        raise Refused("This page understands only the filters of the batch list.")
    return filters.qs


def _batches(ids: list[int]) -> list[Batch]:
    return list(Batch.objects.select_related("product", "origin").filter(pk__in=ids))


def enqueued(ids: list[int], wanted: Wanted, by) -> Job:
    if not ids:
        raise Refused("There is nothing to print a label of.")
    parameters = {
        "batches": ids,
        "symbol": wanted.symbol,
        "size": wanted.size.name,
        "copies": wanted.copies,
        "first": wanted.first,
    }
    try:
        return jobs.enqueue(kind=JOB, parameters=parameters, by=by)
    except ValidationError as refusal:
        raise Refused(" ".join(refusal.messages)) from None


@needs("batches.view_batch")
def label_job(request, pk):
    job = get_object_or_404(Job, pk=pk, kind=JOB)
    is_over = job.is_over
    context = {"job": job, "is_over": is_over, "is_there": is_over and file_of(job).exists()}
    context["pace"] = pace_of(job, timezone.now())
    if not request.htmx:
        return render(request, "batches/label_job.html", context)
    if not is_over:
        return render(request, "batches/label_progress.html", context)
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


@needs("batches.view_batch")
def label_file(request, pk):
    job = get_object_or_404(Job, pk=pk, kind=JOB, state=Job.State.DONE)
    try:
        file = file_of(job).open("rb")
    except FileNotFoundError:
        raise Http404("These labels were cleared away. Make them again.") from None
    return FileResponse(file, as_attachment=True, filename=f"labels-{job.pk}.pdf")
