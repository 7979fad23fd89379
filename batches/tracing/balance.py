"""Does a batch add up: made or received against where it is and what became of it.

made or received = on hand + used + shipped on + adjusted (each reason) + unexplained,
at each location and overall. A part that is not known makes what is left unexplained
unknown too. Amounts are in the product's unit; unlike units are never added.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count, DecimalField, Model, Q, Sum

from batches.models import (
    Adjustment,
    Batch,
    Holding,
    Location,
    Run,
    RunInput,
    RunOutput,
    Shipment,
    ShipmentLine,
)
from batches.tracing.sql import chunks, one_snapshot

Quantity = Decimal | None
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Figures:
    """One side against the other. `adjusted` is what left by each reason: a correction
    upwards is negative. None is unknown."""

    made: Quantity = Decimal(0)
    received: Quantity = Decimal(0)
    on_hand: Quantity = Decimal(0)
    used: Quantity = Decimal(0)
    shipped: Quantity = Decimal(0)
    adjusted: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def unexplained(self) -> Quantity:
        came, went = (self.made, self.received), (self.on_hand, self.used, self.shipped)
        if None in came or None in went:
            return None
        return sum(came) - sum(went) - sum(self.adjusted.values())

    def __add__(self, other: "Figures") -> "Figures":
        reasons = [*self.adjusted, *(r for r in other.adjusted if r not in self.adjusted)]
        return Figures(
            *(
                _plus(getattr(self, name), getattr(other, name))
                for name in ("made", "received", "on_hand", "used", "shipped")
            ),
            {r: self.adjusted.get(r, 0) + other.adjusted.get(r, 0) for r in reasons},
        )


@dataclass(frozen=True)
class Balance:
    """The balance of one batch, at each place that had it and overall."""

    batch: Batch
    unit: str
    places: dict[Location, Figures]
    overall: Figures


def _plus(one: Quantity, other: Quantity) -> Quantity:
    return None if one is None or other is None else one + other


def balances(batch_ids: Collection[int]) -> list[Balance]:
    """The balance of each batch, by product and number, in a fixed number of queries."""
    with one_snapshot():
        return [made for part in chunks(sorted(batch_ids)) for made in _balances(part)]


def quantities_made(batch_ids: Collection[int]) -> dict[int, Quantity]:
    """What was made or received of each batch, wherever; None where a part is unknown."""
    found: dict[int, Quantity] = {}
    for ids in chunks(sorted(batch_ids)):
        for (batch, _), quantity in _made(Batch.objects.filter(pk__in=ids)).items():
            found[batch] = _plus(found.get(batch, Decimal(0)), quantity)
    return found


def totals(made: Iterable[Balance]) -> dict[str, Figures]:
    """The overall figures of several batches, added up per unit."""
    sums: dict[str, Figures] = {}
    for balance in made:
        sums[balance.unit] = sums.get(balance.unit, Figures()) + balance.overall
    return sums


def _balances(batch_ids: Collection[int]) -> list[Balance]:
    batches = Batch.objects.filter(pk__in=batch_ids).select_related("product", "origin")
    tables = {
        "made": _made(batches),
        "received": _moved(batch_ids, "shipment__destination"),
        "on_hand": _sums(Holding, Q(batch__in=batch_ids), "location", "batch"),
        "used": _sums(RunInput, _posted(batch_ids, "run"), "run__location", "batch"),
        "shipped": _moved(batch_ids, "shipment__origin"),
    }
    adjusted = _adjusted(batch_ids)
    keys = {key for table in (*tables.values(), adjusted) for key in table}
    places = Location.objects.in_bulk({place for _, place in keys})
    found = {}
    for batch, place in sorted(keys, key=lambda key: (places[key[1]].code, key)):
        figures = {name: table.get((batch, place), Decimal(0)) for name, table in tables.items()}
        figures["adjusted"] = adjusted.get((batch, place), {})
        found.setdefault(batch, {})[places[place]] = Figures(**figures)
    return [
        Balance(batch, batch.product.unit, here, _overall(here.values()))
        for batch in batches
        for here in [found.get(batch.pk, {})]
    ]


def _overall(places: Iterable[Figures]) -> Figures:
    """Every shipment left one place and came to another, so those two cancel out."""
    return replace(sum(places, Figures()), received=Decimal(0), shipped=Decimal(0))


def _made(batches: Iterable[Batch]) -> dict[tuple[int, int], Quantity]:
    """What runs yielded, or for a batch without a run the quantity it was entered with."""
    made = _sums(RunOutput, _posted([b.pk for b in batches], "run"), "run__location", "batch")
    by_run = {batch for batch, _ in made}
    for batch in batches:
        if batch.pk not in by_run:
            made[batch.pk, batch.origin_id] = batch.quantity
    return made


def _posted(batch_ids: Collection[int], document: str) -> Q:
    posted = [Run.Status.POSTED, Shipment.Status.POSTED, Shipment.Status.RECEIVED]
    return Q(batch__in=batch_ids, **{f"{document}__status__in": sorted(set(posted))})


def _moved(batch_ids: Collection[int], place: str) -> dict[tuple[int, int], Quantity]:
    return _sums(ShipmentLine, _posted(batch_ids, "shipment"), place, "batch")


def _sums(model: type[Model], where: Q, place: str, batch: str) -> dict:
    """Quantity by (batch, location); None where a part is unknown."""
    rows = model.objects.filter(where).order_by().values_list(batch, place)
    rows = rows.annotate(
        total=Sum("quantity", output_field=DecimalField()),
        unknown=Count("pk", filter=Q(quantity=None)),
    )
    return {(made, at): None if unknown else _exact(total) for made, at, total, unknown in rows}


def _exact(total: Decimal) -> Decimal:
    # SQLite adds in floating point; a quantity has six places.
    return Decimal(total).quantize(_PLACES)


def _adjusted(batch_ids: Collection[int]) -> dict[tuple[int, int], dict[str, Decimal]]:
    rows = Adjustment.objects.filter(holding__batch__in=batch_ids, voided_at=None).order_by()
    rows = rows.values_list("holding__batch", "holding__location", "reason")
    found: dict[tuple[int, int], dict[str, Decimal]] = {}
    for batch, place, reason, total in rows.annotate(total=Sum("quantity")):
        found.setdefault((batch, place), {})[reason] = -_exact(total)
    return found
