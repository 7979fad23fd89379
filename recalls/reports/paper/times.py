"""Times as paper shows them: in a place's zone, which is always named."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """`22 Nov 2026, 11:38 CET`; empty when it is not known."""
    if value is None:
        return ""
    here = value.astimezone(zone)
    return f"{here.day} {here:%b %Y, %H:%M %Z}"


def day(value: date | datetime | None, zone: ZoneInfo | None = None) -> str:
    """`22 Nov 2026`, of a moment in `zone`."""
    if value is None:
        return ""
    here = value.astimezone(zone) if isinstance(value, datetime) and zone else value
    return f"{here.day} {here:%b %Y}"


def stamp(value: datetime | None, zone: ZoneInfo) -> str:
    """`2026-11-22 11:38 +0100`, for files that are sorted."""
    return "" if value is None else f"{value.astimezone(zone):%Y-%m-%d %H:%M %z}"
