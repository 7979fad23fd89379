"""The trace page: what is connected to a batch, and why. Its whole state is its address."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from batches.lists import export
from batches.lists.access import needs
from batches.lists.pages import Refused
from batches.models import TraceSnapshot
from batches.operations.preferences import preferences_of
from batches.tracing import TraceResult
from batches.views.trace import asked as addresses
from batches.views.trace.asked import DIRECTIONS, TABS, Asked, Seeds
from batches.views.trace.cards import name_of
from batches.views.trace.columns import chosen
from batches.views.trace.found import Found, find
from batches.views.trace.page import page_of
from batches.views.trace.rows import rows, values
from batches.views.trace.sheet import sheet


@needs("batches.view_holding")
def trace(request) -> HttpResponse:
    try:
        asked = addresses.read(request.GET)
        seeds = addresses.find_seeds(request.GET.getlist("seed"))
        asked = Asked(**{**vars(asked), "seeds": tuple(batch.pk for batch in seeds.batches)})
        if number := request.GET.get("number", "").strip():
            return _add(request, asked, seeds, number)
        if not seeds.batches:
            return _pick(request, asked, seeds)
        return _trace(request, asked, seeds)
    except Refused as refusal:
        context = {"message": str(refusal), "clean_url": reverse("batch-trace")}
        return render(request, "400.html", context, status=400)


def _trace(request, asked: Asked, seeds: Seeds) -> HttpResponse:
    found = find(asked, seeds.batches)
    if kind := request.GET.get("export"):
        return _export(request, found, kind)
    return render(request, "batches/trace.html", page_of(found, seeds, request.user))


def _add(request, asked: Asked, seeds: Seeds, number: str) -> HttpResponse:
    """A typed number becomes a seed; several that it may mean are shown to choose from."""
    matches = addresses.numbered(number)
    if len(matches) == 1:
        return redirect(asked.url(seeds=tuple(dict.fromkeys([*asked.seeds, matches[0].pk]))))
    if matches:
        seeds.ambiguous.append((number, matches))
    else:
        seeds.unknown.append(number)
    return _pick(request, asked, seeds)


def _pick(request, asked: Asked, seeds: Seeds) -> HttpResponse:
    """The page without a trace: a field for a number, or the batches that one may mean."""
    choices = [
        (text, [(asked.url(seeds=(*asked.seeds, batch.pk)), batch) for batch in matches])
        for text, matches in seeds.ambiguous
    ]
    context = {
        "asked": asked,
        "unknown": seeds.unknown,
        "choices": choices,
        "back": asked.url() if asked.seeds else "",
        "frozen": [] if choices or asked.seeds else list(TraceSnapshot.objects.defer("graph")[:5]),
        "recent": [] if choices else [(asked.url(seeds=(b.pk,)), b) for b in addresses.recent()],
    }
    status = 404 if seeds.unknown and not choices else 200
    return render(request, "batches/trace_pick.html", context, status=status)


def _export(request, found: Found, kind: str) -> HttpResponse:
    if kind == "sheet":
        address = request.build_absolute_uri(found.asked.url())
        return render(request, "batches/trace_sheet.html", sheet(found, request.user, address))
    if kind == "json":
        several = [_as_json(found, result) for result in found.results]
        return JsonResponse(several[0] if len(several) == 1 else several, safe=False)
    table = rows(found)
    numbers = ", ".join(batch.number for batch in found.seeds)
    said = [f"{DIRECTIONS[found.asked.dir]} from {numbers}", *found.stop_notes(), *found.notes()]
    if found.group:
        said.insert(1, f"Only the group of {name_of(found.group)}")
    if found.asked.find:
        said.insert(1, f"Only rows with “{found.asked.find}”")
    head = export.Head(
        title=f"Trace {TABS[found.asked.tab].lower()}",
        filters=". ".join(said),
        at=timezone.now(),
        by=request.user.get_username(),
        count=len(table.rows),
    )
    write = export.as_csv if kind == "csv" else export.as_xlsx
    seen = chosen(table, preferences_of(request.user).columns)
    return write(head, values(seen.columns, seen.narrowed(table.rows)))


def _as_json(found: Found, result: TraceResult) -> dict:
    """The whole trace, also where the page is stopped: that stands beside it."""
    told = (result.whole or result).as_json()
    if result.whole:
        told["stopped"] = {
            "at": [{"name": stop.name, "reason": stop.reason} for stop in found.asked.stops],
            "not_shown": len(result.whole.holdings) - len(result.holdings),
        }
    return told
