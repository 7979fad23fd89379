"""What recipients passed on to customers of theirs, with the newest answers. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from recalls.models import PassedAnswer, PassedOn, Recall, Recipient, ScopeLine
from recalls.scope.narrowed import out_now

ZERO = Decimal(0)


@dataclass(frozen=True)
class PassedLine:
    """What a customer of a recipient is asked about, shaped like the line that it came from.

    `pk` and `holding_id` tell it from lines of the scope, in forms and in answers.
    """

    row: PassedOn
    location_name: str
    location_address: str = ""

    def __getattr__(self, name):
        return getattr(self.row.line, name)

    @property
    def pk(self) -> str:
        return f"p{self.row.pk}"

    @property
    def holding_id(self) -> str:
        return self.pk

    @property
    def received(self) -> Decimal:
        return self.row.quantity

    due = received


@dataclass(frozen=True)
class Passed:
    """Goods on one way, as last said, and the newest answer about them.

    `out_at` says when they were taken out of the recall, if they were and are not back.
    """

    row: PassedOn
    answer: PassedAnswer | None
    out_at: datetime | None

    @property
    def line(self) -> ScopeLine:
        return self.row.line

    @property
    def is_out(self) -> bool:
        return self.out_at is not None

    @property
    def no_answer(self) -> Decimal:
        found = self.answer.accounted_for if self.answer else ZERO
        return max(self.row.quantity - found, ZERO)


def passed_in(recall: Recall) -> list[Passed]:
    """With what was taken out since."""
    return _standing(recall, PassedOn.objects.filter(recall=recall))


def passed_to(recipient: Recipient) -> list[Passed]:
    """What it is asked about."""
    return received_by(recipient)[0]


def received_by(recipient: Recipient) -> tuple[list[Passed], list[Passed]]:
    """What it is asked about, and what it was, and that was taken out of the recall since."""
    found = _standing(recipient.recall, recipient.received_on.all())
    return [one for one in found if not one.is_out], [one for one in found if one.is_out]


def passed_by(recipient: Recipient) -> list[Passed]:
    return _standing(recipient.recall, recipient.passed_on.all())


def for_page(passed: Passed) -> PassedLine:
    return PassedLine(passed.row, passed.row.name)


def for_mail(row: PassedOn) -> PassedLine:
    """Nothing that the recipient typed goes into a mail of ours."""
    return PassedLine(row, _("From %(place)s") % {"place": row.line.location_name})


def _standing(recall: Recall, rows: QuerySet[PassedOn]) -> list[Passed]:
    """The newest of each way, without what was taken back."""
    rows = rows.select_related("line__version", "line__location", "to", "by")
    out = out_now(recall).filter(holding=OuterRef("holding"))
    out_at = out.order_by("-pk").values("narrowing__version__release__at")[:1]
    rows = rows.annotate(out_at=Subquery(out_at)).defer("line__path")
    newest = {row.way: row for row in rows.order_by("pk")}
    answers = PassedAnswer.objects.filter(passed__to__in={row.to_id for row in newest.values()})
    said = {answer.passed.way: answer for answer in answers.select_related("passed").order_by("pk")}
    standing = [row for row in newest.values() if row.quantity]
    return [Passed(row, said.get(row.way), row.out_at) for row in standing]
