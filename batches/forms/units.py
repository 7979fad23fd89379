"""The form that issues unit codes."""

from django import forms

from batches.operations.units import MOST


class IssueForm(forms.Form):
    count = forms.IntegerField(
        label="How many packs",
        min_value=1,
        max_value=MOST,
        help_text=f"At most {MOST:,} at a time.",
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
        error_messages={"required": "Say how many codes the printer needs."},
    )
