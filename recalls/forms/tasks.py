"""Tasks of a recall: what, who, until when."""

from django import forms
from django.contrib.auth import get_user_model

from recalls.forms.dress import DressedForm
from recalls.forms.recalls import SiteMoment


class Person(forms.ModelChoiceField):
    """Chooses a person by the full name."""

    def label_from_instance(self, obj):
        return obj.get_full_name() or obj.get_username()


class AssignForm(DressedForm):
    assignee = Person(queryset=None, required=False, label="Who", empty_label="Nobody yet")
    due_at = SiteMoment(required=False, label="Due by")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True)
        self.fields["assignee"].queryset = people.order_by("first_name", "last_name", "pk")


class TaskForm(AssignForm):
    title = forms.CharField(
        max_length=200,
        label="What is to be done",
        error_messages={"required": "Say what is to be done."},
    )
    field_order = ["title", "assignee", "due_at"]


class DoneForm(DressedForm):
    note = forms.CharField(
        max_length=200, required=False, label="Note", help_text="For example a reference."
    )
