"""Draws a trace: tiers as columns, groups where it would be crowded, coordinates. No Django.

    drawing = draw(nodes, edges, seeds=["s"], selected="loc:412", path=["s", "r1", "loc:412"])

Same input, same drawing. At most 150 boxes and 400 curves, whatever goes in.
"""

import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from batches.tracing.drawing.bundles import (
    OPEN_STEP,
    Graph,
    Slice,
    bundle,
    go_on,
    groups,
    is_fold,
    merged,
    opening,
    parse_opens,
    slices,
)
from batches.tracing.drawing.layout import chains, curve, fewest_crossings, first_order, middle
from batches.tracing.drawing.layout import place as place_points
from batches.tracing.drawing.shapes import (
    COLUMN_GAP,
    HEIGHT,
    MAX_BOXES,
    MAX_CURVES,
    TIERS,
    WIDTH,
    Box,
    Bundle,
    Curve,
    Drawing,
    Edge,
    Heading,
    Node,
)
from batches.tracing.drawing.tiers import columns, without_loops

__all__ = [
    "TIERS",
    "Box",
    "Bundle",
    "Curve",
    "Drawing",
    "Edge",
    "Heading",
    "Node",
    "draw",
    "opening",
]

# Cards a column may have, and columns; tried in turn until the drawing is small enough
# to leave room for what is selected and opened: for at least one card, whatever leads to it.
SIZES = [(22, 16), (16, 16), (12, 16), (8, 14), (5, 12), (3, 10), (1, 6)]
ROOM_BOXES = 110
ROOM_CURVES = MAX_CURVES - ROOM_BOXES


def draw(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    *,
    seeds: Iterable[str] = (),
    selected: str | None = None,
    pinned: Iterable[str] = (),
    path: Sequence[str] = (),
    others: Iterable[tuple[str, str]] = (),
    opens: Iterable[str] = (),
) -> Drawing:
    """`selected`, `seeds` and `pinned` stand alone and not in a group. `path` lists the nodes
    of the explaining path, `others` the edges of other ways to the same node; `opens` are keys
    of groups to open, the newest last: it is drawn in any case."""
    # By what can be read before the keys, which are others in another database.
    nodes = sorted(nodes, key=lambda node: (node.when, node.code, node.id))
    place = {node.id: at for at, node in enumerate(nodes)}
    edges = sorted(edges, key=lambda edge: (place[edge.source], place[edge.target]))
    kept, loops, order = without_loops(nodes, edges)
    graph = Graph(nodes, kept, columns(nodes, kept, order))
    wanted = parse_opens(opens)
    alone = [name for name in [selected, *seeds, *sorted(pinned)] if name in graph.column]
    owner = _groups(graph, wanted, alone)
    opened = slices(graph, owner, wanted, {*alone, *path})
    # What is folded away with its columns has no column of its own to stand in.
    asked = [
        name
        for name in _in_turn(alone, path, opened)
        if name in graph.column and not is_fold(owner.get(name, ""))
    ]
    cards, bundles, lines = _fit(graph, owner, asked)
    go_on(bundles, opened, cards)
    paper = _Paper(graph, cards, bundles, lines)
    paper.mark(set(seeds), selected, loops)
    paper.mark_ways(path, others)
    return paper.drawing(len(edges))


def _in_turn(pinned: list[str], path: Sequence[str], opened: list[Slice]) -> list[str]:
    """What stands alone, the most wanted first: one of what was opened last, so that going on
    gets everywhere, then what is selected, and last what was opened earlier."""
    newest = opened[0].names if opened else []
    older = [name for part in opened[1:] for name in part.names]
    return list(
        dict.fromkeys(
            [*newest[:1], *pinned[:1], *newest, *pinned, *path, *older],
        )
    )


def _groups(graph: Graph, wanted: dict[str, int], pinned: list[str]) -> dict[str, str]:
    total = max(graph.column.values(), default=-1) + 1
    for limit, many in SIZES:
        owner = groups(graph, limit, _visible(total, many, graph, wanted, pinned))
        _, card = bundle(graph, owner, ())
        if len(set(card.values())) <= ROOM_BOXES and len(merged(graph.edges, card)) <= ROOM_CURVES:
            break
    return owner


def _visible(total: int, many: int, graph: Graph, wanted: dict[str, int], pinned) -> set[int]:
    """The columns that are not folded: all, or both ends, the opened and the pinned."""
    if total <= many:
        return set(range(total))
    ends = many // 3
    found = {*range(ends), *range(total - ends, total)}
    folds = [int(key[1:]) for key in reversed(wanted) if is_fold(key) and key[1:].isdecimal()]
    opened = [range(first, min(total, first + OPEN_STEP)) for first in folds]
    pins = [graph.column[name] for name in pinned]
    extra = list(dict.fromkeys(itertools.chain(*opened[:1], pins, *opened[1:])))
    return found | set([c for c in extra if c not in found][: many - 2 * ends + OPEN_STEP])


def _fit(graph: Graph, owner: dict[str, str], asked: list[str]):
    """Takes what was asked for out of its groups, the first of it as far as the budget allows."""

    @cache
    def with_alone(count: int):
        bundles, card = bundle(graph, owner, set(asked[:count]))
        return card, bundles, merged(graph.edges, card)

    def is_too_much(count: int) -> bool:
        card, _, lines = with_alone(count)
        return len(set(card.values())) > MAX_BOXES or len(lines) > MAX_CURVES

    count = len(asked)
    if is_too_much(count):
        count = max(0, bisect_left(range(count), True, key=is_too_much) - 1)
    return with_alone(count)


class _Paper:
    """Boxes and curves with their places, before and after they are marked."""

    def __init__(self, graph: Graph, cards: dict[str, str], bundles: list[Bundle], lines):
        self.graph, self.cards, self.bundles = graph, cards, bundles
        column: dict[str, int] = {}
        for node in graph.nodes:
            card, at = cards[node.id], graph.column[node.id]
            column[card] = min(at, column.get(card, at))
        dense = {at: i for i, at in enumerate(sorted(set(column.values())))}
        self.column = {card: dense[at] for card, at in column.items()}
        points, routes = chains(self.column, lines)
        ordered, self.crossings = fewest_crossings(first_order(points.values()))
        self.width, self.height = place_points(ordered)
        by_card = {group.id: group for group in bundles}
        by_node = {node.id: node for node in graph.nodes}
        self.boxes = {
            p.card: Box(
                p.card,
                round(p.x - WIDTH / 2, 1),
                round(p.y - HEIGHT / 2, 1),
                p.column,
                by_node.get(p.card),
                by_card.get(p.card),
            )
            for col in ordered
            for p in col
            if p.card
        }
        self.curves = [
            Curve(e.source, e.target, curve(r), middle(r), e.quantity, e.unit, e.count, e.unknown)
            for e, r in zip(lines, routes, strict=True)
        ]

    def mark(self, seeds: set[str], selected: str | None, loops: dict[str, int]) -> None:
        cards = self.cards
        for name, count in loops.items():
            self.boxes[cards[name]].loops += count
        for name in seeds & cards.keys():
            self.boxes[cards[name]].seed = True
        if selected in cards:
            self.boxes[cards[selected]].selected = True

    def mark_ways(self, path: Sequence[str], others: Iterable[tuple[str, str]]) -> None:
        cards = self.cards
        steps = [cards[name] for name in path if name in cards]
        for card in steps:
            self.boxes[card].on_path = True
        taken = {frozenset(pair) for pair in itertools.pairwise(steps)}
        others = {(cards[a], cards[b]) for a, b in others if a in cards and b in cards}
        for line in self.curves:
            ends = (line.source, line.target)
            line.role = "path" if frozenset(ends) in taken else "other" if ends in others else ""

    def drawing(self, edges: int) -> Drawing:
        boxes = sorted(self.boxes.values(), key=lambda box: (box.column, box.y))
        return Drawing(
            self.width,
            self.height,
            boxes,
            sorted(
                self.curves,
                key=lambda line: ("other", "path").index(line.role) + 1 if line.role else 0,
            ),
            _headings(boxes),
            len(self.graph.nodes),
            edges,
            self.crossings,
            self.bundles,
        )


def _headings(boxes: Sequence[Box]) -> list[Heading]:
    """A column is called after the tier that most of its nodes have."""
    return [
        _heading(column, list(here))
        for column, here in itertools.groupby(boxes, lambda b: b.column)
    ]


def _heading(column: int, boxes: list[Box]) -> Heading:
    nodes = [node for box in boxes for node in box.members]
    tiers = Counter(node.tier for node in nodes)
    return Heading(
        column * (WIDTH + COLUMN_GAP),
        TIERS[max(TIERS, key=lambda tier: tiers[tier])],
        len(nodes),
        sum(node.undated for node in nodes),
        boxes[-1].y + HEIGHT,
    )
