"""Which batches a number may mean: as printed before nearly so, and of one product or origin."""

from django.db.models import QuerySet

from batches.models import Batch


def meant(number: str, *, product: str = "", origin: str = "") -> QuerySet[Batch]:
    """With the state that a status tag needs. More than one is for the person to choose from."""
    rows = Batch.objects.with_state().select_related("product", "origin")
    if product:
        rows = rows.filter(product__code__iexact=product)
    if origin := origin.replace("\0", ""):
        rows = rows.filter(origin__code__iexact=origin)
    exact = rows.filter(number=number)
    return exact if exact.exists() else rows.numbered(number)
