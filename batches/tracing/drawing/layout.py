"""Rows and coordinates: few crossings first, then straight lines, order and gaps always kept."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from batches.tracing.drawing.shapes import (
    COLUMN_GAP,
    HEIGHT,
    POINT_GAP,
    ROW_GAP,
    WIDTH,
    Edge,
)

SWEEPS, PASSES = 16, 14
# A wide, tangled drawing gets fewer sweeps: time is bounded, beauty is not owed.
MANY_POINTS = 4000


@dataclass(eq=False)
class Point:
    """A card, or where an edge that skips a column passes through it (then `card` is None)."""

    column: int
    card: str | None = None
    before: list["Point"] = field(default_factory=list)
    after: list["Point"] = field(default_factory=list)
    row: int = 0
    wish: float = 0.0
    x: float = 0.0
    y: float = 0.0

    @property
    def height(self) -> float:
        return HEIGHT if self.card else 2


Columns = list[list[Point]]


def chains(
    cards: Mapping[str, int], edges: Sequence[Edge]
) -> tuple[dict[str, Point], list[list[Point]]]:
    """A point for each card, and for each edge the points it runs through."""
    points = {card: Point(column, card) for card, column in cards.items()}
    routes = []
    for edge in edges:
        start, end = points[edge.source], points[edge.target]
        between = [Point(column) for column in range(start.column + 1, end.column)]
        route = [start, *between, end]
        for left, right in itertools.pairwise(route):
            left.after.append(right)
            right.before.append(left)
        routes.append(route)
    return points, routes


def first_order(points: Iterable[Point]) -> Columns:
    """Depth first from the left keeps families together."""
    found: dict[int, list[Point]] = {}
    seen: set[int] = set()
    for start in sorted(points, key=lambda point: point.column):
        stack = [start]
        while stack:
            point = stack.pop()
            if id(point) in seen:
                continue
            seen.add(id(point))
            found.setdefault(point.column, []).append(point)
            stack.extend(reversed(point.after))
    ordered = [found[column] for column in sorted(found)]
    number(ordered)
    return ordered


def number(ordered: Columns) -> None:
    for column in ordered:
        for row, point in enumerate(column):
            point.row = row


def crossings(ordered: Columns) -> int:
    """Pairs of lines between neighbouring columns that cross, counted with a Fenwick tree."""
    total = 0
    for left, right in itertools.pairwise(ordered):
        tree = [0] * (len(right) + 2)
        drawn = 0
        for point in left:
            for row in sorted(other.row for other in point.after):
                below, i = 0, row + 1
                while i > 0:
                    below += tree[i]
                    i -= i & -i
                total += drawn - below
                i = row + 1
                while i < len(tree):
                    tree[i] += 1
                    i += i & -i
                drawn += 1
    return total


def fewest_crossings(ordered: Columns) -> tuple[Columns, int]:
    """Barycentre sweeps to and fro; the best order seen is kept."""
    best, fewest = [list(column) for column in ordered], crossings(ordered)
    sweeps = SWEEPS if sum(map(len, ordered)) < MANY_POINTS else 4
    for sweep in range(sweeps):
        if not fewest:
            break
        to_right = sweep % 2 == 0
        for column in ordered[1:] if to_right else ordered[-2::-1]:
            for point in column:
                near = point.before if to_right else point.after
                point.wish = sum(p.row for p in near) / len(near) if near else point.row
            column.sort(key=lambda point: (point.wish, point.row))
            number([column])
        now = crossings(ordered)
        if now < fewest:
            best, fewest = [list(column) for column in ordered], now
    number(best)
    return best, fewest


def gap(upper: Point, lower: Point) -> float:
    between = ROW_GAP if upper.card and lower.card else POINT_GAP
    return (upper.height + lower.height) / 2 + between


def settle(wishes: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Positions nearest to the wishes with the gaps kept (pool adjacent violators)."""
    offset = [0.0]
    for width in gaps:
        offset.append(offset[-1] + width)
    pools: list[tuple[float, int]] = []
    for wish, shift in zip(wishes, offset, strict=True):
        total, count = wish - shift, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            other = pools.pop()
            total, count = total + other[0], count + other[1]
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    return [y + shift for y, shift in zip(flat, offset, strict=True)]


def median(values: list[float]) -> float:
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def place(ordered: Columns) -> tuple[float, float]:
    """Gives each point its x and y, the uppermost card at 0; returns width and height."""
    gaps = [[gap(a, b) for a, b in itertools.pairwise(col)] for col in ordered]
    for column, between in zip(ordered, gaps, strict=True):
        _set(column, settle([-sum(between) / 2] * len(column), between))
    for step in range(PASSES):
        order = range(len(ordered)) if step % 2 == 0 else range(len(ordered) - 1, -1, -1)
        for i in order:
            wishes = [_wish(point, step) for point in ordered[i]]
            _set(ordered[i], settle(wishes, gaps[i]))
    points = [point for column in ordered for point in column]
    top = min((p.y - p.height / 2 for p in points), default=0.0)
    for point in points:
        point.x = point.column * (WIDTH + COLUMN_GAP) + WIDTH / 2
        point.y -= top
    bottom = max((p.y + p.height / 2 for p in points), default=0.0)
    return len(ordered) * (WIDTH + COLUMN_GAP) - COLUMN_GAP, bottom


def _wish(point: Point, step: int) -> float:
    if step > 9:
        near = point.before + point.after
    else:
        near = point.before if step % 2 == 0 else point.after
    return median([other.y for other in near]) if near else point.y


def _set(column: Sequence[Point], ys: Sequence[float]) -> None:
    for point, y in zip(column, ys, strict=True):
        point.y = y


def curve(route: Sequence[Point]) -> str:
    """An SVG path from the right side of the first card to the left side of the last."""
    parts = []
    for left, right in itertools.pairwise(route):
        x1 = left.x + (WIDTH / 2 if left.card else 0)
        x2 = right.x - (WIDTH / 2 if right.card else 0)
        if not parts:
            parts.append(f"M{x1:.1f} {left.y:.1f}")
        middle = (x1 + x2) / 2
        parts.append(
            f"C{middle:.1f} {left.y:.1f} {middle:.1f} {right.y:.1f} {x2:.1f} {right.y:.1f}"
        )
    return "".join(parts)


def middle(route: Sequence[Point]) -> tuple[float, float]:
    left, right = route[-2], route[-1]
    x1 = left.x + (WIDTH / 2 if left.card else 0)
    return ((x1 + right.x - WIDTH / 2) / 2, (left.y + right.y) / 2)
