"""A frozen version to print and to keep, and what is different between two of them."""

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render

from batches.lists.access import needs
from batches.templatetags import wording
from recalls.models import Recall, ScopeLine, ScopeVersion
from recalls.reports import printed
from recalls.scope.difference import KINDS, difference
from recalls.views.cases import find

SHOWN = 500


def version_of(recall: Recall, number: int) -> ScopeVersion:
    version = recall.versions.filter(number=number).first()
    if version is None:
        raise Http404(f"{recall} has no such scope version.")
    return version


def versions_in_words(recall: Recall) -> list[ScopeVersion]:
    """Newest first, each with its counts and, in `words`, what it changed."""
    change = ScopeLine.Change
    rows = recall.versions.annotate(
        places=Count("lines__location", distinct=True),
        holdings=Count("lines", distinct=True),
        added=Count("lines", distinct=True, filter=Q(lines__change=change.NEW)),
        changed=Count("lines", distinct=True, filter=Q(lines__change=change.CHANGED)),
    )
    versions = list(rows.select_related("frozen_by", "release__by").order_by("-number"))
    for version in versions:
        version.words = _in_words(version)
    return versions


def _in_words(version: ScopeVersion) -> str:
    removed = sum(len(r["removed"]) for r in version.rules if r.get("kind") == "narrowing")
    counts = [("new", version.added), ("changed", version.changed), ("taken out", removed)]
    parts = [f"{count} {word}" for word, count in counts if count]
    return f"Holdings: {', '.join(parts)}." if parts else "Nothing that anybody is asked about."


@needs("recalls.view_scopeline")
@wording.on_paper
def version_print(request, reference, number):
    """The same bytes for whoever prints it, whenever: nothing of the reader is on it."""
    version = version_of(find(reference), number)
    context = {"paper": printed.printed(version), "title": str(version)}
    # Rendered without the request, so that no context processor adds anything.
    return render(None, "recalls/version_print.html", context)


@needs("recalls.view_scopeline")
def version_text(request, reference, number):
    version = version_of(find(reference), number)
    return HttpResponse(printed.as_text(version), content_type="text/plain; charset=utf-8")


@needs("recalls.view_scopeline")
def version_json(request, reference, number):
    """The bytes that the hash of the version is over."""
    version = version_of(find(reference), number)
    name = f"{reference}-version-{number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(printed.as_json(version), content_type="application/json", headers=headers)


@needs("recalls.view_scopeline")
def version_diff(request, reference, number):
    """`?from=` chooses the other version; without it, the one before."""
    recall = find(reference)
    later = version_of(recall, number)
    earlier = version_of(recall, _number(request.GET.get("from"), number - 1))
    if earlier.number > later.number:
        earlier, later = later, earlier
    found = difference(earlier, later)
    context = {
        "recall": recall,
        "found": found,
        "counts": [(kind, found.count(kind)) for kind in KINDS],
        "places": found.places if "all" in request.GET else found.places[:SHOWN],
        "versions": recall.versions.order_by("number"),
        "told": _told(found),
    }
    return render(request, "recalls/version_diff.html", context)


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return max(otherwise, 1)
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Http404("There is no such scope version.")
    return int(text)


def _told(found) -> int:
    return len({c.line.location_id for c in found.changes if c.is_told})
