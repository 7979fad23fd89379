"""The log of who was called, written to or visited about a recall."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Location
from batches.operations.events import record
from recalls.models import Contacted, CustomerContacted, Recall, Recipient, ScopeLine
from recalls.operations.responses import open_recall_of


@transaction.atomic
def log_contacts(
    *, recall, locations, channel, person, reached, note, by, at, when=None, customers=()
) -> list[Contacted | CustomerContacted]:
    """Notes a call, letter or visit at each place, and at each of the `customers` of recipients,
    whether or not somebody was reached. Kept as it is; `when` is the moment if it was not now.

    What was answered is entered as an answer. Refuses nobody, a place that is not told anything,
    a customer that nobody of this recall named, a call that reached nobody in particular, and a
    moment that is yet to come or lies before the recall.
    """
    recall = open_recall_of(recall.pk)
    _check(recall, locations, customers, when, at)
    if reached and channel != Contacted.Channel.LETTER and not person.strip():
        raise ValidationError({"person": "Enter whom you spoke to."})
    said = {"channel": channel, "person": person.strip(), "reached": reached}
    said |= {"note": note.strip(), "by": by, "at": when or at}
    entries = [
        *(Contacted(recall=recall, location=location, **said) for location in locations),
        *(CustomerContacted(customer=customer, **said) for customer in customers),
    ]
    for entry in entries:
        entry.full_clean()
        entry.save(force_insert=True)
    _record(recall, entries, by, at)
    return entries


def _check(recall: Recall, locations: list[Location], customers, when, at) -> None:
    if not (locations or customers):
        raise ValidationError("Tick the places that were called.")
    told = ScopeLine.objects.filter(version__recall=recall, location__in=locations)
    told = told.filter(role=ScopeLine.Role.RECIPIENT, version__release__isnull=False).order_by()
    known = set(told.values_list("location_id", flat=True))
    for location in locations:
        if location.pk not in known:
            raise ValidationError(f"{location.name} is not told anything in {recall}.")
    named = Recipient.objects.filter(recall=recall, received_on__isnull=False)
    ids = {customer.pk for customer in customers}
    if ids - set(named.filter(pk__in=ids).values_list("pk", flat=True)):
        raise ValidationError(f"Nobody said in {recall} that they sent goods on to this customer.")
    if when and not recall.opened_at <= when <= at:
        raise ValidationError({"when": "Enter a moment between the opening of the recall and now."})


def _record(recall: Recall, entries: list[Contacted | CustomerContacted], by, at) -> None:
    """One event for the act. The log names no person and no customer; the entries do."""
    said = {"channel": entries[0].channel, "reached": entries[0].reached}
    if len(entries) == 1 and isinstance(entries[0], CustomerContacted):
        after = {"recipient": entries[0].customer_id, "entry": entries[0].pk}
        record(verb="customer contacted", obj=recall, by=by, at=at, after=after | said)
        return
    if len(entries) == 1:
        place = entries[0].location
        after = {"location": place.pk, "code": place.code, "entry": entries[0].pk}
        record(verb="place contacted", obj=recall, by=by, at=at, after=after | said)
        return
    places = {e.location.code: e.pk for e in entries if isinstance(e, Contacted)}
    theirs = {e.customer_id: e.pk for e in entries if isinstance(e, CustomerContacted)}
    after = {"count": len(entries), "entries": places}
    after |= {"customers": theirs} if theirs else {}
    record(verb="places contacted", obj=recall, by=by, at=at, after=after | said)
