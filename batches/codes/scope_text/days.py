"""Dates as notices write them. What could be read in two ways is not read at all.

12/8/25        8 December or 12 August: only with evidence of the order in the same text
Dec. 21, 2023  03MAR2021  Jan 20 24  21 de mayo del 2017  2026-06-27  11.2022  10/15 (expiry)
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from batches.codes.scope_text import words
from batches.codes.scope_text.folding import past

MONTH_FIRST, DAY_FIRST = "month first", "day first"

_MONTHS = (
    "jan january enero janvier januar", "feb february febrero fevrier februar",
    "mar march marzo mars marz", "apr april abril avril", "may mayo mai",
    "jun june junio juin juni", "jul july julio juillet juli", "aug august agosto aout",
    "sep sept september septiembre septembre", "oct october octubre octobre oktober okt",
    "nov november noviembre novembre", "dec december diciembre decembre dezember dez dic",
)  # fmt: skip
MONTH_OF = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAME = "(?P<m>" + "|".join(sorted(MONTH_OF, key=len, reverse=True)) + r")(?![a-z])\.?"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day\s*,?\s*)?"
_YEAR4 = r"(?P<y>(?:19|20)\d\d)(?!\d)"
# Two digits are a year only where no list of days can be meant.
_YEAR2 = r"'?(?P<y>\d\d)(?![\d/]|\.\d)(?!\s*(?:,|and|or|&)\s*(?:and\s+|or\s+)?\d{1,2}(?![\d/.:-]))"
_D = r"(?P<d>\d{1,2})(?!\d)(?:st|nd|rd|th|\.)?"

_FORMS = [
    rf"{_YEAR4}(?P<s>[-/.])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)(?!\d)",
    r"(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\da-z])",
    rf"{_WEEKDAY}{_NAME}\s*{_D}\s*,?\s*(?:of\s+)?{_YEAR4}",
    rf"{_NAME}\s*{_D}[\s'-]+{_YEAR2}",
    rf"{_NAME}(?P<d>\d\d){_YEAR4}",
    rf"{_WEEKDAY}{_D}[\s/-]*(?:de\s+|of\s+)?{_NAME}[\s,/-]*(?:del?\s+)?{_YEAR4}",
    rf"{_D}[\s/-]*{_NAME}[\s/'-]*{_YEAR2}",
]
_NEXT_DAY = re.compile(rf"[\s\"]*(?:{_WEEKDAY}\d|{_NAME})")
_NAMED = [re.compile(form) for form in _FORMS]
_NUMERIC = re.compile(
    r"(?P<a>\d{1,2})(?P<s>[/.-]|\s(?=\d))\s?(?P<b>\d{1,2})(?P=s)\s?(?P<y>(?:19|20)\d\d|\d\d)"
    r"(?![\d/])(?!\.\d)"
)
_MONTHLY = [
    re.compile(rf"{_NAME}[\s,/-]*{_YEAR4}"),
    re.compile(rf"(?P<m>0?[1-9]|1[0-2])[/.-]{_YEAR4}"),
    re.compile(rf"{_YEAR4}[/-](?P<m>0[1-9]|1[0-2])(?![\d/-])"),
]
# Only under a word for the expiry, where month and year are usual: 10/15.
_SHORT_MONTHLY = re.compile(r"(?P<m>0?[1-9]|1[0-2])/(?P<y>\d\d)(?![\d/])")

_DAY_FIRST_WORDS = re.compile(
    r"\bmhd\b|mindesthalt|haltbar bis|verbrauchsdatum|chargen|hergestellt|verfallsdatum|"
    r"durabilite|a consommer|date limite|\bdlc\b|\bddm\b|peremption|numero de lot\b"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A date or a month found in the text, from its first to its last day."""

    end: int
    first: date
    last: date
    of_month: bool = False


def order_of(low: str) -> str:
    """How the text orders day and month, if its dates show it and none contradicts.

    German and French write the day first; Spanish is not asked: in the USA it does not.
    """
    shown = set()
    for match in _NUMERIC.finditer(low):
        a, b = int(match["a"]), int(match["b"])
        if a > 12 >= b:
            shown.add(DAY_FIRST)
        elif b > 12 >= a:
            shown.add(MONTH_FIRST)
    if not shown and _DAY_FIRST_WORDS.search(low):
        return DAY_FIRST
    return shown.pop() if len(shown) == 1 else ""


def looks_like_date(low: str, at: int) -> re.Match[str] | None:
    """The date-like text at a place, whatever it means."""
    if low[at - 1 : at].isalnum():
        return None
    for form in (*_NAMED, _NUMERIC, *_MONTHLY):
        if match := form.match(low, at):
            return match
    return None


def read_date(low: str, at: int, order: str, kind: str) -> Found | None:
    """The date at a place of the folded text; None if there is none, or if it is uncertain."""
    for form in _NAMED:
        if (match := form.match(low, at)) and (day := _day(match)):
            return Found(match.end(), day, day)
    if match := _NUMERIC.match(low, at):
        day = _numeric(match, order)
        return Found(match.end(), day, day) if day else None
    forms = [*_MONTHLY, _SHORT_MONTHLY] if kind == "expiry" else _MONTHLY
    for form in forms:
        if match := form.match(low, at):
            year, month = _year(match["y"]), _month(match["m"])
            last = date(year, month, monthrange(year, month)[1])
            return Found(match.end(), date(year, month, 1), last, True)
    return None


def _numeric(match: re.Match[str], order: str) -> date | None:
    a, b, year = int(match["a"]), int(match["b"]), _year(match["y"])
    if a > 12 or a == b:
        return _made(year, b, a)
    if b > 12 or order == MONTH_FIRST:
        return _made(year, a, b)
    return _made(year, b, a) if order == DAY_FIRST else None


def _day(match: re.Match[str]) -> date | None:
    return _made(_year(match["y"]), _month(match["m"]), int(match["d"]))


def _month(text: str) -> int:
    return MONTH_OF.get(text) or int(text)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_UNTIL = re.compile(
    r"\W*(?P<word>on or before|through|thru|up to and including|up to|until|hasta(?: el)?|bis|"
    r"no later than|before|prior to)\s+(?:and including\s+)?"
)
_SINCE = re.compile(r"\W*(?P<word>on or after|starting|since|from|after|desde(?: el)?|ab|seit)\s+")
_FROM = re.compile(
    r"\W*(?:ranging\s+)?(?P<word>from|between|desde|entre|von|zwischen)\s+(?:el\s+|the\s+)?\"?"
)
_AND = re.compile(r"\"?\s*(?:and|y|et|und|to|through|-)\s*\"?")
_LATER = re.compile(r"\s*(?:and|or)\s+(?:later|after|newer|beyond)\b")
_EARLIER = re.compile(r"\s*(?:and|or)\s+(?:earlier|before|prior|older)\b")
_OPENED = re.compile(r"[\s\"]*")
_THROUGH = re.compile(r",?" + words.THROUGH.pattern + r"\"?")
_CLOSING = re.compile(r"[.,]?\"")
_SPACED = re.compile(r"\s+-\s+")
_JOINT = re.compile(r"[\s\"]*(?:-|to|through)?[\s\"]*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `first` to `last`, either of them open, between two places of the text."""

    start: int
    end: int
    first: date | None
    last: date | None
    of_month: bool = False


def read_days(low: str, at: int, order: str, kind: str) -> tuple[list[Stretch], int, int]:
    """The list of dates at a place: (stretches, where it ended, where one was not certain).

    The last is -1 when all was read.
    """
    stretches: list[Stretch] = []
    end = at
    while True:
        stretch = _stretch(low, at, order, kind)
        if stretch is None:
            return stretches, end, (at if looks_like_date(low, _skip(low, at)) else -1)
        stretches.append(stretch)
        end = stretch.end
        if not (gap := words.NEXT.match(low, _closed(low, end))) or gap.end() == end:
            return stretches, end, -1
        at = gap.end()


def _skip(low: str, at: int) -> int:
    return past(_OPENED, low, at)


def _closed(low: str, at: int) -> int:
    """Behind a quotation mark that closes here, with the comma inside it."""
    return past(_CLOSING, low, at)


def _stretch(low: str, at: int, order: str, kind: str) -> Stretch | None:
    for opening, is_end in ((_UNTIL, True), (_SINCE, False)):
        if (match := opening.match(low, at)) and not _pair(low, at, order, kind):
            found = read_date(low, _skip(low, match.end()), order, kind)
            if found is None or _goes_on(low, found.end):
                continue
            return _open(at, found, match["word"], is_end)
    if pair := _pair(low, at, order, kind):
        return pair
    found = read_date(low, _skip(low, at), order, kind)
    if found is None or _goes_on(low, found.end):
        return None
    start = _skip(low, at)
    if match := _LATER.match(low, found.end):
        return Stretch(start, match.end(), found.first, None, found.of_month)
    if match := _EARLIER.match(low, found.end):
        return Stretch(start, match.end(), None, found.last, found.of_month)
    return Stretch(start, found.end, found.first, found.last, found.of_month)


def _goes_on(low: str, at: int) -> bool:
    """Whether this is the first day of a range whose end could not be read."""
    joint = words.THROUGH.match(low, _closed(low, at))
    joint = joint if joint and joint[0].strip() else _SPACED.match(low, at)
    return bool(joint and _NEXT_DAY.match(low, joint.end()))


def _open(at: int, found: Found, word: str, is_end: bool) -> Stretch:
    one = timedelta(days=1)
    if is_end:
        last = found.first - one if word in ("before", "prior to") else found.last
        return Stretch(at, found.end, None, last, found.of_month)
    first = found.last + one if word == "after" else found.first
    return Stretch(at, found.end, first, None, found.of_month)


def _pair(low: str, at: int, order: str, kind: str) -> Stretch | None:
    """“from A to B”, “between A and B”, “A through B”, “A - B”."""
    opening = _FROM.match(low, at)
    start = _skip(low, opening.end() if opening else at)
    first = read_date(low, start, order, kind)
    if first is None:
        return None
    after = _closed(low, first.end)
    joint = _AND.match(low, after) if opening else None
    joint = joint or _THROUGH.match(low, after)
    joint = joint or words.HYPHEN.match(low, after)
    if joint is None:
        return None
    last = read_date(low, _skip(low, joint.end()), order, kind)
    if last is None or last.last < first.first:
        return None
    is_month = first.of_month and last.of_month
    return Stretch(start, last.end, first.first, last.last, is_month)


def end_of_dates(low: str, at: int) -> int:
    """Where the dates end that begin at a place, whatever they mean."""
    at = end = _skip(low, at)
    while found := looks_like_date(low, at):
        end = found.end()
        at = past(_JOINT, low, past(words.NEXT, low, _closed(low, end)))
    return end
