"""Where a trace would end too early: what has no source, and what a document left unlinked."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from batches.models import Batch, Holding, Link, Location, Run, RunInput, RunOutput, Shipment
from batches.models import ShipmentLine as Line
from batches.operations.stock import MOVED
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about

UNLINKED = Kind("link_missing", "Document without its links", Severity.ALARM, "Enter it again")
SOURCE = Kind("source_missing", "Made of nothing on record", Severity.GAP, "Enter the run")
ARRIVAL = Kind("arrival_missing", "Arrived from nowhere", Severity.GAP, "Enter the delivery")
# Imports raise the next three as well, about the same documents.
INCOMPLETE = Kind("run_incomplete", "Run without input or output", Severity.GAP, "Enter it again")
AMOUNT = Kind("quantity_unknown", "Quantity unknown", Severity.GAP, "Look at the document")
UNNAMED = Kind("batch_unknown", "Batch not recorded", Severity.GAP, "Look at the document")
_CHUNK = 5_000


def _links(look: Look) -> Iterator[Found]:
    yield from _unlinked()
    yield from _incomplete()
    yield from _no_source()
    yield from _no_arrival()
    yield from _no_amount()
    yield from _no_batch()


def _unlinked() -> Iterator[Found]:
    """A posted document of which the trace knows nothing."""
    live = Link.objects.filter(voided=False)
    lines = Line.objects.filter(~Exists(live.filter(shipment_line=OuterRef("pk"))))
    rows = (
        lines.filter(shipment__status__in=MOVED)
        .order_by()
        .values_list("shipment_id", "shipment__reference", "batch__number")
    )
    for pk, reference, number in rows.iterator(chunk_size=_CHUNK):
        text = f"Batch {number} is in it, but no link says so: a trace does not follow it."
        yield about(UNLINKED, Shipment, pk, reference, text)
    runs = Run.objects.filter(_has(RunInput), _has(RunOutput), status=Run.Status.POSTED)
    runs = runs.exclude(Exists(live.filter(run=OuterRef("pk"))))
    for pk, reference in runs.order_by().values_list("pk", "reference").iterator():
        text = "It is posted without links: a trace does not follow it."
        yield about(UNLINKED, Run, pk, reference, text)


def _has(model) -> Exists:
    return Exists(model.objects.filter(run=OuterRef("pk")))


def _incomplete() -> Iterator[Found]:
    for model, missing in ((RunInput, "input"), (RunOutput, "output")):
        runs = Run.objects.filter(~_has(model), status=Run.Status.POSTED).order_by()
        for pk, reference in runs.values_list("pk", "reference").iterator():
            text = f"Run {reference} has no {missing}, so nothing is linked by it."
            yield about(INCOMPLETE, Run, pk, reference, text)


def _no_source() -> Iterator[Found]:
    """One step back is missing: made by us, and no posted run says of what."""
    made = RunOutput.objects.filter(batch=OuterRef("pk"), run__status=Run.Status.POSTED)
    rows = (
        Batch.objects.identified()
        .filter(origin__is_own=True)
        .exclude(status=Batch.Status.VOIDED)
        .exclude(origin__kind=Location.Kind.SUPPLIER)
        .exclude(Exists(made))
    )
    rows = rows.order_by().values_list("pk", "number", "origin__code")
    for pk, number, code in rows.iterator(chunk_size=_CHUNK):
        text = f"It was made at {code}, and no run says what it was made of."
        yield about(SOURCE, Batch, pk, number, text)


def _no_arrival() -> Iterator[Found]:
    """It is, or was, where it was not made, and no link leads there."""
    inward = Link.objects.filter(target=OuterRef("pk"), voided=False)
    onward = Link.objects.filter(source=OuterRef("pk"), voided=False)
    rows = (
        Holding.objects.exclude(location=F("batch__origin"))
        .filter(~Exists(inward))
        .filter(~Q(quantity=0) | Q(quantity=None) | Exists(onward))
        .order_by()
    )
    rows = rows.values_list("pk", "batch__number", "location__code")
    for pk, number, code in rows.iterator(chunk_size=_CHUNK):
        text = f"It is recorded at {code}, and nothing says how it got there."
        yield about(ARRIVAL, Holding, pk, f"{number} at {code}", text)


_LINES = (
    (Line, "shipment", MOVED),
    (RunInput, "run", ["posted"]),
    (RunOutput, "run", ["posted"]),
)


def _no_amount() -> Iterator[Found]:
    for model, document, states in _LINES:
        rows = model.objects.filter(quantity=None, **{f"{document}__status__in": states})
        rows = rows.order_by().values_list(
            f"{document}_id", f"{document}__reference", "batch__number"
        )
        owner = Shipment if document == "shipment" else Run
        for pk, reference, number in rows.iterator(chunk_size=_CHUNK):
            text = f"The quantity of batch {number} is not known."
            yield about(AMOUNT, owner, pk, reference, text)


def _no_batch() -> Iterator[Found]:
    """It is known which goods moved, and not which batch they are of."""
    for model, document, states in _LINES:
        rows = model.objects.filter(
            batch__is_unidentified=True, **{f"{document}__status__in": states}
        )
        rows = rows.order_by().values_list(
            f"{document}_id", f"{document}__reference", "batch__product__code"
        )
        owner = Shipment if document == "shipment" else Run
        for pk, reference, code in rows.iterator(chunk_size=_CHUNK):
            text = f"{code} in it has no batch: a trace cannot follow it by one."
            yield about(UNNAMED, owner, pk, reference, text)


LINKS = Check("links", _links, (UNLINKED, SOURCE, ARRIVAL, INCOMPLETE, AMOUNT, UNNAMED))
