"""How acknowledging and recovering went on over time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_MOST = 240


@dataclass(frozen=True)
class Point:
    """Places that had acknowledged by `at`, and what had been recovered, per unit."""

    at: datetime
    acknowledged: int
    recovered: dict[str, Decimal]


def curve(acknowledgements, places_of: dict[int, set[int]], responses) -> list[Point]:
    """Points in time order, thinned to a few hundred; the last one is always there."""
    happened = [(at, recipient, None) for recipient, _, at in acknowledgements]
    happened += [(response.at, None, response) for response in responses]
    read: set[int] = set()
    by_holding: dict[int, Decimal] = {}
    recovered: dict[str, Decimal] = defaultdict(Decimal)
    points = []
    for at, recipient, response in sorted(happened, key=lambda item: item[0]):
        read |= places_of.get(recipient, set())
        if response:
            unit, holding = response.line.unit, response.holding_id
            recovered[unit] += response.recovered - by_holding.get(holding, Decimal(0))
            by_holding[holding] = response.recovered
        points.append(Point(at, len(read), dict(recovered)))
    step = max(1, -(-len(points) // _MOST))
    return points[::-1][::step][::-1]
