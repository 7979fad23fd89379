"""One entry of the call log."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.models import Contacted


class ContactedForm(DressedForm):
    channel = forms.ChoiceField(choices=Contacted.Channel, label="How")
    person = forms.CharField(
        max_length=200,
        required=False,
        label="Whom",
        help_text="Name and role, if you reached them.",
    )
    reached = forms.TypedChoiceField(
        choices=[("yes", "Reached"), ("no", "Not reached")],
        coerce=lambda value: value == "yes",
        label="Outcome",
        error_messages={"required": "Say whether somebody was reached."},
    )
    when = SiteMoment(required=False, label="When, if not now")
    note = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Note",
        help_text="For example: calls back at 14:00, letter posted.",
    )
