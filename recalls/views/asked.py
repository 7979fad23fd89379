"""What one recipient was asked and has answered: their own lines, grouped by place."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from batches.models import Location
from recalls.models import (
    MessageFile,
    Notice,
    NoticeFile,
    NoticeLine,
    PassedAnswer,
    PassedOn,
    Recall,
    Recipient,
    Response,
    ScopeLine,
)
from recalls.scope import asked_in, lines_of, newest_released
from recalls.scope.narrowed import out_now
from recalls.scope.passed import Passed, PassedLine, for_page, passed_by, received_by

ZERO = Decimal(0)
WORDS = {
    "quarantined": gettext_lazy("Set aside"),
    "returned": gettext_lazy("Sent back"),
    "destroyed": gettext_lazy("Destroyed"),
    "sold": gettext_lazy("Sold or used"),
}


@dataclass(frozen=True)
class AskedLine:
    """`asked_in` is the version that asked last; an older answer is not an answer to it.

    `sent_on` is what the recipient itself says that it sent on to customers.
    """

    line: ScopeLine | PassedLine
    answer: Response | PassedAnswer | None
    asked_in: int
    sent_on: Decimal = ZERO

    @property
    def is_answered(self) -> bool:
        return self.answer is not None and self.answer.version_number >= self.asked_in

    @property
    def mark(self) -> str:
        """`New` or `Changed` on what an addition brought, until it is answered."""
        if self.asked_in == 1 or self.is_answered:
            return ""
        is_changed = self.line.change == ScopeLine.Change.CHANGED
        return gettext("Changed") if is_changed else gettext("New")

    @property
    def due(self) -> Decimal | None:
        return self.line.due

    @property
    def arrived_on(self) -> date | None:
        """The day on which it came, in the zone of the place: of one delivery whose arrival is
        known. Without one, `arrived_from` is when it left at the earliest."""
        # When it came to the place is nothing that customers of the place are told.
        if not isinstance(self.line, ScopeLine) or self.line.links_in != 1 or not self.line.path:
            return None
        step = self.line.path[-1]
        if step["kind"] != "shipment" or not (step["left_by"] and step["arrived_from"]):
            return None
        left, came = (datetime.fromisoformat(step[name]) for name in ("left_by", "arrived_from"))
        return came.astimezone(self.line.location.zone).date() if left < came else None

    @property
    def parts(self) -> list[tuple[str, Decimal]]:
        """What was answered, without the zeros."""
        values = ((word, getattr(self.answer, part, None)) for part, word in WORDS.items())
        return [(word, value) for word, value in values if value]

    @property
    def missing(self) -> Decimal | None:
        if self.due is None or self.answer is None:
            return None
        return max(self.due - self.sent_on - self.answer.accounted_for, ZERO)

    def as_if(self, found: dict[str, Decimal] | None) -> "AskedLine":
        if found is None:
            return self
        answer = Response(**found)
        answer.version_number = self.line.version.number
        return replace(self, answer=answer)

    @property
    def passed_on(self) -> Decimal | None:
        """What the records say went on from here; None when nothing did, or nobody knows."""
        if self.due is None or self.line.received is None:
            return None
        return max(self.line.received - self.due, Decimal(0)) or None

    @property
    def is_as_received(self) -> bool:
        """Whether the due amount is what came, or what should be left of it."""
        return self.due == self.line.received


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    address: str
    lines: list[AskedLine]


@dataclass(frozen=True)
class Asked:
    recipient: Recipient
    lines: list[AskedLine]
    sent_at: object
    removed: list[ScopeLine] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        def place(item):
            return item.line.location_code

        groups = (list(group) for _, group in groupby(sorted(self.lines, key=place), key=place))
        return [
            Place(g[0].line.location_code, g[0].line.location_name, g[0].line.location_address, g)
            for g in groups
        ]

    @property
    def arrived_on(self) -> date | None:
        """The day on which all of it came; None when it came on several, or that is not known."""
        days = {item.arrived_on for item in self.lines}
        return days.pop() if len(days) == 1 else None

    @property
    def totals(self) -> list[tuple[str, Decimal | None]]:
        """What is due per unit; None where a quantity is not known."""
        by_unit: dict[str, Decimal | None] = {}
        for item in self.lines:
            before = by_unit.get(item.line.unit, Decimal(0))
            unknown = before is None or item.due is None
            by_unit[item.line.unit] = None if unknown else before + item.due
        return list(by_unit.items())

    @property
    def wording(self) -> str:
        """How the totals are to be read: as received, or as what should be left of it."""
        kept = all(item.is_as_received for item in self.lines) and not self.is_unrecorded
        return gettext("You received") if kept else gettext("There should be")

    @property
    def is_unrecorded(self) -> bool:
        """Whether nothing says how any of it came there."""
        own = [item.line for item in self.lines if isinstance(item.line, ScopeLine)]
        return bool(own) and len(own) == len(self.lines) and not any(o.links_in for o in own)

    @property
    def batches(self) -> int:
        return len({item.line.batch_id for item in self.lines})

    @property
    def answers(self) -> list[Response]:
        return [item.answer for item in self.lines if item.answer]

    @property
    def open(self) -> list[AskedLine]:
        return [item for item in self.lines if not item.is_answered]

    @property
    def version(self) -> int:
        """The version shown here, which a form of this page sends back as seen."""
        return max((item.line.version.number for item in self.lines), default=0)

    @property
    def asked_in(self) -> int:
        """The version in which something was last asked here."""
        return max((item.asked_in for item in self.lines), default=1)

    @property
    def newest_answer(self) -> Response | None:
        return max(self.answers, key=lambda answer: (answer.at, answer.pk), default=None)

    @property
    def sums(self) -> list[dict]:
        """Per unit: what was answered, what is not found, what should be there.

        A row is (word, amount, whether it is what is missing).
        """
        return [{"unit": unit, "rows": self._sum_rows(unit, due)} for unit, due in self.totals]

    def _sum_rows(self, unit: str, due: Decimal | None) -> list[tuple]:
        given = [item.answer for item in self.lines if item.line.unit == unit and item.answer]
        amounts = {part: sum((getattr(a, part) for a in given), ZERO) for part in WORDS}
        rows = [(WORDS[part], amount, False) for part, amount in amounts.items() if amount]
        rows = rows or [(WORDS["quarantined"], ZERO, False)]
        if due is not None:
            sent_on = sum((i.sent_on for i in self.lines if i.line.unit == unit), ZERO)
            rows += [(gettext("Sent on"), sent_on, False)] if sent_on else []
            if missing := due - sent_on - sum(amounts.values()):
                is_less = missing > 0
                word = gettext("Not found yet") if is_less else gettext("More than we know of")
                rows.append((word, abs(missing), is_less))
            rows.append((self.wording, due, False))
        return rows

    @property
    def set_aside(self) -> list[tuple[str, Decimal]]:
        """(unit, amount) of what is locked away, without the zeros."""
        kept: dict[str, Decimal] = {}
        for item in self.lines:
            if item.answer and item.answer.quarantined:
                kept[item.line.unit] = kept.get(item.line.unit, ZERO) + item.answer.quarantined
        return list(kept.items())

    def as_if(self, found: dict[int, dict[str, Decimal]]) -> "Asked":
        """The same after these answers, by line id, for a look before they are sent."""
        return replace(self, lines=[item.as_if(found.get(item.line.pk)) for item in self.lines])


def asked_of(recipient: Recipient) -> Asked:
    """The lines of this address in the newest released version, each with its newest answer."""
    received, gone, sent_on = [], [], {}
    # Few pass anything on; the others are spared the wide look.
    if PassedOn.objects.filter(Q(by=recipient) | Q(to=recipient)).exists():
        received, gone = received_by(recipient)
        sent_on = sent_on_by(recipient)
    asked = _asked_lines(recipient.recall, lines_of(recipient), sent_on)
    asked += passed_lines(received)
    kinds = (Notice.Kind.NOTICE, Notice.Kind.PASSED)
    notice = recipient.notices.filter(kind__in=kinds).order_by("-pk").first()
    sent_at = (notice.accepted_at or notice.created_at) if notice else None
    return Asked(recipient, asked, sent_at, _removed(recipient, gone))


def sent_on_by(recipient: Recipient) -> dict[int, Decimal]:
    """By holding, how much the recipient says it sent on."""
    sent: dict[int, Decimal] = {}
    for one in passed_by(recipient):
        sent[one.row.holding_id] = sent.get(one.row.holding_id, ZERO) + one.row.quantity
    return sent


def passed_lines(received: list[Passed]) -> list[AskedLine]:
    """What others passed on to the recipient, asked for once and for all."""
    asked = []
    for one in received:
        if one.answer:
            one.answer.version_number = 1
        asked.append(AskedLine(for_page(one), one.answer, 1))
    return asked


def _removed(recipient: Recipient, gone: list[Passed]) -> list[ScopeLine | PassedLine]:
    """What it was told of and what was taken out since, as it stood then."""
    kinds = (Notice.Kind.NOTICE, Notice.Kind.ESCALATION)
    told = NoticeLine.objects.filter(notice__recipient=recipient, notice__kind__in=kinds)
    rows = out_now(recipient.recall).filter(holding__in=told.values("line__holding"))
    rows = rows.select_related("line").defer("line__path", "line__contacts")
    lines = [*(row.line for row in rows), *map(for_page, gone)]
    return sorted(lines, key=lambda one: (one.location_code, one.product_code, one.batch_number))


def files_of(recipient: Recipient) -> QuerySet[MessageFile]:
    """The pictures in the mails to a recipient, without their content."""
    sent = NoticeFile.objects.filter(notice__recipient=recipient)
    return MessageFile.objects.filter(pk__in=sent.values("file")).defer("content").order_by("pk")


def asked_at(recall: Recall, place: Location) -> list[AskedLine]:
    """The lines of one place, whoever its recipients are."""
    version = newest_released(recall)
    if version is None:
        return []
    told = ScopeLine.Role.RECIPIENT
    return _asked_lines(recall, version.lines.filter(role=told, location=place))


def _asked_lines(recall: Recall, own: QuerySet[ScopeLine], sent_on=None) -> list[AskedLine]:
    asked_last = asked_in(recall, own)
    lines = list(own.select_related("version", "location"))
    answers: dict[int, Response] = {}
    given = Response.objects.filter(recall=recall, holding__in=[line.holding_id for line in lines])
    for answer in given.annotate(version_number=F("line__version__number")).order_by("-at", "-pk"):
        answers.setdefault(answer.holding_id, answer)
    asked = [
        AskedLine(
            line,
            answers.get(line.holding_id),
            asked_last.get(line.holding_id, 1),
            (sent_on or {}).get(line.holding_id, ZERO),
        )
        for line in lines
    ]
    return sorted(
        asked, key=lambda a: (a.line.location_code, a.line.product_code, a.line.batch_number)
    )
