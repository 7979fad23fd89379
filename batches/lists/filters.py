"""The filter bar: one form whose whole state is the query string."""

from dataclasses import dataclass

import django_filters
from django import forms

from batches.lists.phrases import keys_of

MAIN = 4


class OwnerFilter(django_filters.ChoiceFilter):
    """Whose a row is: mine, nobody's, or that of a person whom `people`, a function, gives."""

    def __init__(self, people, **kwargs):
        def choices():
            names = people().order_by("username").values_list("username", flat=True)
            return [("me", "Me"), ("nobody", "Nobody"), *((f"@{name}", name) for name in names)]

        super().__init__(label="Owner", choices=choices, **kwargs)

    def filter(self, rows, value):
        if not value:
            return rows
        if value == "nobody":
            return rows.filter(owner=None)
        if value == "me":
            return rows.filter(owner=self.parent.request.user)
        return rows.filter(owner__username=value.removeprefix("@"))


@dataclass(frozen=True)
class ActiveFilter:
    """One filter that is set: its label, what it asks for, and the address without it."""

    label: str
    text: str
    url: str


class FilterSet(django_filters.FilterSet):
    """Knows its query parameters, so that a page can refuse all others.

    `aliases` are names that people also type in the line of text, `example` is such a line.
    """

    aliases: dict[str, str] = {}
    example = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.form.fields.items():
            _dress(field, is_search=name == "q")

    @property
    def main(self) -> list:
        """The filters that always show; the others open on demand."""
        return list(self.form)[:MAIN]

    @property
    def others(self) -> list:
        return list(self.form)[MAIN:]

    @property
    def parameters(self) -> set[str]:
        fields = self.form.fields.items()
        return {key for name, field in fields for key in keys_of(name, field.widget)}

    def state(self) -> list[tuple[str, str]]:
        """What is set, as parameters in the order of the bar: the same state, the same address."""
        fields = self.form.fields.items()
        keys = [key for name, field in fields for key in keys_of(name, field.widget)]
        return [(key, value) for key in keys for value in self.data.getlist(key) if value]

    def active(self) -> list[ActiveFilter]:
        """The filters that are set, in the order of the bar."""
        found = []
        for bound in self.form:
            keys = [key for key in self.data if _belongs(key, bound) and self.data.get(key)]
            if not keys:
                continue
            rest = self.data.copy()
            for key in [*keys, "after", "before"]:
                rest.pop(key, None)
            found.append(ActiveFilter(bound.label, self._said(bound), f"?{rest.urlencode()}"))
        return found

    def _said(self, bound) -> str:
        keys = keys_of(bound.name, bound.field.widget)
        values = [_shown(bound, self.data[key]) if self.data.get(key) else "" for key in keys]
        if len(values) == 1:
            return values[0]
        low, high = values
        if low and high:
            return f"{low} to {high}"
        return f"{low} or later" if low else f"{high} or earlier"


class DayRangeFilter(django_filters.DateFromToRangeFilter):
    """From one day to another, both included."""

    def __init__(self, **kwargs):
        kwargs.setdefault(
            "widget",
            django_filters.widgets.DateRangeWidget(attrs={"type": "date", "class": "input"}),
        )
        super().__init__(**kwargs)


def _belongs(key, bound) -> bool:
    return key in keys_of(bound.name, bound.field.widget)


def _shown(bound, value) -> str:
    choices = getattr(bound.field, "choices", None)
    if choices is None:
        return value
    return next((str(label) for key, label in choices if str(key) == value), value)


def _dress(field, is_search: bool) -> None:
    widget = field.widget
    if isinstance(widget, forms.MultiWidget):
        for part, word in zip(widget.widgets, ("from", "to"), strict=True):
            part.attrs["aria-label"] = f"{field.label}, {word}"
        return
    if isinstance(widget, forms.Select):
        widget.attrs.setdefault("class", "select")
        _say_any(field)
        return
    widget.attrs.setdefault("class", "input")
    if is_search:
        widget.input_type = "search"


def _say_any(field) -> None:
    choices = [(key, "Any" if key in ("", None) else word) for key, word in field.widget.choices]
    field.widget.choices = choices
