"""What stands beside a trace while nothing is selected: where it went, by kind and by country."""

from collections import defaultdict
from dataclasses import dataclass

from batches.models import Location
from batches.tracing import TracedHolding
from batches.views.trace.found import Found
from batches.views.trace.summary import places_reached, sums


@dataclass
class Total:
    """`amount` is what places of one kind received. By country it is left out: what went through
    one place to another would count twice."""

    name: str
    places: int
    amount: str = ""


def totals(found: Found) -> dict[str, list[Total]]:
    """Places of others that were reached, those with the most first."""
    places = places_reached(found)
    kinds: dict[str, list[TracedHolding]] = defaultdict(list)
    countries: dict[str, set[int]] = defaultdict(set)
    for held in found.holdings.values():
        if held.location_id in places:
            place = found.facts.locations[held.location_id]
            kinds[Location.Kind(place.kind).label].append(held)
            countries[place.country or "No country"].add(held.location_id)
    by_kind = [
        Total(
            name,
            len({held.location_id for held in rows}),
            sums((held.received, held.unit) for held in rows),
        )
        for name, rows in kinds.items()
    ]
    by_country = [Total(name, len(keys)) for name, keys in countries.items()]
    tables = {"By kind": by_kind, "By country": by_country}
    return {
        title: sorted(rows, key=lambda total: (-total.places, total.name))
        for title, rows in tables.items()
        if rows
    }
