"""What was understood, in words: so that a person can compare it with the text."""

from datetime import date

from batches.codes.scope_text import (
    DayCodes,
    Days,
    Everything,
    NumberRange,
    Numbers,
    Plant,
    Product,
    Proposal,
    Times,
)

_KINDS = {
    "best_by": "Best before",
    "use_by": "Use by",
    "sell_by": "Sell by",
    "expiry": "Expires",
    "produced": "Made",
    "packed": "Packed",
    "sold": "Sold",
}


def said(rows: list[Proposal], known: dict) -> str:
    """`rows` are one proposal, or days of one kind; `known` the products here by GTIN."""
    match rows[0]:
        case Numbers(values=values, is_serial=is_serial):
            word = "Serial number" if is_serial else "Batch number"
            return f"{word}{'s' if len(values) > 1 else ''} {', '.join(values)}"
        case NumberRange() as row:
            word = "Serial numbers" if row.is_serial else "Batch numbers"
            return f"{word} {row.start} to {row.end}, {row.count:,} of them"
        case Days(kind=kind):
            return f"{_KINDS[kind]} {', '.join(_days(row) for row in rows)}"
        case DayCodes() as row:
            return f"Days as codes: {', '.join(_codes(row))}"
        case Times() as row:
            return f"Printed at {_times(row)}"
        case Product(gtin=gtin):
            return f"{known[gtin].name if gtin in known else 'A product'}, GTIN {gtin}"
        case Everything():
            return "All batches"
        case Plant(code=code):
            return f"Made at the plant with the code {code}"
    return ""


def _days(row: Days) -> str:
    first, last = row.first, row.last
    if row.of_month and first and last and first.month == last.month:
        return f"{first:%b %Y}"
    if first == last:
        return _day(first)
    if first and last:
        return f"{_day(first)} to {_day(last)}"
    return f"{_day(first)} or later" if first else f"{_day(last)} or earlier"


def _day(at: date) -> str:
    return f"{at.day} {at:%b %Y}"


def _codes(row: DayCodes) -> list[str]:
    if not row.readings:
        return list(row.values)
    pairs = zip(row.values, row.readings, strict=True)
    return [f"{value} (day {day} of a year …{year})" for value, (year, day) in pairs]


def _times(row: Times) -> str:
    if row.first == row.last:
        return f"{row.first:%H:%M}"
    night = ", over midnight" if row.crosses_midnight else ""
    return f"{row.first:%H:%M} to {row.last:%H:%M}{night}"
