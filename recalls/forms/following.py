"""How recalls of one class are followed up."""

from django import forms

from recalls.forms.dress import DressedForm
from recalls.models.following import MOST_DAYS, MOST_HOURS, MOST_REMINDERS


def _hours(label: str, help_text: str = ""):
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=1, max_value=MOST_HOURS, widget=_number()
    )


def _number():
    return forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"})


def _step(label: str):
    widget = forms.CheckboxInput(attrs={"class": "check"})
    return forms.BooleanField(label=label, required=False, widget=widget)


class PlanForm(DressedForm):
    """`seen` is the plan as it was when the page was opened."""

    first_hours = _hours("First reminder after, hours", "After the mail server took the notice.")
    every_hours = _hours("Then every, hours")
    reminders = forms.IntegerField(
        label="How many reminders",
        help_text="0 goes straight to the steps below.",
        min_value=0,
        max_value=MOST_REMINDERS,
        widget=_number(),
    )
    escalate_hours = _hours("Each step after that, hours later")
    to_parent = _step("Tell the contacts of the place above")
    to_call_list = _step("Put it on the call list")
    to_lead = _step("Write to the lead of the recall")
    update_days = forms.IntegerField(
        label="A status update every, days",
        help_text="To those who get the reports. When it is overdue the lead is written to.",
        min_value=1,
        max_value=MOST_DAYS,
        widget=_number(),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def numbers(self):
        return [self[n] for n in ("first_hours", "every_hours", "reminders", "escalate_hours")]

    @property
    def steps(self):
        return [self[name] for name in ("to_parent", "to_call_list", "to_lead")]
