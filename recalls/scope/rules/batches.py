"""These batches, wholly."""

from batches.models import Batch
from recalls.scope.contacts import chunks
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import some
from recalls.scope.rules.names import Names, listed


def checked(given: dict) -> dict:
    sentence = "Choose at least one batch that is recorded here."
    return {"batches": some(Batch, given, "batches", sentence)}


def found(parameters: dict) -> Found:
    result = Found()
    for ids in chunks(parameters["batches"]):
        rows = Batch.objects.filter(pk__in=ids).select_related("product", "origin")
        result.add_batches(rows.order_by("product__code", "number", "pk"))
    return result


def sentence(parameters: dict, names: Names) -> str:
    rows = sorted(
        names.rows("batches", parameters["batches"]), key=lambda b: (b.product.code, b.number)
    )
    words = listed(f"{batch.number} of {batch.product.code}" for batch in rows)
    return f"{'Batch' if len(rows) == 1 else 'Batches'} {words}"
