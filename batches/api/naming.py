"""The one batch that a question names; else a refusal that says which ones it may mean."""

from django.conf import settings
from django.http import Http404

from batches.api.problems import Refused
from batches.models import Batch
from batches.reports.meant import meant

SHOWN = 50


def the_batch(number: str, *, product: str = "", origin: str = "") -> Batch:
    rows = meant(number, product=product, origin=origin).order_by(
        "product__code", "origin__code", "pk"
    )
    found = list(rows[: SHOWN + 1])
    if not found:
        of = f" of product {product}" if product else ""
        made_at = f" from {origin}" if origin else ""
        raise Http404(f"No batch {number} is known{of}{made_at}.")
    if len(found) > 1:
        count = f"More than {SHOWN}" if len(found) > SHOWN else str(len(found))
        said = f"{count} batches have the number {number}. Say the product and the origin of one."
        raise Refused(409, said, candidates=[_candidate(batch) for batch in found[:SHOWN]])
    return found[0]


def page_of(batch: Batch) -> str:
    return f"{settings.SITE_URL}{batch.get_absolute_url()}"


def _candidate(batch: Batch) -> dict:
    return {
        "product": batch.product.code,
        "batch": batch.number,
        "origin": batch.origin.code,
        "url": page_of(batch),
    }
