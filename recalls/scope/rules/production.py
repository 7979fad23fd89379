"""Every batch of a product that was made in a span of days, at an origin, on a line.

What is not known never excludes: a batch without a day or a line may be meant.
"""

from datetime import date

from batches.models import Batch, Location, Product
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import day, in_order, maybe, one
from recalls.scope.rules.names import Names, between


def checked(given: dict) -> dict:
    product = one(Product, given, "product", "Choose a product.")
    origin = maybe(Location, given, "origin", "Choose a place that is recorded here, or none.")
    first, last = (day(given.get(name), name) for name in ("from", "to"))
    in_order(first, last, "The last day is before the first. Swap the two.")
    line = (given.get("line") or "").strip()
    return {"product": product, "origin": origin, "from": first, "to": last, "line": line}


def found(parameters: dict) -> Found:
    rows = Batch.objects.filter(product=parameters["product"]).exclude(status=Batch.Status.VOIDED)
    if parameters.get("origin"):
        rows = rows.filter(origin=parameters["origin"])
    rows = [
        batch
        for batch in rows.select_related("product", "origin").order_by("number", "pk")
        if _in_window(batch, parameters) and _on_line(batch, parameters.get("line", ""))
    ]
    result = Found()
    result.add_batches(rows)
    if parameters.get("from") or parameters.get("to"):
        undated = sum(batch.produced_at is None for batch in rows)
        text = f"{_have(undated)} no production date and {_were(undated)} treated as possible"
        result.note("unknown_production", undated, text)
    if parameters.get("line"):
        unlined = sum(not batch.line for batch in rows)
        text = f"{_have(unlined)} no line on record and {_were(unlined)} treated as possible"
        result.note("unknown_line", unlined, text)
    return result


def sentence(parameters: dict, names: Names) -> str:
    words = f"Every batch of {names.name('product', parameters['product'])}"
    if parameters.get("from") or parameters.get("to"):
        words += " made" + between(parameters.get("from"), parameters.get("to"))
    if parameters.get("origin"):
        words += f" at {names.name('origin', parameters['origin'])}"
    return words + (f" on line {parameters['line']}" if parameters.get("line") else "")


def _in_window(batch: Batch, parameters: dict) -> bool:
    if batch.produced_at is None:
        return True
    made = batch.produced_at.astimezone(batch.origin.zone).date()
    first, last = parameters.get("from"), parameters.get("to")
    return not (
        (first and made < date.fromisoformat(first)) or (last and made > date.fromisoformat(last))
    )


def _on_line(batch: Batch, line: str) -> bool:
    return not line or not batch.line or batch.line.casefold() == line.strip().casefold()


def _have(count: int) -> str:
    return "1 batch has" if count == 1 else f"{count} batches have"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
