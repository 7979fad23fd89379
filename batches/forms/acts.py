"""Forms of single acts on batches and documents: hold, release, post, void, receive."""

from datetime import datetime, time

from django import forms

from batches.models import Location


class ReasonForm(forms.Form):
    """One reason, in the person's words; the operation refuses an empty one."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        error_messages={"required": "Give a reason. It is kept in the log."},
        help_text="Kept in the log.",
    )


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 3}),
        error_messages={"required": "Say what came of it. It is kept with the complaint."},
    )


class HoldForm(ReasonForm):
    location = forms.ModelChoiceField(
        Location.objects.none(),
        label="Where",
        required=False,
        empty_label="Everywhere",
        widget=forms.Select(attrs={"class": "select"}),
        help_text="Everywhere also stops what is still on its way.",
    )
    field_order = ["location", "reason"]

    def __init__(self, *args, batch, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.filter(
            pk__in=batch.holdings.values("location")
        )


class ConfirmForm(forms.Form):
    """Nothing to fill in: pressing the button is the answer."""


class ReceiveForm(forms.Form):
    day = forms.DateField(
        label="Arrived on",
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Give the day of arrival."},
    )
    hour = forms.TimeField(
        label="At",
        required=False,
        widget=forms.TimeInput(attrs={"class": "input", "type": "time"}, format="%H:%M"),
        help_text="Leave empty if only the day is known. The time of the place counts.",
    )

    def __init__(self, *args, zone, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone

    def arrival(self) -> tuple[datetime, bool]:
        """The moment of arrival in the destination's zone, and whether only its day is known."""
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        return datetime.combine(day, hour or time(), tzinfo=self.zone), hour is None
