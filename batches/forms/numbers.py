"""Forms of batch numbers: a product's pattern, and a block to reserve."""

from django import forms

from batches.models import Location
from batches.operations.numbering import LARGEST_BLOCK

_LIVE = {"class": "input", "autocomplete": "off"}


class PatternForm(forms.Form):
    """The pattern and its policy are saved; the rest is what the preview assumes."""

    number_pattern = forms.CharField(
        label="Pattern",
        required=False,
        max_length=100,
        strip=True,
        widget=forms.TextInput(attrs=_LIVE | {"class": "input code", "spellcheck": "false"}),
    )
    numbers_gap_free = forms.BooleanField(
        label="Without gaps",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
        help_text="A number that comes to nothing is given back; lines wait for each other. "
        "Otherwise it stays in the list below, unused.",
    )


class AssumedForm(forms.Form):
    """What the preview takes for granted. Wrong values are left out, never refused."""

    origin = forms.ModelChoiceField(
        Location.objects.none(),
        label="Made at",
        required=False,
        empty_label=None,
        to_field_name="code",
        widget=forms.Select(attrs={"class": "select"}),
    )
    line = forms.CharField(required=False, max_length=8, widget=forms.TextInput(attrs=_LIVE))
    shift = forms.CharField(required=False, max_length=8, widget=forms.TextInput(attrs=_LIVE))
    per_year = forms.IntegerField(
        label="Batches a year",
        required=False,
        min_value=1,
        max_value=10**9,
        widget=forms.NumberInput(attrs=_LIVE | {"min": 1}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = makers()

    def assumed(self) -> dict:
        """What is typed, else what is usual."""
        typed = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        return self.initial | {name: value for name, value in typed.items() if value}


class BlockForm(forms.Form):
    origin = forms.ModelChoiceField(
        Location.objects.none(),
        label="Made at",
        empty_label=None,
        widget=forms.Select(attrs={"class": "select"}),
    )
    day = forms.DateField(
        label="Production day",
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day that the numbers are for."},
    )
    line = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"class": "input"})
    )
    shift = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"class": "input"})
    )
    size = forms.IntegerField(
        label="How many",
        widget=forms.NumberInput(attrs={"class": "input", "min": 1, "max": LARGEST_BLOCK}),
        error_messages={"required": "Say how many numbers you need."},
    )
    purpose = forms.CharField(
        label="What for",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        error_messages={"required": "Say what they are reserved for. It is kept in the log."},
        help_text="For example: line 2 while the network is down. Kept in the log.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = makers()


def makers():
    """Places that can make a product: everywhere but at suppliers, stores and customers."""
    Kind = Location.Kind
    kinds = [Kind.PLANT, Kind.WAREHOUSE, Kind.DISTRIBUTION_CENTRE]
    return Location.objects.filter(kind__in=kinds, active=True)
