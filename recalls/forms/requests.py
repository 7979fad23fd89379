"""What an authority asked records of, and the handover of a sheet."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from batches.models import Batch, Location, Product
from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.models import Recall, RecordsRequest
from recalls.operations.drills import batch_named

MOST = 500
_LINES = {"rows": 3}
_DAY = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), "required": False}


def _lines(label: str, hint: str) -> forms.CharField:
    widget = forms.Textarea(attrs=_LINES)
    return forms.CharField(
        required=False, max_length=20_000, label=label, help_text=hint, widget=widget
    )


class RequestForm(DressedForm):
    authority = forms.CharField(
        max_length=200,
        label="Authority",
        error_messages={"required": "Enter who asked."},
    )
    authority_reference = forms.CharField(
        required=False, max_length=100, label="Its reference", help_text="If it gave one."
    )
    means = forms.ChoiceField(choices=RecordsRequest.Means, label="How it was asked")
    asked_at = SiteMoment(
        label="When it was asked",
        help_text="The 24 hours count from here.",
        error_messages={"required": "Enter when it was asked; the 24 hours count from there."},
    )
    recall = forms.ModelChoiceField(
        queryset=Recall.objects.live().exclude(status=Recall.Status.CANCELLED),
        to_field_name="reference",
        required=False,
        label="About the recall",
        empty_label="No recall",
        help_text="If nothing else is said, its newest frozen scope is given.",
    )
    batches = _lines("Batches", "A number, or PRODUCT/NUMBER, in each line.")
    products = _lines("Products", "A product code in each line: all of its batches.")
    places = _lines("Places", "A place code in each line: what left or came there.")
    from_day = forms.DateField(label="From the day", **_DAY)
    until_day = forms.DateField(label="Until the day", **_DAY)
    note = forms.CharField(
        required=False,
        max_length=4000,
        label="In their words",
        widget=forms.Textarea(attrs=_LINES),
    )

    def clean_batches(self) -> list[Batch]:
        return [batch_named(line) for line in self._split("batches")]

    def clean_products(self) -> list[Product]:
        return self._coded(Product, "products", "product")

    def clean_places(self) -> list[Location]:
        return self._coded(Location, "places", "place")

    def _split(self, name: str) -> list[str]:
        lines = self.cleaned_data[name].splitlines()
        found = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if len(found) > MOST:
            raise ValidationError(f"At most {MOST} at once; there are {len(found):,}.")
        return found

    def _coded(self, model, name: str, word: str) -> list:
        asked = self._split(name)
        keys = {code.lower() for code in asked}
        rows = list(model.objects.annotate(key=Lower("code")).filter(key__in=keys))
        unknown = [code for code in asked if code.lower() not in {row.key for row in rows}]
        if unknown:
            raise ValidationError(f"No {word} has the code {', '.join(unknown[:5])}.")
        return rows


class HandoverForm(DressedForm):
    """Which sheet the authority has, and since when."""

    sheet = forms.ModelChoiceField(
        queryset=None,
        label="Sheet",
        error_messages={"required": "Choose the sheet that was handed over."},
    )
    handed_at = SiteMoment(
        label="Handed over at", error_messages={"required": "Enter when it was handed over."}
    )
    note = forms.CharField(
        required=False, max_length=2000, label="How", help_text="For example: by upload."
    )

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sheet"].queryset = (
            request.sheets.defer("content").select_related("request").order_by("-number")
        )
