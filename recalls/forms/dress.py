"""How the fields of our forms look and what they tell a screen reader."""

from django import forms


class DressedForm(forms.Form):
    """Gives each field the class of the style sheet, and ties it to its hint and its errors."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _kind(field.widget))

    def __getitem__(self, name):
        bound = super().__getitem__(name)
        attrs, about = bound.field.widget.attrs, []
        if bound.field.help_text:
            about.append(f"{bound.id_for_label}_help")
        if self.is_bound and name in self.errors:
            about.append(f"{bound.id_for_label}_error")
            attrs["aria-invalid"] = "true"
        if about:
            attrs["aria-describedby"] = " ".join(about)
        return bound


def _kind(widget) -> str:
    if isinstance(widget, forms.Textarea):
        return "input textarea"
    return "select" if isinstance(widget, forms.Select) else "input"
