"""Days as numbers show them: the production day, and what each date token says of a day."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DATE_TOKENS = ("YY", "Y", "JJJ", "WW", "MM", "DD")
# Where the year is one digit, a hundred years hold each text ten times.
FIRST, LAST = date(2001, 1, 1), date(2130, 12, 31)


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """Hour and minute on the plant's clock. The hour that is lived twice in autumn says so
    twice: the time of day alone does not make a number unique."""
    return f"{moment.astimezone(zone):%H%M}"


def production_day(moment: datetime, zone: ZoneInfo, begins: int = 0) -> date:
    """The day that `moment` is counted to where days begin at the hour `begins` of the
    plant's clock: what the night shift makes before it belongs to the evening's day."""
    local = moment.astimezone(zone)
    return local.date() - timedelta(days=int(local.hour < begins))


def year_of(day: date, by_week: bool) -> int:
    """The year that a number shows: beside a week it is the year of the ISO week."""
    return day.isocalendar().year if by_week else day.year


def text_of(name: str, day: date, by_week: bool) -> str:
    """What the date token `name` says of `day`."""
    year = year_of(day, by_week)
    match name:
        case "YY":
            return f"{year % 100:02}"
        case "Y":
            return f"{year % 10}"
        case "JJJ":
            return f"{day.timetuple().tm_yday:03}"
        case "WW":
            return f"{day.isocalendar().week:02}"
        case "MM":
            return f"{day.month:02}"
        case _:
            return f"{day.day:02}"


def texts_of(names: Iterable[str], day: date) -> tuple[str, ...]:
    names = tuple(names)
    return tuple(text_of(name, day, "WW" in names) for name in names)


def days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


@cache
def shortest_repeat(names: tuple[str, ...], restarts: str) -> int | None:
    """The fewest days between two days that `names` show alike although a counter that
    restarts each `restarts` (day or year) was set back in between; None in 130 years."""
    by_week = "WW" in names
    seen: dict[tuple[str, ...], tuple[int, int]] = {}
    shortest: int | None = None
    for day in days(FIRST, LAST):
        texts, at = texts_of(names, day), day.toordinal()
        turn = at if restarts == "day" else year_of(day, by_week)
        before = seen.get(texts)
        if before and before[1] != turn:
            gap = at - before[0]
            shortest = gap if shortest is None else min(shortest, gap)
        seen[texts] = (at, turn)
    return shortest


@cache
def distinct(names: tuple[str, ...], years: int) -> int:
    """How many different texts `names` give within so many years."""
    last = date(FIRST.year + years - 1, 12, 31)
    return len({texts_of(names, day) for day in days(FIRST, last)})


def nearest_days(shown: dict[str, str], near: date) -> tuple[date, date] | None:
    """The first and last day of the run of days nearest to `near` that show as `shown`."""
    names = tuple(shown)
    wanted = tuple(shown.values())
    years = 51 if "YY" in names else 6 if "Y" in names else 5
    for away in range(years * 366):
        for day in (near - timedelta(days=away), near + timedelta(days=away)):
            if texts_of(names, day) == wanted:
                return _run(names, wanted, day, -1), _run(names, wanted, day, 1)
    return None


def _run(names: tuple[str, ...], wanted: tuple[str, ...], day: date, step: int) -> date:
    while texts_of(names, following := day + timedelta(days=step)) == wanted:
        day = following
    return day
