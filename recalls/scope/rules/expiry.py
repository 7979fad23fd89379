"""Every batch of a product that keeps until one of some days, as notices name them.

What is not known never excludes: a batch without a day may be meant.
"""

from datetime import date

from django.core.exceptions import ValidationError

from batches.models import Batch, Product
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import day, in_order, one
from recalls.scope.rules.names import Names, listed
from recalls.scope.rules.names import day as said


def checked(given: dict) -> dict:
    product = one(Product, given, "product", "Choose a product.")
    spans = [_span(span) for span in given.get("spans") or []]
    if not spans:
        raise ValidationError({"spans": "Say at least one day."})
    return {"product": product, "spans": spans}


def _span(given) -> list[str | None]:
    first, last = (day(value, "spans") for value in given)
    if not first and not last:
        raise ValidationError({"spans": "Say at least one day."})
    in_order(first, last, "The last day is before the first. Swap the two.")
    return [first, last]


def found(parameters: dict) -> Found:
    rows = Batch.objects.filter(product=parameters["product"]).exclude(status=Batch.Status.VOIDED)
    rows = rows.select_related("product", "origin").order_by("number", "pk")
    kept = [batch for batch in rows if _is_meant(batch.expires_on, parameters["spans"])]
    result = Found()
    result.add_batches(kept)
    undated = sum(batch.expires_on is None for batch in kept)
    have, were = ("1 batch has", "was") if undated == 1 else (f"{undated} batches have", "were")
    text = f"{have} no expiry date and {were} treated as possible"
    result.note("unknown_expiry", undated, text)
    return result


def _is_meant(expires_on: date | None, spans: list) -> bool:
    if expires_on is None:
        return True
    at = expires_on.isoformat()
    return any((not first or first <= at) and (not last or at <= last) for first, last in spans)


def sentence(parameters: dict, names: Names) -> str:
    words = listed(_words(*span) for span in parameters["spans"])
    return f"Every batch of {names.name('product', parameters['product'])} that keeps until {words}"


def _words(first: str | None, last: str | None) -> str:
    if first == last:
        return said(first)
    if first and last:
        return f"{said(first)} to {said(last)}"
    return f"{said(first)} or later" if first else f"{said(last)} or earlier"
