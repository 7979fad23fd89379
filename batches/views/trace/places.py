"""The trace as a map needs it: places and their state, flows between them, who has no position.

The map, the graph and the table show one selection: all of them lead to the same addresses.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal
from math import sqrt

from batches.models import Location
from batches.templatetags import statuses, wording
from batches.tracing.drawing.shapes import STATUSES
from batches.tracing.picture.roles import total
from batches.views.trace.found import Found
from batches.views.trace.rows import card_of, in_transit, look_of
from batches.views.trace.summary import sums

# More lines than this hide the places; the largest are drawn and the page says so.
MOST_FLOWS = 400
SHAPES = {
    Location.Kind.PLANT: "plant",
    Location.Kind.WAREHOUSE: "centre",
    Location.Kind.DISTRIBUTION_CENTRE: "centre",
}
# Widths in pixels, by the square root of the quantity against the largest of its unit.
THIN, THICK = 1.0, 6.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One place. `key` is its state's colour; `lat` and `lon` are degrees, WGS 84. Plants and
    centres have a `shape` and their name; `near` are the places that the map first shows."""

    name: str
    amount: str
    key: str
    word: str
    url: str
    selected: bool
    lat: float | None
    lon: float | None
    shape: str
    near: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """From one point to another as (lat, lon); `width` in pixels."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    text: str
    on_path: bool


@dataclass(frozen=True)
class PlaceMap:
    spots: list[Spot]
    lost: list[Spot]
    flows: list[Flow]
    left_out: int
    legend: list[tuple[str, str]]

    @property
    def has_plants(self) -> bool:
        return any(spot.shape == "plant" for spot in self.spots)

    @property
    def has_centres(self) -> bool:
        return any(spot.shape == "centre" for spot in self.spots)

    def as_json(self) -> dict:
        return {
            "spots": [asdict(spot) for spot in self.spots],
            "flows": [asdict(flow) for flow in self.flows],
        }


def place_map(found: Found) -> PlaceMap:
    spots = _spots(found)
    flows = _flows(found)
    placed = [spot for spot in spots if spot.lat is not None]
    words: dict[str, dict[str, None]] = {}
    for spot in placed:
        words.setdefault(spot.key, {})[spot.word] = None
    return PlaceMap(
        spots=placed,
        lost=sorted((s for s in spots if s.lat is None), key=lambda s: s.name),
        flows=flows[:MOST_FLOWS],
        left_out=max(0, len(flows) - MOST_FLOWS),
        legend=[(key, ", ".join(words[key])) for key in STATUSES if key in words],
    )


def _spots(found: Found) -> list[Spot]:
    here: dict[int, list] = {}
    for held in found.holdings.values():
        here.setdefault(held.location_id, []).append(held)
    sent, chosen = in_transit(found), {held.location_id for held in found.chosen}
    return [_spot(found, pk, held, sent, pk in chosen) for pk, held in here.items()]


def _spot(found: Found, pk: int, here: list, sent: set[int], selected: bool) -> Spot:
    location = found.facts.locations[pk]
    # A starting point has received nothing that is known of.
    came = any(h.received or not h.is_start for h in here)
    look: statuses.Look = look_of(found, here, total(h.on_hand for h in here), sent)
    card = card_of(found, location, here)
    stopped = ", trace stopped here" if card in found.stopped_cards else ""
    return Spot(
        name=f"{location.name}{stopped}",
        amount=sums((h.received, h.unit) for h in here) if came else "",
        key=look.key,
        word=look.word,
        url=found.asked.selecting("" if selected else card),
        selected=selected,
        lat=None if location.latitude is None else float(location.latitude),
        lon=None if location.longitude is None else float(location.longitude),
        shape=SHAPES.get(location.kind, ""),
        near=not all(held.is_start for held in here),
    )


def _flows(found: Found) -> list[Flow]:
    """What went from place to place, the widest first; between places with a position only."""
    sums: dict[tuple[int, int, str], Decimal] = {}
    for link in found.links:
        source, target = found.holdings[link.source], found.holdings[link.target]
        if link.run or source.location_id == target.location_id:
            continue
        key = (source.location_id, target.location_id, source.unit)
        sums[key] = sums.get(key, Decimal(0)) + (link.quantity or Decimal(0))
    largest: dict[str, Decimal] = {}
    for (_, _, unit), quantity in sums.items():
        largest[unit] = max(quantity, largest.get(unit, Decimal(0)))
    steps = found.steps if found.explained else []
    path = {
        (found.holdings[s.from_holding].location_id, found.holdings[s.to_holding].location_id)
        for s in steps
    }
    flows = [
        _flow(found, key, quantity, largest[key[2]], key[:2] in path)
        for key, quantity in sums.items()
    ]
    drawn = [flow for flow in flows if flow]
    return sorted(drawn, key=lambda flow: (not flow.on_path, -flow.width, flow.start, flow.end))


def _flow(found: Found, key, quantity: Decimal, largest: Decimal, on_path: bool) -> Flow | None:
    source, target = (found.facts.locations[pk] for pk in key[:2])
    if None in (source.latitude, source.longitude, target.latitude, target.longitude):
        return None
    share = sqrt(quantity / largest) if largest else 0.0
    amount = wording.quantity(quantity, key[2]) if quantity else "amount unknown"
    return Flow(
        start=(float(source.latitude), float(source.longitude)),
        end=(float(target.latitude), float(target.longitude)),
        width=round(THIN + (THICK - THIN) * share, 1),
        text=f"{source.name} to {target.name}: {amount}",
        on_path=on_path,
    )
