"""Planning and finishing a drill, what is put right after it, and the calendar of drills."""

from django import forms
from django.contrib.auth import get_user_model

from batches.models import Location, Product
from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment
from recalls.forms.tasks import Person
from recalls.models import DrillDuty
from recalls.operations.drill_calendar import MOST_MONTHS
from recalls.operations.drills import batch_named

_LINES = forms.Textarea(attrs={"rows": 3})


class PlanForm(DressedForm):
    batch = forms.CharField(
        required=False,
        max_length=120,
        label="Batch",
        help_text="A number, or PRODUCT/NUMBER. Empty: one is drawn among what was shipped last.",
    )
    duty = forms.ModelChoiceField(
        queryset=DrillDuty.objects.filter(ended_at=None).select_related("site"),
        required=False,
        label="Drawn among",
        empty_label="All that was shipped",
        help_text="One that the calendar asks for draws among what it is about.",
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

    def clean(self):
        if self.cleaned_data.get("batch") and self.cleaned_data.get("duty"):
            self.add_error("duty", "A batch is named, so none is drawn. Leave one of them empty.")

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
        label="What was learned",
    )


def _people():
    return get_user_model().objects.filter(is_active=True).order_by("first_name", "pk")


class ActionForm(DressedForm):
    title = forms.CharField(
        max_length=200,
        label="What is put right",
        error_messages={"required": "Say what is to be put right."},
    )
    assignee = Person(
        queryset=None,
        label="Who",
        empty_label="Choose a person",
        error_messages={"required": "Choose who sees to it."},
    )
    due_at = SiteMoment(label="Due by", error_messages={"required": "Say by when."})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = _people()


class DutyForm(DressedForm):
    """Who is reminded, and when the next one is due."""

    owner = Person(
        queryset=None,
        label="Owner",
        help_text="Is reminded 30 and 7 days before, on the day, and every 30 days after it.",
        error_messages={"required": "Choose who is reminded."},
    )
    due_on = forms.DateField(
        label="Due by",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Enter the day by which it is to be run."},
    )
    every_months = forms.IntegerField(
        label="Every, months",
        min_value=1,
        max_value=MOST_MONTHS,
        initial=12,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="BRCGS, SQF and IFS ask for one at least every 12 months.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = _people()


class NewDutyForm(DutyForm):
    site = forms.ModelChoiceField(
        queryset=Location.objects.own().filter(active=True),
        required=False,
        label="Site",
        empty_label="No site: a product group",
        to_field_name="code",
    )
    product_group = forms.ChoiceField(required=False, label="Product group")
    field_order = ["site", "product_group"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = Product.objects.exclude(category="").order_by("category")
        names = groups.values_list("category", flat=True).distinct()
        self.fields["product_group"].choices = [
            ("", "No group: a site"), *((name, name) for name in names)
        ]  # fmt: skip
