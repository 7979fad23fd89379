"""Whether each frozen trace still gives its hash."""

from collections.abc import Iterator

from batches.models import TraceSnapshot
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about
from batches.reports.frozen import is_unchanged

CHANGED = Kind("traces", "Frozen trace changed", Severity.ALARM, "Look at the trace", "page")


def _traces(look: Look) -> Iterator[Found]:
    for snapshot in TraceSnapshot.objects.order_by("pk"):
        if not is_unchanged(snapshot):
            text = "What is stored of it does not give its hash any more."
            yield about(CHANGED, TraceSnapshot, snapshot.pk, str(snapshot), text)


TRACES = Check("traces", _traces, (CHANGED,))
