"""What the places of a trace have answered to a recall, asked of the layer that knows it.

That layer registers itself here when it starts, so that this one never imports it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)
# In the order in which bars and legends show them.
PARTS = ("quarantined", "returned", "destroyed", "sold", "no_answer")


@dataclass(frozen=True, slots=True)
class Answered:
    """How far one holding is in a recall. Quantities are in the holding's unit.

    `url` is the page of its place in the recall, `sheet` its evidence on paper; `key`, `word` and
    `glyph` are how its state looks.
    """

    recall: str
    url: str
    sheet: str
    key: str
    word: str
    glyph: str
    at: datetime | None
    quarantined: Decimal = ZERO
    returned: Decimal = ZERO
    destroyed: Decimal = ZERO
    sold: Decimal = ZERO
    no_answer: Decimal = ZERO

    @property
    def parts(self) -> tuple[Decimal, ...]:
        return tuple(getattr(self, part) for part in PARTS)


_sources: list[Callable[[Collection[int]], dict[int, Answered]]] = []


def when_asked_what_was_answered(source: Callable[[Collection[int]], dict[int, Answered]]) -> None:
    """Registers a function that gets ids of holdings and gives the answers there are, by id."""
    if source not in _sources:
        _sources.append(source)


def answers_of(holdings: Collection[int]) -> dict[int, Answered]:
    found: dict[int, Answered] = {}
    for source in _sources:
        found |= source(holdings)
    return found
