"""Which nodes are drawn as one card, so that a drawing of any size stays readable.

Siblings with equal parents and children collapse when they are more than six; a column
still over its limit merges by main parent, then by slices; far too many columns fold
into one. The groups depend on the graph alone: opening or selecting only takes nodes
out of them, so a key found in an address keeps meaning the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from itertools import groupby

from batches.tracing.drawing.shapes import Bundle, Edge, Node

SIBLINGS = 6
OPEN_STEP = 6


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
    return sorted(members, key=lambda node: (-node.rank, -(node.quantity or Decimal(0)), node.id))


def opened(graph: Graph, owner: Mapping[str, str], opens: Mapping[str, int]) -> list[str]:
    """The nodes that the opened groups show by themselves, largest first."""
    found = []
    by_group = sorted(
        (node for node in graph.nodes if opens.get(owner.get(node.id, ""))),
        key=lambda node: owner[node.id],
    )
    for key, members in groupby(by_group, key=lambda node: owner[node.id]):
        found += [node.id for node in largest_first(members)[: opens[key]]]
    return found


def bundle(
    graph: Graph, owner: Mapping[str, str], alone: set[str], opens: Mapping[str, int]
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
        group.shown = opens.get(group.key, 0)
        group.next_open = f"{group.key}.{group.shown + OPEN_STEP}"
        card.update((node.id, group.id) for node in group.members)
    return bundles, card


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
