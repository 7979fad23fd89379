"""The places of a list on a map, by whether anybody there can be told of a recall."""

from dataclasses import asdict, dataclass

from batches.models import Location
from batches.templatetags.statuses import Look
from batches.views.trace.places import SHAPES, Spot

MOST = 2_000
# Worst first, as the legend says them.
_KEYS = ("crit", "hold", "none", "ok", "info")


@dataclass(frozen=True)
class Places:
    """`lost` have no position; `is_cut` says that more match than are drawn."""

    spots: list[Spot]
    lost: list[Spot]
    legend: list[tuple[str, str]]
    is_cut: bool

    def as_json(self) -> dict:
        return {"spots": [asdict(spot) for spot in self.spots], "flows": []}


def places_of(rows) -> Places:
    """`rows` are locations with the counts of their contacts, as the list has them; one query."""
    found = list(rows[: MOST + 1])
    spots = [_spot(place) for place in found[:MOST]]
    placed = [spot for spot in spots if spot.lat is not None]
    words = {spot.key: spot.word for spot in placed}
    return Places(
        spots=placed,
        lost=[spot for spot in spots if spot.lat is None],
        legend=[(key, words[key]) for key in _KEYS if key in words],
        is_cut=len(found) > MOST,
    )


def _spot(place: Location) -> Spot:
    look = _look(place)
    return Spot(
        name=place.name,
        amount="",
        key=look.key,
        word=look.word,
        url=place.get_absolute_url(),
        selected=False,
        lat=None if place.latitude is None else float(place.latitude),
        lon=None if place.longitude is None else float(place.longitude),
        shape=SHAPES.get(place.kind, ""),
        near=True,
    )


def _look(place) -> Look:
    if place.is_own or place.kind == Location.Kind.SUPPLIER:
        return Look("info", "Ours or a supplier")
    if place.returned_count:
        return Look("crit", "Mail came back")
    if not place.contact_count:
        return Look("hold", "Nobody to tell")
    return Look("ok", "Tested contact") if place.tested_count else Look("none", "Not tested")
