"""A paper that somebody adds to a recall."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.models import RecallFile


class FileForm(DressedForm):
    title = forms.CharField(
        max_length=200,
        label="What it is",
        help_text="For example: Lab result PX-5530.",
        error_messages={"required": "Say what it is."},
    )
    kind = forms.ChoiceField(choices=RecallFile.Kind, label="Kind")
    upload = forms.FileField(
        label="File",
        help_text="PDF, JPEG, PNG or WebP. It is kept as it is, and cannot be taken away.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.webp"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
        allow_empty_file=True,
    )
