"""Bars drawn on the server: the same picture in the page, in print and in mail."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from django import template

from batches.templatetags.wording import number, site_zone

register = template.Library()


def scale(top: float) -> tuple[int, list[int]]:
    """The end of the axis and its grid lines: zero, and one or two round numbers."""
    if top <= 2:
        return 2, [0, 1, 2]
    step = 1
    while top / step > 3:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    end = ceil(top / step) * step
    return end, list(range(0, end + 1, step))


@dataclass(frozen=True)
class Frame:
    """The room for `count` bars between an axis from 0 to `end` and the edges of a picture."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    count: int
    end: int

    @property
    def step(self) -> float:
        return (self.width - self.left - self.right) / self.count

    def y(self, value) -> float:
        """Where a bar of `value` begins; one beyond the axis ends at its top."""
        room = self.height - self.top - self.bottom
        return round(self.top + room * (1 - min(value, self.end) / self.end), 1)

    def x(self, place: float) -> float:
        return round(self.left + place * self.step, 1)

    def bar(self, place: int, value, gap: int) -> dict:
        return {
            "x": round(self.x(place) + gap, 1),
            "width": round(self.step - 2 * gap, 1),
            "y": self.y(value),
            "height": round(self.y(0) - self.y(value), 1),
            "middle": self.x(place + 0.5),
        }


@register.inclusion_tag("includes/chart_days.html")
def chart_days(days, soon=3):
    """Batches per day; the first `soon` days are marked."""
    end, grid = scale(max(day.batches for day in days))
    frame = Frame(340, 120, 20, 0, 6, 20, len(days), end)
    bars = [
        frame.bar(n, day.batches, gap=3)
        | {"soon": n < soon, "label": day.day.day if n % 2 == 0 else ""}
        for n, day in enumerate(days)
    ]
    return {
        "bars": bars,
        "grid": [(value, frame.y(value)) for value in grid],
        "days": days,
        "soon_count": sum(day.batches for day in days[:soon]),
    }


@register.inclusion_tag("includes/chart_hours.html")
def chart_hours(hours, markers=()):
    """Movements per hour with the usual range behind, and (moment, text) markers."""
    end, grid = scale(max(max(hour.moves, hour.high) for hour in hours))
    frame = Frame(740, 168, 34, 8, 22, 22, len(hours), end)
    bars = [
        frame.bar(n, hour.moves, gap=4)
        | {"held": frame.bar(n, hour.held, gap=4), "label": _hour(hour) if n % 3 == 0 else ""}
        for n, hour in enumerate(hours)
    ]
    return {
        "bars": bars,
        "grid": [(value, frame.y(value)) for value in grid],
        "band": _band(frame, hours),
        "markers": [(frame.x(_place(at, hours)), text) for at, text in markers],
        "hours": hours,
        "peak": max(hours, key=lambda hour: hour.moves),
        "top": frame.top - 8,
        "bottom": frame.height - frame.bottom,
    }


def _hour(hour) -> str:
    return f"{hour.start.astimezone(site_zone()):%H:%M}"


def _place(at: datetime, hours) -> float:
    return (at - hours[0].start).total_seconds() / 3600


def _band(frame: Frame, hours) -> str:
    """The usual range as one path; nothing when nothing is usual."""
    if not any(hour.high for hour in hours):
        return ""
    above = [f"{frame.x(n + 0.5)} {frame.y(hour.high)}" for n, hour in enumerate(hours)]
    below = [f"{frame.x(n + 0.5)} {frame.y(hour.low)}" for n, hour in enumerate(hours)]
    return "M" + "L".join(above + below[::-1]) + "Z"


@register.inclusion_tag("includes/chart_runs.html")
def chart_runs(runs):
    """Faults found per run of the audit, oldest first; the newest against the one before."""
    end, grid = scale(max(run.total for run in runs))
    # Few runs are thin bars at the start, not one that fills the picture.
    frame = Frame(740, 140, 44, 8, 8, 22, max(len(runs), 12), end)
    every = -(-len(runs) // 6)
    bars = [
        frame.bar(n, run.total, gap=4) | {"label": _run_day(run) if n % every == 0 else ""}
        for n, run in enumerate(runs)
    ]
    return {
        "bars": bars,
        "grid": [(value, frame.y(value)) for value in grid],
        "runs": runs,
        "sentence": runs_in_words(runs),
    }


def runs_in_words(runs) -> str:
    """What the bars say: how many faults there are, and how that was before."""
    now = runs[-1].total
    said = f"{now:,} fault{'' if now == 1 else 's'} in the run of {_run_day(runs[-1])}"
    if len(runs) == 1:
        return f"{said}, the first."
    change = now - runs[-2].total
    more = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than" if change else "as many as"
    most = max(run.total for run in runs)
    return f"{said}, {more} in the run before. The most of the last {len(runs)} runs were {most:,}."


def _run_day(run) -> str:
    local = run.finished_at.astimezone(site_zone())
    return f"{local.day} {local:%b}"


@register.inclusion_tag("includes/chart_bars.html")
def chart_bars(chart):
    """Bars that lie, one a row, so that long names can be read; the longest fills the width."""
    shown = chart.bars[: chart.most]
    top = chart.top or max((bar.value for bar in shown), default=0) or 1
    return {
        "chart": chart,
        "bars": [
            {"label": bar.label, "said": bar.said, "width": round(100 * bar.value / top, 1)}
            for bar in shown
        ],
        "rows": [[_cell(cell) for cell in row] for row in chart.rows],
    }


def _cell(value) -> tuple[str, bool]:
    """What stands in a table, and whether it is a number."""
    is_number = isinstance(value, int | Decimal)
    return (number(value) if is_number else value), is_number
