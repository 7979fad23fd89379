"""Planning and finishing a drill."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.operations.drills import batch_named

_LINES = forms.Textarea(attrs={"rows": 3})


class PlanForm(DressedForm):
    batch = forms.CharField(
        required=False,
        max_length=120,
        label="Batch",
        help_text="A number, or PRODUCT/NUMBER. Empty: one is drawn among what was shipped last.",
    )
    window_from = SiteMoment(required=False, label="Not before")
    window_until = SiteMoment(
        required=False,
        label="Not after",
        help_text="It starts by itself in between, at an hour nobody knows. Empty: at once.",
    )
    planted = forms.CharField(
        required=False,
        max_length=20_000,
        widget=_LINES,
        label="Places known to have it",
        help_text="What the drill is measured against: a place code in each line, if wanted with "
        "a comma and a batch number. Sealed before it starts.",
    )

    def clean_batch(self):
        text = self.cleaned_data["batch"].strip()
        return batch_named(text) if text else None

    def clean_planted(self):
        lines = [line.strip() for line in self.cleaned_data["planted"].splitlines()]
        parts = [line.partition(",") for line in lines if line]
        return [{"place": place.strip(), "batch": batch.strip()} for place, _, batch in parts]

    def details(self) -> dict:
        return dict(self.cleaned_data)


class FinishForm(DressedForm):
    remark = forms.CharField(
        required=False,
        max_length=4000,
        widget=_LINES,
        label="What was learned, and who puts what right until when",
    )
