"""Where a batch is now, and how what was made of it adds up."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Min

from batches.models import Adjustment, Batch, Hold, Holding, Link, Location, ShipmentLine
from batches.tracing.balance import Figures, balances
from batches.tracing.result import moment


@dataclass(frozen=True)
class Whereabouts:
    """What is at one place: `quantity` None is unknown, `share` percent of the largest, `since`
    the earliest arrival that is known."""

    location: Location
    quantity: Decimal | None
    is_held: bool
    share: int
    in_transit: Decimal
    since: datetime | None = None


def whereabouts(batch: Batch, holds: list[Hold], limit: int) -> tuple[list[Whereabouts], int]:
    """The places that have (or may have) some of it, largest first, and how many more there are."""
    rows = (
        batch.holdings.exclude(quantity=0)
        .select_related("location")
        .order_by("-quantity", "location__code")
    )
    first = list(rows[: limit + 1])
    more = rows.count() - limit if len(first) > limit else 0
    active = [hold for hold in holds if hold.released_at is None and not hold.is_drill]
    everywhere = any(hold.location_id is None for hold in active)
    held = {hold.location_id for hold in active}
    coming, since = _in_transit(batch), _arrivals(first)
    most = max((row.quantity or 0 for row in first), default=0)
    return [
        Whereabouts(
            row.location,
            row.quantity,
            everywhere or row.location_id in held,
            int(100 * (row.quantity or 0) / most) if most > 0 else 0,
            coming.get(row.location_id, Decimal(0)),
            since.get(row.pk),
        )
        for row in first[:limit]
    ], more


def _arrivals(holdings: list[Holding]) -> dict[int, datetime | None]:
    """When the first of it came to each, by holding; what was made there came by its run."""
    links = Link.objects.filter(target__in=holdings, voided=False).order_by()
    first = links.values_list("target").annotate(first=Min("arrived_from"))
    return {target: moment(seconds) for target, seconds in first}


def _in_transit(batch: Batch) -> dict[int, Decimal]:
    """What is posted to a place and not yet received there, by location id."""
    found: dict[int, Decimal] = {}
    rows = ShipmentLine.objects.filter(batch=batch, shipment__status="posted")
    for place, amount in rows.values_list("shipment__destination", "quantity"):
        found[place] = found.get(place, Decimal(0)) + (amount or 0)
    return found


@dataclass(frozen=True)
class Facts:
    """The facts strip of a batch, out of its balance; None is unknown."""

    made: Decimal | None
    on_site: Decimal | None
    elsewhere: Decimal | None
    used: Decimal | None
    shipped: Decimal | None
    adjusted: list[tuple[str, Decimal]]
    unexplained: Decimal | None


def facts(batch: Batch) -> Facts:
    balance = balances([batch.pk])[0]
    here = balance.places.items()
    origin = next((figures for place, figures in here if place.pk == batch.origin_id), Figures())
    return Facts(
        made=balance.overall.made,
        on_site=add_up(figures.on_hand for place, figures in here if place.is_own),
        elsewhere=add_up(figures.on_hand for place, figures in here if not place.is_own),
        used=balance.overall.used,
        shipped=origin.shipped,
        adjusted=[
            (Adjustment.Reason(reason).label, amount)
            for reason, amount in balance.overall.adjusted.items()
        ],
        unexplained=balance.overall.unexplained,
    )


def add_up(amounts) -> Decimal | None:
    """The sum; None as soon as one of the amounts is unknown."""
    amounts = list(amounts)
    return None if None in amounts else sum(amounts, Decimal(0))
