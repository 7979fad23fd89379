"""The two sides of a recall that must add up: of each batch, and of each batch at a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from recalls.reports.amounts import ZERO, Amounts

Quantity = Decimal | None


def is_open(amounts: Amounts) -> bool:
    return bool(amounts.no_answer or amounts.over or amounts.unknown)


@dataclass(frozen=True)
class BatchSide:
    """One batch: where all that was made of it is. `left` is by reason, a correction upwards
    negative; `elsewhere` is with suppliers, or where nobody is asked. None is unknown."""

    batch_id: int
    number: str
    product_code: str
    product_name: str
    origin_code: str
    unit: str
    made: Quantity
    came_back: Quantity
    distributed: Quantity
    on_site: Quantity
    elsewhere: Quantity
    used: Quantity
    left: Mapping[str, Decimal]
    amounts: Amounts
    places: int

    @property
    def taken(self) -> Decimal:
        """What left by samples, scrap, destruction, sale and count, at places not asked."""
        return sum(self.left.values(), ZERO)

    @property
    def unexplained(self) -> Quantity:
        parts = (self.distributed, self.on_site, self.elsewhere, self.used)
        if None in (self.made, self.came_back, *parts):
            return None
        return self.made + self.came_back - sum(parts) - self.taken

    @property
    def closes(self) -> bool:
        return self.unexplained == 0 and not is_open(self.amounts)


@dataclass(frozen=True)
class PlaceSide:
    """One batch at one place that is asked. `came` has arrived at a site of ours, `on_way` was
    posted and has not; `certified` was destroyed there by a certificate that somebody saw;
    `has_paper` says that the place handed one in with its answer."""

    code: str
    name: str
    batch: str
    product_name: str
    unit: str
    amounts: Amounts
    came: Decimal
    on_way: Decimal
    certified: Decimal
    has_paper: bool

    @property
    def not_arrived(self) -> Decimal:
        """Sent back, as the place says, and not seen here."""
        return max(self.amounts.returned - self.came, ZERO)

    @property
    def uncertified(self) -> Decimal:
        return ZERO if self.has_paper else max(self.amounts.destroyed - self.certified, ZERO)

    @property
    def closes(self) -> bool:
        return not is_open(self.amounts) and not self.not_arrived
