"""How the fields of our forms look; Django ties each to its hint and its errors."""

from django import forms


class DressedForm(forms.Form):
    """Gives each field the class of the style sheet."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _kind(field.widget))


def _kind(widget) -> str:
    if isinstance(widget, forms.Textarea):
        return "input textarea"
    return "select" if isinstance(widget, forms.Select) else "input"
