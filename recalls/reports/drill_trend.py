"""Drills one after the other: are we getting better, and is one overdue? Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recalls.models import Drill
from recalls.reports.drilled import time_in_words

# Authorities and BRCGS ask for one a year; after so long somebody is reminded.
REMIND_AFTER = timedelta(days=213)


@dataclass(frozen=True)
class Row:
    """A finished drill; `width` is how long it took against the slowest, in %."""

    drill: Drill
    to_scope: str
    found: str
    balance: str
    width: int


@dataclass(frozen=True)
class Trend:
    """Newest first."""

    rows: list[Row]
    sentence: str


def trend(drills: Iterable[Drill]) -> Trend:
    drills = sorted(drills, key=lambda drill: (drill.finished_at, drill.pk), reverse=True)
    times = [drill.score["seconds_to_scope"] for drill in drills]
    known = [seconds for seconds in times if seconds is not None]
    slowest = max(known, default=0) or 1
    rows = [
        Row(
            drill=drill,
            to_scope=time_in_words(seconds),
            found=_percent(drill.score["found_percent"]),
            balance=_percent(drill.score["balance_percent"]),
            width=0 if seconds is None else max(100 * seconds // slowest, 1),
        )
        for drill, seconds in zip(drills, times, strict=True)
    ]
    return Trend(rows, _sentence(known))


def _percent(value: str | None) -> str:
    return "unknown" if value is None else f"{value} %"


def _sentence(seconds: list[int]) -> str:
    """Newest against the one before, in words."""
    if len(seconds) < 2:
        return "A trend needs two drills that froze a scope."
    newest, before = (time_in_words(one) for one in seconds[:2])
    if seconds[0] == seconds[1]:
        return f"The scope took as long as the time before: {newest}."
    word = "faster" if seconds[0] < seconds[1] else "slower"
    return f"The scope was {word} than the time before: {newest} against {before}."


def overdue_since(now: datetime) -> str:
    """How long there was no drill, in words, when that is too long; else nothing."""
    last = last_finished()
    if last is None:
        return "No drill has been run yet."
    if now - last.finished_at <= REMIND_AFTER:
        return ""
    return f"No drill for {(now - last.finished_at).days // 30} months."


def last_finished() -> Drill | None:
    return Drill.objects.filter(finished_at__isnull=False).order_by("-finished_at", "-pk").first()
