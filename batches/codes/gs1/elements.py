"""Element strings: identifiers with their values, bracketed for people, plain in symbols.

(01)09520123456788(10)AB-1     as people read it; "(" inside a value is written "\\("
010952012345678810AB-1<GS>…    as a symbol carries it; <GS> is FNC1, character 29
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from batches.codes.gs1.charsets import check_characters
from batches.codes.gs1.dates import check_date
from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.linting import CHECKS
from batches.codes.gs1.syntax import fixed_length, identifier, identifier_length

FNC1 = "\x1d"
BRACKETED = re.compile(r"\((\d{2,4})\)((?:\\\(|[^(])+)")


class Element(NamedTuple):
    ai: str
    value: str


def from_brackets(text: str, *, unknown: bool = False) -> tuple[Element, ...]:
    """Splits the bracketed form; refuses empty values and what is no identifier."""
    found, end = [], 0
    for match in BRACKETED.finditer(text):
        if match.start() != end:
            break
        identifier(match[1], unknown=unknown)
        found.append(Element(match[1], match[2].replace("\\(", "(")))
        end = match.end()
    if not found or end != len(text):
        raise CodeError(f"“{text[end : end + 20]}” is no identifier in brackets with its value.")
    return tuple(found)


def from_fnc1(text: str, *, unknown: bool = False) -> tuple[Element, ...]:
    """Splits the form that symbols carry. A needless, doubled or last separator is let pass."""
    found = []
    rest = text.lstrip(FNC1)
    while rest:
        ai = rest[: identifier_length(rest)]
        identifier(ai, unknown=unknown)
        end = _value_end(ai, rest)
        found.append(Element(ai, rest[len(ai) : end]))
        rest = rest[end:].lstrip(FNC1)
    if not found:
        raise CodeError("Has no element.")
    return tuple(found)


def _value_end(ai: str, rest: str) -> int:
    stop = rest.find(FNC1) if FNC1 in rest else len(rest)
    length = fixed_length(ai)
    return min(stop, len(ai) + length) if length else stop


def to_brackets(elements: Iterable[Element]) -> str:
    return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in elements)


def to_fnc1(elements: Sequence[Element]) -> str:
    """What a symbol carries after its leading FNC1; separators only where they are needed."""
    parts = []
    for place, (ai, value) in enumerate(elements):
        is_open = not identifier(ai, unknown=True).is_fixed and place + 1 < len(elements)
        parts.append(ai + value + (FNC1 if is_open else ""))
    return "".join(parts)


def check(elements: Iterable[Element], *, shape_only: bool = False) -> None:
    """Refuses the first value that breaks its format; `shape_only` looks at length and
    characters and not, for example, at check digits."""
    for element in elements:
        if said := fault(element, shape_only=shape_only):
            raise CodeError(f"({element.ai}) {element.value}: {said}")


def fault(element: Element, *, shape_only: bool = False) -> str:
    """What is wrong with the value by itself, in a sentence; empty when nothing is."""
    try:
        _check_value(element, shape_only)
    except CodeError as error:
        return str(error)
    return ""


def _check_value(element: Element, shape_only: bool) -> None:
    rest = element.value
    for component in identifier(element.ai, unknown=True).components:
        piece, rest = rest[: component.most], rest[component.most :]
        if not piece and component.is_optional:
            continue
        if len(piece) < component.least:
            raise CodeError(f"Is too short: {_length(element.ai)}.")
        check_characters(piece, component.kind)
        for name in () if shape_only else component.checks:
            CHECKS.get(name, _passes)(piece)
    if rest:
        raise CodeError(f"Is too long: {_length(element.ai)}.")


def _passes(piece: str) -> None:
    """A check against a list that is not GS1's own."""


def _length(ai: str) -> str:
    components = identifier(ai, unknown=True).components
    least = sum(part.least for part in components if not part.is_optional)
    most = sum(part.most for part in components)
    return f"{most} characters" if least == most else f"{least} to {most} characters"


def swallowed(value: str) -> tuple[str, Element] | None:
    """A batch number whose end reads as a date: `032915210526` is perhaps 0329 and (15)210526.

    Happens where the separator after the number was not printed or not sent.
    """
    found = re.fullmatch(r"(.+)(11|13|15|16|17)(\d{6})", value)
    if not found:
        return None
    try:
        check_date(found[3], day_may_be_00=True)
    except CodeError:
        return None
    return found[1], Element(found[2], found[3])
