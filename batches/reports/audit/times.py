"""Times that contradict each other, or are not known. Only what is certain counts: a day without
an hour may be any hour of it."""

from collections.abc import Iterator

from django.db.models import Exists, F, Min, OuterRef, Q

from batches.models import Adjustment, Batch, Holding, Link, Run, RunInput, Shipment
from batches.operations.stock import MOVED, chunks
from batches.operations.times import earliest, latest
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about

# Imports raise these as well, about the same documents.
ARRIVED = Kind("arrived_before_left", "Arrived before it left", fix="Correct the times")
SHIPPED = Kind("shipped_before_made", "Shipped before it was made", fix="Correct the times")
USED = Kind("used_before_made", "Used before it was made", fix="Correct the times")
UNKNOWN = Kind("time_unknown", "Time unknown", Severity.GAP, "Look at the document")
LEFT = Kind("left_before_arrived", "Left before it arrived", fix="Correct the times")
EXPIRY = Kind("expires_before_made", "Expires before it was made", fix="Correct it", door="admin")
_CHUNK = 5_000


def _times(look: Look) -> Iterator[Found]:
    yield from _arrived_before_left()
    yield from _moved_before_made()
    yield from _left_before_arrived()
    yield from _expired_before_made()
    yield from _unknown()


def _arrived_before_left() -> Iterator[Found]:
    odd = Shipment.objects.filter(status__in=MOVED, received_at__lt=F("shipped_at")).order_by()
    for row in odd.select_related("origin", "destination").iterator(chunk_size=_CHUNK):
        left = earliest(row.shipped_at, row.shipped_date_only, row.origin.zone)
        arrived = latest(row.received_at, row.received_date_only, row.destination.zone)
        if arrived < left:
            text = f"Shipment {row.reference} arrived before it left."
            yield about(ARRIVED, Shipment, row.pk, row.reference, text)


def _moved_before_made() -> Iterator[Found]:
    """Batches by their first link are one row each; the links of the few that are odd follow."""
    timed = Link.objects.filter(voided=False, left_by__isnull=False)
    firsts = timed.filter(source__batch__produced_at__isnull=False).order_by()
    firsts = firsts.values_list("source__batch", "source__batch__produced_at")
    made = {
        batch: moment.timestamp()
        for batch, moment, first in firsts.annotate(first=Min("left_by")).iterator()
        if first < moment.timestamp()
    }
    for part in chunks(sorted(made)):
        rows = timed.filter(source__batch__in=part).order_by().values_list(
            "source__batch", "source__batch__number", "left_by", "run_id", "run__reference",
            "shipment_line__shipment_id", "shipment_line__shipment__reference",
        )  # fmt: skip
        for batch, number, left, run, ran, shipment, shipped in rows.iterator(chunk_size=_CHUNK):
            if left < made[batch] and run:
                yield about(USED, Run, run, ran, _early(number, "used"))
            elif left < made[batch]:
                yield about(SHIPPED, Shipment, shipment, shipped, _early(number, "shipped"))
    yield from _used_up_before_made()


def _used_up_before_made() -> Iterator[Found]:
    """Runs without an output have no links."""
    rows = RunInput.objects.filter(
        run__outputs=None, run__status=Run.Status.POSTED, run__ran_at__lt=F("batch__produced_at")
    )
    for row in rows.select_related("run__location", "batch").order_by("pk"):
        run = row.run
        ended = latest(run.ran_at, run.ran_date_only, run.location.zone)
        if ended < row.batch.produced_at.timestamp():
            yield about(USED, Run, run.pk, run.reference, _early(row.batch.number, "used"))


def _early(number: str, done: str) -> str:
    return f"Batch {number} was {done} before it was made."


def _left_before_arrived() -> Iterator[Found]:
    """Every way into a holding came after something went out of it."""
    inward = Link.objects.filter(target=OuterRef("source"), voided=False)
    in_time = Q(arrived_from=None) | Q(arrived_from__lte=OuterRef("left_by"))
    rows = (
        Link.objects.filter(Exists(inward), voided=False, left_by__isnull=False)
        .exclude(source__location=F("source__batch__origin"))
        .exclude(Exists(inward.filter(in_time)))
        .order_by()
        .values_list("source_id", "source__batch__number", "source__location__code")
        .distinct()
    )
    for pk, number, code in rows.iterator(chunk_size=_CHUNK):
        text = f"Batch {number} left {code} before any of it had arrived there."
        yield about(LEFT, Holding, pk, f"{number} at {code}", text)


def _expired_before_made() -> Iterator[Found]:
    rows = Batch.objects.filter(expires_on__lt=F("produced_at__date"))
    rows = rows.exclude(status=Batch.Status.VOIDED).order_by()
    rows = rows.select_related("origin").only("number", "expires_on", "produced_at", "origin")
    for row in rows.iterator(chunk_size=_CHUNK):
        made = row.produced_at.astimezone(row.origin.zone).date()
        if row.expires_on < made:
            text = f"Best before {row.expires_on:%d %b %Y}, but made on {made:%d %b %Y}."
            yield about(EXPIRY, Batch, row.pk, row.number, text)


def _unknown() -> Iterator[Found]:
    shipments = Shipment.objects.filter(status__in=MOVED, shipped_at=None, received_at=None)
    text = "Neither departure nor arrival is known: a trace takes it as possible."
    for pk, reference in shipments.order_by().values_list("pk", "reference").iterator():
        yield about(UNKNOWN, Shipment, pk, reference, text)
    runs = Run.objects.filter(status=Run.Status.POSTED, ran_at=None).order_by()
    text = "The time of the run is not known: a trace takes it as possible."
    for pk, reference in runs.values_list("pk", "reference").iterator():
        yield about(UNKNOWN, Run, pk, reference, text)
    rows = Adjustment.objects.filter(at=None, voided_at=None).order_by()
    rows = rows.values_list("pk", "holding__batch__number", "holding__location__code")
    for pk, number, code in rows.iterator(chunk_size=_CHUNK):
        text = "The time of the adjustment is not known."
        yield about(UNKNOWN, Adjustment, pk, f"{number} at {code}", text)


TIMES = Check("times", _times, (ARRIVED, SHIPPED, USED, LEFT, EXPIRY, UNKNOWN))
