"""Lists of numbers as notices write them: commas, blanks, quotes, ranges, parts with blanks.

A blank or a hyphen may belong to a number (`72505 239497`, `264 - 4`) or stand between two.
Which it is, is taken from what stands around it; where that does not say, nothing is read.
"""

import re
from dataclasses import dataclass

from batches.codes.scope_text import series, words
from batches.codes.scope_text.days import looks_like_date
from batches.codes.scope_text.folding import past

_PART = re.compile(r"[^\W_]+(?:[./_-]+[^\W_]+)*")
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_BLANK = re.compile(r"[ \t]+")
_SPACED = re.compile(r"[ \t]+-[ \t]+")
_INNER = re.compile(r"([^\W_]+)-([^\W_]+)$")
_CLOSING = re.compile(r"[.,]?\"")
_HASH = re.compile(r"\s*#?\s*")
_LOT = re.compile(r"\s*(?:lot|batch)\b")
_SIGNS = re.compile(r"[,;]|\bto\b|\bthr|\band\b|\bor\b")
LONGEST = 40
MOST_PARTS = 200
SEVERAL = "One number or several? Put a comma between the numbers."
OR_RANGE = "One number or a range? Write “to” between the ends of a range."


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: a number, a range up to `last`, or a `doubt` in words."""

    start: int
    end: int
    value: str
    last: str = ""
    doubt: str = ""

    @property
    def is_range(self) -> bool:
        return bool(self.last)


class NumberList:
    """Reads the list of numbers that begins at a place of the text."""

    def __init__(self, text: str, low: str, *, is_plural: bool, stop: int | None = None):
        self.text, self.low, self.is_plural = text, low, is_plural
        self.stop = len(low) if stop is None else stop

    def read(self, at: int) -> tuple[list[Item], int]:
        """The entries from `at` on, and where they end."""
        items: list[Item] = []
        end = at
        while (found := self._entry(at, is_first=not items)) is not None:
            items += found
            end = found[-1].end
            after = self._behind_quote(end)
            at = past(words.NEXT, self.low, after, self.stop)
            are_quoted = self.low[end - 1 : end] == '"' == self.low[at : at + 1]
            if not self.low[after:at].strip(" \t") and not are_quoted:
                break
        return self._settled(items), self._behind_quote(end)

    def _behind_quote(self, at: int) -> int:
        is_open = self.low[:at].count('"') % 2 == 1
        return past(_CLOSING, self.low, at, self.stop) if is_open else at

    def _entry(self, at: int, *, is_first: bool) -> list[Item] | None:
        at = past(_HASH, self.low, at, self.stop)
        if self.low[at : at + 1] == '"' and at < self.stop:
            return self._quoted(at)
        first = self._number(at, is_first=is_first)
        if first is None:
            return None
        return [self._ranged(first)]

    def _quoted(self, at: int) -> list[Item] | None:
        close = self.low.find('"', at + 1, min(at + 200, self.stop))
        if close < 0:
            return None
        inner = self.low[at + 1 : close].rstrip(" .,;")
        start = at + 1 + len(inner) - len(inner.lstrip())
        stop = at + 1 + len(inner)
        listed = NumberList(self.text, self.low, is_plural=True, stop=stop)
        items, end = listed.read(start)
        has_signs = _SIGNS.search(self.low, start, stop)
        if items and end == stop and has_signs:
            return [*items[:-1], _moved(items[-1], close + 1)]
        whole = self.text[start:stop]
        if has_signs or not _has_digit(whole) or len(whole) > LONGEST or ":" in whole:
            return None
        if words.CUE.search(self.low, start, stop) or words.MEASURE.match(self.low, start, stop):
            return None
        return [Item(start, close + 1, whole)]

    def _number(self, at: int, *, is_first: bool) -> Item | None:
        """One number, with the parts that blanks or a spaced hyphen may add to it."""
        parts = self._parts(at, is_first)
        while parts and not _has_digit(parts[-1][2]) and not self._ends_here(parts[-1]):
            parts.pop()
        if not parts or not any(_has_digit(part) for _, _, part in parts):
            return None
        start, end = parts[0][0], parts[-1][1]
        if end - start > LONGEST and len(parts) == 1:
            return None
        doubt = ""
        shapes = {series.shape_of(part) for _, _, part in parts}
        if len(parts) > 1 and len(shapes) == 1:
            doubt = SEVERAL
        return Item(start, end, self.text[start:end], doubt=doubt)

    def _parts(self, at: int, is_first: bool) -> list[tuple[int, int, str]]:
        parts: list[tuple[int, int, str]] = []
        while (part := self._part(at, is_first=is_first and not parts)) is not None:
            if parts and part[2].isdigit() and len(part[2]) < 3 and self._goes_on(part[1]):
                break
            parts.append(part)
            gap = _BLANK.match(self.low, part[1], self.stop)
            if gap is None or len(parts) == MOST_PARTS:
                break
            at = gap.end()
        return parts

    def _goes_on(self, at: int) -> bool:
        """Whether a small word follows: a figure before one counts something."""
        rest = self.text[at : self.stop]
        return rest[:1].isspace() and rest.lstrip()[:1].islower()

    def _part(self, at: int, *, is_first: bool) -> tuple[int, int, str] | None:
        match = _PART.match(self.low, at, self.stop)
        if match is None or (at and self.low[at - 1].isalnum()):
            return None
        cue = words.CUE.match(self.low, at)
        if cue and cue.end() > at and not self.low[cue.end() - 1 : match.end()].strip(cue[0][-1:]):
            return None
        part = self.text[match.start() : match.end()]
        if not _has_digit(part):
            return (*match.span(), part) if part.isupper() and len(part) <= 6 else None
        if self.text[match.end() : match.end() + 1] == ":" or _CLOCK.match(self.low, at):
            return None
        measure = words.MEASURE.match(self.low, at)
        if measure and measure.end() >= match.end():
            return None
        dated = looks_like_date(self.low, at)
        if dated and not (is_first and _is_numeric_date(dated, match)):
            return None
        return (*match.span(), part)

    def _ends_here(self, part: tuple[int, int, str]) -> bool:
        """Whether the list ends behind a part without digits, so that it may belong to it."""
        rest = self.text[part[1] : self.stop]
        shouts = self.text[: part[0]].upper() == self.text[: part[0]]
        return not shouts and len(part[2]) > 1 and not rest.strip(' .,;"”')

    def _ranged(self, first: Item) -> Item:
        """`first`, or the range that it begins; or a doubt which of the two it is."""
        through = words.THROUGH.match(self.low, first.end, self.stop)
        if through and through[0].strip():
            return self._to(first, through.end(), OR_RANGE)
        if spaced := _SPACED.match(self.low, first.end, self.stop):
            return self._spaced(first, spaced.end())
        if inner := _INNER.match(self.low[first.start : first.end]):
            middle = len(inner[1])
            return self._hyphened(first, first.value[:middle], first.value[middle + 1 :])
        return first

    def _to(self, first: Item, at: int, doubt: str) -> Item:
        at = past(_HASH, self.low, past(_LOT, self.low, at, self.stop), self.stop)
        last = self._number(at, is_first=False)
        if last is None:
            return first
        made = series.series(first.value, last.value)
        if made is None:
            whole = self.text[first.start : last.end]
            return Item(first.start, last.end, whole, doubt="The ends of this range do not fit.")
        return Item(first.start, last.end, first.value, last=last.value)

    def _spaced(self, first: Item, at: int) -> Item:
        last = self._number(at, is_first=False)
        if last is None:
            return first
        whole = self.text[first.start : last.end]
        is_series = series.series(first.value, last.value) is not None
        if is_series and self.is_plural and not _is_year(first.value):
            return Item(first.start, last.end, first.value, last=last.value)
        if is_series or self.is_plural:
            return Item(first.start, last.end, whole, doubt=OR_RANGE)
        return Item(first.start, last.end, whole)

    def _hyphened(self, first: Item, start: str, end: str) -> Item:
        made = series.series(start, end)
        if made is not None and self.is_plural and made[3]:
            return Item(first.start, first.end, start, last=end)
        counts = start.isdecimal() and end.isdecimal() and int(start) < int(end)
        if (made is not None and len(start) == len(end)) or (self.is_plural and counts):
            # Settled when it is known whether it stands alone.
            return Item(first.start, first.end, first.value, doubt=OR_RANGE)
        return first

    def _settled(self, items: list[Item]) -> list[Item]:
        """Doubts that the list as a whole takes away."""
        if self.is_plural and len(items) == 1 and items[0].doubt == OR_RANGE:
            only = items[0]
            inner = _INNER.match(self.low[only.start : only.end])
            middle = len(inner[1]) if inner else 0
            ends = only.value[:middle], only.value[middle + 1 :]
            if inner and not _is_year(ends[0]) and series.series(*ends):
                return [Item(only.start, only.end, ends[0], last=ends[1])]
        built = {
            tuple(series.shape_of(part) for part in item.value.split())
            for item in items
            if not item.is_range
        }
        return [row for item in items for row in self._blanks(item, items, len(built) == 1)]

    def _blanks(self, item: Item, items: list[Item], are_alike: bool) -> list[Item]:
        """Whether the blanks in a number divide it. After a word for many they may, unless
        all of the list are built alike."""
        parts = item.value.split()
        if item.is_range or item.doubt == OR_RANGE or len(parts) < 2 or "-" in parts:
            return [item]
        if self.low[item.start - 1 : item.start] == '"':
            return [item]
        shapes = [series.shape_of(part) for part in parts]
        is_same = len(set(shapes)) == 1
        if self.is_plural and is_same and len(items) == 1:
            return _divided(item, parts)
        if len(items) > 1 and are_alike and not is_same:
            return [Item(item.start, item.end, item.value)]
        if self.is_plural or is_same or item.doubt:
            return [Item(item.start, item.end, item.value, doubt=SEVERAL)]
        return [item]


def _divided(item: Item, parts: list[str]) -> list[Item]:
    found, at = [], 0
    for part in parts:
        at = item.value.index(part, at)
        found.append(Item(item.start + at, item.start + at + len(part), part))
        at += len(part)
    return found


def _moved(item: Item, end: int) -> Item:
    return Item(item.start, end, item.value, item.last, item.doubt)


def _has_digit(text: str) -> bool:
    return any(sign.isdecimal() for sign in text)


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", text))


def _is_numeric_date(dated: re.Match[str], part: re.Match[str]) -> bool:
    """Whether a date is written as one piece of digits, as a batch number may be."""
    return bool(dated.end() <= part.end() and not re.search(r"[a-z]", dated[0]))
