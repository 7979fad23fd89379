"""Effectiveness checks: whom to draw, what a check found, why one is not made."""

from django import forms
from django.core.exceptions import ValidationError

from recalls.forms.dress import DressedForm
from recalls.models import CheckResult, Recall

_ANSWERS = [("", "Choose"), ("yes", "Yes"), ("no", "No")]


class SampleForm(DressedForm):
    level = forms.ChoiceField(
        choices=[row for row in Recall.Effectiveness.choices if row[0] != "E"], label="Level"
    )
    percent = forms.IntegerField(
        required=False,
        min_value=10,
        max_value=100,
        label="Share for level B, %",
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )


def _question(label: str):
    return forms.TypedChoiceField(
        choices=_ANSWERS,
        required=False,
        coerce=lambda value: value == "yes",
        empty_value=None,
        label=label,
    )


class CheckForm(DressedForm):
    means = forms.ChoiceField(choices=CheckResult.Means, label="How")
    result = forms.ChoiceField(
        choices=[("", "Choose")]
        + [row for row in CheckResult.Result.choices if row[0] != "waived"],
        label="Result",
        help_text="Three times yes has passed. Not reached: leave the questions open.",
        error_messages={"required": "Choose a result."},
    )
    told = _question("Were they told of the recall?")
    controlled = _question("Did they find the goods and bring them under control?")
    instructed = _question("Did they do as instructed?")
    person = forms.CharField(max_length=200, required=False, label="Whom you spoke to")
    note = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Note",
        help_text="What you saw or heard. It cannot be changed later.",
    )
    field_order = ["means", "told", "controlled", "instructed", "result", "person", "note"]

    def clean_note(self):
        note = self.cleaned_data["note"].strip()
        if self.data.get("result") == CheckResult.Result.FAILED and not note:
            raise ValidationError("Say what was wrong there.")
        return note
