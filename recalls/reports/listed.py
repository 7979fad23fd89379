"""What the public is told: whether a recall is listed for a batch. No customer, no quantity."""

from dataclasses import dataclass
from datetime import date

from batches.codes.gs1.keys import gtin14
from recalls.models import Recall, ScopeLine
from recalls.scope.frozen import newest_number

# Closed too: what was recalled may still stand in a kitchen.
_LISTED = [Recall.Status.ACTIVE, Recall.Status.COMPLETED, Recall.Status.CLOSED]
SHOWN = 3


@dataclass(frozen=True)
class Listed:
    """One recall of one batch, as frozen in its newest version that was released."""

    recall: Recall
    product_name: str
    batch_number: str
    expires_on: date | None


def listed_for_number(*, gtin: str, code: str, number_key: str) -> list[Listed]:
    """Recalls of the batch with this number, of the product with this GTIN or else this code.

    One query, whether or not there is such a batch: unknown and clean ones take as long.
    """
    product = {"batch__product__gtin": gtin14(gtin)} if gtin else {}
    if not gtin:
        product = {"batch__product__code__iexact": code}
    # Goods without a number have one that says so; it is on no pack.
    return _listed(batch__number_key=number_key, batch__is_unidentified=False, **product)


def listed_for_batch(batch) -> list[Listed]:
    return _listed(batch=batch)


def _listed(**wanted) -> list[Listed]:
    """Newest recall first; drills never, and nothing before a person released it."""
    lines = ScopeLine.objects.filter(
        version__recall__is_drill=False,
        version__recall__status__in=_LISTED,
        # What two people took out of a recall is not listed any more.
        version__number=newest_number("version__recall"),
        **wanted,
    )
    names = ("version__recall", "product_name", "batch_number", "expires_on")
    found = {key: rest for key, *rest in lines.order_by().values_list(*names).distinct()}
    recalls = Recall.objects.filter(pk__in=found).order_by("-activated_at", "-pk") if found else []
    return [Listed(recall, *found[recall.pk]) for recall in recalls[:SHOWN]]
