"""The lines of a picture: from batch to receipt, run, batch and place."""

import itertools
from decimal import Decimal

from batches.tracing.drawing import Edge
from batches.tracing.picture.cards import Cards
from batches.tracing.picture.roles import RECEIVED, Index, is_unsure, seconds


def lines(index: Index, cards: Cards) -> list[Edge]:
    found: dict[tuple[str, str], list[Edge]] = {}
    parts = (_shipped, _gathered, _used, _made)
    for edge in itertools.chain.from_iterable(part(index, cards) for part in parts):
        if edge.source != edge.target:
            found.setdefault((edge.source, edge.target), []).append(edge)
    return [_sum(edges) for edges in found.values()]


def _shipped(index: Index, cards: Cards):
    for target, shipments in index.shipped_in.items():
        for shipment, links in shipments.items():
            end = f"r:{shipment}:{target}" if target in cards.receipts else cards.card[target]
            for link in links:
                first = cards.way_of(link)
                if first:
                    unit, unsure = index.holdings[target].unit, int(is_unsure(link))
                    yield Edge(first, end, link.quantity, unit, 1, unsure)
                yield from _out(index, cards, link.source, first or end, link, link.quantity)


def _gathered(index: Index, cards: Cards):
    """From the receipts of what was received and used too often to draw each way."""
    for key, hub in cards.hubs.items():
        for receipt in cards.receipts[key]:
            node = cards.nodes[receipt]
            yield Edge(receipt, hub, node.quantity, node.unit)


def _used(index: Index, cards: Cards):
    """A run has a link for each pair of input and output: one line an input is enough."""
    seen = set()
    for link in (*index.links, *index.into_ended):
        if link.run and (link.source, link.run) not in seen:
            seen.add((link.source, link.run))
            batch = index.holdings[link.source].batch_id
            quantity = cards.facts.used.get((link.run, batch))
            yield from _out(index, cards, link.source, f"p:{link.run}", link, quantity)


def _made(index: Index, cards: Cards):
    for run, targets in index.outputs.items():
        for target, quantity in targets.items():
            unit = index.holdings[target].unit
            yield Edge(f"p:{run}", cards.card[target], quantity, unit)


def _out(index: Index, cards: Cards, source: int, end: str, link, quantity: Decimal | None):
    """Lines that leave a holding: where it is shown by receipts, from all that came in time."""
    unit, unsure = index.holdings[source].unit, int(is_unsure(link))
    if index.roles[source] != RECEIVED or source in cards.hubs:
        yield Edge(cards.card[source], end, quantity, unit, 1, unsure)
        return
    starts = _in_time(index, cards, source, seconds(link.left_by))
    share = quantity if len(starts) == 1 else None
    for start in starts:
        yield Edge(start, end, share, unit, 1, unsure)


def _in_time(index: Index, cards: Cards, holding: int, left_by: float | None) -> list[str]:
    """What arrived after the goods had left cannot be among them, unless nothing else can."""
    found = []
    for shipment, links in index.shipped_in[holding].items():
        arrived = [seconds(link.arrived_from) for link in links]
        if left_by is None or any(at is None or at <= left_by for at in arrived):
            found.append(f"r:{shipment}:{holding}")
    return found or cards.receipts[holding]


def _sum(edges: list[Edge]) -> Edge:
    known = all(edge.quantity is not None for edge in edges)
    one_unit = len({edge.unit for edge in edges}) == 1
    return Edge(
        edges[0].source,
        edges[0].target,
        sum((e.quantity for e in edges), Decimal(0)) if known and one_unit else None,
        edges[0].unit if one_unit else "",
        sum(edge.count for edge in edges),
        sum(edge.unknown for edge in edges),
    )
