"""The one form of customer service: what is wrong with the product."""

from django import forms

from batches.models import Complaint


class ComplaintForm(forms.Form):
    text = forms.CharField(
        label="What the customer says",
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 4}),
        max_length=4000,
        error_messages={"required": "Write down what is wrong, in the customer's words."},
    )
    severity = forms.ChoiceField(
        choices=Complaint.Severity,
        widget=forms.Select(attrs={"class": "select"}),
        help_text="Critical: somebody was or could be hurt.",
    )
