"""What customer service sees of the code that a customer reads out."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from batches.models import Batch, Location, Product, Shipment, ShipmentLine, UnitCode
from batches.reports.resolver import BATCHES, Found, resolve
from batches.reports.units import unit_known
from recalls.reports.listed import Listed, listed_for_batch

SHOPS, LINES = 20, 20


@dataclass(frozen=True)
class Case:
    """Either `batch` is known, or `product` alone, or neither, and then `found` says why."""

    found: Found
    batch: Batch | None
    product: Product | None
    unit: UnitCode | None
    listed: list[Listed]


def case_of(text: str, *, user, today: date, batch_pk: int | None = None) -> Case:
    """`batch_pk` is the batch chosen where the text means several."""
    found = resolve(text, user=user, today=today, kinds=[BATCHES])
    unit = unit_known(text)
    batch = unit.series.batch if unit else found.exact and found.exact.obj
    rows = Batch.objects.with_state().select_related("product", "origin")
    # A choice of the text before this one is no choice.
    meant = {hit.obj.pk for hit in [*found.hits, *found.near]}
    if wanted := batch_pk if batch_pk in meant else batch and batch.pk:
        batch = rows.get(pk=wanted)
    gtin = found.reading.gtin
    product = batch.product if batch else gtin and Product.objects.filter(gtin=gtin).first()
    return Case(found, batch, product or None, unit, listed_for_batch(batch) if batch else [])


def shops(text: str) -> list[Location]:
    """Places by code, else by part of the name."""
    exact = list(Location.objects.filter(code__iexact=text))
    return exact or list(
        Location.objects.filter(Q(name__icontains=text) | Q(city__icontains=text))[:SHOPS]
    )


def reached(batch: Batch) -> list[Location]:
    """Places that the batch was sent to."""
    went = Shipment.Status.POSTED, Shipment.Status.RECEIVED
    lines = ShipmentLine.objects.filter(batch=batch, shipment__status__in=went)
    return list(Location.objects.filter(pk__in=lines.values("shipment__destination"))[:200])


def deliveries(batch: Batch, shop: Location) -> list[ShipmentLine]:
    """How the batch came to the shop, newest first."""
    went = Shipment.Status.POSTED, Shipment.Status.RECEIVED
    lines = ShipmentLine.objects.filter(
        batch=batch, shipment__destination=shop, shipment__status__in=went
    )
    rows = lines.select_related("shipment__origin", "shipment__destination")
    return list(rows.order_by("-shipment__shipped_at", "-pk")[:LINES])
