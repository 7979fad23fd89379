"""The filters of a list as a line of text: `status:held site:plant1 expires:<7d`."""

import shlex
from datetime import date, timedelta

from django import forms


class Unclear(Exception):
    """A word that no filter of the list understands, in a sentence for people."""


def read(text: str, form: forms.Form, aliases: dict[str, str], today: date) -> dict[str, str]:
    """What `text` asks for, as query parameters in the order of the filters.

    Words without a name are searched for. Raises Unclear.
    """
    try:
        words = shlex.split(text.replace("'", "\\'"))
    except ValueError:
        raise Unclear("A quotation mark is open. Close it, or take it away.") from None
    found: dict[str, str] = {}
    for word in words:
        name, colon, value = word.partition(":")
        name = aliases.get(name.lower(), name.lower())
        if not colon or not value:
            found["q"] = f"{found.get('q', '')} {word}".strip()
        elif name not in form.fields:
            names = ", ".join([*form.fields, *aliases])
            raise Unclear(f"This list has no filter “{name}”. It has {names}.")
        else:
            found |= _asked(name, form.fields[name], value, today)
    order = [key for name, field in form.fields.items() for key in keys_of(name, field.widget)]
    return {key: found[key] for key in order if key in found}


def keys_of(name: str, widget) -> list[str]:
    """The query parameters of one field: two for a range."""
    if not isinstance(widget, forms.MultiWidget):
        return [name]
    return [f"{name}_{suffix}" for suffix in getattr(widget, "suffixes", ("0", "1"))]


def write(data, form: forms.Form) -> str:
    """The line that asks for what the parameters `data` ask for."""
    words = []
    for name, field in form.fields.items():
        values = [data.get(key) or "" for key in keys_of(name, field.widget)]
        if not any(values):
            continue
        if len(values) == 2:
            low, high = values
            values = [f"{low}..{high}" if low and high else f">{low}" if low else f"<{high}"]
        said = f'"{values[0]}"' if " " in values[0] and name != "q" else values[0]
        words.append(said if name == "q" else f"{name}:{said}")
    return " ".join(words)


def _asked(name: str, field, value: str, today: date) -> dict[str, str]:
    keys = keys_of(name, field.widget)
    if len(keys) == 2:
        low, high = _range(name, value, today)
        return {key: day.isoformat() for key, day in zip(keys, (low, high), strict=True) if day}
    choices = getattr(field, "choices", None)
    if choices is None:
        return {name: value}
    known = {str(key).lower(): str(key) for key, _ in choices if key not in ("", None)}
    known |= {str(word).lower(): str(key) for key, word in choices if key not in ("", None)}
    if value.lower() not in known:
        offered = ", ".join(str(key) for key, _ in choices if key not in ("", None))
        raise Unclear(f"“{name}” does not understand “{value}”. It takes {offered}.")
    return {name: known[value.lower()]}


def _range(name: str, value: str, today: date) -> tuple[date | None, date | None]:
    """`<7d` until then, `>2026-11-01` from then on, `a..b` from a to b, one day alone is it."""
    if value[0] in "<>":
        day = _day(name, value[1:].lstrip("="), today)
        return (None, day) if value[0] == "<" else (day, None)
    low, dots, high = value.partition("..")
    first = _day(name, low, today)
    return first, _day(name, high, today) if dots else first


def _day(name: str, text: str, today: date) -> date:
    number, unit = text[:-1], text[-1:].lower()
    try:
        if unit in ("d", "w") and number.removeprefix("-").isdecimal():
            return today + timedelta(days=int(number) * (7 if unit == "w" else 1))
        return today if text.lower() == "today" else date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Unclear(
            f"“{name}” takes days such as 2026-11-22, today, 7d or -2w, with < or > before it."
        ) from None
