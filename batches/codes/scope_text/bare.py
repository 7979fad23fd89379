"""A text of nothing but numbers, as out of a spreadsheet or a field for batch numbers."""

import re

from batches.codes.gs1.keys import has_right_check_digit
from batches.codes.scope_text import days, series, words
from batches.codes.scope_text.lists import LONGEST, SEVERAL, Item, NumberList

DATE_OR_NUMBER = "Days, but of what? Write “batch”, “best before” or “produced on” before it."
PRODUCT_OR_NUMBER = "A product number? Write “GTIN” or “batch” before it."
_ROWS = re.compile(r"[^,;\n\t]+")
_SENTENCE = re.compile(r"[:()\"=]|(?<![a-z])[a-z]{3,}(?![a-z])|\s-\s")


def bare_numbers(text: str, low: str) -> list[Item]:
    """The entries of the text; nothing if one of them is no number."""
    rows = [match.span() for match in _ROWS.finditer(low) if match[0].strip()]
    found = [_entry(text, low, *span) for span in rows]
    return [item for items in found for item in items] if all(found) else []


def _entry(text: str, low: str, start: int, end: int) -> list[Item]:
    row = low[start:end]
    start, end = start + len(row) - len(row.lstrip()), start + len(row.rstrip())
    value, row = text[start:end], low[start:end]
    if not any(sign.isdecimal() for sign in value) or len(value) > LONGEST:
        return []
    if doubt := _doubt(low, start, end):
        return [Item(start, end, value, doubt=doubt)]
    if words.MEASURE.match(row):
        return []
    items, stop = NumberList(text, low, is_plural=True, stop=end).read(start)
    if stop == end and len(items) == 1 and not items[0].doubt:
        return items
    if _SENTENCE.search(_small(value, row)):
        return []
    parts = row.split()
    if len(parts) > 1 and len({series.shape_of(part) for part in parts}) == 1:
        return [Item(start, end, value, doubt=SEVERAL)]
    return [Item(start, end, value)]


def _doubt(low: str, start: int, end: int) -> str:
    row = low[start:end]
    dated = days.looks_like_date(low, start)
    if dated and (dated.end() >= end or " - " in row or " to " in row):
        return DATE_OR_NUMBER
    if row.isdecimal() and len(row) in (12, 13, 14) and has_right_check_digit(row):
        return PRODUCT_OR_NUMBER
    return ""


def _small(value: str, row: str) -> str:
    """What of a value is written small: a sentence has words, a number has none."""
    return "".join(
        sign if sign == plain or plain == "-" else " "
        for sign, plain in zip(value.replace("–", "-"), row, strict=True)
    )
