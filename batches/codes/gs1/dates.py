"""Dates and times of day in element strings: YYMMDD, the day that may be 00, the century."""

from calendar import monthrange
from datetime import date

from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import is_digits


def check_date(text: str, *, day_may_be_00: bool = False) -> None:
    """YYMMDD is a day of the calendar. The century does not matter: 2000 was a leap year."""
    _check_length(text, 6, "date")
    check_digits(text)
    _check_day(2000 + int(text[:2]), text[2:], day_may_be_00)


def check_long_date(text: str) -> None:
    """YYYYMMDD is a day of the calendar."""
    check_digits(text)
    _check_length(text, 8, "date")
    if text[:4] == "0000":
        raise CodeError("The year 0000 does not exist.")
    _check_day(int(text[:4]), text[4:], False)


def check_time(text: str) -> None:
    """HHMM is a time of day."""
    _check_length(text, 4, "time")
    check_hour(text[:2])
    check_minute(text[2:])


def check_hour(text: str) -> None:
    _check_below(text, 24, "hour")


def check_minute(text: str) -> None:
    _check_below(text, 60, "minute")


def check_second(text: str) -> None:
    _check_below(text, 60, "second")


def read_date(text: str, today: date) -> date:
    """The day meant by YYMMDD: 00 is the last day of the month, and the century is the one
    that brings the year nearest to `today` (General Specifications 7.12)."""
    check_date(text, day_may_be_00=True)
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += today.year - today.year % 100
    distance = year - today.year
    if distance > 50:
        year -= 100
    elif distance < -49:
        year += 100
    return date(year, month, day or monthrange(year, month)[1])


def check_digits(text: str) -> None:
    if not is_digits(text):
        raise CodeError("Has a character that is not a digit.")


def _check_length(text: str, length: int, what: str) -> None:
    if len(text) != length:
        how = "short" if len(text) < length else "long"
        raise CodeError(f"Is too {how} for a {what}: {length} digits.")


def _check_day(year: int, text: str, day_may_be_00: bool) -> None:
    month, day = int(text[:2]), int(text[2:])
    if not 1 <= month <= 12:
        raise CodeError(f"There is no month {text[:2]}.")
    lowest = 0 if day_may_be_00 else 1
    if not lowest <= day <= monthrange(year, month)[1]:
        raise CodeError(f"That month has no day {text[2:]}.")


def _check_below(text: str, limit: int, what: str) -> None:
    check_digits(text)
    if int(text) >= limit:
        raise CodeError(f"There is no {what} {text}.")
