"""Beyond reminding: the place above is told, then somebody calls, then the lead knows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.message.texts import Texts
from recalls.models import Escalation, Notice, Recall, Recipient, ScopeLine
from recalls.operations.letters import join, letter
from recalls.reports.silence import Silence, silences
from recalls.reports.status import status
from recalls.scope import newest_released
from recalls.scope.contacts import address_key, is_usable

Step, Kind = Escalation.Step, Notice.Kind
# What falls due soon after one mail goes into the next one to the same people.
GATHER = timedelta(minutes=15)


@dataclass(frozen=True)
class Taken:
    """How many steps an escalation took, and how many mails are owed by it."""

    steps: int
    mails: int

    def __bool__(self):
        return bool(self.steps)


@transaction.atomic
def escalate(*, recall, at) -> Taken:
    """Takes the next step at each place where it is due: every step a row, once for ever.

    The contacts of the place above get a mail about its silent places, and a link to their
    lines alone; the call list is the row itself; the lead gets one mail about all. Nothing
    for a recall that is not active; in a drill nobody outside the team is told.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status != Recall.Status.ACTIVE:
        return Taken(0, 0)
    due = [one for one in silences(recall, status(recall)) if one.next in Step and one.is_due(at)]
    due = _without_told_just_now(recall, due, at)
    if not due:
        return Taken(0, 0)
    Escalation.objects.bulk_create(_row(recall, one, at) for one in due)
    mails = _tell_parents(recall, [one for one in due if one.next == Step.PARENT], at)
    mails += _tell_lead(recall, [one for one in due if one.next == Step.LEAD], at)
    after = {str(step): sum(one.next == step for one in due) for step in Step}
    record(verb="silence escalated", obj=recall, by=None, at=at, after={**after, "mails": mails})
    doorbell.ring()
    return Taken(len(due), mails)


def _without_told_just_now(recall: Recall, due: list[Silence], at) -> list[Silence]:
    just_now = recall.escalations.filter(at__gt=at - GATHER).exclude(step=Step.CALL)
    told = set(just_now.order_by().values_list("step", "told_id"))
    return [
        one
        for one in due
        if (one.next, one.parent.pk if one.next == Step.PARENT else None) not in told
    ]


def _row(recall: Recall, one: Silence, at) -> Escalation:
    return Escalation(
        recall=recall,
        version=one.version,
        location_id=one.place.location_id,
        because=one.because,
        step=one.next,
        told=one.parent if one.next == Step.PARENT else None,
        at=at,
    )


def _tell_parents(recall: Recall, due: list[Silence], at) -> int:
    """One mail to each address above, about all the places below it that are due."""
    if not due:
        return 0
    version, by_place = newest_released(recall), defaultdict(list)
    places = [one.place.location_id for one in due]
    for line in version.lines.filter(
        role=ScopeLine.Role.RECIPIENT, location__in=places
    ).select_related("location"):
        by_place[line.location_id].append(line)
    told: dict[str, tuple] = {}
    for one in due:
        for key, contact in one.parents.items():
            told.setdefault(key, (contact, []))[1].append(one)
    lines, rows = {}, []
    for key, (contact, silent) in sorted(told.items()):
        own = [line for one in silent for line in by_place[one.place.location_id]]
        lines[key] = own
        rows.append(_letter(version, key, contact, silent, own, at))
    join(Notice.objects.bulk_create(rows, batch_size=200), lines)
    return len(rows)


def _letter(version, key, contact, silent, lines, at) -> Notice:
    recipient, _ = Recipient.objects.get_or_create(
        recall=version.recall,
        address_key=key,
        defaults={
            "address": contact.email.strip(),
            "name": contact.name,
            "language": contact.language,
        },
    )
    content = mail.escalation(
        version.recall, version, lines, silent, contact.language, Texts(version.recall)
    )
    turn = recipient.notices.filter(kind=Kind.ESCALATION).count() + 1
    return letter(
        version,
        content,
        at=at,
        kind=Kind.ESCALATION,
        round=str(turn),
        recipient=recipient,
        address=recipient.address,
        address_key=key,
    )


def _tell_lead(recall: Recall, due: list[Silence], at) -> int:
    """One mail about all of them. A lead without an address has the page and the call list."""
    address = recall.lead.email
    if not due or not is_usable(address):
        return 0
    turn = recall.notices.filter(kind=Kind.ESCALATION, recipient=None).count() + 1
    notice = letter(
        newest_released(recall),
        mail.silence(recall, due),
        at=at,
        kind=Kind.ESCALATION,
        round=f"lead {turn}",
        address=address,
        address_key=address_key(address),
    )
    notice.save(force_insert=True)
    return 1
