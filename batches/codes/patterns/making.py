"""Rendering a number: a pattern, the facts of a batch, and the next count."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from batches.codes.check_characters import check_character
from batches.codes.gs1.charsets import SET_32
from batches.codes.gs1.errors import CodeError
from batches.codes.patterns.calendar import text_of
from batches.codes.patterns.language import LONGEST, PRINTABLE, Part, Pattern


@dataclass(frozen=True)
class Facts:
    """What is known of the batch; `time` is hour and minute on the plant's clock."""

    product: str = ""
    origin: str = ""
    line: str = ""
    shift: str = ""
    day: date | None = None
    time: str = ""


def draw_random(length: int) -> str:
    return "".join(secrets.choice(SET_32) for _ in range(length))


def render(
    pattern: Pattern, facts: Facts, count: int = 0, draw: Callable[[int], str] = draw_random
) -> str:
    """The number. Raises CodeError where a fact is missing or does not fit, where the counter
    is used up, and where the number would be too long."""
    number = ""
    for part in pattern.parts:
        match part.name:
            case "check":
                number += check_character(payload(number), part.scheme)
            case "counter":
                number += _counted(part, count)
            case "random":
                number += draw(part.width)
            case _:
                number += _text(part, facts, pattern.by_week)
    if len(number) > LONGEST:
        raise CodeError(
            f"{number} has {len(number)} characters; a GS1 batch number has at most {LONGEST}. "
            "Shorten the pattern."
        )
    return number


def payload(text: str) -> str:
    """What a check character protects: the letters and digits, whatever stands between."""
    return re.sub(r"[^0-9A-Z]", "", text)


def _text(part: Part, facts: Facts, by_week: bool) -> str:
    match part.name:
        case "":
            return part.text
        case "line" | "shift":
            return _station(part, getattr(facts, part.name))
        case "product" | "origin":
            return _coded(part, getattr(facts, part.name))
    return _dated(part, facts, by_week)


def _counted(part: Part, count: int) -> str:
    if count >= 10**part.width:
        raise CodeError(
            f"The counter is used up at {10**part.width - 1:,}. Give it more digits in the pattern."
        )
    return f"{count:0{part.width}}"


def station(name: str, value: str) -> str:
    """A line or shift as a number says it: of “Line 3” the 3, in upper case."""
    return re.sub(rf"^{name}\b[\s.:#-]*(?=\S)", "", value.strip(), flags=re.IGNORECASE).upper()


def _station(part: Part, value: str) -> str:
    text = station(part.name, value)
    if not text:
        raise CodeError(f"The number has the {part.name} in it. Say which {part.name} it is.")
    if not re.fullmatch(r"[0-9A-Z]+", text):
        raise CodeError(
            f"The {part.name} “{value}” cannot stand in a number: only letters A to Z and digits."
        )
    if part.width and len(text) != part.width:
        raise CodeError(
            f"The {part.name} “{value}” has {len(text)} characters, but the pattern has room for "
            f"exactly {part.width}."
        )
    return text


def _coded(part: Part, value: str) -> str:
    text = value.upper()
    what = "product's code" if part.name == "product" else "code of the place"
    if not text:
        raise CodeError(f"The number has the {what} in it. Say which it is.")
    if odd := [sign for sign in text if sign not in PRINTABLE]:
        raise CodeError(f"The {what} “{value}” has “{odd[0]}”, which GS1 codes do not have.")
    return text


def _dated(part: Part, facts: Facts, by_week: bool) -> str:
    if facts.day is None or (part.name == "hhmm" and not facts.time):
        raise CodeError("The number has the time of production in it. Say when it was made.")
    return facts.time if part.name == "hhmm" else text_of(part.name, facts.day, by_week)
