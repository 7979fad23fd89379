"""Forms of what a person sets for their own screen, and of the views that they keep."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from batches.models import Preferences

SELECT = {"class": "select"}


class PreferencesForm(forms.Form):
    theme = forms.ChoiceField(
        choices=Preferences.Theme.choices, required=False, widget=forms.Select(attrs=SELECT)
    )
    density = forms.ChoiceField(
        label="Rows of tables",
        choices=Preferences.Density.choices,
        required=False,
        widget=forms.Select(attrs=SELECT),
    )
    page_size = forms.TypedChoiceField(
        label="Rows on a page",
        choices=[(size, size) for size in Preferences.SIZES],
        coerce=int,
        widget=forms.Select(attrs=SELECT),
    )
    zone = forms.ChoiceField(
        label="Show times in",
        required=False,
        widget=forms.Select(attrs=SELECT),
        help_text="On screen only. Paper, files and mails have the time of the site, and what you "
        "type counts as that too.",
    )
    keys = forms.BooleanField(
        label="Single keys are shortcuts",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
        help_text="Switch them off if you speak to your computer, or press keys by mistake. "
        "Ctrl+K and scanners work either way.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        site = ("", f"The site’s zone, {settings.SITE_TIME_ZONE}")
        others = sorted(available_timezones() - {"UTC"})
        self.fields["zone"].choices = [site, ("UTC", "UTC"), *((name, name) for name in others)]


class ViewForm(forms.Form):
    """A list as it is shown, under a name."""

    name = forms.CharField(
        label="Name of the view",
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": "Give the view a name, by which its tab is known."},
    )
    is_shared = forms.BooleanField(
        label="Everybody sees it",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "check"}),
    )
    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
