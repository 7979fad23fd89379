"""A field for rows that were ticked, by their keys."""

from django import forms
from django.core.exceptions import ValidationError

from batches.lists.ticked import keys


class TickedField(forms.ModelMultipleChoiceField):
    """What cannot be a key is refused like a row that is gone."""

    def clean(self, value):
        for text in value or ():
            if not keys([str(text)]):
                said = self.error_messages["invalid_choice"] % {"value": str(text)[:40]}
                raise ValidationError(said, code="invalid_choice")
        return super().clean(value)
