"""The page of one complaint: what was said, where it leads back to, and others like it."""

from datetime import timedelta
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from batches.lists.access import needs
from batches.models import Complaint
from batches.reports.complaints import starts_of

# Complaints about the same product this long before or after may have the same cause.
NEAR = timedelta(days=60)
SHOWN = 25


@needs("batches.view_complaint")
def complaint(request, pk):
    rows = Complaint.objects.select_related(
        "product", "batch__product", "batch__origin", "location"
    )
    found = get_object_or_404(rows, pk=pk)
    [start] = starts_of([found])
    others = rows.filter(product=found.product_id).exclude(pk=pk)
    others = others.filter(at__range=(found.at - NEAR, found.at + NEAR)).order_by("-at", "-pk")
    context = {
        "complaint": found,
        "start": start,
        "trace_url": _trace_back(found),
        "others": others[:SHOWN],
    }
    return render(request, "batches/complaint_detail.html", context)


def _trace_back(found: Complaint) -> str:
    """The trace of the batch, if it is known."""
    if found.batch is None:
        return ""
    return f"{reverse('batch-trace')}?{urlencode({'seed': found.batch_id, 'dir': 'back'})}"
