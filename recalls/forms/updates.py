"""What somebody posts to the timeline of a recall."""

from django import forms

from recalls.forms.dress import DressedForm


class UpdateForm(DressedForm):
    text = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="What happened, or what is decided",
        help_text="It stays on the timeline as it is. Name no customers' staff.",
        error_messages={"required": "Write what happened."},
    )
    by_mail = forms.BooleanField(
        required=False,
        initial=True,
        label="Mail it to those who get the reports of this recall",
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )
