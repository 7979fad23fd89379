"""The page on which a recall adds up, per batch and per place, to look at and to take away."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from batches.lists import export
from batches.lists.access import needs
from recalls.reports.reconciliation import reconciliation
from recalls.tables import BatchSides, PlaceSides
from recalls.views.cases import find

TABLES = {"batches": BatchSides, "places": PlaceSides}
PER_PAGE, SHOWN = 50, 12


@needs("recalls.view_scopeline")
@require_safe
def reconcile(request, reference):
    """`by` is batches or places; with `open` only what does not close, with `export` a file."""
    recall = find(reference)
    found = reconciliation(recall)
    by = request.GET.get("by") if request.GET.get("by") in TABLES else "batches"
    rows = getattr(found, by)
    if "open" in request.GET:
        rows = [row for row in rows if not row.closes]
    table = TABLES[by](rows, request=request, reference=recall.reference)
    RequestConfig(request, paginate={"per_page": PER_PAGE, "silent": True}).configure(table)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _file(request, recall, table, by, len(rows))
    context = {
        "recall": recall,
        "found": found,
        "table": table,
        "by": by,
        "is_open": "open" in request.GET,
        "gaps": found.gaps if "all" in request.GET else found.gaps[:SHOWN],
    }
    return render(request, "recalls/reconciliation.html", context)


def _file(request, recall, table, by: str, count: int):
    head = export.Head(
        title=f"Reconciliation of {recall.reference} by {by}",
        filters="what does not close" if "open" in request.GET else "",
        at=timezone.now(),
        by=request.user.get_username(),
        count=count,
    )
    write = export.as_csv if request.GET["export"] == "csv" else export.as_xlsx
    return write(head, table.as_values())
