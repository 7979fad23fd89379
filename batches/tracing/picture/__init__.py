"""Turns a trace into cards and lines: which holding, document or place becomes which card.

    ALM-1 at SIERRA --> RCV-1 --> PO-1 --> L1 (made) --> Southgate DC --> 48 stores
    supplied batch      receipt   run      h: holding    l: location      l: location

What a run used is shown by its receipts, what a run made as a batch, and everything that
was only passed on as the place where it lies. Cards are named h:<holding>,
r:<shipment>:<holding>, p:<run>, l:<location>, k:<holding or location> for stock that is
left, and a:<location>:<reason> for what was taken out of it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from batches.tracing.drawing import Edge, Node
from batches.tracing.facts import Facts
from batches.tracing.picture.cards import Cards
from batches.tracing.picture.lines import lines
from batches.tracing.picture.roles import RECEIVED, Index, Words
from batches.tracing.picture.stock import remains
from batches.tracing.result import End
from batches.tracing.stops import Stops

__all__ = ["Picture", "Words", "as_goods_went", "paint"]


@dataclass
class Picture:
    """`holdings` are those that a card stands for, `card` is where a holding is shown."""

    nodes: list[Node]
    edges: list[Edge]
    seeds: list[str]
    holdings: dict[str, list[int]]
    cards: Cards
    index: Index

    @property
    def card(self) -> dict[int, str]:
        return self.cards.card

    def cards_at(self, stops: Stops) -> set[str]:
        """The cards that show where the trace is stopped."""
        ends = {
            key
            for key, held in self.index.holdings.items()
            if key in stops.holdings or held.location_id in stops.places
        }
        found = {f"p:{run}" for run in stops.runs}
        found |= {
            name for key in ends for name in (self.card[key], *self.cards.receipts.get(key, ()))
        }
        return found & self.holdings.keys()

    def ways(self, name: str, *, affected: bool = True) -> set[tuple[str, str]]:
        """The lines of every way from where the goods of a card came, or unless it is
        affected where they went."""
        part = self.index.only(self.index.reach(self.holdings.get(name, []), back=affected))
        found = {(edge.source, edge.target) for edge in lines(part, self.cards)}
        if name.startswith(("k:", "a:")):
            found |= {(e.source, e.target) for e in self.edges if e.target == name}
        return found

    def path(self, steps: Sequence) -> list[str]:
        """The cards of an explaining path, from left to right."""
        found: list[str | None] = []
        steps = as_goods_went(steps)
        for step in steps:
            found.append(self.card.get(step.from_holding))
            document = self.index.documents.get((step.kind, step.document))
            if step.kind == "run":
                found.append(f"p:{document}")
            elif self.index.roles.get(step.to_holding) == RECEIVED:
                found.append(f"r:{document}:{step.to_holding}")
            else:
                found += [self._direct(step), self.card.get(step.to_holding)]
        if steps and steps[-1].kind == "run":
            found.append(self.card.get(steps[-1].to_holding))
        return self._without_detours([name for name in found if name in self.holdings])

    def _direct(self, step) -> str | None:
        ends = (step.from_holding, step.to_holding)
        links = [x for x in self.index.links if not x.run and (x.source, x.target) == ends]
        return self.cards.way_of(links[0]) if links else None

    def _without_detours(self, names: list[str]) -> list[str]:
        """A used holding has one card a receipt: keep the one that the path came by."""
        kept: list[str] = []
        for name in names:
            before = kept[-1] if kept else ""
            is_same = name[:2] == before[:2] == "r:" and (
                self.holdings[name] == self.holdings[before]
            )
            if name != before and not is_same:
                kept.append(name)
        return kept


def as_goods_went(steps: Sequence) -> list:
    """The steps of a path with the earliest first: a backward path begins at its end."""
    steps = list(steps)
    is_backward = any(a.to_holding != b.from_holding for a, b in itertools.pairwise(steps))
    return steps[::-1] if is_backward else steps


def paint(
    holdings: Iterable,
    links: Iterable,
    facts: Facts,
    words: Words,
    *,
    with_stock: bool = True,
    ends: Iterable[End] = (),
) -> Picture:
    """`with_stock` also shows what was not passed on: stock on own sites, samples, scrap;
    `ends` are the links of runs at which a stopped trace ends."""
    index = Index(holdings, links, facts, ends)
    cards = Cards(index, facts, words)
    edges = lines(index, cards)
    if with_stock:
        edges += remains(index, facts, words, cards)
    return Picture(list(cards.nodes.values()), edges, cards.seeds, cards.holdings, cards, index)
