"""One cell's text as a value: times, quantities, GS1 keys, words from a list. Writes nothing.

A parser gets the text and `warn`, and returns the value or raises ValueError with a
sentence that says what to write instead. Empty cells never get here: empty is unknown.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from batches.codes.gs1 import has_right_check_digit
from batches.codes.reading import read

Parser = Callable[[str, Callable[[str], None]], object]

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_QUANTITY = re.compile(r"([+-]?)(\d*)(?:[.,](\d*))?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8})(?:[T ](\d\d(?::?\d\d){1,2}(?:[.,]\d{1,6})?))?"
    r"\s?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", re.ASCII | re.IGNORECASE)
_ZONES = available_timezones()
# A file says the same product and place in every row.
read_cell = lru_cache(maxsize=10_000)(read)
_PLACES = Decimal("0.000001")


class Moment(NamedTuple):
    """A time as written: with or without a zone, or only a date (then at its midnight)."""

    written: datetime
    is_date: bool

    def at(self, zone: ZoneInfo) -> datetime:
        """The aware time; a time without a zone is meant in `zone`."""
        return self.written if self.written.tzinfo else self.written.replace(tzinfo=zone)


def folded(text: str) -> str:
    """A name without case, spaces, underscores and hyphens, as names are matched."""
    return re.sub(r"[\s_\-]+", "", text).casefold()


def text(most: int) -> Parser:
    def parse(value, warn):
        if _UNSTORABLE.search(value):
            raise ValueError("Holds characters that are not text. Type it again.")
        if len(value) > most:
            raise ValueError(f"Is longer than {most} characters.")
        return value

    return parse


def moment(value, warn) -> Moment:
    found = _MOMENT.fullmatch(value)
    try:
        if not found:
            raise ValueError
        day, clock, zone = found.groups()
        if not 1900 <= int(day[:4]) <= 2200:
            raise ValueError
        if clock is None:
            if zone:
                raise ValueError
            return Moment(datetime.combine(date.fromisoformat(day), time()), True)
        return Moment(datetime.fromisoformat(f"{day}T{clock}{(zone or '').upper()}"), False)
    except ValueError:
        raise ValueError(
            "Is not a time. Write 2026-11-20, 2026-11-20T14:30 or 2026-11-20T14:30+01:00."
        ) from None


def day(value, warn) -> date:
    try:
        return moment(value, warn).written.date()
    except ValueError:
        raise ValueError("Is not a date. Write 2026-11-20.") from None


def decimal(value: str, warn, *, whole_digits=12) -> Decimal:
    found = _QUANTITY.fullmatch(value)
    if not found or not (found[2] or found[3]):
        raise ValueError("Is not a number. Write 1400 or 1400.5, without thousands separators.")
    sign, whole, fraction = found.groups()
    whole = whole.lstrip("0")
    if len(whole) > whole_digits:
        raise ValueError(f"Has more than {whole_digits} digits before the decimal point.")
    number = Decimal(f"{sign}{whole or 0}.{fraction or 0}")
    if len((fraction or "").rstrip("0")) > 6:
        warn("Was rounded to six decimals.")
        number = number.quantize(_PLACES)
    return number


def quantity(value, warn) -> Decimal:
    number = decimal(value, warn)
    if number <= 0:
        raise ValueError("Must be more than zero. Leave it empty when it is not known.")
    return number


def quantity_made(value, warn) -> Decimal:
    number = decimal(value, warn)
    if number < 0:
        raise ValueError("Must not be less than zero. Leave it empty when it is not known.")
    return number


def signed_quantity(value, warn) -> Decimal:
    number = decimal(value, warn)
    if number == 0:
        raise ValueError("Must not be zero: minus for what went away, plus for what came.")
    return number


def degrees(most: int) -> Parser:
    def parse(value, warn):
        number = decimal(value, warn, whole_digits=3)
        if abs(number) > most:
            raise ValueError(f"Must lie between -{most} and {most} degrees.")
        return number

    return parse


def whole_number(value, warn) -> int:
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise ValueError("Is not a whole number.")
    return int(value)


def coded(part: str, most: int) -> Parser:
    """What stands for a code in a scanned text (`part` of the reading, such as its GTIN), else
    the text as it is. What is wrong with the scanned code is a warning."""

    def parse(value, warn):
        reading = read_cell(value)
        found = getattr(reading, part) if reading.is_coded else ""
        for remark in reading.remarks if found else ():
            warn(remark)
        return text(most)(found or reading.text, warn)

    return parse


def gs1_key(name: str, lengths: tuple[int, ...], width: int) -> Parser:
    """A key of digits, filled up to `width`. A wrong check digit is a warning: history has them."""

    part = name.lower()

    def parse(value, warn):
        reading = read_cell(value)
        scanned = getattr(reading, part) if reading.is_coded else ""
        digits = re.sub(r"[\s\-]", "", scanned or value)
        if not re.fullmatch(r"\d+", digits, re.ASCII) or len(digits) not in lengths:
            wanted = " or ".join(", ".join(map(str, lengths)).rsplit(", ", 1))
            raise ValueError(f"A {name} has {wanted} digits.")
        if not has_right_check_digit(digits):
            warn(f"The check digit of this {name} is wrong. It was taken as written.")
        return digits.zfill(width)

    return parse


def email(value, warn) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise ValueError("Is not an e-mail address.") from None
    return text(254)(value, warn)


def language(value, warn) -> str:
    if not _LANGUAGE.fullmatch(value) or len(value) > 10:
        raise ValueError("Is not a language code. Write en, de or pt-BR.")
    return value


def country(value, warn) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise ValueError("Is not a country code of two letters, such as DE.")
    return value.upper()


def zone(value, warn) -> str:
    if value not in _ZONES:
        raise ValueError("Is not a time zone. Write a name such as Europe/Berlin.")
    return value


def one_of(choices, **also: str) -> Parser:
    """A value or label of a TextChoices, or one of the other spellings in `also`."""
    known = {folded(name): value for value, label in choices.choices for name in (value, label)}
    known |= also

    def parse(value, warn):
        if folded(value) not in known:
            raise ValueError(f"Is not one of {', '.join(choices.values)}.")
        return str(known[folded(value)])

    return parse
