"""The application identifiers, read from GS1's dictionary, which lies beside this file.

A line such as `10  ?  X..20  req=01,02  # BATCH/LOT` becomes an `Identifier`: what its value
is made of, whether a separator follows, what it needs beside it, and its place in a
Digital Link.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import is_digits

DICTIONARY = Path(__file__).with_name("gs1-syntax-dictionary.txt")

# Length of an identifier by its first two digits; of identifiers with a predefined length,
# that of the value (General Specifications 7.8.5). Both hold for unknown ones too.
_LENGTHS = {
    **dict.fromkeys([*range(0, 5), *range(10, 23), 30, 37, *range(90, 100)], 2),
    **dict.fromkeys([23, 24, 25, 40, 41, 42, 71], 3),
    **dict.fromkeys([*range(31, 37), 39, 43, 70, 72, 80, 81, 82], 4),
}
_FIXED = {0: 18, 1: 14, 2: 14, 3: 14, 4: 16, 20: 2, 41: 13} | dict.fromkeys(range(11, 20), 6)
_FIXED |= dict.fromkeys(range(31, 37), 6)

_COMPONENT = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)")
_Group = tuple[str, ...]


@dataclass(frozen=True)
class Component:
    kind: str
    least: int
    most: int
    is_optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Identifier:
    """`requires`: of each entry one group must be there; `qualifiers`: the sequences that may
    follow it in the path of a Digital Link, None when it is no primary key."""

    ai: str
    title: str
    is_fixed: bool
    is_attribute: bool
    components: tuple[Component, ...]
    requires: tuple[tuple[_Group, ...], ...] = ()
    excludes: tuple[str, ...] = ()
    qualifiers: tuple[_Group, ...] | None = None
    is_known: bool = True


@cache
def table() -> dict[str, Identifier]:
    lines = DICTIONARY.read_text(encoding="utf-8").splitlines()
    entries = (entry for line in lines if line[:1].isdigit() for entry in _entries(line))
    return {entry.ai: entry for entry in entries}


def identifier(ai: str, *, unknown: bool = False) -> Identifier:
    """What is known of `ai`; `unknown` lets one pass that the dictionary does not have."""
    if ai in table():
        return table()[ai]
    if not unknown or not is_digits(ai) or _LENGTHS.get(int(ai[:2])) not in (None, len(ai)):
        raise CodeError(f"({ai}) is no application identifier.")
    length = _FIXED.get(int(ai[:2]))
    component = Component("X", length or 1, length or 90, False, ())
    return Identifier(ai, f"AI {ai}", bool(length), True, (component,), is_known=False)


def identifier_length(start: str) -> int:
    """How many digits of `start` are its identifier."""
    if len(start) < 2 or not is_digits(start[:2]) or int(start[:2]) not in _LENGTHS:
        raise CodeError(f"“{start[:4]}” begins no application identifier.")
    return _LENGTHS[int(start[:2])]


def fixed_length(ai: str) -> int | None:
    """The length of a value that needs no separator after it; else None."""
    return _FIXED.get(int(ai[:2]))


def matches(pattern: str, ai: str) -> bool:
    """`31nn` stands for 3100 to 3199."""
    return len(pattern) == len(ai) and all(p in ("n", d) for p, d in zip(pattern, ai, strict=True))


def _entries(line: str) -> Iterator[Identifier]:
    body, _, title = line.partition("#")
    numbers, *words = body.split()
    flags = words.pop(0) if not re.match(r"[\[NXYZ]", words[0]) else ""
    split = next((n for n, word in enumerate(words) if not _COMPONENT.fullmatch(word)), len(words))
    attributes = [word.partition("=")[::2] for word in words[split:]]
    first, _, last = numbers.partition("-")
    for number in range(int(first), int(last or first) + 1):
        yield Identifier(
            ai=str(number).zfill(len(first)),
            title=title.strip(),
            is_fixed="*" in flags,
            is_attribute="?" in flags,
            components=tuple(map(_component, words[:split])),
            requires=tuple(_groups(value) for name, value in attributes if name == "req"),
            excludes=tuple(
                ai for name, value in attributes if name == "ex" for ai in value.split(",")
            ),
            qualifiers=_qualifiers(attributes),
        )


def _component(word: str) -> Component:
    found = _COMPONENT.fullmatch(word)
    assert found
    optional, kind, up_to, length, checks = found.groups()
    least = 1 if up_to else int(length)
    return Component(kind, least, int(length), bool(optional), tuple(checks.split(",")[1:]))


def _groups(value: str) -> tuple[_Group, ...]:
    return tuple(tuple(group.split("+")) for group in value.split(","))


def _qualifiers(attributes: Sequence[tuple[str, ...]]) -> tuple[_Group, ...] | None:
    for name, value in attributes:
        if name == "dlpkey":
            return tuple(tuple(filter(None, way.split(","))) for way in value.split("|"))
    return None
