"""The count a recipient sends back: four numbers per line of the notice, and who counted."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from batches.intake.quantities import read_quantity
from batches.templatetags.wording import is_counted
from batches.templatetags.wording import number as written
from recalls.message.amounts import number, quantity

PARTS = {
    "quarantined": (_("Set aside now"), _("locked away, not for sale")),
    "returned": (_("Sent back"), ""),
    "destroyed": (_("Destroyed"), ""),
    "sold": (_("Sold or used"), _("best guess is fine")),
}
NOTHING = _("Nothing is filled in. Count, and enter 0 if you found none.")
RECEIVED = _("You received %(due)s, you entered %(entered)s. Is that right?")
REMAINING = _("There should be %(due)s, you entered %(entered)s. Is that right?")
_NAME = re.compile(rf"(?:{'|'.join(PARTS)}|sure)-(p?\d+)")


@dataclass
class Row:
    """One line of the notice in the form: its fields, and what is still to be found."""

    asked: object
    fields: list
    sure: str = ""
    total: Decimal | None = None
    is_question: bool = False
    is_confirmed: bool = False

    @property
    def missing(self):
        due = self.asked.due
        return None if due is None or self.total is None else due - self.asked.sent_on - self.total

    @property
    def is_over(self) -> bool:
        return self.missing is not None and self.missing < 0

    @property
    def shown(self):
        """What is said of the due amount: what is missing, or all that is known of."""
        if self.total is None or (self.missing and not self.is_over):
            return self.missing
        return self.total + self.asked.sent_on


class CountForm(forms.Form):
    """Bound to the lines that one recipient was told about, and to no others."""

    name = forms.CharField(
        max_length=200,
        label=_("Your name"),
        error_messages={"required": _("Enter your name, so that we know who counted.")},
    )
    phone = forms.CharField(max_length=40, required=False, label=_("Phone, in case we must call"))
    remark = forms.CharField(max_length=2000, required=False, label=_("Anything we should know?"))

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        # By holding, which stays the same when the list is renewed: what was typed is kept.
        self.asked = {str(item.line.holding_id): item for item in asked}
        self.rows = [self._row(item) for item in asked]
        self.order_fields([bound.name for row in self.rows for bound in row.fields])
        self.answers: dict[int, dict[str, Decimal]] = {}

    def _row(self, asked) -> Row:
        names = [f"{part}-{asked.line.holding_id}" for part in PARTS]
        for name, part in zip(names, PARTS, strict=True):
            before = getattr(asked.answer, part, None)
            self.fields[name] = forms.CharField(
                required=False,
                max_length=30,
                label=PARTS[part][0],
                help_text=PARTS[part][1],
                initial=None if before is None else written(before).replace(",", ""),
            )
        total = asked.answer.accounted_for if asked.answer else None
        return Row(asked, [self[name] for name in names], total=total)

    def clean(self):
        self._refuse_lines_of_others()
        for row in self.rows:
            self._read(row)
        if not self.answers and not self.errors:
            self.add_error(None, NOTHING)
        return super().clean()

    def _refuse_lines_of_others(self):
        for name in self.data:
            match = _NAME.fullmatch(name)
            if match and match[1] not in self.asked:
                raise ValidationError(_("A line you answered is not part of this notice."))

    def _read(self, row: Row) -> None:
        unit, numbers, row.total = row.asked.line.unit, {}, None
        for field, part in zip(row.fields, PARTS, strict=True):
            try:
                found = read_quantity(self.cleaned_data.get(field.name), whole=is_counted(unit))
            except ValidationError as error:
                self.add_error(field.name, error)
                return
            numbers[part] = found
        if all(found is None for found in numbers.values()):
            return
        self.answers[row.asked.line.pk] = {part: n or Decimal(0) for part, n in numbers.items()}
        row.total = sum(self.answers[row.asked.line.pk].values())
        self._ask_if_too_much(row)

    def _ask_if_too_much(self, row: Row) -> None:
        """More than was received is asked about once per number, never refused."""
        due, line = row.asked.due, row.asked.line
        entered = row.total + row.asked.sent_on
        if due is None or entered <= due:
            return
        row.sure = written(row.total)
        if self.data.get(f"sure-{line.holding_id}") != row.sure:
            told = {"due": number(due), "entered": quantity(entered, line.unit)}
            asks = RECEIVED if row.asked.is_as_received else REMAINING
            row.is_question = True
            self.add_error(row.fields[0].name, asks % told)
        else:
            row.is_confirmed = True

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(field name, message) in the order of the page, for the summary on top."""
        return [(bound.name, text) for bound in self for text in bound.errors]

    @property
    def only_asks(self) -> bool:
        """Nothing is wrong; the numbers are only larger than expected."""
        return len(self.faults) == sum(row.is_question for row in self.rows)

    @property
    def can_be_checked(self) -> bool:
        """Whether it can be shown for a last look; what is asked about is asked there."""
        return self.only_asks and not self.non_field_errors()

    @property
    def typed(self) -> list[tuple[str, str]]:
        """(name, value) as it was typed, and for each question the number that it is about."""
        kept = [(name, self[name].value() or "") for name in self.fields]
        return kept + [(f"sure-{r.asked.line.holding_id}", r.sure) for r in self.rows if r.sure]


class PhoneForm(CountForm):
    """The same count, told to one of ours."""

    name = forms.CharField(
        max_length=200,
        label="Who told you?",
        error_messages={"required": "Enter who told you, so that we know who counted."},
    )
    phone = remark = None
    reason = forms.CharField(
        max_length=500,
        label="How were you told?",
        initial="On the phone",
        error_messages={"required": "Say how you were told, such as: on the phone."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        for name in self.errors if self.is_bound else ():
            if name in self.fields:
                described = f"{self[name].id_for_label}_error"
                self.fields[name].widget.attrs |= {
                    "aria-invalid": "true",
                    "aria-describedby": described,
                }
