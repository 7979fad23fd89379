"""Who is told, in the same transaction, that links were written, and who knows of recalls.

The layer above registers itself here when it starts, so that this layer never imports it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from batches.models import Hold

_listeners: list[Callable[[Collection[int]], None]] = []


def when_links_are_written(listener: Callable[[Collection[int]], None]) -> None:
    """Registers a function that gets the ids of the source holdings of new links."""
    if listener not in _listeners:
        _listeners.append(listener)


def links_were_written(source_holdings: Collection[int]) -> None:
    for listener in _listeners:
        listener(source_holdings)


_judges: list[Callable[[Hold], bool]] = []


def when_asked_whether_a_recall_lets_go(judge: Callable[[Hold], bool]) -> None:
    """Registers a function that gets a recall's hold and says whether people may release it."""
    if judge not in _judges:
        _judges.append(judge)


def recall_lets_go(hold: Hold) -> bool:
    return any(judge(hold) for judge in _judges)


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
