"""Which places of a recall say nothing, and what the clock does about each, and when. Reads only.

    told, unread ──every──> reminded ──> the place above ──> call list ──> lead
    read, not counted: the same, from the day that answers are due
    no mail reaches it: the place above and the call list at once, then the lead

Who acknowledged is left in peace until the answer is due; who answered, for good.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from batches.models import Location
from recalls.models import Escalation, Notice, Recall, ReminderPlan, ScopeVersion
from recalls.reports.status import PlaceStatus, RecallStatus
from recalls.scope.contacts import address_key, contacts_at

Step, Because, State = Escalation.Step, Escalation.Because, Notice.State
REMIND = "remind"
# A place that was never written to may get a contact before anybody else is told.
GRACE = timedelta(minutes=10)


@dataclass
class Silence:
    """One silent place: `next` is what is due at `due`, REMIND or a step; None when all is done.

    `version` is the one in which it was last asked something.
    `recipients` are the ids of those whom a reminder can reach, `parents` the addresses above.
    """

    place: PlaceStatus
    version: ScopeVersion
    because: str
    since: datetime
    recipients: list[int]
    reminders: int = 0
    reminded_at: datetime | None = None
    done: dict[str, datetime] = field(default_factory=dict)
    parent: Location | None = None
    parents: dict = field(default_factory=dict)
    next: str | None = None
    due: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now


def silences(recall: Recall, now: RecallStatus) -> list[Silence]:
    """By place, in the order of the status; in as many queries for one place as for many."""
    plan = ReminderPlan.objects.get(classification=recall.classification)
    facts = _Facts(recall, now)
    found = [one for place in now.places if (one := facts.silence(place))]
    _look_above(recall, now, found)
    for one in found:
        one.next, one.due = _next(one, plan)
    return found


def to_call(silent: list[Silence]) -> dict[int, str]:
    """The places on the call list, and why: whom no mail reaches, and whom reminders did not move.

    By location. A call list shows `Escalation.Because(why).label` beside each.
    """
    return {
        one.place.location_id: one.because
        for one in silent
        if one.because == Because.UNDELIVERED or Step.CALL in one.done
    }


class _Facts:
    """What was sent to whom, and which steps were taken, by place."""

    def __init__(self, recall: Recall, now: RecallStatus):
        self.recall, self.asked_in = recall, now.asked_in
        self.versions = {version.number: version for version in now.versions}
        self.reached, self.reminded = _reached(now), now.reminders
        self.steps: dict[tuple, dict[str, datetime]] = defaultdict(dict)
        rows = recall.escalations.values_list("location_id", "version_id", "because", "step", "at")
        for *ladder, step, at in rows:
            self.steps[tuple(ladder)][step] = at

    def silence(self, place: PlaceStatus) -> Silence | None:
        if place.answered or place.waived or place.state == "pending":
            return None
        recipients = sorted(self.reached.get(place.location_id, ()))
        version = self._version(place)
        because, since = self._because(place, recipients, version)
        if since is None:
            return None
        reminded = self._reminded(place, since)
        return Silence(
            place=place,
            version=version,
            because=because,
            since=since,
            recipients=recipients,
            reminders=max((len(moments) for moments in reminded), default=0),
            reminded_at=max((at for moments in reminded for at in moments), default=None),
            done=self.steps[place.location_id, version.pk, because],
        )

    def _reminded(self, place: PlaceStatus, since: datetime) -> list[list[datetime]]:
        """By recipient, since then. Two at one place are reminded together: they count once."""
        found = defaultdict(list)
        for row in self.reminded.get(place.location_id, []):
            if row["created_at"] >= since:
                found[row["recipient"]].append(row["created_at"])
        return list(found.values())

    def _version(self, place: PlaceStatus) -> ScopeVersion:
        """The version in which the place was last asked something."""
        asked = max(self.asked_in.get(line.holding_id, 1) for line in place.lines)
        return self.versions[asked]

    def _because(self, place, recipients, version) -> tuple[str, datetime | None]:
        if place.state == "acknowledged":
            due = self.recall.deadline
            return Because.UNCOUNTED, max(due, place.since) if due else None
        if place.state == "accepted" and recipients:
            return Because.UNREAD, place.since
        # Where no notice could be written there is no moment but that of the release.
        return Because.UNDELIVERED, place.since or version.release.at + GRACE


def _reached(now: RecallStatus) -> dict[int, set[int]]:
    """By place the recipients whom mail reaches.

    A recipient whose link was withdrawn, or any of whose mail came back, is not reached.
    """
    mails = [*now.notices.values(), *now.reminders.values()]
    lost = {row["recipient"] for rows in mails for row in rows if row["state"] == State.BOUNCED}
    lost |= {row.pk for row in now.withdrawn}
    return {
        place: {row["recipient"] for row in rows if row["state"] == State.ACCEPTED} - lost
        for place, rows in now.notices.items()
    }


def _look_above(recall: Recall, now: RecallStatus, found: list[Silence]) -> None:
    """The place above each, and whom a mail can reach there. A drill tells nobody outside."""
    if recall.is_drill:
        return
    above = Location.objects.filter(pk__in=[one.place.location_id for one in found])
    above = {row.pk: row.parent for row in above.select_related("parent") if row.parent}
    contacts = contacts_at({parent.pk for parent in above.values()})
    gone = {row.address_key for row in now.withdrawn}
    for one in found:
        one.parent = above.get(one.place.location_id)
        known = {address_key(recipient.address) for recipient in one.place.recipients} | gone
        if one.parent:
            told = contacts.get(one.parent.pk, {})
            one.parents = {key: row for key, row in told.items() if key not in known}


def _next(one: Silence, plan: ReminderPlan) -> tuple[str | None, datetime | None]:
    """What comes next, and when: first the reminders, then one step after the other."""
    first = one.since + timedelta(hours=plan.first_hours)
    is_lost = one.because == Because.UNDELIVERED
    if not is_lost and one.recipients and one.reminders < plan.reminders:
        if one.reminded_at is None:
            return REMIND, first
        return REMIND, one.reminded_at + timedelta(hours=plan.every_hours)
    wait = timedelta(hours=plan.escalate_hours)
    begin = one.since if is_lost else one.reminded_at + wait if one.reminded_at else first
    return _next_step(one, plan, begin, wait, is_lost)


def _next_step(one, plan, begin, wait, is_lost) -> tuple[str | None, datetime | None]:
    wanted = {
        Step.PARENT: plan.to_parent and bool(one.parents),
        Step.CALL: plan.to_call_list,
        Step.LEAD: plan.to_lead,
    }
    order = list(wanted)
    past = max((order.index(step) for step in one.done), default=-1)
    for place, step in enumerate(order):
        if not wanted[step] or place <= past:
            continue
        newest = max(one.done.values(), default=None)
        if newest is None:
            return step, begin
        # Whom no mail reaches is called at once, whatever else is tried.
        return step, newest + (timedelta(0) if is_lost and step == Step.CALL else wait)
    return None, None
