"""Complaints against what was made, and data gaps by the place that can close them. Reads only."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.apps import apps
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from batches.models import Complaint, Finding, Location, Product, Run, RunOutput
from batches.operations.stock import chunks

PER = 10_000


@dataclass(frozen=True)
class ComplaintRate:
    """Complaints of a product, and how much of it was made in the same time, in its unit."""

    product: Product
    complaints: int
    made: Decimal

    @property
    def rate(self) -> Decimal | None:
        """Complaints per PER units made; None when none was."""
        return Decimal(self.complaints * PER) / self.made if self.made else None


def complaint_rates(since: datetime, until: datetime | None = None) -> list[ComplaintRate]:
    """Of products with a complaint in that time, the highest rate first; three queries."""
    known = Complaint.objects.filter(at__gte=since, **_before("at", until)).annotate(
        of=Coalesce("product_id", "batch__product_id")
    )
    rows = known.exclude(of=None).order_by().values_list("of").annotate(Count("pk"))
    counts = dict(rows)
    outputs = RunOutput.objects.filter(
        run__status=Run.Status.POSTED,
        run__ran_at__gte=since,
        batch__product__in=counts,
        **_before("run__ran_at", until),
    )
    made = dict(outputs.order_by().values_list("batch__product").annotate(Sum("quantity")))
    rates = [
        ComplaintRate(product, counts[key], made.get(key) or Decimal(0))
        for key, product in Product.objects.in_bulk(counts).items()
    ]
    return sorted(rates, key=lambda one: (-(one.rate or 0), -one.complaints, one.product.code))


def _before(name: str, until: datetime | None) -> dict[str, datetime]:
    return {f"{name}__lt": until} if until else {}


@dataclass(frozen=True)
class GapsAt:
    """Open data gaps whose record a place can mend; without a place, those of no place."""

    location: Location | None
    gaps: int

    @property
    def name(self) -> str:
        return self.location.name if self.location else "No place"


# From what a gap is about to the place that has the missing record.
_PLACE_OF = {
    "batches.location": "pk",
    "batches.contact": "location",
    "batches.batch": "origin",
    "batches.holding": "location",
    "batches.shipment": "origin",
    "batches.shipmentline": "shipment__origin",
    "batches.run": "location",
    "batches.adjustment": "holding__location",
}


def gaps_by_place() -> list[GapsAt]:
    """Most gaps first; one query for each kind of record, and two."""
    wanted: dict[str, list[str]] = {}
    open_gaps = Finding.objects.open().filter(severity=Finding.Severity.GAP).order_by()
    for kind, key in open_gaps.values_list("object_type", "object_id"):
        wanted.setdefault(kind, []).append(key)
    counts: Counter[int | None] = Counter()
    for kind, keys in wanted.items():
        counts.update(_places(kind, keys))
    known = Location.objects.in_bulk([key for key in counts if key is not None])
    rows = [GapsAt(known.get(key), gaps) for key, gaps in counts.items()]
    return sorted(rows, key=lambda row: (-row.gaps, row.name))


def _places(kind: str, keys: list[str]) -> Iterable[int | None]:
    """The place of each; None for a record that is gone or belongs to no place."""
    path = _PLACE_OF.get(kind)
    if path is None:
        return [None] * len(keys)
    rows = apps.get_model(kind)._base_manager.order_by()
    found: dict[str, int] = {}
    for some in chunks(keys):
        found |= {str(pk): place for pk, place in rows.filter(pk__in=some).values_list("pk", path)}
    return [found.get(key) for key in keys]
