"""The log of who was called, written to or visited about a recall."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import Contacted, ScopeLine
from recalls.operations.responses import open_recall_of


@transaction.atomic
def log_contact(*, recall, location, channel, person, reached, note, by, at) -> Contacted:
    """Notes a call, letter or visit, whether or not somebody was reached. Kept as it is.

    What was answered is entered as an answer. Refuses a place that is not told anything,
    and a call that reached nobody in particular.
    """
    recall = open_recall_of(recall.pk)
    told = ScopeLine.objects.filter(version__recall=recall, location=location)
    if not told.filter(role=ScopeLine.Role.RECIPIENT, version__release__isnull=False).exists():
        raise ValidationError(f"{location.name} is not told anything in {recall}.")
    if reached and channel != Contacted.Channel.LETTER and not person.strip():
        raise ValidationError({"person": "Enter whom you spoke to."})
    entry = Contacted(
        recall=recall,
        location=location,
        channel=channel,
        person=person.strip(),
        reached=reached,
        note=note.strip(),
        by=by,
        at=at,
    )
    entry.full_clean()
    entry.save(force_insert=True)
    # The log names no person; the entry does.
    after = {"location": location.pk, "code": location.code, "entry": entry.pk}
    after |= {"channel": channel, "reached": reached}
    record(verb="place contacted", obj=recall, by=by, at=at, after=after)
    return entry
