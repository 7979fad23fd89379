"""What came back to our own sites since a recall was activated, whoever entered it. Reads only.

A return is a line of a shipment with that purpose, out of a place that is asked, to a site of
ours that is not. What a place sent back it no longer has, and must still account for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q, Sum

from batches.models import Shipment, ShipmentLine
from recalls.models import Recall
from recalls.scope.contacts import chunks

_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Return:
    """`sent` as the document says (None: unknown); `came` what arrived, None until it has."""

    batch_id: int
    origin_id: int
    destination_id: int
    shipment: str
    sent: Decimal | None
    came: Decimal | None
    posted_at: datetime
    voided_at: datetime | None

    def counts_for(self, recall: Recall) -> bool:
        """Whether it was posted while the recall ran, and stands or stood at its close."""
        end = recall.closed_at
        if recall.activated_at is None or self.posted_at < recall.activated_at:
            return False
        if end is None:
            return self.voided_at is None
        return self.posted_at <= end and (self.voided_at is None or self.voided_at > end)


def returns_of(recall: Recall, batches: Collection[int], asked: Collection[int]) -> list[Return]:
    """The returns of these batches that count for the recall; `asked` are its places (ids)."""
    if recall.activated_at is None:
        return []
    found = returns_since(batches, recall.activated_at)
    return returns_among(found, recall, asked)


def returns_among(rows: Iterable[Return], recall: Recall, asked: Collection[int]) -> list[Return]:
    return [
        row
        for row in rows
        if row.origin_id in asked and row.destination_id not in asked and row.counts_for(recall)
    ]


def returns_since(batches: Collection[int], since: datetime) -> list[Return]:
    """Every return of these batches to a site of ours that was posted from `since` on."""
    found = []
    for ids in chunks(sorted(batches)):
        rows = (
            ShipmentLine.objects.filter(
                batch__in=ids,
                shipment__purpose=Shipment.Purpose.RETURN,
                shipment__destination__is_own=True,
                shipment__posted_at__gte=since,
            )
            .order_by("pk")
            .annotate(
                counted=Sum(
                    "adjustments__quantity",
                    filter=Q(adjustments__voided_at__isnull=True)
                    | Q(adjustments__voided_at=F("shipment__voided_at")),
                )
            )
            .values_list(
                "batch_id",
                "shipment__origin_id",
                "shipment__destination_id",
                "shipment__reference",
                "quantity",
                "counted",
                "shipment__posted_at",
                "shipment__voided_at",
                "shipment__received_at",
            )
        )
        found += [_return(*row) for row in rows]
    return found


def _return(batch, origin, destination, shipment, quantity, counted, posted, voided, received):
    came = None
    if quantity is not None and received is not None:
        # SQLite adds in floating point; a quantity has six places.
        came = quantity + Decimal(counted or 0).quantize(_PLACES)
    return Return(batch, origin, destination, shipment, quantity, came, posted, voided)


def sent_back(rows: Iterable[Return]) -> dict[tuple[int, int], Decimal | None]:
    """By batch and place what left it by these returns; None where a part is not known."""
    totals: dict[tuple[int, int], list[Decimal | None]] = defaultdict(list)
    for row in rows:
        totals[row.batch_id, row.origin_id].append(row.sent)
    return {key: None if None in parts else sum(parts) for key, parts in totals.items()}
