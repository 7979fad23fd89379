"""Which nodes are drawn as one card, so that a drawing of any size stays readable.

Siblings with equal parents and children collapse when they are more than six; a column
still over its limit merges by main parent, then by slices; far too many columns fold
into one. The groups depend on the graph alone: opening or selecting only takes nodes
out of them, so a key found in an address keeps meaning the same. Opening a group shows a
slice of it, opening it again the next slice, so that each of thousands is drawn in its turn.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from itertools import takewhile

from batches.tracing.drawing.shapes import Bundle, Edge, Node

SIBLINGS = 6
OPEN_STEP = 6
# More openings than this cannot be drawn at once, so an address keeps the newest.
MOST_OPEN = 25


@dataclass
class Graph:
    """A graph without loops, with the column of each node."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    column: Mapping[str, int]

    def __post_init__(self):
        self.parents: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        self.children: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        self.place = {node.id: i for i, node in enumerate(self.nodes)}
        for edge in self.edges:
            self.parents[edge.target].append(edge.source)
            self.children[edge.source].append(edge.target)

    def by_column(self) -> dict[int, list[Node]]:
        found: dict[int, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(self.column[node.id], []).append(node)
        return found


def key_of(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=5).hexdigest()


def groups(graph: Graph, limit: int, visible: set[int]) -> dict[str, str]:
    """The group of each node that is not alone, with at most `limit` cards a column."""
    owner: dict[str, str] = {}
    for column, members in sorted(graph.by_column().items(), reverse=True):
        if column in visible:
            _column(graph, column, members, limit, owner)
    fold(graph, visible, owner)
    return owner


def fold(graph: Graph, visible: set[int], owner: dict[str, str]) -> None:
    """Each run of columns that are not visible becomes one group, named by its first column."""
    first = -1
    for column, members in sorted(graph.by_column().items()):
        if column in visible:
            first = -1
            continue
        first = column if first < 0 else first
        owner.update((node.id, f"g{first}") for node in members)


def _column(graph: Graph, column: int, members: list[Node], limit: int, owner: dict[str, str]):
    def family(node: Node) -> str:
        parents = sorted(set(graph.parents[node.id]))
        children = sorted({owner.get(child, child) for child in graph.children[node.id]})
        return key_of(str(column), node.kind, "<", *parents, ">", *children)

    def main_parent(node: Node) -> str:
        near = graph.parents[node.id] or graph.children[node.id]
        return key_of(str(column), "parent", near[0] if near else "")

    _collect(members, family, SIBLINGS, owner)
    if _rows(members, owner) > limit:
        _collect([n for n in members if n.id not in owner], main_parent, 1, owner)
    if _rows(members, owner) > limit:
        _slices(graph, column, members, limit, owner)


def _rows(members: Iterable[Node], owner: Mapping[str, str]) -> int:
    return len({owner.get(node.id, node.id) for node in members})


def _collect(members: Sequence[Node], key, more_than: int, owner: dict[str, str]) -> None:
    found: dict[str, list[Node]] = {}
    for node in members:
        found.setdefault(key(node), []).append(node)
    for name, group in found.items():
        if len(group) > more_than:
            owner.update((node.id, name) for node in group)


def _slices(graph: Graph, column: int, members: list[Node], limit: int, owner: dict[str, str]):
    """Neighbours in the order of their first parent share a card; families are cut if need be."""

    def near(node: Node) -> tuple[int, int]:
        parents = graph.parents[node.id]
        return (min(map(graph.place.get, parents), default=0), graph.place[node.id])

    for node in members:
        owner.pop(node.id, None)
    rows = sorted(members, key=near)
    size = -(-len(rows) // limit)
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        if len(part) > 1:
            owner.update((node.id, key_of(str(column), "slice", part[0].id)) for node in part)


def largest_first(members: Iterable[Node]) -> list[Node]:
    def size(node: Node) -> tuple:
        return (-node.rank, -(node.quantity or Decimal(0)), node.code, node.id)

    return sorted(members, key=size)


def parse_opens(opens: Iterable[str]) -> dict[str, int]:
    """How many of each opened group are gone by already, the newest opening last: `key` shows
    the first slice, `key.6` what follows after six; what cannot be read opens nothing."""
    found: dict[str, int] = {}
    for text in opens:
        key, _, number = text.partition(".")
        if not number or (number.isascii() and number.isdigit() and len(number) < 6):
            found.pop(key, None)
            found[key] = int(number or 0)
    return found


def opening(opens: Iterable[str], further: str) -> tuple[str, ...]:
    """`opens` with one more, now the newest: an earlier opening of the same group is replaced."""
    stem = further.partition(".")[0]
    rest = [name for name in opens if name.partition(".")[0] != stem]
    return (*rest, further)[-MOST_OPEN:]


@dataclass(frozen=True)
class Slice:
    """The members of an opened group that show by themselves, from the place `start`."""

    key: str
    start: int
    total: int
    names: list[str]

    def further(self, drawn: int) -> str:
        """Opens what comes after the first `drawn`; after the last it begins again."""
        at = self.start + drawn
        return f"{self.key}.{at}" if 0 < at < self.total else self.key


def slices(
    graph: Graph, owner: Mapping[str, str], opens: Mapping[str, int], pinned: set[str]
) -> list[Slice]:
    """A slice of each opened group, largest first and what is pinned last; the group that was
    opened last comes first."""
    members: dict[str, list[Node]] = {}
    for node in graph.nodes:
        key = owner.get(node.id, "")
        if key in opens and not is_fold(key):
            members.setdefault(key, []).append(node)
    found = []
    for key in reversed(opens):
        if group := largest_first(members.get(key, ())):
            start = opens[key] if opens[key] < len(group) else 0
            names = sorted((node.id for node in group), key=pinned.__contains__)
            found.append(Slice(key, start, len(names), names[start : start + OPEN_STEP]))
    return found


def is_fold(key: str) -> bool:
    """Whether a group is made of whole columns; other keys are hexadecimal."""
    return key.startswith("g")


def bundle(
    graph: Graph, owner: Mapping[str, str], alone: Collection[str]
) -> tuple[list[Bundle], dict[str, str]]:
    """The groups without the nodes that stand `alone`, and the card of each node."""
    found: dict[str, Bundle] = {}
    for node in graph.nodes:
        if node.id in owner and node.id not in alone:
            found.setdefault(owner[node.id], Bundle(owner[node.id], [])).members.append(node)
    # A group with one member left is that member.
    bundles = [group for group in found.values() if len(group.members) > 1]
    card = {node.id: node.id for node in graph.nodes}
    for group in bundles:
        group.members = largest_first(group.members)
        group.next_open = group.key
        card.update((node.id, group.id) for node in group.members)
    return bundles, card


def go_on(bundles: Iterable[Bundle], opened: Iterable[Slice], card: Mapping[str, str]) -> None:
    """Tells each opened group how much of its slice is drawn, and what to open next."""
    by_key = {part.key: part for part in opened}
    for group in bundles:
        if part := by_key.get(group.key):
            drawn = len(list(takewhile(lambda name: card[name] == name, part.names)))
            group.shown = range(part.start + 1, part.start + drawn + 1)
            group.next_open = part.further(drawn)


def merged(edges: Iterable[Edge], card: Mapping[str, str]) -> list[Edge]:
    """Edges between cards: counted, and added up where the unit is the same."""
    found: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        ends = (card[edge.source], card[edge.target])
        if ends[0] != ends[1]:
            found.setdefault(ends, []).append(edge)
    return [_sum(ends, group) for ends, group in found.items()]


def _sum(ends: tuple[str, str], group: list[Edge]) -> Edge:
    known = all(edge.quantity is not None for edge in group)
    one_unit = len({edge.unit for edge in group}) == 1
    return Edge(
        *ends,
        quantity=sum((e.quantity for e in group), Decimal(0)) if known and one_unit else None,
        unit=group[0].unit if one_unit else "",
        count=sum(edge.count for edge in group),
        unknown=sum(edge.unknown for edge in group),
    )
