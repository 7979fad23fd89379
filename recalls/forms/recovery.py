"""What came back from a place, and what becomes of goods: quantities typed by our own people."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.intake.quantities import read_quantity
from batches.models import Location
from batches.templatetags.wording import is_counted, site_zone, units
from recalls.forms.dress import DressedForm
from recalls.models import Disposition

Kind = Disposition.Kind


def _day(**fields) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **fields
    )


def today():
    return timezone.now().astimezone(site_zone()).date()


def _read(form: forms.Form, name: str, unit: str) -> Decimal | None:
    """The quantity typed in a field; what is wrong with it stands at the field."""
    try:
        return read_quantity(form.cleaned_data.get(name) or "", whole=is_counted(unit))
    except ValidationError as error:
        form.add_error(name, error)
        return None


class CameBackForm(DressedForm):
    """One field for each line that the place is asked about; empty is nothing of it."""

    destination = forms.ModelChoiceField(
        Location.objects.none(),
        label="Where it is now",
        to_field_name="code",
        empty_label=None,
        help_text="It is held there.",
        error_messages={"required": "Say at which site of ours it is."},
    )
    arrived_on = _day(
        label="Arrived on", error_messages={"required": "Enter the day on which it arrived."}
    )
    document = forms.CharField(
        required=False, max_length=100, label="Document", help_text="Return note, if there is one."
    )
    reference = forms.CharField(
        max_length=60,
        label="Number of this return",
        error_messages={"required": "Give the return a number, by which it is found again."},
    )

    def __init__(self, *args, asked, sites, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["destination"].queryset = sites
        self.asked, self.came = {item.line.holding_id: item.line for item in asked}, {}
        for pk, line in self.asked.items():
            self.fields[f"came-{pk}"] = forms.CharField(
                required=False,
                max_length=30,
                label=f"{line.batch_number}, {units(line.unit, 2)}",
                widget=forms.TextInput(attrs={"class": "input num", "inputmode": "decimal"}),
            )
        self.order_fields([f"came-{pk}" for pk in self.asked])

    def clean(self):
        values = super().clean()
        for pk, line in self.asked.items():
            quantity = _read(self, f"came-{pk}", line.unit)
            if quantity:
                self.came[pk] = quantity
        if not self.came and not self.errors:
            raise ValidationError("Enter how much came back of at least one batch.")
        return values

    def values(self) -> dict:
        names = ("destination", "arrived_on", "document", "reference")
        return {"came": self.came, **{name: self.cleaned_data[name] for name in names}}


class GoodsForm(DressedForm):
    """What becomes of goods. What each kind needs is asked for by the operation."""

    quantity = forms.CharField(
        max_length=30,
        label="Quantity",
        widget=forms.TextInput(attrs={"class": "input num", "inputmode": "decimal"}),
        error_messages={"required": "Enter how much."},
    )
    happened_on = _day(required=False, label="Destroyed on")
    method = forms.CharField(
        required=False, max_length=200, label="How", help_text="Such as: incinerated."
    )
    witness_name = forms.CharField(required=False, max_length=200, label="Who saw it")
    witness_function = forms.CharField(
        required=False, max_length=200, label="Function of the witness"
    )
    certificate = forms.CharField(
        required=False,
        max_length=100,
        label="Number of the certificate",
        help_text="Empty: it counts as missing.",
    )
    upload = forms.FileField(
        required=False, label="The certificate", help_text="PDF, JPEG, PNG or WebP."
    )
    cost = forms.DecimalField(
        required=False,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal(0),
        widget=forms.TextInput(attrs={"class": "input num", "inputmode": "decimal"}),
        error_messages={"invalid": "This is not an amount. Write 1400 or 1400.50."},
    )
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why",
        error_messages={"required": "Say why; it is kept with the recall."},
    )

    def __init__(self, *args, currency: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cost"].label = f"Cost, {currency}"

    def unit_of(self, values: dict) -> str:
        raise NotImplementedError

    def clean(self):
        values = super().clean()
        values["quantity"] = _read(self, "quantity", self.unit_of(values))
        return values


class DestroyedForm(GoodsForm):
    """What was destroyed of one line that a place is asked about."""

    holding = forms.TypedChoiceField(
        coerce=int, label="Batch", error_messages={"required": "Choose the batch."}
    )
    field_order = ["holding"]

    def __init__(self, *args, asked, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = {item.line.holding_id: item.line for item in asked}
        self.fields["holding"].choices = [
            (pk, f"{line.batch_number}, in {units(line.unit, 2)}")
            for pk, line in self.lines.items()
        ]

    def unit_of(self, values: dict) -> str:
        line = self.lines.get(values.get("holding"))
        return line.unit if line else ""


class DecideForm(GoodsForm):
    """What becomes of goods on a site of ours."""

    kind = forms.ChoiceField(
        choices=Kind,
        widget=forms.RadioSelect(attrs={"class": "check"}),
        label="What becomes of it",
        error_messages={"required": "Choose what becomes of it."},
    )
    destination = forms.ModelChoiceField(
        Location.objects.none(), required=False, to_field_name="code", label="Supplier"
    )
    output_number = forms.CharField(
        required=False, max_length=60, label="Number of the batch that is made"
    )

    def __init__(self, *args, unit: str, suppliers, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.fields["quantity"].label = f"Quantity, {units(unit, 2)}"
        self.fields["destination"].queryset = suppliers

    def unit_of(self, values: dict) -> str:
        return self.unit

    @property
    def witnessed(self) -> list:
        names = ("happened_on", "method", "witness_name", "witness_function", "certificate")
        return [self[name] for name in (*names, "upload")]


class CertificateForm(DressedForm):
    """A certificate that comes after the destruction was recorded."""

    certificate = forms.CharField(
        max_length=100,
        label="Number",
        error_messages={"required": "Enter the number of the certificate."},
    )
    upload = forms.FileField(
        label="File",
        help_text="PDF, JPEG, PNG or WebP.",
        error_messages={"required": "Choose the file."},
    )
