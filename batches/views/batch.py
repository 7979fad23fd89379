"""The page of one batch: is it all right, and where is it now?"""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.codes.symbols import Kind
from batches.lists.access import needs
from batches.models import Batch
from batches.operations.holds import with_freedom
from batches.reports import numbers, papers, story, whereabouts
from batches.reports.labels import content, pictures
from batches.reports.labels.layout import lay_out, symbol_of
from batches.reports.labels.sizes import SIZES
from batches.reports.meant import meant

SHOWN = 12
MOST = 2_000


@needs("batches.view_batch")
def batch(request, product, number):
    found = list(meant(number, product=product, origin=request.GET.get("origin", "")))
    if not found:
        raise Http404(f"There is no batch {number} of product {product}.")
    if len(found) > 1:
        context = {"number": number, "candidates": found}
        return render(request, "batches/batch_candidates.html", context)
    one = found[0]
    if (one.product.code, one.number) != (product, number):
        return redirect(one)
    whole, milestones = request.GET.get("all", ""), "milestones" in request.GET
    context = page_of(one, request.user, whole, milestones)
    return render(request, "batches/batch_detail.html", context)


def page_of(one: Batch, user, whole: str, milestones: bool) -> dict:
    """`whole` names the block that shows all it has: places or timeline; `milestones` leaves
    departures and arrivals out of the timeline."""
    related = ("location", "placed_by", "released_by", "decided_by", "owner")
    holds = list(with_freedom(one.holds.select_related(*related)))
    inspections = list(one.inspections.select_related("by"))
    places, more_places = whereabouts.whereabouts(one, holds, MOST if whole == "places" else SHOWN)
    entries = story.timeline(
        one,
        holds,
        inspections,
        limit=MOST if whole == "timeline" else SHOWN + 1,
        with_log=user.has_perm("batches.view_event"),
        milestones=milestones,
    )
    active = [hold for hold in holds if hold.released_at is None and not hold.is_drill]
    documents, more_documents = papers.papers(one)
    custom = list(one.custom_values.for_page())
    return {
        "batch": one,
        "code": code_of(one),
        "parts": numbers.parts_of(one, timezone.now()),
        "facts": whereabouts.facts(one),
        "promoted": [value for value in custom if value.field.is_promoted],
        "more_facts": [value for value in custom if not value.field.is_promoted],
        "places": places,
        "more_places": more_places,
        "before": story.made_from(one) + story.came_from(one),
        "after": story.went_into(one) + story.sent_to(one),
        "milestones": milestones,
        "timeline": entries if whole == "timeline" else entries[:SHOWN],
        "more_timeline": whole != "timeline" and len(entries) > SHOWN,
        "holds": holds,
        "releasable": [hold for hold in active if hold.is_free],
        "recalls": sorted({hold.recall for hold in active if hold.recall}),
        "inspections": inspections,
        "people": papers.people(one, holds, inspections, user.has_perm("batches.view_event")),
        "documents": documents,
        "more_documents": more_documents,
        "complaints": list(one.complaints.select_related("location")[:10]),
    }


def code_of(one: Batch) -> dict:
    """The QR of the page's margin, what it carries, and the label as it would be printed; nothing
    for goods without a number."""
    if one.is_unidentified:
        return {}
    label = content.of_batch(one)
    printed = lay_out(label, Kind.DATAMATRIX, SIZES["100x50"])
    return {
        "label": label,
        "picture": pictures.symbol_svg(symbol_of(label, Kind.QR)),
        "printed": pictures.label_svg(printed),
    }
