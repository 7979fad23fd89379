"""Stock that cannot be: other than its documents say, less than nothing, or expired with us."""

from collections.abc import Iterator

from batches.models import Batch, Holding
from batches.operations.stock import quantities
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about, parts

SUM = Kind(
    "stock", "Stock other than its documents", Severity.ALARM, "Receive or count the batch again"
)
# Imports raise the same, and close it when a later file explains it.
NEGATIVE = Kind("more_out_than_in", "More went out than came in", fix="Enter what is missing")
EXPIRED_STOCK = Kind("expired_stock", "Expired stock on hand", fix="Scrap or hold it")


def _sums(look: Look) -> Iterator[Found]:
    rows = Holding.objects.order_by("batch_id", "location_id").values_list(
        "pk", "batch_id", "location_id", "quantity", "batch__number", "location__code"
    )
    for part in parts(rows.iterator(chunk_size=5_000)):
        on_hand = quantities({row[1:3] for row in part}, is_whole=True)
        for pk, batch, location, quantity, number, code in part:
            summed, label = on_hand[batch, location], f"{number} at {code}"
            if quantity != summed:
                text = f"Stored is {_text(quantity)}, the documents add up to {_text(summed)}."
                yield about(SUM, Holding, pk, label, text)
            if quantity is not None and quantity < 0:
                text = f"{_text(-quantity)} more went out of {code} than came in."
                yield about(NEGATIVE, Holding, pk, label, text)


def _text(amount) -> str:
    return "unknown" if amount is None else f"{amount.normalize():f}"


def _expired(look: Look) -> Iterator[Found]:
    """At our own sites: what a store has sold since, nobody told us."""
    rows = (
        Holding.objects.filter(
            location__is_own=True, quantity__gt=0, batch__expires_on__lt=look.today
        )
        .exclude(batch__status=Batch.Status.VOIDED)
        .order_by("pk")
        .values_list(
            "pk", "batch__number", "location__code", "quantity", "batch__product__unit",
            "batch__expires_on",
        )
    )  # fmt: skip
    for pk, number, code, quantity, unit, expired in rows.iterator(chunk_size=5_000):
        text = f"{_text(quantity)} {unit} are at {code}, best before {expired:%d %b %Y}."
        yield about(EXPIRED_STOCK, Holding, pk, f"{number} at {code}", text)


SUMS = Check("stock", _sums, (SUM, NEGATIVE))
EXPIRED = Check("expired", _expired, (EXPIRED_STOCK,))
