"""Checks that the kinds of rules share: rows that must be there, days, moments."""

from datetime import date, datetime

from django.core.exceptions import ValidationError


def some(model, given: dict, key: str, sentence: str) -> list[int]:
    """Keys of rows that are all there; refuses none at all."""
    try:
        wanted = sorted({int(pk) for pk in given.get(key) or []})
    except (TypeError, ValueError):
        wanted = []
    if not wanted or model.objects.filter(pk__in=wanted).count() != len(wanted):
        raise ValidationError({key: sentence})
    return wanted


def one(model, given: dict, key: str, sentence: str) -> int:
    if not (pk := maybe(model, given, key, sentence)):
        raise ValidationError({key: sentence})
    return pk


def maybe(model, given: dict, key: str, sentence: str) -> int | None:
    """The key of a row that is there, or None when none is asked for."""
    pk = given.get(key) or None
    if pk is not None and not model.objects.filter(pk=pk).exists():
        raise ValidationError({key: sentence})
    return pk


def day(value, name: str) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat() if value else None
    except ValueError:
        raise ValidationError({name: "Enter a day such as 2026-11-22."}) from None


# Beyond these a moment cannot be told in every zone, and no trace could be walked from it.
_YEARS = range(1900, 2200)


def moment(value, name: str) -> str | None:
    """An ISO moment with its zone; without one nobody could say which moment is meant."""
    try:
        at = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        at = None
    if value and (at is None or at.tzinfo is None):
        raise ValidationError({name: "Enter a moment such as 2026-11-22T08:00+00:00."})
    if at and at.year not in _YEARS:
        raise ValidationError({name: f"Check the year: {at.year}."})
    return at and at.isoformat()


def in_order(first: str | None, last: str | None, words: str) -> None:
    if first and last and last < first:
        raise ValidationError({"to": words})
