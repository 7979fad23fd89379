"""The two questions of the public check. What is mistyped is said before anything is looked up."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from batches.codes.gs1 import CodeError, has_right_check_digit
from batches.codes.gs1.keys import GTIN_LENGTHS, gtin14, is_digits
from batches.codes.lookalikes import latin
from batches.codes.numbering import number_key, printed_keys
from batches.codes.reading import read
from batches.codes.units import read_code

WRONG_BAR_CODE = _("The number under the bar code has a typing error. Please compare each digit.")

_UNIT_FAULTS = {
    "characters": _("A unit code has no 0, 1, I or O. Please compare each character."),
    "length": _("A unit code has 28 characters, in seven groups of four."),
    "check": _("The unit code has a typing error. Please compare each character."),
}


@dataclass(frozen=True)
class AskedBatch:
    """A batch as named on the pack: by GTIN or the product's code, and the number, which may be
    recorded under one of several keys."""

    gtin: str
    code: str
    number_keys: frozenset[str]

    @property
    def product(self) -> str:
        return self.gtin or self.code.upper()


class BatchQuestion(forms.Form):
    """`asked` is the batch in question, once the form is valid."""

    product = forms.CharField(
        label=_("Number under the bar code"),
        help_text=_("8 to 14 digits. The maker's product code will do as well."),
        required=False,
        max_length=60,
    )
    number = forms.CharField(
        label=_("Batch number"),
        help_text=_("Often printed near the best-before date."),
        max_length=300,
        error_messages={"required": _("Enter the batch number.")},
    )

    def clean(self):
        values = super().clean()
        reading = read(values.get("number", ""))
        product = values.get("product", "")
        # A scanned code in the second field names both.
        number = reading.batch_number
        gtin = reading.gtin if reading.is_coded else ""
        digits = latin("".join(product.split()))
        if not gtin and is_digits(digits) and len(digits) in GTIN_LENGTHS:
            gtin = gtin14(digits)
        if gtin and not has_right_check_digit(gtin):
            self.add_error("product", WRONG_BAR_CODE)
        if not gtin and not product and "product" not in self.errors:
            self.add_error("product", _("Enter the number under the bar code."))
        if "number" in values and not number_key(number):
            self.add_error("number", _("Enter the batch number."))
        # A number may itself begin with the word that stands before others.
        texts = {number} if reading.is_coded else {number, reading.text}
        code = "" if reading.is_coded and reading.gtin else product
        self.asked = AskedBatch(gtin, code, frozenset(printed_keys(*texts)))
        return values


class UnitQuestion(forms.Form):
    code = forms.CharField(
        label=_("Unit code"),
        help_text=_("28 characters, in seven groups of four. It stands on your pack only."),
        max_length=200,
        error_messages={"required": _("Enter the unit code.")},
    )

    def clean_code(self):
        try:
            return read_code(self.cleaned_data["code"])
        except CodeError as error:
            raise forms.ValidationError(_UNIT_FAULTS[str(error)]) from None
