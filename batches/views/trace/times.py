"""The times of a trace: what moved on which day, and what of it is shown.

Choosing days shows less of the trace, and says how much; it never changes what is affected.
What has no time is always shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from math import ceil

from django.utils import timezone

from batches.templatetags import wording
from batches.tracing import TracedHolding, TracedLink
from batches.views.trace.asked import Asked

MOST_BARS = 60


@dataclass(frozen=True)
class Bar:
    """Movements of some days; `x`, `width` and `height` in per cent of the track."""

    first: date
    last: date
    count: int
    x: float
    width: float
    height: float

    @property
    def y(self) -> float:
        return round(100 - self.height, 1)

    @property
    def title(self) -> str:
        days = wording.day(self.first, timezone.now())
        if self.last != self.first:
            days += f" to {wording.day(self.last, timezone.now())}"
        return f"{days}: {self.count}"


class Times:
    def __init__(self, links: list[TracedLink], asked: Asked):
        self.links, self.asked = links, asked
        self.zone = wording.site_zone()

    @cached_property
    def shown(self) -> list[TracedLink]:
        """The links that may have moved in the days asked for."""
        return self.among(self.links)

    def among(self, links: Iterable[TracedLink]) -> list[TracedLink]:
        start, end = self._start_of(self.asked.first), self._start_of(self.asked.last, after=1)
        return [
            link
            for link in links
            if (start is None or link.left_by is None or link.left_by >= start)
            and (end is None or link.arrived_from is None or link.arrived_from < end)
        ]

    def _start_of(self, day: str, after: int = 0) -> float | None:
        if not day:
            return None
        first = date.fromisoformat(day) + timedelta(days=after)
        return datetime.combine(first, time.min, self.zone).timestamp()

    def shown_holdings(self, holdings: Iterable[TracedHolding]) -> list[TracedHolding]:
        """Where the trace began, and the ends of the links shown."""
        if not self.is_narrowed:
            return list(holdings)
        ends = {end for link in self.shown for end in (link.source, link.target)}
        return [held for held in holdings if held.is_start or held.holding_id in ends]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.first or self.asked.last)

    def notes(self) -> list[str]:
        found = []
        if self.asked.known_at:
            seen = f"{self.asked.known_at:%d %b %Y, %H:%M}".lstrip("0")
            found.append(f"As it was on record at {seen}. Stock is as it is now.")
        if self.is_narrowed:
            shown, total = len(self.shown), len(self.links)
            found.append(
                f"Only what may have moved in these days is shown: {shown:,} of {total:,} links."
            )
        return found

    @cached_property
    def _days(self) -> dict[date, int]:
        """Documents per day; one with several batches moved once."""
        documents: dict[tuple, date] = {}
        for link in self.links:
            at = link.arrived_from if link.arrived_from is not None else link.left_by
            if at is not None:
                day = datetime.fromtimestamp(at, self.zone).date()
                documents.setdefault((link.run, link.shipment_line), day)
        found: dict[date, int] = {}
        for day in documents.values():
            found[day] = found.get(day, 0) + 1
        return found

    @property
    def undated(self) -> int:
        return sum(link.arrived_from is None and link.left_by is None for link in self.links)

    @property
    def first(self) -> date | None:
        return min(self._days, default=None)

    @property
    def last(self) -> date | None:
        return max(self._days, default=None)

    @property
    def span(self) -> int:
        """Days from the first to the last, both counted."""
        return (self.last - self.first).days + 1 if self._days else 0

    @property
    def last_place(self) -> int:
        return max(self.span - 1, 0)

    @property
    def begin(self) -> int:
        """The first day shown, counted from the first of the trace."""
        return self._place(self.asked.first, 0)

    @property
    def end(self) -> int:
        return self._place(self.asked.last, self.span - 1)

    @property
    def said(self) -> str:
        """The days shown, in words."""
        now = timezone.now()
        ends = (self.first + timedelta(days=self.begin), self.first + timedelta(days=self.end))
        first, last = (wording.day(day, now) for day in ends)
        return first if first == last else f"{first} to {last}"

    @property
    def known(self) -> str:
        at = self.asked.known_at
        return wording.moment(at, timezone.now()) if at else "now"

    def _place(self, day: str, default: int) -> int:
        if not day:
            return default
        return min(max((date.fromisoformat(day) - self.first).days, 0), self.span - 1)

    @cached_property
    def bars(self) -> list[Bar]:
        if not self._days:
            return []
        wide = ceil(self.span / MOST_BARS)
        counts = [0] * ceil(self.span / wide)
        for day, count in self._days.items():
            counts[(day - self.first).days // wide] += count
        step = 100 * wide / self.span
        return [
            Bar(
                self.first + timedelta(days=n * wide),
                self.first + timedelta(days=min((n + 1) * wide, self.span) - 1),
                count,
                round(n * step, 2),
                round(step, 2),
                round(100 * count / max(counts), 1),
            )
            for n, count in enumerate(counts)
        ]

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """At most six days under the track, with their place in per cent."""
        wide = max(1, ceil(self.span / 6))
        now = timezone.now()
        days = [(n, self.first + timedelta(days=n)) for n in range(0, self.span, wide)]
        return [(round(100 * (n + 0.5) / self.span, 2), wording.day(day, now)) for n, day in days]

    def moved(self, by: int) -> str:
        """This page with the last day moved; the first follows when it would be after it."""
        if not self._days:
            return ""
        last = self.first + timedelta(days=min(max(self.end + by, 0), self.span - 1))
        first = min(self.asked.first, last.isoformat()) if self.asked.first else ""
        return self.asked.url(first=first, last=last.isoformat())
