"""What goes into a drawing, nodes and edges, and what comes out: boxes, curves, headings."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

# Columns in the domain's order, left to right as time runs.
TIERS = {
    "supplied": "Supplier batch",
    "receipt": "Receipts",
    "run": "Production",
    "made": "Finished batches",
    "site": "Sites and carriers",
    "receiver": "Receivers",
}
ORDER = {tier: place for place, tier in enumerate(TIERS)}
# Worst first: a group shows the worst status of what it holds.
STATUSES = ("crit", "hold", "info", "ok", "none")

WIDTH, HEIGHT = 136, 46
COLUMN_GAP, ROW_GAP, POINT_GAP = 40, 10, 14
MAX_BOXES, MAX_CURVES = 150, 400


@dataclass(frozen=True)
class Node:
    """One card. `code` is the first line, `mono` says that it is a code and not a name.

    `plural` names several of its sort ("stores"); `mix` are the parts of a bar;
    `when` orders cards of a column where crossings leave a choice; `rank` says which
    members of a group show first when it is opened; `undated`: no record says when it came.
    """

    id: str
    tier: str
    code: str
    line2: str = ""
    kind: str = "box"
    status: str = "none"
    href: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    mono: bool = False
    plural: str = ""
    title: str = ""
    mix: tuple[Decimal, ...] = ()
    when: float = 0.0
    rank: Decimal = Decimal(0)
    undated: bool = False


@dataclass(frozen=True)
class Edge:
    """A connection from left to right; `unknown` of its `count` links have no sure time."""

    source: str
    target: str
    quantity: Decimal | None = None
    unit: str = ""
    count: int = 1
    unknown: int = 0


@dataclass
class Bundle:
    """Cards drawn as one. `next_open` opens it: first its six largest, then the next six each
    time; `shown` are the places of those that are drawn by themselves."""

    key: str
    members: list[Node]
    shown: range = range(0)
    next_open: str = ""

    @property
    def id(self) -> str:
        return f"b:{self.key}"


@dataclass
class Box:
    """A card on the paper: `x`, `y` are its upper left corner."""

    id: str
    x: float
    y: float
    column: int
    node: Node | None = None
    bundle: Bundle | None = None
    loops: int = 0
    on_path: bool = False
    selected: bool = False
    seed: bool = False

    @property
    def members(self) -> list[Node]:
        return self.bundle.members if self.bundle else [self.node]

    @property
    def status(self) -> str:
        return min((node.status for node in self.members), key=STATUSES.index)


@dataclass
class Curve:
    """A line between two boxes. `role` is `path`, `other` (another way to the same), or ``."""

    source: str
    target: str
    d: str
    middle: tuple[float, float]
    quantity: Decimal | None
    unit: str
    count: int
    unknown: int
    role: str = ""


class Heading(NamedTuple):
    """Over a column; at its `foot` stands how many of it are `undated`."""

    x: float
    label: str
    count: int
    undated: int
    foot: float


@dataclass
class Drawing:
    width: float
    height: float
    boxes: list[Box]
    curves: list[Curve]
    headings: list[Heading]
    nodes: int
    edges: int
    crossings: int
    bundles: list[Bundle] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        return sum(len(bundle.members) for bundle in self.bundles)

    @property
    def alone(self) -> int:
        """How many nodes have a card of their own."""
        return self.nodes - self.hidden
