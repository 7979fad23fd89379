"""The form that moves ticked batches from one place to another: a head and a line for each."""

from collections.abc import Mapping
from decimal import Decimal

from django import forms
from django.core.validators import RegexValidator

from batches.forms.quantities import QuantityField
from batches.intake.quantities import plainly
from batches.models import Batch, Location, Shipment, ShipmentLine
from batches.reports.resolver import LOCATIONS, Found, resolve
from batches.reports.usual import unusual
from batches.templatetags.wording import is_counted


class MoveForm(forms.Form):
    destination = forms.CharField(
        label="To",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "list": "places"}),
        help_text="Code, name or GLN of the place. It may be scanned.",
        error_messages={"required": "Say where the batches go."},
    )
    reference = forms.CharField(
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input code", "autocomplete": "off"}),
        help_text="Number of the dispatch note, or the one proposed.",
        error_messages={"required": "Give the move a reference, by which it is found again."},
    )
    purpose = forms.ChoiceField(
        choices=Shipment.Purpose.choices,
        widget=forms.Select(attrs={"class": "select"}),
        help_text="What is held, expired or rejected moves as a return to quarantine only.",
    )
    has_arrived = forms.BooleanField(
        label="It has arrived already",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
        help_text="Otherwise it is in transit until its arrival is confirmed.",
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self._looking = {"user": user, "today": today, "kinds": [LOCATIONS]}

    def clean_destination(self) -> Location:
        text = self.cleaned_data["destination"]
        found = resolve(text, **self._looking)
        if found.exact is None:
            raise forms.ValidationError(_unclear(text, found))
        if not found.exact.obj.active:
            raise forms.ValidationError(f"{found.exact.code} is not in use any more.")
        return found.exact.obj


def _unclear(text: str, found: Found) -> str:
    if found.hits:
        codes = ", ".join(hit.code for hit in found.hits[:5])
        return f"“{text}” may be {codes}. Enter the code of the one that you mean."
    said = " ".join(part.said for part in found.understood)
    return f"No place has the code, name or GLN “{text}”. {said}".strip()


class LineForm(forms.Form):
    """One batch at the origin; left out unless it is ticked. `sure` is the quantity that it was
    asked about."""

    asked_about = ""

    batch = forms.IntegerField(widget=forms.HiddenInput)
    is_moved = forms.BooleanField(
        required=False, initial=True, widget=forms.CheckboxInput(attrs={"class": "check"})
    )
    quantity = QuantityField(
        required=False,
        min_value=Decimal("0.000001"),
        widget=forms.TextInput(attrs={"class": "input num", "inputmode": "decimal", "size": 10}),
        error_messages={
            "min_value": "The quantity must be more than zero. Leave it empty if unknown.",
        },
    )
    sscc = forms.CharField(
        required=False,
        validators=[RegexValidator(r"^\d{18}$", "An SSCC has 18 digits.")],
        max_length=ShipmentLine._meta.get_field("sscc").max_length,
        widget=forms.TextInput(attrs={"class": "input code", "inputmode": "numeric", "size": 18}),
    )

    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, there: Mapping[int, Batch], **kwargs):
        super().__init__(*args, **kwargs)
        pk = str(self["batch"].value())
        self.goods = there.get(int(pk)) if pk.isascii() and pk.isdigit() else None
        self.fields["quantity"].whole = bool(self.goods) and is_counted(self.goods.product.unit)

    def clean(self):
        values = super().clean()
        if not values.get("is_moved"):
            # What is left out may be anything.
            self._errors.clear()
        return values

    def line(self) -> ShipmentLine | None:
        """What is to move, as far as it is known."""
        values = self.cleaned_data
        if self.goods is None or not values.get("is_moved") or not values.get("quantity"):
            return None
        return ShipmentLine(batch=self.goods, quantity=values["quantity"])

    def ask(self, said: str, quantity: str) -> None:
        # Stays on the page, so that the same number is not asked about twice.
        self.asked_about = quantity
        if self.cleaned_data.get("sure") != quantity:
            self.add_error("quantity", f"{said} If that is right, press Move them again.")


class Pile(forms.BaseFormSet):
    """The lines, with a question at each that has far more than is usual: once per quantity,
    for what is moved is posted at once."""

    def clean(self):
        moved = [(form, line) for form in self.forms if (line := form.line())]
        asked = unusual(line for _, line in moved)
        for (form, line), said in zip(moved, asked, strict=True):
            if said:
                form.ask(said, plainly(line.quantity))


LineForms = forms.formset_factory(LineForm, formset=Pile, extra=0, max_num=200, absolute_max=200)
