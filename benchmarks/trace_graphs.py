"""Makes the supply chains that benchmarks/trace.py walks: holdings and links as plain tuples.

`supply` is shallow and wide: suppliers, plants that make intermediate and finished batches
first in, first out, distribution centres that pass on and pack kits, stores in lognormal
numbers, one return in a hundred. `chain` is deep: silos whose content is carried over from
fill to fill, and rework that goes back in.
"""

import random
from collections import deque
from itertools import count

DAY = 86_400
LINK = "source left_by target arrived_from link quantity run".split()


class Graph:
    """`holdings` are (batch, place); `links` have the order of `LINK`, quantities in millionths."""

    def __init__(self, seed: int):
        self.dice = random.Random(seed)
        self.places: list[str] = []
        self.origin: list[int] = []
        self.holdings: list[tuple[int, int]] = []
        self.links: list[tuple] = []
        self.runs = 0
        self._holding: dict[tuple[int, int], int] = {}

    def add_places(self, kind: str, number: int) -> range:
        first = len(self.places)
        self.places += [kind] * number
        return range(first, first + number)

    def add_batch(self, place: int) -> int:
        """A new batch made at `place`: its holding there."""
        self.origin.append(place)
        return self.hold(len(self.origin) - 1, place)

    def hold(self, batch: int, place: int) -> int:
        key = (batch, place)
        if key not in self._holding:
            self._holding[key] = len(self.holdings)
            self.holdings.append(key)
        return self._holding[key]

    def ship(self, holding: int, place: int, at: int, lasts: int) -> int:
        target = self.hold(self.holdings[holding][0], place)
        if target != holding:
            quantity = self.dice.randint(1, 400) * 1_000_000
            self.links.append((holding, at, target, at + lasts, len(self.links), quantity, None))
        return target

    def run(self, inputs: list[int], place: int, at: int, made: int | None = None) -> int:
        """Makes a batch of `inputs` (holdings at `place`) in no time; its holding."""
        made = self.add_batch(place) if made is None else made
        quantity, run = self.dice.randint(100, 9_000) * 1_000_000, self.runs
        self.runs += 1
        for holding in dict.fromkeys(inputs):
            if holding != made:
                self.links.append((holding, at, made, at, len(self.links), quantity, run))
        return made


def supply(size: int, seed: int = 1) -> Graph:
    """About `size` links over a year."""
    graph = Graph(seed)
    dice, scale = graph.dice, (size / 100_000) ** 0.5
    suppliers = graph.add_places("supplier", int(30 * scale))
    plants = graph.add_places("plant", int(8 * scale))
    centres = graph.add_places("distribution_centre", int(25 * scale))
    stores = graph.add_places("store", int(1_750 * scale))
    sold_by = {centre: dice.sample(stores, min(len(stores), 120)) for centre in centres}
    queues = {(plant, kind): deque() for plant in plants for kind in range(6)}
    silos: dict[int, int] = {}
    finished: deque[int] = deque(maxlen=40)
    runs = size // 45
    for turn in range(runs):
        at, plant = 300 * DAY * turn // runs // 60 * 60, dice.choice(plants)
        kinds = dice.sample(range(6), dice.randint(2, 4))
        raw = [_take(graph, queues[plant, kind], suppliers, plant, at) for kind in kinds]
        carried = [silos[plant]] if plant in silos and dice.random() < 0.3 else []
        mixed = graph.run(raw + carried, plant, at)
        silos[plant] = mixed
        for _ in range(dice.randint(1, 2)):
            made = graph.run([mixed], plant, at + 3_600)
            _distribute(graph, made, centres, sold_by, at + DAY, finished)
            finished.append(made)
        if len(graph.links) >= size:
            break
    return graph


def _take(graph: Graph, queue: deque, suppliers, plant: int, at: int) -> int:
    """The oldest raw batch in the queue, ordered anew when it is used up."""
    if not queue:
        batch = graph.add_batch(graph.dice.choice(suppliers))
        for _ in range(graph.dice.randint(1, 3)):
            before = graph.dice.randint(2, 20) * DAY
            there = graph.ship(batch, plant, at - before, DAY)
        queue.extend([there] * max(1, int(graph.dice.lognormvariate(0.7, 1.0))))
    return queue.popleft()


def _distribute(graph: Graph, made: int, centres, sold_by, at: int, finished) -> None:
    dice = graph.dice
    for centre in dice.sample(centres, dice.randint(1, 3)):
        stock = graph.ship(made, centre, at, dice.randint(60, 1_440) * 60)
        if dice.random() < 0.1:
            onward = dice.choice(centres)
            stock, centre = graph.ship(stock, onward, at + 2 * DAY, DAY), onward
        if dice.random() < 0.05 and finished:
            other = graph.ship(dice.choice(finished), centre, at, DAY)
            stock = graph.run([stock, other], centre, at + 3 * DAY)
        stores = sold_by[centre]
        number = min(len(stores), max(1, int(dice.lognormvariate(2.0, 0.9))))
        for store in dice.sample(stores, number):
            for _ in range(1 + (dice.random() < 0.4)):
                leaves = at + dice.randint(3, 40) * DAY + dice.randint(0, 1_439) * 60
                there = graph.ship(stock, store, leaves, dice.randint(30, 900) * 60)
            if dice.random() < 0.01:
                graph.ship(there, centre, leaves + 5 * DAY, DAY)


def chain(size: int, seed: int = 2) -> Graph:
    """About `size` links: silos filled again and again on what was left in them."""
    graph = Graph(seed)
    dice = graph.dice
    supplier, plants = graph.add_places("supplier", 20), graph.add_places("plant", 12)
    stores = graph.add_places("store", 400)
    silos: list[int | None] = [None] * (size // 2_000 + 12)
    rework: deque[int] = deque(maxlen=12)
    for turn in count():
        number = turn % len(silos)
        plant, at = plants[number % len(plants)], turn * 3_600 // len(silos) * 60
        raw = graph.ship(graph.add_batch(dice.choice(supplier)), plant, at - 2 * DAY, DAY)
        left = silos[number]
        content = [raw] if left is None or dice.random() < 0.04 else [raw, left]
        content += [h for h in rework if graph.holdings[h][1] == plant and dice.random() < 0.15]
        silos[number] = graph.run(content, plant, at)
        made = graph.run([silos[number]], plant, at)
        if dice.random() < 0.1:
            rework.append(made)
        for store in dice.sample(stores, 4):
            there = graph.ship(
                made, store, at + dice.randint(1, 30) * DAY, dice.randint(1, 9) * 3_600
            )
        if dice.random() < 0.05:
            rework.append(graph.ship(there, plant, at + 40 * DAY, DAY))
        if len(graph.links) >= size:
            return graph


GRAPHS = {"supply": supply, "chain": chain}
