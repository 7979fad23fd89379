"""Traces too large for a page: asking for one, watching the work, reading what was frozen."""

from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from batches import filters, tables
from batches.lists.access import needs
from batches.lists.pages import Empty, ListPage, Refused
from batches.models import Job, SnapshotLine, TraceSnapshot
from batches.operations import snapshots
from batches.reports.frozen import content
from batches.reports.working import pace_of
from batches.templatetags import wording
from batches.views.trace import asked as addresses
from batches.views.trace.asked import Asked

PERMISSION = "batches.view_holding"


@needs(PERMISSION)
@require_POST
def ask(request):
    """Owes the whole of the trace that the form's address asks for, and shows the work."""
    params = request.POST.copy()
    params.pop("csrfmiddlewaretoken", None)
    try:
        asked = addresses.read(params)
        seeds = addresses.find_seeds(params.getlist("seed")).batches
        if not seeds:
            raise Refused("A trace begins with a batch. Choose one first.")
    except Refused as refusal:
        context = {"message": str(refusal), "clean_url": reverse("batch-trace")}
        return render(request, "400.html", context, status=400)
    asked = Asked(**{**vars(asked), "seeds": tuple(batch.pk for batch in seeds)})
    title = ", ".join(batch.number for batch in seeds[:3]) + (" …" if len(seeds) > 3 else "")
    job = snapshots.ask_for_snapshot(query=urlencode(asked.bare()), title=title, by=request.user)
    return redirect("trace-job", job.pk)


@needs(PERMISSION)
def trace_job(request, pk):
    job = get_object_or_404(Job.objects.select_related("created_by"), pk=pk, kind=snapshots.JOB)
    if request.htmx and job.is_over:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    if job.state == Job.State.DONE:
        return redirect(get_object_or_404(TraceSnapshot, job=job))
    context = {
        "job": job,
        "pace": pace_of(job, timezone.now()),
        "pairs": parse_qsl(job.parameters["query"]),
        "live_url": f"{reverse('batch-trace')}?{job.parameters['query']}",
    }
    page = "batches/trace_progress.html" if request.htmx else "batches/trace_job.html"
    return render(request, page, context)


class SnapshotList(ListPage):
    permission = PERMISSION
    table_class, filterset_class = tables.SnapshotTable, filters.SnapshotFilter
    title = "Frozen traces"
    empty = Empty(
        "No trace has been frozen yet. Where one is too large for a page, the page offers to "
        "resolve it in the background; what that finds is kept here.",
        "Trace a batch",
        "batch-trace",
    )

    def rows(self):
        return TraceSnapshot.objects.select_related("frozen_by").defer("graph", "query")


class SnapshotPage(ListPage):
    """One frozen trace: its figures and drawing, and its holdings as a list."""

    permission = PERMISSION
    template_name = "batches/trace_snapshot.html"
    table_class, filterset_class = tables.SnapshotLineTable, filters.SnapshotLineFilter
    empty = Empty("Nothing is in this trace.")

    @cached_property
    def snapshot(self) -> TraceSnapshot:
        rows = TraceSnapshot.objects.select_related("frozen_by")
        return get_object_or_404(rows, code=self.kwargs["code"])

    @property
    def title(self) -> str:
        at = f"{self.snapshot.frozen_at.astimezone(wording.site_zone()):%Y-%m-%d %H:%M}"
        named = f"Trace of {self.snapshot.title}, frozen {at}"
        return f"{named}, {self.card['label']}" if self.card else named

    @cached_property
    def card(self) -> dict | None:
        """The card of the drawing that the list is narrowed to."""
        if not (name := self.request.GET.get("card")):
            return None
        cards = self.snapshot.graph["cards"]
        if found := next((card for card in cards if card["box"]["id"] == name), None):
            return found
        raise Http404("This trace has no such card.")

    def filtered(self, *also):
        return super().filtered("card", "line", *also)

    def rows(self):
        rows = self.snapshot.lines.order_by("place")
        return rows.filter(card=self.card["box"]["id"]) if self.card else rows

    def context(self, filters, table) -> dict:
        snapshot = self.snapshot
        return super().context(filters, table) | {
            "snapshot": snapshot,
            "drawing": _drawing(snapshot, self.card),
            "card": self.card,
            "way": _way(snapshot, self.request.GET.get("line", "")),
            "live_url": f"{reverse('batch-trace')}?{snapshot.query}",
        }


def _drawing(snapshot: TraceSnapshot, chosen: dict | None) -> dict:
    """The frozen drawing; each card leads to its rows, the chosen one back to all."""
    graph, address = snapshot.graph, snapshot.get_absolute_url()
    for card in graph["cards"]:
        card["box"]["selected"] = card is chosen or bool(chosen and card["box"] == chosen["box"])
        name = "" if card["box"]["selected"] else f"?{urlencode({'card': card['box']['id']})}"
        card["url"] = f"{address}{name}#list"
        card["classes"] += " sel" if card["box"]["selected"] else ""
    return graph


def _way(snapshot: TraceSnapshot, place: str) -> list[SnapshotLine]:
    """The line and those before it on the way that explains it, as the goods went."""
    found: list[SnapshotLine] = []
    wanted = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else None
    while wanted is not None and wanted not in {line.place for line in found}:
        line = snapshot.lines.filter(place=wanted).first()
        if line is None:
            break
        found.append(line)
        wanted = line.came_from
    return found if found and found[0].way == SnapshotLine.Way.BACKWARD else found[::-1]


@needs(PERMISSION)
def snapshot_content(request, code):
    """What was hashed, byte for byte: who has it can prove that it is this trace."""
    snapshot = get_object_or_404(TraceSnapshot, code=code)
    response = StreamingHttpResponse(content(snapshot), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="trace-{snapshot.code}.jsonl"'
    return response


snapshot_urls = [
    path("trace/background/", ask, name="trace-background"),
    path("trace/background/<int:pk>/", trace_job, name="trace-job"),
    path("trace/snapshots/", SnapshotList.as_view(), name="snapshot-list"),
    path("trace/snapshots/<uuid:code>/", SnapshotPage.as_view(), name="trace-snapshot"),
    path("trace/snapshots/<uuid:code>/trace.jsonl", snapshot_content, name="snapshot-content"),
]
