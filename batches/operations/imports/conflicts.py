"""The same identity with other content: said in full, never overwritten."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Model

_RULE = "An import overwrites nothing: mend the row, or change the record on its page."


def shown(value) -> str:
    """A value as a sentence names it."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, Model):
        return getattr(value, "code", str(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        moment, is_date = value
        return shown(moment)[:10] if is_date else shown(moment)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return f"“{value}”"


def differences(said: dict, there: dict) -> list[str]:
    """The columns in which a row says something else; what it leaves empty says nothing."""
    return [name for name, value in said.items() if value is not None and value != there.get(name)]


def refuse_conflict(row, what: str, said: dict, there: dict, line: int | None = None) -> bool:
    """Refuses the row when it contradicts what is there; returns whether it did.

    `line` is the line of this file that said it first, if it was this file.
    """
    names = differences(said, there)
    for name in names:
        where = f"in line {line}" if line else "already there"
        row.refuse(
            name,
            f"{what} is {where} with {name} {shown(there.get(name))}, "
            f"and this row says {shown(said[name])}. {_RULE}",
        )
    return bool(names)


def say_if_doubled(row, line: int | None, advice: str) -> None:
    """Warns of a row that says what `line` of this file said already: goods that were two would
    otherwise be counted once in silence."""
    if line:
        row.warn("", f"The same as line {line}, taken once. {advice}")
