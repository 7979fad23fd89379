"""Forms of single acts on batches and documents: hold, release, post, void, receive."""

from datetime import datetime, time

from django import forms
from django.conf import settings
from django.contrib.auth.models import User

from batches.forms.quantities import QuantityField
from batches.models import Location
from batches.operations.decisions import MAY_DECIDE
from batches.templatetags.wording import is_counted, quantity


class ReasonForm(forms.Form):
    """One reason, in the person's words; the operation refuses an empty one."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        error_messages={"required": "Give a reason. It is kept in the log."},
        help_text="Kept in the log.",
    )


class DecideForm(ReasonForm):
    """What becomes of a hold. No choice is made beforehand, unless a link asked for it."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=[
            ("release", "Release: it is good, and may be shipped and used again"),
            ("scrap", "Scrap: all that is there leaves the stock, and the hold stays"),
            ("rework", "Rework: only a run of that kind may use it, and what it makes is held"),
        ],
        widget=forms.RadioSelect(attrs={"class": "check"}),
        error_messages={"required": "Choose what becomes of it."},
    )
    field_order = ["decision", "reason"]


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        required=False,
        empty_label="Nobody",
        widget=forms.Select(attrs={"class": "select"}),
    )


class DeciderForm(OwnerForm):
    """Offers those alone who may decide about holds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        deciders = User.objects.with_perm(MAY_DECIDE, backend=settings.AUTHENTICATION_BACKENDS[-1])
        self.fields["owner"].queryset = deciders.order_by("username")


class ExtendForm(ReasonForm):
    until = forms.DateField(
        label="Decide by",
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day by which it is decided."},
        help_text="Until that day it waits for nobody. The goods stay where they are.",
    )
    field_order = ["until", "reason"]


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        error_messages={"required": "Say what came of it. It is kept with the complaint."},
    )


class HoldForm(ReasonForm):
    location = forms.ModelChoiceField(
        Location.objects.none(),
        label="Where",
        required=False,
        empty_label="Everywhere",
        widget=forms.Select(attrs={"class": "select"}),
        help_text="Everywhere also stops what is still on its way.",
    )
    field_order = ["location", "reason"]

    def __init__(self, *args, batch, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.filter(
            pk__in=batch.holdings.values("location")
        )


class ConfirmForm(forms.Form):
    """Nothing to fill in: pressing the button is the answer."""


class ReceiveForm(forms.Form):
    day = forms.DateField(
        label="Arrived on",
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day of arrival."},
    )
    hour = forms.TimeField(
        label="At",
        required=False,
        widget=forms.TimeInput(attrs={"class": "input", "type": "time"}, format="%H:%M"),
        help_text="Leave empty if only the day is known. The time of the place counts.",
    )

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone

    def arrival(self) -> tuple[datetime, bool]:
        """The moment of arrival in the destination's zone, and whether only its day is known."""
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        return datetime.combine(day, hour or time(), tzinfo=self.zone), hour is None


class CountForm(ReceiveForm):
    """The arrival with what was counted of each batch; what is not known cannot differ."""

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        for line in lines:
            if line.quantity is not None:
                self.fields[f"line_{line.pk}"] = _counted(line)

    def counts(self) -> dict:
        """What was entered, by line id."""
        given = self.cleaned_data.items()
        return {int(name[5:]): value for name, value in given if name.startswith("line_")}


def _counted(line) -> QuantityField:
    unit = line.batch.product.unit
    field = QuantityField(
        label=f"Arrived of {line.batch.number}",
        required=False,
        initial=line.quantity,
        min_value=0,
        help_text=f"{quantity(line.quantity, unit)} were shipped"
        + (f" on pallet {line.sscc}." if line.sscc else "."),
    )
    field.whole = is_counted(unit)
    return field


class RefuseForm(ReceiveForm, ReasonForm):
    reference = forms.CharField(
        label="Reference of the return",
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input code"}),
        help_text="It takes everything back, and is in transit until its arrival is confirmed.",
        error_messages={"required": "Give the return a reference, by which it is found again."},
    )
    field_order = ["day", "hour", "reason", "reference"]
