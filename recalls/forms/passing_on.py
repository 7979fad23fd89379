"""A customer that a recipient sent goods on to: who it is, and how much of each batch."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from batches.intake.quantities import read_quantity
from batches.templatetags.wording import is_counted
from recalls.message.languages import LANGUAGES


class PassOnForm(forms.Form):
    """Bound to the lines of one recipient; `quantities` are by line id."""

    name = forms.CharField(
        max_length=100,
        label=_("Name of the customer"),
        error_messages={"required": _("Enter the name of the customer.")},
    )
    address = forms.CharField(
        max_length=254,
        required=False,
        label=_("E-mail of the customer"),
        help_text=_("If they have none, enter their phone number: we call them."),
    )
    phone = forms.CharField(max_length=40, required=False, label=_("Phone of the customer"))
    language = forms.ChoiceField(
        choices=list(LANGUAGES.items()), label=_("Language of the customer")
    )

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = []
        for item in asked:
            name = f"sent-{item.line.holding_id}"
            self.fields[name] = forms.CharField(required=False, max_length=30)
            self.rows.append((item, name))
        self.quantities: dict[int, Decimal] = {}

    def clean(self):
        for item, name in self.rows:
            try:
                found = read_quantity(self.cleaned_data.get(name), whole=is_counted(item.line.unit))
            except ValidationError as error:
                self.add_error(name, error)
                continue
            if found is not None:
                self.quantities[item.line.pk] = found
        return super().clean()

    @property
    def amounts(self) -> list[tuple]:
        return [(item, self[name]) for item, name in self.rows]

    @property
    def faults(self) -> list[tuple[str, str]]:
        return [(bound.name, text) for bound in self for text in bound.errors]
