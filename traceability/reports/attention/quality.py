"""Holds that wait for a decision, and findings that nobody has settled."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models.functions import Coalesce
from django.utils import timezone

from batches.models import Batch, Finding, Hold, Location, Shipment
from batches.operations.contacts import RETURNED
from batches.operations.holds import to_decide
from batches.reports.audit import kinds, word_of
from batches.reports.findings import form_of, page_of, subjects
from batches.templatetags.lotline import person
from batches.templatetags.wording import day
from traceability.reports.attention.item import Item, address, first_sentence

FINDINGS = {
    "alarm": (0, "crit", "warn"),
    "warning": (3, "info", "scale"),
    "gap": (5, "none", "link"),
}


def undecided_holds():
    """Each is its owner's; one without an owner is whose it was that placed it."""
    rows = to_decide(Hold.objects.all(), timezone.now())
    return rows.alias(whose=Coalesce("owner", "placed_by"))


def hold_items(rows, limit) -> Iterator[Item]:
    related = ("batch__product", "batch__origin", "placed_by", "owner")
    now = timezone.now()
    for hold in rows.select_related(*related).order_by("placed_at", "pk")[:limit]:
        yield Item(
            rank=2,
            since=hold.placed_at,
            key="hold",
            icon="hold",
            title=_waits(hold, now),
            detail=hold.reason,
            record=hold.batch.number,
            record_url=hold.batch.get_absolute_url(),
            record_detail=hold.batch.product.name,
            owner=person(hold.owner or hold.placed_by),
            action="Decide",
            action_url=address("hold-decide", hold.pk),
            permission="batches.release_hold",
        )


def _waits(hold: Hold, now: datetime) -> str:
    if hold.decision:
        return "Scrapped, and there again"
    return f"Decision due {day(hold.due_on, now)}" if hold.due_on else "Hold without decision"


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
            **_right_act(finding, thing),
        )


# Kinds that no rule of the audit finds, and what mends them on the page of a shipment.
_ON_SHIPMENT = {"not received": ("Confirm arrival", "shipment-receive")}


def _right_act(finding: Finding, thing) -> dict[str, str]:
    """What is done about it, where, and what that needs; without such a place it is settled."""
    rule = kinds().get(finding.kind)
    word, name = _ON_SHIPMENT.get(finding.kind, ("", ""))
    if name and isinstance(thing, Shipment) and thing.status == Shipment.Status.POSTED:
        return _act(word, address(name, thing.reference), "batches.change_shipment")
    if rule and rule.door == "admin" and (url := form_of(finding)):
        return _act(rule.fix, url, finding.object_type.replace(".", ".change_"))
    if rule and rule.fix != "Open" and thing and (url := page_of(thing)):
        return _act(rule.fix, url, "")
    return _act("Settle", address("finding-close", finding.pk), "batches.change_finding")


def _act(word: str, url: str, permission: str) -> dict[str, str]:
    verb, _, more = word.partition(" ")
    return {"action": verb, "more": more, "action_url": url, "permission": permission}


def _more(thing) -> str:
    """What people call it by, beside its number or code."""
    if isinstance(thing, Batch):
        return thing.product.name
    if isinstance(thing, Shipment):
        return f"to {thing.destination.name}"
    return thing.name if isinstance(thing, Location) else ""
