"""Who is told, in the same transaction, that links were written, and who knows of recalls.

The layer above registers itself here when it starts, so that this layer never imports it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

_listeners: list[Callable[[Collection[int]], None]] = []


def when_links_are_written(listener: Callable[[Collection[int]], None]) -> None:
    """Registers a function that gets the ids of the source holdings of new links."""
    if listener not in _listeners:
        _listeners.append(listener)


def links_were_written(source_holdings: Collection[int]) -> None:
    for listener in _listeners:
        listener(source_holdings)


_judges: list[Callable[[], Q]] = []


def when_asked_which_holds_recalls_let_go(judge: Callable[[], Q]) -> None:
    """Registers a function that gives a condition on the holds of recalls: people decide them."""
    if judge not in _judges:
        _judges.append(judge)


def for_people_to_decide() -> Q:
    """The holds that people may release: those of no recall, and those that recalls let go."""
    return reduce(or_, (judge() for judge in _judges), Q(recall=""))


_holders: list[Callable[..., dict[int, list["RecallHold"]]]] = []


@dataclass(frozen=True)
class RecallHold:
    """Why a recall holds what arrives: its reference, in words, and whether it is a drill."""

    recall: str
    reason: str
    is_drill: bool = False


def when_asked_which_recalls_hold(
    holder: Callable[..., dict[int, list[RecallHold]]],
) -> None:
    """Registers a function that names, by batch, the recalls that hold what has just arrived.

    It gets `batches`, `origin`, `destination` (ids) and `is_return`.
    """
    if holder not in _holders:
        _holders.append(holder)


def recalls_that_hold(
    *, batches: Collection[int], origin: int, destination: int, is_return: bool
) -> dict[int, list[RecallHold]]:
    found: dict[int, list[RecallHold]] = {}
    for holder in _holders:
        asked = {"origin": origin, "destination": destination, "is_return": is_return}
        for batch, holds in holder(batches=batches, **asked).items():
            found.setdefault(batch, []).extend(holds)
    return found
