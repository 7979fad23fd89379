"""How numbers, times and spans are written: pure functions, no HTML."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

_own_zone: ContextVar[Callable[[], str]] = ContextVar("own_zone", default=lambda: "")
_PLURALS = {"box": "boxes", "loaf": "loaves"}


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.SITE_TIME_ZONE)


def shown_zone() -> ZoneInfo:
    """The zone that the person at the screen chose, else the site's. Never used on paper."""
    return ZoneInfo(_own_zone.get()() or settings.SITE_TIME_ZONE)


@contextmanager
def showing(zone: Callable[[], str]) -> Iterator[None]:
    """Shows times in the zone that `zone` names when it is asked; empty is the site's."""
    token = _own_zone.set(zone)
    try:
        yield
    finally:
        _own_zone.reset(token)


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


def is_counted(unit: str) -> bool:
    """Whether there are no parts of it: cases are counted, kg are measured."""
    return units(unit, 2) != unit


def quantity(value, unit: str = "") -> str:
    """`1,520 cases`, with a space that does not break; a bare number when there is no unit."""
    if value is None:
        return "unknown"
    return f"{number(value)}\u00a0{units(unit, value)}" if unit else number(value)


# Decorates a view whose page is printed: what the reader chose is not on it.
on_paper = showing(lambda: "")


def day(moment, now: datetime, zone: ZoneInfo | None = None) -> str:
    """`22 Nov`, with the year only when it is not this year. Takes dates as well."""
    zone = zone or site_zone()
    if isinstance(moment, datetime):
        moment = moment.astimezone(zone)
    text = f"{moment.day} {moment:%b}"
    return text if moment.year == now.astimezone(zone).year else f"{text} {moment.year}"


def clock(moment: datetime, now: datetime, zone: ZoneInfo | None = None) -> str:
    """`11:38` today, else `22 Nov`."""
    zone = zone or site_zone()
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if is_today else day(moment, now, zone)


def at(value: datetime, now: datetime, zone: ZoneInfo | None = None) -> str:
    """`11:38` today, else `22 Nov, 11:38`: the hour counts also on the day after."""
    zone = zone or site_zone()
    is_today = value.astimezone(zone).date() == now.astimezone(zone).date()
    return clock(value, now, zone) if is_today else moment(value, now, zone=zone)


def moment(
    value: datetime, now: datetime, date_only: bool = False, zone: ZoneInfo | None = None
) -> str:
    """`22 Nov, 11:38`, or the day alone when the hour is not known."""
    zone = zone or site_zone()
    # A day without its hour is the day of the place: no zone of a screen may move it.
    if date_only:
        return day(value, now)
    return f"{day(value, now, zone)}, {value.astimezone(zone):%H:%M}"


def iso(value: datetime, zone: ZoneInfo | None = None) -> str:
    """Full ISO time with its zone, for titles and screen readers."""
    local = value.astimezone(zone or site_zone())
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
