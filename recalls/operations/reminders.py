"""Reminders, in the thread of the notice, to those of whom nothing was heard.

A person sends them with a button, the clock by the plan of the recall's class.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Min, Q

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.message.texts import Texts
from recalls.models import Notice, Recall, ScopeLine
from recalls.operations.customer_calls import call_customers, tell_lead_of_customers
from recalls.operations.customers import remind_customers
from recalls.operations.escalation import escalate
from recalls.operations.letters import join, letter
from recalls.reports.silence import REMIND, silences
from recalls.reports.status import RecallStatus, status
from recalls.scope import newest_released

Kind, State = Notice.Kind, Notice.State


def remind(*, recall, by, at, locations=None) -> int:
    """Reminds recipients in the thread of their notice; returns how many reminders are owed.

    Of all places those that neither acknowledged nor answered; of the `locations` named
    those that did not answer. Only who has got a notice, and has no reminder on the way.
    Refuses a recall that is not active.
    """
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        if recall.status != Recall.Status.ACTIVE:
            raise ValidationError(f"{recall} is not active. There is nobody to remind.")
        now = status(recall)
        reminders = _write_reminders(recall, now, _silent(now, locations), at)
        if reminders:
            record(
                verb="reminders written", obj=recall, by=by, at=at, after={"count": len(reminders)}
            )
    doorbell.ring()
    return len(reminders)


def follow_up(*, recall, at) -> int:
    """What the clock does about places and customers that say nothing; returns how many mails
    are owed by it.

    Two clocks at once do no more than one: each act looks again with the recall locked.
    """
    mails = remind_customers(recall=recall, at=at)
    call_customers(recall=recall, at=at)
    mails += tell_lead_of_customers(recall=recall, at=at)
    if not any(one.is_due(at) for one in silences(recall, status(recall))):
        return mails
    mails += remind_due(recall=recall, at=at)
    while taken := escalate(recall=recall, at=at):
        mails += taken.mails
    return mails


@transaction.atomic
def remind_due(*, recall, at) -> int:
    """Reminds, at each place whose next reminder is due, whom mail reaches; returns how many.

    Nobody who answered, nobody whose link was withdrawn or whose mail came back, and before
    the deadline nobody who acknowledged. Of a recall that is not active, nobody.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status != Recall.Status.ACTIVE:
        return 0
    now = status(recall)
    silent = silences(recall, now)
    due = {one.place.location_id for one in silent if one.next == REMIND and one.is_due(at)}
    reminders = _write_reminders(recall, now, due, at) if due else []
    if reminders:
        after = {"count": len(reminders), "places": len(due)}
        record(verb="reminders written", obj=recall, by=None, at=at, after=after)
        doorbell.ring()
    return len(reminders)


def reminders_owed(recall: Recall, now: RecallStatus) -> int:
    """How many reminders `remind` would write to all who are silent. Reads only."""
    silent = _silent(now, None)
    return _remindable(recall, _asked(now, silent)).count() if silent else 0


def _silent(now: RecallStatus, locations) -> set[int]:
    """Ids of the locations that are to be reminded."""
    places = [place for place in now.places if not (place.answered or place.waived)]
    if locations is None:
        return {place.location_id for place in places if place.state != "acknowledged"}
    named = {location.pk for location in locations}
    return {place.location_id for place in places if place.location_id in named}


def _write_reminders(recall: Recall, now: RecallStatus, locations: set[int], at) -> list[Notice]:
    version, asked = newest_released(recall), _asked(now, locations)
    by_place = defaultdict(list)
    told = version.lines.filter(role=ScopeLine.Role.RECIPIENT, location__in=locations)
    for line in told.select_related("location"):
        by_place[line.location_id].append(line)
    lines, rows, texts = {}, [], Texts(recall)
    for recipient in _remindable(recall, asked):
        own = [line for place in sorted(asked[recipient.pk]) for line in by_place[place]]
        lines[recipient.address_key] = own
        rows.append(_reminder(version, recipient, own, texts, at))
    notices = Notice.objects.bulk_create(rows, batch_size=200)
    join(notices, lines)
    return notices


def _asked(now: RecallStatus, locations: set[int]) -> dict[int, set[int]]:
    """Recipient id -> those of the `locations` that a notice it got is about."""
    asked: dict[int, set[int]] = defaultdict(set)
    for location in locations:
        for row in now.notices.get(location, []):
            if row["state"] == State.ACCEPTED:
                asked[row["recipient"]].add(location)
    return asked


def _reminder(version, recipient, lines: list[ScopeLine], texts: Texts, at) -> Notice:
    turn = recipient.reminders + 1
    content = mail.reminder(
        version.recall, version, lines, turn, recipient.first_asked, recipient.language, texts
    )
    return letter(
        version,
        content,
        at=at,
        kind=Kind.REMINDER,
        round=str(turn),
        recipient=recipient,
        address=recipient.address,
        address_key=recipient.address_key,
    )


def _remindable(recall: Recall, asked):
    """Recipients with the number of their reminders, without those that have one on the way,
    and without those whose mail came back."""
    reminder = Q(notices__kind=Kind.REMINDER)
    waiting = reminder & Q(notices__state__in=[State.PENDING, State.SENDING])
    return (
        recall.recipients.filter(pk__in=asked, revoked_at__isnull=True)
        .annotate(
            reminders=Count("notices", filter=reminder),
            waiting=Count("notices", filter=waiting),
            returned=Count("notices", filter=Q(notices__state=State.BOUNCED)),
            first_asked=Min("notices__accepted_at", filter=Q(notices__kind=Kind.NOTICE)),
        )
        .filter(waiting=0, returned=0)
        .order_by("pk")
    )
