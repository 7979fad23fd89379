"""From the first to the last number of a range: counters, day codes, week codes.

0264SDL0315 to 19     abbreviated: only the digits that differ
22361 to 23017        days 361 of 2022 to 017 of 2023: 22 codes, not 657 numbers
23W17 to 23W46        ISO weeks
"""

import re
from datetime import date, timedelta

# (last number in full, members, how many, calendar)
Series = tuple[str, tuple[str, ...], int, str]
# More are not listed one by one; the range still knows its ends and its count.
MOST = 5000
_SPLIT = re.compile(r"(?P<before>.*?)(?P<digits>\d+)(?P<after>[A-Za-z]*)$")
_WEEK = re.compile(r"(?P<year>(?:20)?\d\d)(?P<mark>-?[Ww](?:[Kk])?)(?P<week>\d\d)$")


def series(start: str, end: str) -> Series | None:
    """What the range from `start` to `end` holds; None if it is none.

    `members` is empty when there are more than MOST. `calendar` is "days" or "weeks".
    """
    return _weeks(start, end) or _counted(start, end) or _days(start, end, "jjjyy")


def _counted(start: str, end: str) -> Series | None:
    first, last = _SPLIT.match(start), _SPLIT.match(end)
    if not first or not last:
        return None
    full = end
    if len(end) < len(start) and end.isdecimal() and not first["after"]:
        if len(end) > len(first["digits"]):
            return None
        full = start[: len(start) - len(end)] + end
        last = _SPLIT.match(full)
    if last is None or len(full) != len(start):
        return None
    if (first["before"], first["after"]) != (last["before"], last["after"]):
        return None
    count = int(last["digits"]) - int(first["digits"]) + 1
    if count < 2 or len(first["digits"]) > 18:
        return None
    if full == end and (days := _days(start, end, "yyjjj")):
        return days
    return full, _numbered(first, count) if count <= MOST else (), count, ""


def _numbered(first: re.Match[str], count: int) -> tuple[str, ...]:
    width, begin = len(first["digits"]), int(first["digits"])
    return tuple(
        f"{first['before']}{begin + step:0{width}}{first['after']}" for step in range(count)
    )


def _days(start: str, end: str, form: str) -> Series | None:
    """A range of day codes that reaches over New Year; within a year it is a plain one."""
    first, last = day_of(start, form), day_of(end, form)
    if not first or not last or first >= last or (last - first).days > 366:
        return None
    if form == "yyjjj" and first.year == last.year:
        return None
    members = tuple(
        code_of(first + timedelta(days=step), form, len(start))
        for step in range((last - first).days + 1)
    )
    return end, members, len(members), "days"


def day_of(code: str, form: str) -> date | None:
    """The day that five digits, or seven, mean: year and day of the year, or the other way."""
    if not code.isascii() or not code.isdecimal() or len(code) not in (5, 7):
        return None
    year, day = (code[:-3], code[-3:]) if form == "yyjjj" else (code[3:], code[:3])
    if len(year) == 4 and not 1990 <= int(year) <= 2099:
        return None
    if not 1 <= int(day) <= 366:
        return None
    made = date(_full(year), 1, 1) + timedelta(days=int(day) - 1)
    return made if made.year == _full(year) else None


def code_of(day: date, form: str, width: int) -> str:
    year = f"{day.year}" if width == 7 else f"{day.year % 100:02}"
    count = f"{day.timetuple().tm_yday:03}"
    return year + count if form == "yyjjj" else count + year


def _weeks(start: str, end: str) -> Series | None:
    first, last = _WEEK.match(start), _WEEK.match(end)
    if not first or not last or len(start) != len(end):
        return None
    try:
        monday, final = (
            date.fromisocalendar(_full(week["year"]), int(week["week"]), 1)
            for week in (first, last)
        )
    except ValueError:
        return None
    if not 0 < (final - monday).days <= 53 * 7 * 2:
        return None
    members = []
    while monday <= final:
        year, week, _ = monday.isocalendar()
        shown = f"{year}" if len(first["year"]) == 4 else f"{year % 100:02}"
        members.append(f"{shown}{first['mark']}{week:02}")
        monday += timedelta(days=7)
    return end, tuple(members), len(members), "weeks"


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def shape_of(text: str) -> str:
    """Digits as 0 and letters as A: what two numbers of one series have in common."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", text))


def year_and_day(values: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """(last digit of the year, day of the year) of codes such as 0374, if one order of the
    two fits all of them and the other does not; else nothing."""
    if not all(len(value) == 4 for value in values):
        return ()
    orders = ((slice(3, 4), slice(0, 3)), (slice(0, 1), slice(1, 4)))
    read = [tuple((int(v[year]), int(v[day])) for v in values) for year, day in orders]
    fitting = [found for found in read if all(1 <= day <= 366 for _, day in found)]
    return fitting[0] if len(fitting) == 1 else ()
