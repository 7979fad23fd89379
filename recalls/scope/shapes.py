"""What a look at a scope gives back: lines, places, batches and quantities."""

import hashlib
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from batches.operations.events import canonical, plain
from recalls.models import ScopeLine


@dataclass(frozen=True, slots=True)
class Line:
    """One affected holding. The fields are those of ScopeLine; quantities are in `unit`."""

    holding_id: int
    batch_id: int
    location_id: int
    role: str
    batch_number: str
    origin_code: str
    product_code: str
    product_name: str
    gtin: str
    expires_on: date | None
    location_code: str
    location_name: str
    location_address: str
    unit: str
    received: Decimal | None
    on_hand: Decimal | None
    due: Decimal | None
    links_in: int
    since: datetime | None
    depth: int
    path: list[dict]
    contacts: list[str]

    def values(self) -> dict:
        """The values as ScopeLine takes them."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class ScopeBatch:
    """An affected batch: what was made, is on our sites, is asked of recipients, and what runs
    made other batches of. `reasons` are the rules that brought it."""

    batch_id: int
    number: str
    product_code: str
    product_name: str
    origin_code: str
    unit: str
    made: Decimal | None
    on_site: Decimal | None
    shipped: Decimal | None
    used: Decimal | None
    places: int
    reasons: list = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the scope comes to in one unit; `unknown` counts lines without a figure, and
    `unknown_made` batches."""

    unit: str
    on_site: Decimal
    shipped: Decimal
    unknown: int
    made: Decimal
    used: Decimal
    unknown_made: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """A holding that was left out with a reason. `is_reached`: the rules would bring it in."""

    holding_id: int
    batch_number: str
    product_code: str
    product_name: str
    location_code: str
    location_name: str
    unit: str
    on_hand: Decimal | None
    reason: str
    is_reached: bool

    def as_json(self) -> dict:
        """As it is frozen with the rules: who decided it stands in the log, not here."""
        return {
            "kind": "exclusion",
            "holding": self.holding_id,
            "product": self.product_code,
            "product_name": self.product_name,
            "batch": self.batch_number,
            "location": self.location_code,
            "location_name": self.location_name,
            "on_hand": None if self.on_hand is None else f"{self.on_hand.normalize():f}",
            "unit": self.unit,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """An affected location, and the contacts by address key that a notice can reach."""

    location_id: int
    code: str
    name: str
    role: str
    is_own: bool
    contacts: dict = field(default_factory=dict)
    country: str = ""

    @property
    def is_tested(self) -> bool:
        """Whether somebody there confirmed of late that a notice arrives (CONTACT_TEST_DAYS)."""
        now = timezone.now()
        return any(contact.is_tested(now) for contact in self.contacts.values())


@dataclass(frozen=True)
class Without:
    """Rules and holdings (ids) that a look leaves aside."""

    rules: frozenset[int] = frozenset()
    holdings: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ScopePreview:
    """One look. `rules` are the rules and exclusions as they are frozen, `sources` the rules with
    what each names now; `notes` what is not known. `delta` and, by unit, `gained` are what
    changed since the look before.

    `unnamed` are lines without a batch that may belong to it, and that no rule reaches.
    `left_out` is what had come to each excluded holding: movements in, and their quantity.
    """

    lines: list[Line]
    batches: list[ScopeBatch]
    quantities: list[Quantity]
    places: list[Place]
    notes: list[dict]
    complete: bool
    rules: list[dict]
    left_out: dict[int, tuple[int, Decimal | None]] = field(default_factory=dict)
    delta: dict | None = None
    gained: dict[str, Decimal] = field(default_factory=dict)
    sources: list = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    unnamed: list = field(default_factory=list)

    @property
    def recipients(self) -> list[Place]:
        """Places to be told."""
        return [place for place in self.places if place.role == ScopeLine.Role.RECIPIENT]

    @property
    def unreachable(self) -> list[Place]:
        """Places to be told that no notice can reach."""
        return [place for place in self.recipients if not place.contacts]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what is held and who is told; quantities may move on, these may not."""
        covered = sorted((line.holding_id, line.role, line.contacts) for line in self.lines)
        return hashlib.sha256(canonical(plain(covered))).hexdigest()

    @property
    def untested(self) -> list[Place]:
        """Places to be told whose contacts did not confirm of late that a notice arrives."""
        return [place for place in self.recipients if place.contacts and not place.is_tested]

    @property
    def countries(self) -> list[str]:
        return sorted({place.country for place in self.places if place.country})

    @property
    def look(self) -> dict:
        """The counts of this look, as JSON; give it to the next `preview` for its delta."""
        return {
            "batches": len(self.batches),
            "holdings": len(self.lines),
            "locations": len(self.places),
            "recipients": len(self.recipients),
        }

    @property
    def amounts(self) -> dict[str, str]:
        """What is there to be brought back, by unit, as JSON; part of a look."""
        return {q.unit: f"{(q.on_site + q.shipped).normalize():f}" for q in self.quantities}
