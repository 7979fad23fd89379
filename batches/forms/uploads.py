"""The form by which a file is uploaded to be imported."""

from django import forms

from batches.intake.columns import KINDS

_KINDS = [("", "Tell by name or header"), *((kind, kind.capitalize()) for kind in KINDS)]


class UploadForm(forms.Form):
    file = forms.FileField(
        allow_empty_file=True,
        help_text="CSV in UTF-8 with comma or semicolon, or XLSX (its first sheet).",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": "Choose a file."},
    )
    kind = forms.ChoiceField(
        choices=_KINDS,
        required=False,
        label="What it holds",
        widget=forms.Select(attrs={"class": "select"}),
    )
    dry_run = forms.BooleanField(
        required=False, label="Dry run: report everything, write nothing", initial=True
    )
