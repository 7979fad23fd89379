"""Customers to whom recipients sent goods on: what each was told, what it says, and when it is
reminded next, or called. Reads only."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recalls.models import (
    Acknowledgement,
    CustomerContacted,
    CustomerEscalation,
    Escalation,
    Notice,
    NoticeLine,
    Recall,
    Recipient,
    ReminderPlan,
    ScopeLine,
)
from recalls.reports.customer_news import news
from recalls.reports.looks import HasLook
from recalls.scope.passed import Passed, passed_in

GONE = "It does not know yet that goods were taken out"
NEWS = "It does not know yet that more batches are recalled"
Kind, State, Because = Notice.Kind, Notice.State, Escalation.Because
# State -> word, colour key, glyph.
LOOKS = {
    "waiting": ("Waits for approval", "hold", "flag"),
    "stopped": ("Told no more", "none", "minus"),
    "no_mail": ("No e-mail", "crit", "phone"),
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
    it is told of goods of its own as well.

    `because` of what it is to be called about; it is on the call list from `called_at` on.
    `call_due` is when the clock puts it there. `gone` was taken out, and `news` came in of what its
    place sends it, and it does not know. `named` is all that its places ever said of it.
    """

    LOOKS = LOOKS

    recipient: Recipient
    passed: list[Passed]
    state: str
    is_place: bool = False
    since: datetime | None = None
    reminded: list[datetime] = field(default_factory=list)
    due: datetime | None = None
    because: str = ""
    silent_since: datetime | None = None
    call_due: datetime | None = None
    called_at: datetime | None = None
    gone: list[Passed] = field(default_factory=list)
    news: list[ScopeLine] = field(default_factory=list)
    named: list[Passed] = field(default_factory=list)
    log: list[CustomerContacted] = field(default_factory=list)

    @property
    def open(self) -> list[Passed]:
        return [one for one in self.passed if one.answer is None]

    def is_due(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now

    def is_to_be_listed(self, now: datetime) -> bool:
        return self.call_due is not None and self.call_due <= now

    @property
    def is_told(self) -> bool:
        """Whether somebody there was spoken to since it has to be called."""
        return any(entry.reached and entry.at >= self.asked_at for entry in self.log)

    @property
    def is_unreached(self) -> bool:
        return self.because == Because.UNDELIVERED

    @property
    def was_tried(self) -> bool:
        return any(entry.at >= self.asked_at for entry in self.log)

    @property
    def asked_at(self) -> datetime:
        """When the last of what it has not counted went on to it, was taken out or came in."""
        came_in = [line.version.release.at for line in self.news]
        taken_out = [one.out_at for one in self.gone if one.out_at]
        return max([one.row.at for one in self.open] + taken_out + came_in)

    @property
    def phones(self) -> list[str]:
        """As those who named it wrote them, each once."""
        return list(dict.fromkeys(one.row.phone for one in self.named if one.row.phone))

    @property
    def why(self) -> str:
        words = [Because(self.because).label] if self.because and self.open else []
        words += [NEWS] if self.news else []
        return ". ".join([*words, GONE] if self.gone else words)


def customers(recall: Recall) -> list[Customer]:
    """In the order in which they were named; as many queries for one as for many."""
    by_customer: dict[Recipient, list[Passed]] = {}
    for one in passed_in(recall):
        by_customer.setdefault(one.row.to, []).append(one)
    if not by_customer:
        return []
    plan = ReminderPlan.objects.get(classification=recall.classification)
    sent, read, log = _sent(by_customer), _read(by_customer), _log(by_customer)
    listed, found = _listed(by_customer), []
    is_any_out = any(one.is_out for passed in by_customer.values() for one in passed)
    aware = _aware(recall) if is_any_out else set()
    came_in = news(recall, by_customer, log)
    for recipient, passed in by_customer.items():
        own = [one for one in passed if not one.is_out]
        one = _customer(recipient, own, sent.get(recipient.pk, []), read.get(recipient.pk))
        one.log = log[recipient.pk]
        _plan(recall, one, plan)
        one.gone = _gone(one, [row for row in passed if row.is_out], aware)
        one.named = passed
        one.news = came_in.get(recipient.pk, []) if _may_be_told(one, sent) else []
        _call(one, listed)
        found.append(one)
    return found


def customers_to_call(found: list[Customer]) -> list[Customer]:
    """Those on the call list: whom no mail reaches, and whom reminders did not move."""
    return [one for one in found if one.called_at]


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


def _log(recipients: Collection[Recipient]) -> dict[int, list[CustomerContacted]]:
    """By recipient, the newest call first."""
    rows = CustomerContacted.objects.filter(customer__in=recipients).select_related("by")
    log = defaultdict(list)
    for entry in rows.order_by("-at", "-pk"):
        log[entry.customer_id].append(entry)
    return log


def _listed(recipients: Collection[Recipient]) -> dict[tuple, datetime]:
    """When the clock put whom on the call list, by recipient, why, and silent since when."""
    rows = CustomerEscalation.objects.filter(customer__in=recipients)
    return {(row.customer_id, row.because, row.since): row.at for row in rows}


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
    if not recipient.address:
        return "no_mail", None
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


def _plan(recall: Recall, one: Customer, plan: ReminderPlan) -> None:
    """By the plan of the class, as places are: who has read is left in peace until the answer
    is due; who was reminded often enough is called."""
    since = one.since
    if one.state == "acknowledged":
        since = max(recall.deadline, one.since) if recall.deadline else None
    elif one.state != "told":
        since = None
    if since is None:
        return
    one.because = Because.UNCOUNTED if one.state == "acknowledged" else Because.UNREAD
    one.silent_since = since
    last = max((at for at in one.reminded if at >= since), default=None)
    if sum(at >= since for at in one.reminded) < plan.reminders:
        first = since + timedelta(hours=plan.first_hours)
        one.due = last + timedelta(hours=plan.every_hours) if last else first
    elif plan.to_call_list:
        wait = plan.escalate_hours if last else plan.first_hours
        one.call_due = (last or since) + timedelta(hours=wait)


def _call(one: Customer, listed: dict[tuple, datetime]) -> None:
    """Whom no mail reaches is on the list at once, as places are; others by a row of the clock."""
    if one.state in {"no_mail", "not_delivered"} and one.open:
        one.because, one.called_at = Because.UNDELIVERED, one.asked_at
    elif at := listed.get((one.recipient.pk, one.because, one.silent_since)):
        one.called_at, one.due, one.call_due = at, None, None
    if one.gone or one.news:
        one.called_at = one.called_at or one.asked_at


def _may_be_told(one: Customer, sent: dict[int, list[tuple]]) -> bool:
    """Not whom nobody has approved yet, and not who is told no more."""
    mails = sent.get(one.recipient.pk, [])
    is_approved = not one.recipient.address or any(mail[0] == Kind.PASSED for mail in mails)
    return is_approved and not one.recipient.revoked_at


def _gone(one: Customer, out: list[Passed], aware: Collection[tuple[int, int]]) -> list[Passed]:
    """What somebody told it of by hand and was taken out since, and it was not told."""
    spoken = [entry.at for entry in one.log if entry.reached]
    return [
        row
        for row in out
        if any(at < row.out_at for at in spoken)
        and not any(at >= row.out_at for at in spoken)
        and (one.recipient.pk, row.row.holding_id) not in aware
    ]


def _aware(recall: Recall) -> set[tuple[int, int]]:
    """Whom (recipient) a mail has told, or will, that what (holding) is out."""
    rows = NoticeLine.objects.filter(notice__recall=recall, notice__kind=Kind.REMOVAL).order_by()
    rows = rows.exclude(notice__state__in=Notice.UNDELIVERED)
    return set(rows.values_list("notice__recipient_id", "line__holding_id"))
