"""What was not passed on: stock left on own sites, and what was taken out of it."""

from decimal import Decimal

from batches.models import Adjustment
from batches.tracing.drawing import Edge, Node
from batches.tracing.facts import Facts
from batches.tracing.picture.cards import Cards
from batches.tracing.picture.roles import MADE, OWN, RECEIVED, Index, Words, joined

TAKEN = {
    Adjustment.Reason.SAMPLE: ("Samples", "audit", "ok"),
    Adjustment.Reason.SCRAP: ("Scrapped", "x", "none"),
    Adjustment.Reason.DESTROYED: ("Destroyed", "x", "ok"),
    Adjustment.Reason.SOLD: ("Sold on site", "store", "none"),
}


def remains(index: Index, facts: Facts, words: Words, cards: Cards) -> list[Edge]:
    found = _Remains(index, facts, words, cards)
    for key, holding in index.holdings.items():
        if not facts.locations[holding.location_id].is_own:
            continue
        if index.roles[key] == RECEIVED or (index.roles[key] == OWN and key in index.used):
            found.left_of_input(holding)
        elif index.roles[key] in (MADE, OWN):
            found.left_of_made(holding)
    return found.drawn()


class _Remains:
    def __init__(self, index: Index, facts: Facts, words: Words, cards: Cards):
        self.index, self.facts, self.words, self.cards = index, facts, words, cards
        self.edges: list[Edge] = []
        self.stock: dict[tuple[int, str], list] = {}
        self.taken: dict[tuple[int, str, str], list] = {}

    def left_of_input(self, holding) -> None:
        """What a run could still have used stands beside the runs."""
        if not holding.on_hand or holding.on_hand < 0:
            return
        key = holding.holding_id
        node = Node(
            f"k:h{key}",
            "run",
            holding.batch_number,
            self._amount(holding.on_hand, holding.unit, [holding]),
            kind="raw",
            status=self._status([holding]),
            quantity=holding.on_hand,
            unit=holding.unit,
            mono=True,
            plural="stocks",
            title=f"Left at {holding.location_name}",
            when=float("inf"),
        )
        self.cards.add(node, [key])
        is_hub = key in self.cards.hubs or key not in self.cards.receipts
        starts = [self.cards.card[key]] if is_hub else self.cards.receipts[key]
        share = holding.on_hand if len(starts) == 1 else None
        self.edges += [Edge(start, node.id, share, holding.unit) for start in starts]

    def left_of_made(self, holding) -> None:
        if holding.on_hand and holding.on_hand > 0:
            self.stock.setdefault((holding.location_id, holding.unit), []).append(holding)
        for reason, quantity in self.facts.adjusted.get(holding.holding_id, {}).items():
            if reason in TAKEN and quantity < 0:
                place = (holding.location_id, holding.unit, reason)
                self.taken.setdefault(place, []).append((holding, -quantity))

    def drawn(self) -> list[Edge]:
        for (location, unit), here in self.stock.items():
            self._stock(self.facts.locations[location], unit, here)
        for (location, unit, reason), parts in self.taken.items():
            self._taken(self.facts.locations[location], unit, reason, parts)
        return self.edges

    def _stock(self, location, unit: str, here: list) -> None:
        quantity = sum((holding.on_hand for holding in here), Decimal(0))
        node = Node(
            f"k:{location.pk}:{unit}",
            "site",
            f"{location.name} stock",
            self._amount(quantity, unit, here),
            kind="dc",
            status=self._status(here),
            quantity=quantity,
            unit=unit,
            plural="stocks",
            title=f"Still at {location.name}",
        )
        self.cards.add(node, [holding.holding_id for holding in here])
        self.edges += [Edge(self.cards.card[h.holding_id], node.id, h.on_hand, unit) for h in here]

    def _taken(self, location, unit: str, reason: str, parts: list) -> None:
        label, kind, status = TAKEN[reason]
        quantity = sum((part for _, part in parts), Decimal(0))
        node = Node(
            f"a:{location.pk}:{reason}:{unit}",
            "site",
            label,
            self.words.amount(quantity, unit),
            kind=kind,
            status=status,
            quantity=quantity,
            unit=unit,
            plural="corrections",
            title=f"At {location.name}",
        )
        self.cards.add(node, [holding.holding_id for holding, _ in parts])
        self.edges += [
            Edge(self.cards.card[h.holding_id], node.id, part, unit) for h, part in parts
        ]

    def _held(self, here: list) -> list:
        return [h for h in here if self.facts.is_held(h.batch_id, h.location_id)]

    def _status(self, here: list) -> str:
        return "hold" if self._held(here) else "info"

    def _amount(self, quantity: Decimal, unit: str, here: list) -> str:
        held = self._held(here)
        if not held:
            return joined(self.words.amount(quantity, unit), "free")
        if len(held) == len(here):
            return f"{self.words.amount(quantity, unit)} on hold"
        return f"{self.words.amount(quantity, unit)}, part held"
