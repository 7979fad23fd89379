"""The log of who was called, written to or visited about a recall."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Location
from batches.operations.events import record
from recalls.models import Contacted, Recall, ScopeLine
from recalls.operations.responses import open_recall_of


@transaction.atomic
def log_contacts(
    *, recall, locations, channel, person, reached, note, by, at, when=None
) -> list[Contacted]:
    """Notes a call, letter or visit at each place, whether or not somebody was reached. Kept as
    it is; `when` is the moment if it was not now.

    What was answered is entered as an answer. Refuses no place, a place that is not told
    anything, a call that reached nobody in particular, and a moment that is yet to come or lies
    before the recall.
    """
    recall = open_recall_of(recall.pk)
    _check(recall, locations, when, at)
    if reached and channel != Contacted.Channel.LETTER and not person.strip():
        raise ValidationError({"person": "Enter whom you spoke to."})
    entries = [
        Contacted(
            recall=recall,
            location=location,
            channel=channel,
            person=person.strip(),
            reached=reached,
            note=note.strip(),
            by=by,
            at=when or at,
        )
        for location in locations
    ]
    for entry in entries:
        entry.full_clean()
        entry.save(force_insert=True)
    _record(recall, entries, by, at)
    return entries


def _check(recall: Recall, locations: list[Location], when, at) -> None:
    if not locations:
        raise ValidationError("Tick the places that were called.")
    told = ScopeLine.objects.filter(version__recall=recall, location__in=locations)
    told = told.filter(role=ScopeLine.Role.RECIPIENT, version__release__isnull=False).order_by()
    known = set(told.values_list("location_id", flat=True))
    for location in locations:
        if location.pk not in known:
            raise ValidationError(f"{location.name} is not told anything in {recall}.")
    if when and not recall.opened_at <= when <= at:
        raise ValidationError({"when": "Enter a moment between the opening of the recall and now."})


def _record(recall: Recall, entries: list[Contacted], by, at) -> None:
    """One event for the act. The log names no person; the entries do."""
    said = {"channel": entries[0].channel, "reached": entries[0].reached}
    if len(entries) == 1:
        place = entries[0].location
        after = {"location": place.pk, "code": place.code, "entry": entries[0].pk}
        record(verb="place contacted", obj=recall, by=by, at=at, after=after | said)
        return
    places = {entry.location.code: entry.pk for entry in entries}
    after = {"count": len(entries), "entries": places}
    record(verb="places contacted", obj=recall, by=by, at=at, after=after | said)
