"""Customers to whom recipients sent goods on: what each was told, what it says, and when it is
reminded next. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recalls.models import Acknowledgement, Notice, Recall, Recipient, ReminderPlan
from recalls.reports.looks import HasLook
from recalls.scope.passed import Passed, passed_in

Kind, State = Notice.Kind, Notice.State
# State -> word, colour key, glyph.
LOOKS = {
    "waiting": ("Waits for approval", "hold", "flag"),
    "stopped": ("Told no more", "none", "minus"),
    "not_delivered": ("Not delivered", "crit", "bounce"),
    "pending": ("Waiting to be sent", "none", "mail"),
    "told": ("No acknowledgement", "hold", "clock"),
    "acknowledged": ("Acknowledged", "info", "half"),
    "answered": ("Answered", "ok", "okc"),
    "out": ("No longer part of it", "none", "dash"),
}


@dataclass
class Customer(HasLook):
    """`passed` is what stands in the recall now; `state` is a key of LOOKS; `is_place` says that
    it is told of goods of its own as well."""

    LOOKS = LOOKS

    recipient: Recipient
    passed: list[Passed]
    state: str
    is_place: bool = False
    since: datetime | None = None
    reminded: list[datetime] = field(default_factory=list)
    due: datetime | None = None

    @property
    def open(self) -> list[Passed]:
        return [one for one in self.passed if one.answer is None]

    def is_due(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now


def customers(recall: Recall) -> list[Customer]:
    """In the order in which they were named; six queries, however many there are."""
    by_customer: dict[Recipient, list[Passed]] = {}
    for one in passed_in(recall):
        by_customer.setdefault(one.row.to, []).append(one)
    if not by_customer:
        return []
    plan = ReminderPlan.objects.get(classification=recall.classification)
    sent, read = _sent(by_customer), _read(by_customer)
    found = []
    for recipient, passed in by_customer.items():
        own = [one for one in passed if not one.is_out]
        one = _customer(recipient, own, sent.get(recipient.pk, []), read.get(recipient.pk))
        one.due = _due(recall, one, plan)
        found.append(one)
    return found


def counted(found: list[Customer]) -> list[tuple[str, int]]:
    """How many are in each state, in words, the worst first; empty states are left out."""
    counts = (
        (word, sum(one.state == state for one in found)) for state, (word, *_) in LOOKS.items()
    )
    return [(word.lower(), count) for word, count in counts if count]


def _sent(recipients: Collection[Recipient]) -> dict[int, list[tuple]]:
    """By recipient: kind, state, when it was written and accepted, of each notice and reminder."""
    kinds = [Kind.NOTICE, Kind.PASSED, Kind.CUSTOMER]
    rows = Notice.objects.filter(recipient__in=recipients, kind__in=kinds).order_by("pk")
    found: dict[int, list[tuple]] = {}
    for recipient, *mail in rows.values_list(
        "recipient_id", "kind", "state", "created_at", "accepted_at"
    ):
        found.setdefault(recipient, []).append(tuple(mail))
    return found


def _read(recipients: Collection[Recipient]) -> dict[int, datetime]:
    rows = Acknowledgement.objects.filter(recipient__in=recipients).order_by("at", "pk")
    return dict(rows.values_list("recipient_id", "at"))


def _customer(recipient, passed: list[Passed], mails: list[tuple], read_at) -> Customer:
    own = [mail for mail in mails if mail[0] != Kind.NOTICE]
    reminded = [created for kind, _, created, _ in own if kind == Kind.CUSTOMER]
    state, since = _state(recipient, passed, own, read_at)
    reminded = [at for at in reminded if since and at >= since]
    return Customer(recipient, passed, state, len(own) < len(mails), since, reminded)


def _state(recipient, passed, mails, read_at) -> tuple[str, datetime | None]:
    if not passed:
        return "out", None
    if all(one.answer for one in passed):
        return "answered", max(one.answer.at for one in passed)
    if recipient.revoked_at:
        return "stopped", recipient.revoked_at
    notices = [mail for mail in mails if mail[0] == Kind.PASSED]
    if not notices:
        return "waiting", min(one.row.at for one in passed)
    accepted = [at for _, state, _, at in notices if state == State.ACCEPTED]
    if any(state in Notice.UNDELIVERED for _, state, *_ in mails):
        return "not_delivered", None
    if not accepted:
        return "pending", None
    # Who was told of more after reading has not read that.
    if read_at and read_at >= max(created for _, _, created, _ in notices):
        return "acknowledged", read_at
    return "told", min(accepted)


def _due(recall: Recall, one: Customer, plan: ReminderPlan) -> datetime | None:
    """By the plan of the class, as places are: who has read is left in peace until the answer
    is due."""
    since = one.since
    if one.state == "acknowledged":
        since = max(recall.deadline, one.since) if recall.deadline else None
    elif one.state != "told":
        since = None
    reminded = [at for at in one.reminded if since and at >= since]
    if since is None or len(reminded) >= plan.reminders:
        return None
    if reminded:
        return max(reminded) + timedelta(hours=plan.every_hours)
    return since + timedelta(hours=plan.first_hours)
