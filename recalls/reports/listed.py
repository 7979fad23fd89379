"""What the public is told: whether a recall is listed for a batch. No customer, no quantity."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

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


def listed_for_number(*, gtin: str, code: str, number_keys: Collection[str]) -> list[Listed]:
    """Recalls of the batches under one of these keys, of the product with this GTIN or this code.

    One query, whether or not there is such a batch: unknown and clean ones take as long.
    """
    product = Q(batch__product__gtin=gtin14(gtin)) if gtin else Q()
    if code:
        product |= Q(batch__product__code__iexact=code)
    # Goods without a number have one that says so; it is on no pack.
    numbered = Q(batch__number_key__in=sorted(number_keys), batch__is_unidentified=False)
    return _listed(numbered & product)


def listed_for_batch(batch) -> list[Listed]:
    return _listed(Q(batch=batch))


def _listed(wanted: Q) -> list[Listed]:
    """Newest recall first; drills never, and nothing before a person released it."""
    lines = ScopeLine.objects.filter(
        wanted,
        version__recall__is_drill=False,
        version__recall__status__in=_LISTED,
        # What two people took out of a recall is not listed any more.
        version__number=newest_number("version__recall"),
    )
    names = ("version__recall", "product_name", "batch_number", "expires_on")
    found = {key: rest for key, *rest in lines.order_by().values_list(*names).distinct()}
    recalls = Recall.objects.filter(pk__in=found).order_by("-activated_at", "-pk") if found else []
    return [Listed(recall, *found[recall.pk]) for recall in recalls[:SHOWN]]
