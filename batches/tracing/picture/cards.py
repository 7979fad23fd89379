"""The cards of a picture: batches, receipts, runs and places."""

from collections.abc import Iterable
from decimal import Decimal

from batches.models import Batch, Location, Shipment
from batches.tracing.drawing import Node
from batches.tracing.facts import Facts
from batches.tracing.picture.roles import (
    ICONS,
    MADE,
    OWN,
    PLACE,
    RECEIVED,
    Index,
    Words,
    joined,
    total,
)

PLURALS = {
    "supplier": "suppliers",
    "plant": "plants",
    "warehouse": "warehouses",
    "distribution_centre": "centres",
    "store": "stores",
    "customer": "customers",
}
# Django looks a label up in all choices anew, which adds up over thousands of places.
_KINDS = {kind.value: kind.label for kind in Location.Kind}
RECEIVERS = {Location.Kind.STORE, Location.Kind.CUSTOMER}
# Receipts times uses beyond which the lines between them meet in one card.
MANY_WAYS = 60
# Receivers that a site serves itself from which on their orders get a card.
SERVED_DIRECTLY = 3
UNKNOWN = "amount unknown"
HELD, FREE, GONE, TAKEN = range(4)  # the parts of a place's bar where no recall asks


class Cards:
    def __init__(self, index: Index, facts: Facts, words: Words):
        self.index, self.facts, self.words = index, facts, words
        self.nodes: dict[str, Node] = {}
        self.holdings: dict[str, list[int]] = {}
        self.card: dict[int, str] = {}
        self.receipts: dict[int, list[str]] = {}
        self.hubs: dict[int, str] = {}
        self.seeds: list[str] = []
        places: dict[int, list] = {}
        for key, holding in index.holdings.items():
            role = index.roles[key]
            if role == PLACE:
                places.setdefault(holding.location_id, []).append(holding)
            elif role == RECEIVED:
                self._receipts(holding)
            else:
                self._batch(holding, role)
        for location, here in places.items():
            self._place(facts.locations[location], here)
        self.direct = self._direct_orders()
        for run, sources in index.inputs.items():
            self._run(facts.runs[run], [index.holdings[key] for key in sources])

    def add(self, node: Node, holdings: Iterable[int]) -> None:
        self.nodes[node.id] = node
        self.holdings[node.id] = list(holdings)

    def _batch(self, holding, role: str) -> None:
        batch, location = self._batch_of(holding), self.facts.locations[holding.location_id]
        quantity = batch.quantity
        if role == MADE or holding.is_start:
            quantity = self.facts.made_of(holding)
        is_used = holding.holding_id in self.index.used
        tier = "made"
        if location.kind == Location.Kind.SUPPLIER:
            tier = "supplied"
        elif is_used:
            tier = "receipt" if role == OWN else "run"
        where = location.name if tier in ("supplied", "receipt") else ""
        node = Node(
            f"h:{holding.holding_id}",
            tier,
            holding.batch_number,
            joined(self.amount(quantity, holding.unit), where) if quantity else where or UNKNOWN,
            kind="supplier" if tier == "supplied" else "raw" if tier == "receipt" else "box",
            status=self._batch_status(batch),
            quantity=quantity,
            unit=holding.unit,
            mono=True,
            plural="batches",
            title=f"{holding.product_name}, made at {location.name}",
            when=self.index.first.get(holding.holding_id, 0.0),
            rank=quantity or Decimal(0),
            undated=self._is_undated(holding),
        )
        self.add(node, [holding.holding_id])
        self.card[holding.holding_id] = node.id
        if holding.is_start:
            self.seeds.append(node.id)

    def _receipts(self, holding) -> None:
        key = holding.holding_id
        self.receipts[key] = []
        for shipment_id, links in self.index.shipped_in[key].items():
            node = self._receipt(holding, self.facts.shipments[shipment_id], links)
            self.add(node, [key])
            self.receipts[key].append(node.id)
        self.card[key] = self.receipts[key][0]
        if holding.is_start:
            self.seeds += self.receipts[key]
        if len(self.receipts[key]) * len(self.index.ways_out.get(key, ())) > MANY_WAYS:
            self._hub(holding)

    def _hub(self, holding) -> None:
        key = holding.holding_id
        node = Node(
            f"h:{key}",
            "receipt",
            holding.batch_number,
            joined(self.amount(holding.received, holding.unit), holding.location_name),
            kind="raw",
            quantity=holding.received,
            unit=holding.unit,
            mono=True,
            plural="batches",
            title=f"{holding.product_name} at {holding.location_name}",
            when=self.index.first.get(key, 0.0),
        )
        self.add(node, [key])
        self.card[key] = self.hubs[key] = node.id

    def _receipt(self, holding, shipment: Shipment, links: list) -> Node:
        quantity = total(link.quantity for link in links)
        moment = shipment.received_at or shipment.shipped_at
        return Node(
            f"r:{shipment.pk}:{holding.holding_id}",
            "receipt",
            shipment.reference,
            joined(self.amount(quantity, holding.unit), self.day(moment)),
            kind="raw",
            status="info" if shipment.status == Shipment.Status.POSTED else "none",
            quantity=quantity,
            unit=holding.unit,
            mono=True,
            plural="receipts",
            title=f"{holding.batch_number} received at {holding.location_name}",
            when=moment.timestamp() if moment else 0.0,
            rank=quantity or Decimal(0),
            undated=all(link.arrived_from is None for link in links),
        )

    def _run(self, run, sources: list) -> None:
        units = {holding.unit for holding in sources}
        used = {(run.pk, holding.batch_id) for holding in sources}
        quantity = total(self.facts.used.get(pair) for pair in used) if len(units) == 1 else None
        unit = units.pop() if len(units) == 1 else ""
        amount = f"{self.amount(quantity, unit)} in" if quantity is not None else ""
        location = self.facts.locations[run.location_id]
        node = Node(
            f"p:{run.pk}",
            "run",
            run.reference,
            joined(amount, self.day(run.ran_at)),
            kind="factory",
            quantity=quantity,
            unit=unit,
            mono=True,
            plural="runs",
            title=f"{run.get_kind_display()} at {location.name}",
            when=run.ran_at.timestamp() if run.ran_at else 0.0,
            rank=quantity or Decimal(0),
            undated=run.ran_at is None,
        )
        self.add(node, self.index.outputs[run.pk] or self.index.inputs[run.pk])

    def _place(self, location: Location, here: list) -> None:
        units = {holding.unit for holding in here}
        # A starting point has received nothing that is known of: what is there counts.
        amounts = [h.on_hand if h.is_start and not h.received else h.received for h in here]
        quantity = total(amounts) if len(units) == 1 else None
        unit = units.pop() if len(units) == 1 else ""
        amount = self.amount(quantity, unit) if unit else f"{len(here)} batches"
        is_receiver = location.kind in RECEIVERS
        mix = self.mix(here) if unit else ()
        node = Node(
            f"l:{location.pk}",
            "receiver" if is_receiver else "site",
            location.name,
            joined(amount, location.street or location.city if is_receiver else ""),
            kind=ICONS[location.kind],
            status=self._place_status(here),
            quantity=quantity,
            unit=unit,
            plural=PLURALS[location.kind],
            title=joined(_KINDS[location.kind], location.address),
            mix=mix,
            when=min((self.index.first.get(h.holding_id, 0.0) for h in here), default=0.0),
            rank=self._rank(mix, quantity),
            undated=all(map(self._is_undated, here)),
        )
        self.add(node, [holding.holding_id for holding in here])
        self.card.update((holding.holding_id, node.id) for holding in here)
        if all(holding.is_start for holding in here):
            self.seeds.append(node.id)

    def _direct_orders(self) -> dict[int, str]:
        """Own sites that serve several receivers themselves get a card for that, as if it
        were a centre: each batch to each receiver would be a tangle."""
        served: dict[int, list] = {}
        for link in self.index.links:
            if self.is_direct(link):
                served.setdefault(self._site_of(link), []).append(link)
        found = {}
        for site, links in served.items():
            ends = [self.index.holdings[link.target] for link in links]
            if len({held.location_id for held in ends}) < SERVED_DIRECTLY:
                continue
            units = {held.unit for held in ends}
            quantity = total(link.quantity for link in links) if len(units) == 1 else None
            unit = units.pop() if len(units) == 1 else ""
            node = Node(
                f"d:{site}",
                "site",
                "Direct orders",
                self.amount(quantity, unit) if unit else f"{len(links)} deliveries",
                kind="truck",
                quantity=quantity,
                unit=unit,
                plural="sites",
                title=f"Sent by {self.facts.locations[site].name} to the receivers themselves",
            )
            self.add(node, list(dict.fromkeys(held.holding_id for held in ends)))
            found[site] = node.id
        return found

    def is_direct(self, link) -> bool:
        """Whether a link leads from where something was made straight to a receiver."""
        if link.run or self.index.roles[link.source] not in (MADE, OWN):
            return False
        end = self.facts.locations[self.index.holdings[link.target].location_id]
        return (
            end.kind in RECEIVERS
            and self.index.roles[link.target] == PLACE
            and self.facts.locations[self._site_of(link)].is_own
        )

    def way_of(self, link) -> str | None:
        """The card of direct orders that a link runs through, if any."""
        return self.direct.get(self._site_of(link)) if self.is_direct(link) else None

    def _site_of(self, link) -> int:
        return self.index.holdings[link.source].location_id

    def _rank(self, mix: tuple[Decimal, ...], quantity: Decimal | None) -> Decimal:
        """What shows first of a group: most without answer, or most that is still there."""
        if not mix:
            return quantity or Decimal(0)
        return mix[-1] if self.facts.answers else sum(mix[:2], Decimal(0))

    def mix(self, here: list) -> tuple[Decimal, ...]:
        """What became of the goods of a place: what it answered, in the order of PARTS, where
        a recall asks; else held, free, sold or sent on, taken out."""
        if self.facts.answers:
            said = [answer.parts for answer in self.facts.said_of(here)]
            return tuple(sum(parts, Decimal(0)) for parts in zip(*said, strict=True))
        parts = [Decimal(0)] * 4
        for holding in here:
            if holding.on_hand is None or holding.received is None:
                return ()
            held = self.facts.is_held(holding.batch_id, holding.location_id)
            parts[HELD if held else FREE] += max(holding.on_hand, Decimal(0))
            adjusted = self.facts.adjusted.get(holding.holding_id, {})
            taken = -sum((q for why, q in adjusted.items() if why not in ("sold", "count")), 0)
            parts[TAKEN] += max(taken, Decimal(0))
            received = holding.received or holding.on_hand
            parts[GONE] += max(received - holding.on_hand - taken, Decimal(0))
        return tuple(parts)

    def _place_status(self, here: list) -> str:
        if worst := self.facts.worst_of(here):
            return worst.key
        there = [h for h in here if h.on_hand is None or h.on_hand > 0]
        if any(self.facts.is_held(h.batch_id, h.location_id) for h in there):
            return "hold"
        return "info" if there else "none"

    def _batch_status(self, batch: Batch) -> str:
        if batch.status == Batch.Status.REJECTED or batch.pk in self.facts.recalled:
            return "crit"
        if batch.pk in self.facts.on_hold:
            return "hold"
        return "info" if batch.status == Batch.Status.PENDING else "none"

    def _is_undated(self, holding) -> bool:
        """Whether it came from somewhere, and no record says when."""
        key = holding.holding_id
        return key in self.index.came and key not in self.index.first

    def _batch_of(self, holding) -> Batch:
        return self.facts.batches[holding.batch_id]

    def amount(self, quantity: Decimal | None, unit: str) -> str:
        return self.words.amount(quantity, unit) if quantity is not None else UNKNOWN

    def day(self, moment) -> str:
        return self.words.day(moment) if moment else "no date"
