"""Walks over the words that announce something, and reads what each announces."""

import re
from datetime import time

from batches.codes.gs1.elements import check, from_brackets
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import gtin14, has_right_check_digit
from batches.codes.scope_text import days, series, whole, words
from batches.codes.scope_text.bare import bare_numbers
from batches.codes.scope_text.folding import folded, past, squeezed
from batches.codes.scope_text.lists import Item, NumberList
from batches.codes.scope_text.shapes import (
    DayCodes,
    Days,
    Everything,
    NumberRange,
    Numbers,
    Plant,
    Product,
    Proposal,
    Reading,
    Source,
    Times,
    Unread,
)

MOST_CHARACTERS = 20_000
_VALUE = re.compile(r"\"[^\"\n]{1,60}\"|[^\W_][^\s,;\"()]*")
_DIGITS = re.compile(r"\"?\s*(\d(?:[\d -]{4,20}\d))(?![\d-]*[a-z])")
_ELEMENTS = re.compile(r"\(01\)\d{14}(?:\(\d{2,4}\)[^\s()\"“”,;]+)+")
_CLOCK = r"\"?(?P<{0}h>[01]?\d|2[0-3]):?(?P<{0}m>[0-5]\d)(?![\d/])\s*(?P<{0}x>[ap]\.?m\.?)?\"?"
_TIMES = re.compile(
    _CLOCK.format("a")
    + r"(?:,?\s*(?:-|to|through|thru|until|and|a|bis|hasta)\s*"
    + _CLOCK.format("b")
    + ")?"
)
_WINDOW = re.compile(r"(?:ranging\s+)?(?:from|between)?\s*")
_BETWEEN = re.compile(r"(?:from|between|ranging from|entre|desde|von)\s+")
_ENDS = re.compile(r"([^\s,;]+)\s+(?:and|y|und|et|through|thru|to|-|a|hasta|bis)\s+([^\s,;]+)")
_CLAUSE = re.compile(r"[^,;.\n]*")
_AGAIN = re.compile(r"\s*[;\n]\s*(?:and\s+|or\s+)?")
_LISTED = re.compile(r"\s*(?:\([^)]*\))?\s*[:#]")
_SOLD = re.compile(
    r"[^;\n]{0,120}?\b(on or before|on or after|between|from|through|before|after|since|on)\s"
)
_OPENED, _CLOSED, _COLON = (re.compile(signs) for signs in (r"[\s(\"]*", r"[\")]*", r"[\s:]*"))


def read_scope(text: str, order: str = "") -> Reading:
    """What `text` says is covered, as proposals; what is not certain is left in `unread`.

    `order` is days.DAY_FIRST or days.MONTH_FIRST where the reader knows it, for dates of
    which the text itself does not show it. Places are those in the `text` of the reading, in
    which long blanks are cut short. Never raises, whatever the text.
    """
    reading = _Reader(squeezed(text[:MOST_CHARACTERS]), order).read()
    if len(text) > MOST_CHARACTERS:
        rest = Source(MOST_CHARACTERS, len(text), text[MOST_CHARACTERS:])
        reading.unread.append(Unread(rest, "The text is too long. Paste it in parts."))
    return reading


class _Reader:
    def __init__(self, text: str, order: str):
        self.text, self.low = text, folded(text)
        self.order = days.order_of(self.low) or order
        self.proposals: list[Proposal] = []
        self.unread: list[Unread] = []
        self.read_parts: list[tuple[int, int]] = []
        self.shapes: set[str] = set()
        self.is_serial = False

    def read(self) -> Reading:
        at = 0
        while cue := words.CUE.search(self.low, at):
            at = self._continued(max(self._announced(cue), cue.end()))
        if not self.proposals and not self.unread:
            self._bare()
        self._leave_out()
        proposals = whole.with_products(self.proposals)
        proposals += whole.whole_products(self.text, proposals, self.unread)
        proposals = whole.narrowed(self.text, self.low, proposals)
        for start, end in whole.left_over(self.low, self.read_parts):
            self._doubt(start, end, "Has figures that were not understood.")
        proposals.sort(key=whole.place_of)
        self.unread.sort(key=whole.place_of)
        return Reading(self.text, proposals, self.unread)

    def _source(self, start: int, end: int) -> Source:
        return Source(start, end, self.text[start:end].strip())

    def _found(self, proposal: Proposal) -> int:
        self.proposals.append(proposal)
        self.read_parts.append((proposal.source.start, proposal.source.end))
        return proposal.source.end

    def _doubt(self, start: int, end: int, reason: str) -> int:
        self.unread.append(Unread(self._source(start, end), reason))
        self.read_parts.append((start, end))
        return end

    def _clause(self, start: int, at: int, reason: str) -> int:
        """Hands back a clause as a whole, with the values in it."""
        return self._doubt(start, past(_CLAUSE, self.low, at), reason)

    def _announced(self, cue: re.Match[str]) -> int:
        """Reads what a cue announces; returns where it ends."""
        kind = cue.lastgroup or ""
        at = past(words.LINK, self.low, cue.end())
        if kind in words.DATED:
            return self._dated(cue, kind, at)
        readers = {
            "elements": self._elements,
            "every": self._every,
            "gtin": self._gtin,
            "time": self._time,
            "plant": self._plant,
            "julian": self._julian,
            "other": self._other,
        }
        if kind in readers:
            return readers[kind](cue, at)
        return self._number(cue, at, is_serial=kind == "serial")

    # Numbers

    def _number(self, cue: re.Match[str], at: int, *, is_serial: bool = False) -> int:
        if words.LIMIT.search(self.low, 0, cue.start()):
            return self._clause(cue.start(), cue.end(), "A range without both ends in one place.")
        if partial := words.PARTIAL.match(self.low, cue.end()):
            return self._clause(cue.start(), partial.end(), "Part of a number, or an open range.")
        if between := _BETWEEN.match(self.low, at):
            return self._between(cue, between.end(), is_serial)
        is_plural = bool(words.PLURAL.search(cue[0]))
        items, end = NumberList(self.text, self.low, is_plural=is_plural).read(at)
        return self._numbers(cue.start(), items, end, is_serial) if items else cue.end()

    def _between(self, cue: re.Match[str], at: int, is_serial: bool) -> int:
        match = _ENDS.match(self.low, at)
        if match is None:
            return cue.end()
        ends = [self.text[slice(*match.span(n))].strip('"“”.,;)') for n in (1, 2)]
        start = match.start(1) + self.text[match.start(1) : match.end(1)].index(ends[0])
        end = match.start(2) + self.text[match.start(2) : match.end(2)].index(ends[1])
        end += len(ends[1])
        if not all(ends) or series.series(*ends) is None:
            return self._clause(cue.start(), match.end(), "The ends of this range do not fit.")
        return self._numbers(cue.start(), [Item(start, end, ends[0], ends[1])], end, is_serial)

    def _numbers(self, start: int, items: list[Item], end: int, is_serial: bool) -> int:
        if beyond := words.BEYOND.match(self.low, end):
            return self._doubt(start, beyond.end(), "A range without an end.")
        single = [item for item in items if not item.is_range and not item.doubt]
        if single:
            values = tuple(dict.fromkeys(item.value for item in single))
            self._found(Numbers(self._source(start, single[-1].end), values, is_serial))
        for item in items:
            if item.doubt:
                self._doubt(item.start, item.end, item.doubt)
            elif item.is_range:
                self._range(item, is_serial)
        self.shapes |= {series.shape_of(item.value) for item in single}
        self.is_serial = is_serial
        self.read_parts.append((start, end))
        return end

    def _range(self, item: Item, is_serial: bool) -> None:
        made = series.series(item.value, item.last)
        if made is None:
            self._doubt(item.start, item.end, "The ends of this range do not fit.")
            return
        last, members, count, calendar = made
        source = self._source(item.start, item.end)
        self._found(NumberRange(source, item.value, last, members, count, calendar, is_serial))

    def _continued(self, at: int) -> int:
        """A list that goes on after a date: “A1, A2, Exp 10/15; A3, A4, Exp 11/15”."""
        gap = _AGAIN.match(self.low, at)
        if not gap or not self.shapes:
            return at
        items, end = NumberList(self.text, self.low, is_plural=True).read(gap.end())
        if not items or any(item.is_range or item.doubt for item in items):
            return at
        if not all(series.shape_of(item.value) in self.shapes for item in items):
            return at
        return self._numbers(gap.end(), items, end, self.is_serial)

    def _bare(self) -> None:
        items = bare_numbers(self.text, self.low)
        sure = [item for item in items if not item.doubt]
        if sure:
            self._numbers(sure[0].start, sure, sure[-1].end, False)
        for item in items:
            if item.doubt:
                self._doubt(item.start, item.end, item.doubt)

    def _every(self, cue: re.Match[str], at: int) -> int:
        if _LISTED.match(self.low, cue.end()):
            return self._number(cue, at)
        return self._found(Everything(self._source(*cue.span())))

    def _julian(self, cue: re.Match[str], at: int) -> int:
        items, end = NumberList(self.text, self.low, is_plural=True).read(at)
        if not items:
            return cue.end()
        if any(item.doubt or item.is_range or not item.value.isdecimal() for item in items):
            return self._clause(cue.start(), end, "Days as codes.")
        values = tuple(item.value for item in items)
        source = self._source(cue.start(), end)
        return self._found(DayCodes(source, values, series.year_and_day(values)))

    # Dates and times

    def _dated(self, cue: re.Match[str], kind: str, at: int) -> int:
        if kind == "sold":
            return self._sold(cue)
        stretches, end, doubtful = days.read_days(self.low, at, self.order, kind)
        self._days(kind, cue.start(), stretches, end)
        if doubtful >= 0:
            stop = days.end_of_dates(self.low, doubtful)
            reason = "Day or month first? Say how the dates of this text are written."
            return self._doubt(doubtful if stretches else cue.start(), stop, reason)
        return end if stretches else cue.end()

    def _days(self, kind: str, start: int, stretches: list[days.Stretch], end: int) -> None:
        for stretch in stretches:
            begin = start if stretch is stretches[0] else stretch.start
            source = self._source(begin, stretch.end)
            self._found(Days(source, kind, stretch.first, stretch.last, stretch.of_month))
        if stretches:
            self.read_parts.append((stretches[0].start, end))

    def _sold(self, cue: re.Match[str]) -> int:
        """“sold in our own shops on or before 23 April”: what stands between is not read."""
        limit = _SOLD.match(self.low, cue.end())
        if limit is None:
            return cue.end()
        stretches, end, _ = days.read_days(self.low, limit.start(1), self.order, "sold")
        if not stretches:
            return cue.end()
        if self.text[cue.end() : limit.start(1)].strip():
            self._doubt(cue.start(), limit.start(1), "Where it was sold.")
        self._days("sold", limit.start(1), stretches, end)
        return end

    def _time(self, cue: re.Match[str], at: int) -> int:
        match = _TIMES.match(self.low, past(_WINDOW, self.low, at))
        if not match or not (":" in match[0] or match["ax"] or match["bh"]):
            return cue.end()
        first = _clock(match, "a")
        last = _clock(match, "b") if match["bh"] else first
        if first is None or last is None:
            return cue.end()
        return self._found(Times(self._source(cue.start(), match.end()), first, last))

    # Products and plants

    def _elements(self, cue: re.Match[str], at: int) -> int:
        """A GS1 element string: the product and the number in one."""
        match = _ELEMENTS.match(self.text, cue.start())
        if match is None:
            return cue.end()
        try:
            elements = from_brackets(match[0])
            check(elements)
        except CodeError as error:
            return self._doubt(*match.span(), str(error))
        values, source = dict(elements), self._source(*match.span())
        self._found(Product(source, values["01"]))
        for identifier, is_serial in (("10", False), ("21", True)):
            if identifier in values:
                self._found(Numbers(source, (values[identifier],), is_serial))
        return match.end()

    def _gtin(self, cue: re.Match[str], at: int) -> int:
        if words.CUE.match(self.low, past(_COLON, self.low, cue.end())):
            return cue.end()
        end = start = at
        while match := _DIGITS.match(self.low, past(_OPENED, self.low, start)):
            code = re.sub(r"[ -]", "", match[1])
            end = match.end()
            if len(code) not in (8, 12, 13, 14) or not has_right_check_digit(code):
                return self._doubt(cue.start(), end, "No product number: its check digit is wrong.")
            self._found(Product(self._source(cue.start(), end), gtin14(code)))
            gap = words.NEXT.match(self.low, past(_CLOSED, self.low, end))
            if gap is None or not gap[0].strip():
                break
            start = gap.end()
        return max(end, cue.end())

    def _plant(self, cue: re.Match[str], at: int) -> int:
        match = _VALUE.match(self.low, at)
        code = self.text[slice(*match.span())].strip('"“”.') if match else ""
        if match is None or not any(sign.isdecimal() for sign in code):
            return cue.end()
        return self._found(Plant(self._source(cue.start(), match.end()), code))

    def _other(self, cue: re.Match[str], at: int) -> int:
        """A code that is not, or not surely, a number of batches."""
        items, end = NumberList(self.text, self.low, is_plural=True).read(at)
        if not items:
            return cue.end()
        name = self.text[slice(*cue.span())]
        return self._doubt(cue.start(), end, f"Named as “{name}”, which may be no batch number.")

    def _leave_out(self) -> None:
        """What stands in a sentence that says what is not affected is never proposed."""
        for start, end in whole.denied(self.low):
            self.proposals = [row for row in self.proposals if not whole.is_in(row, start, end)]
            self.unread = [row for row in self.unread if not whole.is_in(row, start, end)]
            self._doubt(start, end, "Says what is left out. Read it yourself.")


def _clock(match: re.Match[str], side: str) -> time | None:
    hour, minute, half = int(match[f"{side}h"]), int(match[f"{side}m"]), match[f"{side}x"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return time(hour, minute)
