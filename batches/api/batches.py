"""One batch: what it is, whether it is all right, and where it is now."""

from datetime import date, datetime
from decimal import Decimal

from ninja import Field, Query, Router, Schema

from batches.api.door import answers
from batches.api.naming import page_of, the_batch
from batches.api.problems import USUAL, Ambiguous, Problem
from batches.models import Batch
from batches.operations.events import plain
from batches.reports.whereabouts import whereabouts

router = Router()
MOST = 2_000


class Question(Schema):
    origin: str = Field("", max_length=60, description="Code of the location that made it.")


class Place(Schema):
    """`on_hand` is null when unknown, `in_transit` what is on its way there."""

    location: str
    name: str
    on_hand: str | None
    in_transit: str
    is_held: bool


class BatchAnswer(Schema):
    """Quantities are decimal texts in `unit`; null is unknown. `places` are where some of it is
    or may be, largest first; `more_places` how many were left out. `custom_fields` are the facts
    that the site adds, by their names, in its order."""

    product: str
    product_name: str
    gtin: str | None
    batch: str
    origin: str
    origin_name: str
    supplier_number: str
    produced_at: datetime | None
    expires_on: date | None
    quantity: str | None
    unit: str
    line: str
    status: str
    custom_fields: dict[str, str]
    is_held: bool
    is_recalled: bool
    recalls: list[str]
    places: list[Place]
    more_places: int
    url: str


@router.get(
    "/batches/{segment:product}/{segment:number}",
    response={200: BatchAnswer, 404: Problem, 409: Ambiguous, **USUAL},
    url_name="api-batch",
    summary="One batch",
)
@answers("batches.view_batch", "batches.view_holding")
def show_batch(request, product: str, number: str, asked: Query[Question]):
    """One batch by the code of its product and its number, as printed or nearly so. A slash in
    either is written ~2F."""
    return answer(the_batch(number, product=product, origin=asked.origin))


def answer(batch: Batch) -> dict:
    holds = list(batch.holds.select_related("location"))
    active = [hold for hold in holds if hold.released_at is None and not hold.is_drill]
    places, more = whereabouts(batch, holds, MOST)
    return {
        "product": batch.product.code,
        "product_name": batch.product.name,
        "gtin": batch.product.gtin,
        "batch": batch.number,
        "origin": batch.origin.code,
        "origin_name": batch.origin.name,
        "supplier_number": batch.supplier_number,
        "produced_at": batch.produced_at,
        "expires_on": batch.expires_on,
        "quantity": _amount(batch.quantity),
        "unit": batch.product.unit,
        "line": batch.line,
        "status": str(batch.status),
        "custom_fields": {value.field.name: value.text for value in batch.custom_values.for_page()},
        "is_held": batch.is_held,
        "is_recalled": batch.is_recalled,
        "recalls": sorted({hold.recall for hold in active if hold.recall}),
        "places": [
            {
                "location": place.location.code,
                "name": place.location.name,
                "on_hand": _amount(place.quantity),
                "in_transit": plain(place.in_transit),
                "is_held": place.is_held,
            }
            for place in places
        ],
        "more_places": more,
        "url": page_of(batch),
    }


def _amount(quantity: Decimal | None) -> str | None:
    return plain(quantity)
