"""Targets: the hours of a class, other hours for one recall, and records handed over."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.models import Target
from recalls.models.targets import MOST_HOURS


def _hours(label: str):
    widget = forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=1, max_value=MOST_HOURS, widget=widget)


class TargetsForm(DressedForm):
    """`seen` is the plan as it was when the page was opened."""

    scope_hours = _hours("Scope frozen within, hours")
    notified_hours = _hours("All notified within, hours")
    records_hours = _hours("Records to the authority within, hours")
    answers_hours = _hours("All responses in within, hours")
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class TargetChangeForm(DressedForm):
    target = forms.ChoiceField(choices=Target, label="Target")
    hours = _hours("Hours from the opening")
    reason = forms.CharField(
        max_length=500,
        label="Why this recall has another target",
        error_messages={"required": "Say why this recall has another target."},
    )


class HandoverForm(DressedForm):
    authority = forms.CharField(
        max_length=200,
        label="Authority",
        error_messages={"required": "Enter to which authority."},
    )
    reference = forms.CharField(
        max_length=100,
        label="Its reference",
        help_text="The number of the file or of the receipt.",
        error_messages={"required": "Enter the reference under which it was taken."},
    )
    handed_at = SiteMoment(
        label="Handed over at", error_messages={"required": "Enter when it was handed over."}
    )
    note = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What, and how",
        help_text="For example: 24 h package, version 2, by upload.",
    )
