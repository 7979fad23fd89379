"""How numbers, times and spans are written: pure functions, no HTML."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

_PLURALS = {"box": "boxes", "loaf": "loaves"}


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.SITE_TIME_ZONE)


def number(value) -> str:
    """`1,520.5`: no trailing zeros, thousands set apart; None is `unknown`."""
    if value is None:
        return "unknown"
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def units(unit: str, value) -> str:
    """The unit as it follows `value`: words get a plural, symbols such as kg do not."""
    if value == 1 or len(unit) < 3 or not unit.isalpha() or unit.endswith("s"):
        return unit
    return _PLURALS.get(unit, f"{unit}s" if len(unit) > 3 else unit)


def quantity(value, unit: str = "") -> str:
    """`1,520 cases`, with a space that does not break; a bare number when there is no unit."""
    if value is None:
        return "unknown"
    return f"{number(value)}\u00a0{units(unit, value)}" if unit else number(value)


def day(moment, now: datetime) -> str:
    """`22 Nov`, with the year only when it is not this year. Takes dates as well."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(site_zone())
    text = f"{moment.day} {moment:%b}"
    return text if moment.year == now.astimezone(site_zone()).year else f"{text} {moment.year}"


def clock(moment: datetime, now: datetime) -> str:
    """`11:38` today, else `22 Nov`."""
    local = moment.astimezone(site_zone())
    is_today = local.date() == now.astimezone(site_zone()).date()
    return f"{local:%H:%M}" if is_today else day(moment, now)


def moment(value: datetime, now: datetime, date_only: bool = False) -> str:
    """`22 Nov, 11:38`, or the day alone when the hour is not known."""
    text = day(value, now)
    return text if date_only else f"{text}, {value.astimezone(site_zone()):%H:%M}"


def iso(value: datetime) -> str:
    """Full ISO time with its zone, for titles and screen readers."""
    local = value.astimezone(site_zone())
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%Z}"


def span(length: timedelta) -> str:
    """`22 min`, `3 h 26 min`, `9 d 4 h`; never negative."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h" if hours and days < 30 else f"{days} d"
    if minutes >= 60:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{minutes} min"


def percent(part, whole) -> str:
    """`98.4` or `100`; empty when there is nothing to compare with. Never rounds up to 100."""
    if not whole:
        return ""
    share = Decimal(part) * 100 / Decimal(whole)
    text = f"{share:.1f}".rstrip("0").rstrip(".")
    return "99.9" if text == "100" and share < 100 else text
