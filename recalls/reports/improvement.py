"""One recall beside the other: how quickly each went, and what came back from where. Reads only."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recalls.models import Recall
from recalls.reports.amounts import Amounts, add_up
from recalls.reports.status import PlaceStatus, RecallStatus
from recalls.reports.targets import notified, spoken_to


@dataclass(frozen=True)
class Pace:
    """How long after its opening a recall had a frozen scope, had told each place, and had heard
    of four in five that they had read it. None: not yet, or never."""

    recall: Recall
    to_scope: timedelta | None
    to_notify: timedelta | None
    to_acknowledge: timedelta | None
    told: int
    acknowledged: int
    places: int


def paces(states: Iterable[RecallStatus]) -> list[Pace]:
    """In the order of `states`; one query for all."""
    states = list(states)
    spoken = spoken_to([state.recall for state in states])
    return [_pace(state, spoken.get(state.recall.pk, {})) for state in states]


def _pace(state: RecallStatus, spoken: dict[int, datetime]) -> Pace:
    told = notified(state, spoken)
    read = sorted(_read(state))
    wanted = -(-len(state.places) * 4 // 5)
    enough = read[wanted - 1] if wanted and len(read) >= wanted else None
    return Pace(
        recall=state.recall,
        to_scope=_since(state, state.versions[0].frozen_at if state.versions else None),
        to_notify=_since(state, told.met_at),
        to_acknowledge=_since(state, enough),
        told=told.done,
        acknowledged=len(read),
        places=len(state.places),
    )


def _since(state: RecallStatus, moment: datetime | None) -> timedelta | None:
    return moment - state.recall.opened_at if moment else None


def _read(state: RecallStatus) -> Iterable[datetime]:
    """When each place that has read what it was last asked, or answered it, first said so."""
    first: dict[int, datetime] = {}
    for recipient, _, at in state.acknowledgements:
        first[recipient] = min(at, first.get(recipient, at))
    for place in state.places:
        said = [first[row.pk] for row in place.recipients if row.pk in first]
        if place.state == "acknowledged":
            yield min(said)
        elif place.answered:
            yield min([*said, place.since])


@dataclass(frozen=True)
class Recovery:
    """What came back from the places that share a name, in the one unit of `amounts`."""

    name: str
    amounts: Amounts


def recovery(
    states: Iterable[RecallStatus], name_of: Callable[[PlaceStatus], str]
) -> list[Recovery]:
    """By name and unit, in the order of both; places of which nothing is due are left out."""
    parts: dict[str, list[Amounts]] = defaultdict(list)
    for state in states:
        for place in state.places:
            parts[name_of(place)] += place.amounts
    found = [Recovery(name, one) for name in sorted(parts) for one in add_up(parts[name])]
    return [row for row in found if row.amounts.due]
