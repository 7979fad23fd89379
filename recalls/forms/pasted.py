"""Wording out of a notice, and what a person knows about it that the text does not say."""

from django import forms
from django.core.exceptions import ValidationError

from batches.codes.scope_text import DAY_FIRST, MONTH_FIRST
from batches.models import Product
from recalls.forms.dress import DressedForm

ORDERS = [
    ("", "As the text shows it"),
    (DAY_FIRST, "Day first: 31/12/2026"),
    (MONTH_FIRST, "Month first: 12/31/2026"),
]
MOST_CHARACTERS = 20_000


class PastedForm(DressedForm):
    text = forms.CharField(
        max_length=MOST_CHARACTERS,
        strip=False,
        label="Wording of the notice",
        help_text="Batch numbers, ranges, dates, products: as it stands, or a column of numbers.",
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": "Paste the text that says what is covered.",
            "max_length": "This is too long to be read at once. Paste it in parts.",
        },
    )
    product = forms.CharField(
        required=False,
        max_length=40,
        label="Product, if the text does not name it",
        widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
    )
    order = forms.ChoiceField(required=False, choices=ORDERS, label="Dates such as 4/12/2026")

    def clean_text(self):
        # Browsers send every line end as two characters.
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if not text.strip():
            raise ValidationError(self.fields["text"].error_messages["required"])
        return text

    def clean_product(self) -> Product | None:
        code = self.cleaned_data["product"].strip()
        if not code:
            return None
        found = Product.objects.filter(code__iexact=code).first()
        if found is None:
            raise ValidationError(f"No product has the code {code}. Choose one from the list.")
        return found
