"""The form by which a file is uploaded to be imported."""

from django import forms

from batches.intake.columns import KINDS

_KINDS = [("", "Tell by name or header"), *((kind, kind.capitalize()) for kind in KINDS)]
# Bytes; a larger file shows how much of it has gone.
PROGRESS_FROM = 20 * 1024 * 1024


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


class ColumnsForm(forms.Form):
    """What each header means that was not read; a field for each, in the order of the file."""

    LEAVE_OUT = "-"

    def __init__(self, *args, headers: list[str], free: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.headers = headers
        choices = [("", "Not said"), (self.LEAVE_OUT, "Leave it out"), *((c, c) for c in free)]
        for n, header in enumerate(headers):
            self.fields[f"column_{n}"] = forms.ChoiceField(
                label=header,
                choices=choices,
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def names(self) -> dict[str, str]:
        """By header the column that was chosen, nothing for what is left out."""
        said = {h: self.cleaned_data[f"column_{n}"] for n, h in enumerate(self.headers)}
        return {h: "" if c == self.LEAVE_OUT else c for h, c in said.items() if c}
