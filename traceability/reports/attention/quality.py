"""Holds that wait for a decision, and findings that nobody has settled."""

from collections.abc import Iterator

from batches.models import Batch, Finding, Hold, Location, Shipment
from batches.operations.contacts import RETURNED
from batches.operations.listeners import for_people_to_decide
from batches.reports.audit import word_of
from batches.reports.findings import page_of, subjects
from batches.templatetags.lotline import person
from traceability.reports.attention.item import Item, address, first_sentence

FINDINGS = {
    "alarm": (0, "crit", "warn"),
    "warning": (3, "info", "scale"),
    "gap": (5, "none", "link"),
}


def undecided_holds():
    return Hold.objects.active().filter(for_people_to_decide())


def hold_items(rows, limit) -> Iterator[Item]:
    related = ("batch__product", "batch__origin", "placed_by")
    for hold in rows.select_related(*related).order_by("placed_at", "pk")[:limit]:
        yield Item(
            rank=2,
            since=hold.placed_at,
            key="hold",
            icon="hold",
            title="Hold without decision",
            detail=hold.reason,
            record=hold.batch.number,
            record_url=hold.batch.get_absolute_url(),
            record_detail=hold.batch.product.name,
            owner=person(hold.placed_by),
            action="Decide",
            action_url=address("hold-release", hold.pk),
            permission="batches.release_hold",
        )


def open_alarms():
    return Finding.objects.unsettled().exclude(severity=Finding.Severity.GAP)


def open_gaps():
    return Finding.objects.unsettled().filter(severity=Finding.Severity.GAP)


def finding_items(rows, limit) -> Iterator[Item]:
    rows = rows.select_related("owner").order_by("severity", "found_at", "pk")
    found = list(rows[:limit])
    things = subjects(found)
    for finding in found:
        rank, key, icon = FINDINGS[finding.severity]
        thing = things.get((finding.object_type, finding.object_id))
        yield Item(
            rank=rank,
            since=finding.found_at,
            key=key,
            icon="bounce" if finding.kind == RETURNED else icon,
            title=word_of(finding.kind),
            detail=first_sentence(finding.text),
            record=finding.label,
            record_url=page_of(thing) if thing else "",
            record_detail=_more(thing),
            owner=person(finding.owner),
            action="Settle",
            action_url=address("finding-close", finding.pk),
            permission="batches.change_finding",
        )


def _more(thing) -> str:
    """What people call it by, beside its number or code."""
    if isinstance(thing, Batch):
        return thing.product.name
    if isinstance(thing, Shipment):
        return f"to {thing.destination.name}"
    return thing.name if isinstance(thing, Location) else ""
