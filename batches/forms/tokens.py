"""The form that makes a token of the API."""

from datetime import timedelta

from django import forms
from django.contrib.auth import get_user_model

from batches.models import ApiToken

DAYS = {30: "30 days", 90: "90 days", 365: "A year"}


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Used by",
        max_length=60,
        help_text="Which program uses it, and where: “ERP, plant 1”.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": "Say which program uses the token, and where."},
    )
    scope = forms.ChoiceField(
        label="May ask for",
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.READ,
        widget=forms.Select(attrs={"class": "select"}),
    )
    days = forms.TypedChoiceField(
        label="Ends after",
        choices=DAYS.items(),
        coerce=int,
        initial=90,
        widget=forms.Select(attrs={"class": "select"}),
    )
    user = forms.ModelChoiceField(
        get_user_model().objects.none(),
        label="Acts as",
        help_text="Whose permissions apply. Best a user of its own, which nobody logs in as.",
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        if not by.is_superuser:
            del self.fields["user"]
            return
        users = get_user_model().objects.filter(is_active=True).order_by("username", "pk")
        self.fields["user"].queryset = users
        self.fields["user"].initial = by.pk

    def wanted(self, at) -> dict:
        """What the operation takes."""
        values = dict(self.cleaned_data)
        ends = at + timedelta(days=values.pop("days"))
        return {"user": self.by} | values | {"expires_at": ends}
