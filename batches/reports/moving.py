"""Where ticked batches are, and what would be moved from a place: the move of a scanned pile."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from batches.models import Batch, Holding, Location, Shipment, ShipmentLine


@dataclass(frozen=True)
class Place:
    """A place that has so many of the batches."""

    location: Location
    count: int


@dataclass(frozen=True)
class Movable:
    """A batch at the place: what is on hand (None: unknown), and what is proposed to move."""

    batch: Batch
    on_hand: Decimal | None
    quantity: Decimal | None
    sscc: str


def places_of(batches: Iterable[int]) -> list[Place]:
    """Where any of the batches is: our own sites before others, most of them first."""
    counts = Counter(_there(batches).values_list("location", flat=True))
    places = [Place(row, counts[row.pk]) for row in Location.objects.filter(pk__in=counts)]
    return sorted(places, key=lambda p: (not p.location.is_own, -p.count, p.location.code))


def movable(batches: Iterable[int], origin: Location, pallets: Iterable[str]) -> list[Movable]:
    """What is there of the batches. Of one that came on some of `pallets` (SSCCs, as scanned),
    what was on each of them is proposed, and not all that is there."""
    there = dict(_there(batches).filter(location=origin).values_list("batch", "quantity"))
    loads = _loads(there, origin, pallets)
    rows = Batch.objects.with_state().select_related("product", "origin").filter(pk__in=there)
    return [
        Movable(row, there[row.pk], _least(quantity, there[row.pk]), sscc)
        for row in rows.order_by("number", "pk")
        for sscc, quantity in loads.get(row.pk, {"": there[row.pk]}).items()
    ]


def _there(batches: Iterable[int]):
    is_there = Q(quantity__isnull=True) | Q(quantity__gt=0)
    return Holding.objects.filter(is_there, batch__in=list(batches)).order_by()


def _loads(
    batches: Iterable[int], origin: Location, pallets: Iterable[str]
) -> dict[int, dict[str, Decimal | None]]:
    """By batch and SSCC the quantity on the pallet, by the shipment that brought it last."""
    came = Shipment.Status.POSTED, Shipment.Status.RECEIVED
    lines = ShipmentLine.objects.filter(
        batch__in=list(batches),
        sscc__in=list(pallets),
        shipment__status__in=came,
        shipment__destination=origin,
    )
    found: dict[int, dict[str, Decimal | None]] = {}
    for row in lines.order_by("shipment__shipped_at", "pk"):
        found.setdefault(row.batch_id, {})[row.sscc] = row.quantity
    return found


def _least(wanted: Decimal | None, there: Decimal | None) -> Decimal | None:
    known = [quantity for quantity in (wanted, there) if quantity is not None]
    return min(known) if known else None
