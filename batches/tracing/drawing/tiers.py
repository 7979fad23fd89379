"""Which column each node stands in, so that every edge but a loop runs to the right.

    supplied   receipt   run   made   site      receiver
    [ALM-1] -> [RCV] -> [PO] -> [L1] -> [DC] -> [DC2] -> [store]      site is split in two

A column is a pair (class, step): the class is the tier's, the step the longest path
inside the class. What hangs behind a later class is drawn behind it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from batches.tracing.drawing.shapes import ORDER, Edge, Node

Place = tuple[int, int]
OPEN, DONE = 1, 2


def without_loops(
    nodes: Sequence[Node], edges: Sequence[Edge]
) -> tuple[list[Edge], dict[str, int], list[str]]:
    """Edges that do not lead back, how many at each node do, and sources before targets."""
    search = _Search({node.id: [] for node in nodes})
    for edge in edges:
        search.out[edge.source].append(edge)
    for start in sorted(nodes, key=lambda node: ORDER[node.tier]):
        if start.id not in search.state:
            search.run(start.id)
    return search.kept, search.loops, search.finished[::-1]


@dataclass
class _Search:
    """Depth first without recursion, since a chain may be longer than Python's stack."""

    out: dict[str, list[Edge]]
    kept: list[Edge] = field(default_factory=list)
    loops: dict[str, int] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    state: dict[str, int] = field(default_factory=dict)

    def run(self, start: str) -> None:
        stack = [self._enter(start)]
        while stack:
            here, ways = stack[-1]
            edge = next((e for e in ways if not self._leads_back(e)), None)
            if edge is None:
                self.state[here] = DONE
                self.finished.append(here)
                stack.pop()
                continue
            self.kept.append(edge)
            if edge.target not in self.state:
                stack.append(self._enter(edge.target))

    def _enter(self, name: str) -> tuple[str, Iterator[Edge]]:
        self.state[name] = OPEN
        return name, iter(self.out[name])

    def _leads_back(self, edge: Edge) -> bool:
        if self.state.get(edge.target) != OPEN:
            return False
        self.loops[edge.target] = self.loops.get(edge.target, 0) + edge.count
        return True


def columns(nodes: Sequence[Node], edges: Sequence[Edge], order: Sequence[str]) -> dict[str, int]:
    """Column of each node; `edges` have no loops and `order` lists sources before targets."""
    place: dict[str, Place] = {node.id: (ORDER[node.tier], 0) for node in nodes}
    out: dict[str, list[str]] = {node.id: [] for node in nodes}
    for edge in edges:
        out[edge.source].append(edge.target)
    for here in order:
        klass, step = place[here]
        behind = (klass, step + 1)
        for target in out[here]:
            if place[target] < behind:
                place[target] = behind
    number = {found: i for i, found in enumerate(sorted(set(place.values())))}
    return {node: number[found] for node, found in place.items()}
