"""Which identifiers may, must and must not stand on one item together.

The rules hold for all that marks the item: a label may spread them over several symbols.
"""

from collections.abc import Iterator, Sequence

from batches.codes.gs1.elements import Element
from batches.codes.gs1.syntax import identifier, matches

# Keys that name one thing only together with the serial part behind the digits given here.
_SERIAL_AFTER = {"253": 13, "255": 13, "8003": 14}
SIGNATURE = "8030"


def faults(elements: Sequence[Element]) -> list[str]:
    """Every broken rule, in a sentence."""
    return [*repeated(elements), *excluded(elements), *missing(elements), *unsigned(elements)]


def repeated(elements: Sequence[Element]) -> Iterator[str]:
    """The same identifier twice is fine with the same value only."""
    first: dict[str, str] = {}
    for ai, value in elements:
        if first.setdefault(ai, value) != value:
            yield f"({ai}) stands there twice, as {first[ai]} and as {value}."


def excluded(elements: Sequence[Element]) -> Iterator[str]:
    present = list(dict.fromkeys(element.ai for element in elements))
    for ai in present:
        for pattern in identifier(ai, unknown=True).excludes:
            for other in present:
                if other != ai and matches(pattern, other):
                    yield f"({ai}) must not stand beside ({other})."


def missing(elements: Sequence[Element]) -> Iterator[str]:
    present = {element.ai for element in elements}
    for ai in dict.fromkeys(element.ai for element in elements):
        for ways in identifier(ai, unknown=True).requires:
            if not any(_has(way, present) for way in ways):
                wanted = " or ".join("+".join(f"({name})" for name in way) for way in ways)
                yield f"({ai}) needs {wanted} beside it."


def unsigned(elements: Sequence[Element]) -> Iterator[str]:
    """A digital signature belongs to one thing, so its key must have a serial part."""
    if SIGNATURE not in {element.ai for element in elements}:
        return
    for ai, value in elements:
        if ai in _SERIAL_AFTER and len(value) <= _SERIAL_AFTER[ai]:
            yield f"({SIGNATURE}) needs ({ai}) with its serial part."


def _has(way: tuple[str, ...], present: set[str]) -> bool:
    return all(any(matches(pattern, ai) for ai in present) for pattern in way)
