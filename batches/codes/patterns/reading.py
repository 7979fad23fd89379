"""Reading a number back by its pattern: its parts, its days, its check character."""

import re
from dataclasses import dataclass, field
from datetime import date

from batches.codes.check_characters import check_character
from batches.codes.gs1.charsets import SET_32
from batches.codes.gs1.errors import CodeError
from batches.codes.lookalikes import latin, near
from batches.codes.patterns.calendar import DATE_TOKENS, nearest_days
from batches.codes.patterns.language import Part, Pattern
from batches.codes.patterns.making import payload

_SHAPES = {
    "YY": "[0-9]{2}",
    "Y": "[0-9]",
    "JJJ": "(?:[0-2][0-9]{2}|3[0-5][0-9]|36[0-6])(?<!000)",
    "WW": "(?:0[1-9]|[1-4][0-9]|5[0-3])",
    "MM": "(?:0[1-9]|1[0-2])",
    "DD": "(?:0[1-9]|[12][0-9]|3[01])",
    "hhmm": "(?:[01][0-9]|2[0-3])[0-5][0-9]",
    "check": "[0-9A-Z]",
}
# Signs that people leave out when they type a number.
_LEFT_OUT = "-. "


@dataclass(frozen=True)
class Reading:
    """`parts` by token, in the order of the number. `expected` is the right check character;
    without one in the pattern both it and `check` are empty."""

    number: str
    parts: dict[str, str] = field(default_factory=dict)
    check: str = ""
    expected: str = ""

    @property
    def is_right(self) -> bool:
        return self.check == self.expected

    def days(self, near: date) -> tuple[date, date] | None:
        """The production days it may mean, nearest to `near`: one, or those of its week or
        month. None where it has no date, or shows one that no calendar has."""
        shown = {name: self.parts[name] for name in self.parts if name in DATE_TOKENS}
        return nearest_days(shown, near) if set(shown) - {"YY", "Y"} else None

    @property
    def has_date(self) -> bool:
        return any(name in self.parts for name in ("JJJ", "WW", "MM", "DD"))


def read(pattern: Pattern, number: str, product: str = "", origin: str = "") -> Reading:
    """The parts of `number`. `product` and `origin` are their codes, where known.

    Hyphens and full stops of the pattern may be missing. Raises CodeError for a number that
    is of another form; a wrong check character is said in the reading.
    """
    text = re.sub(r"\s", "", latin(number)).upper()
    known = {"product": product.upper(), "origin": origin.upper()}
    found = re.fullmatch(_expression(pattern, known, ""), text) or re.fullmatch(
        _expression(pattern, known, _LEFT_OUT), text
    )
    if not found:
        raise CodeError(f"{number} is not of the form {pattern.text}.")
    parts = found.groupdict()
    check, part = parts.pop("check", ""), pattern.part("check")
    expected = _expected(part, text[:-1]) if part else ""
    return Reading(text, parts, check, expected)


def _expected(part: Part, before: str) -> str:
    try:
        return check_character(payload(before), part.scheme)
    except CodeError:
        return "none: it has letters"


def _expression(pattern: Pattern, known: dict[str, str], left_out: str) -> str:
    return "".join(
        f"(?P<{part.name}>{_shape(part, known)})" if part.name else _literal(part.text, left_out)
        for part in pattern.parts
    )


def _literal(text: str, left_out: str) -> str:
    return "".join(re.escape(sign) + ("?" if sign in left_out else "") for sign in text)


def _shape(part: Part, known: dict[str, str]) -> str:
    match part.name:
        case "counter":
            return f"[0-9]{{{part.width}}}"
        case "random":
            return f"[{SET_32}]{{{part.width}}}"
        case "line" | "shift":
            return f"[0-9A-Z]{{{part.width}}}" if part.width else "[0-9A-Z]+"
        case "product" | "origin":
            return re.escape(known[part.name]) if known[part.name] else ".+?"
    return _SHAPES[part.name]


def nearest(pattern: Pattern, number: str, product: str = "", origin: str = "") -> list[str]:
    """Numbers one slip away from `number` that the pattern and its check character allow."""
    if not pattern.has("check"):
        return []
    right = []
    for other in near(number):
        try:
            if read(pattern, other, product, origin).is_right:
                right.append(other)
        except CodeError:
            continue
    return right
