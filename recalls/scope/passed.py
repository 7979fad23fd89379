"""What recipients passed on to customers of theirs, with the newest answers. Reads only."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet
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
    """Goods on one way, as last said, and the newest answer about them."""

    row: PassedOn
    answer: PassedAnswer | None

    @property
    def line(self) -> ScopeLine:
        return self.row.line

    @property
    def no_answer(self) -> Decimal:
        found = self.answer.accounted_for if self.answer else ZERO
        return max(self.row.quantity - found, ZERO)


def passed_in(recall: Recall) -> list[Passed]:
    return _standing(PassedOn.objects.filter(recall=recall))


def passed_to(recipient: Recipient) -> list[Passed]:
    """What it is asked about."""
    return received_by(recipient)[0]


def received_by(recipient: Recipient) -> tuple[list[Passed], list[Passed]]:
    """What it is asked about, and what it was, and that was taken out of the recall since."""
    out = out_now(recipient.recall).filter(holding=OuterRef("holding"))
    found = _standing(recipient.received_on.annotate(is_out=Exists(out)))
    return (
        [one for one in found if not one.row.is_out],
        [one for one in found if one.row.is_out],
    )


def passed_by(recipient: Recipient) -> list[Passed]:
    return _standing(recipient.passed_on.all())


def for_page(passed: Passed) -> PassedLine:
    return PassedLine(passed.row, passed.row.name)


def for_mail(row: PassedOn) -> PassedLine:
    """Nothing that the recipient typed goes into a mail of ours."""
    return PassedLine(row, _("From %(place)s") % {"place": row.line.location_name})


def _standing(rows: QuerySet[PassedOn]) -> list[Passed]:
    """The newest of each way, without what was taken back."""
    rows = rows.select_related("line__version", "line__location", "to", "by")
    newest = {row.way: row for row in rows.defer("line__path").order_by("pk")}
    answers = PassedAnswer.objects.filter(passed__to__in={row.to_id for row in newest.values()})
    said = {answer.passed.way: answer for answer in answers.select_related("passed").order_by("pk")}
    return [Passed(row, said.get(way)) for way, row in newest.items() if row.quantity]
