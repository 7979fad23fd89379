"""What was at a place at some moment of a span of time, of one product or of all."""

from datetime import datetime

from batches.models import Holding, Location, Product
from batches.tracing import FORWARD, LocationWindow
from batches.tracing.seeds import seeds_of
from recalls.scope.contacts import chunks
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import in_order, maybe, moment, one
from recalls.scope.rules.names import Names, at_place, between


def checked(given: dict) -> dict:
    location = one(Location, given, "location", "Choose a place that is recorded here.")
    product = maybe(Product, given, "product", "Choose a product recorded here, or none.")
    first, last = (moment(given.get(name), name) for name in ("from", "to"))
    in_order(
        first and datetime.fromisoformat(first),
        last and datetime.fromisoformat(last),
        "The end is before the beginning. Swap the two.",
    )
    return {"location": location, "product": product, "from": first, "to": last}


def found(parameters: dict) -> Found:
    first, last = (_at(parameters.get(name)) for name in ("from", "to"))
    window = LocationWindow(parameters["location"], first, last)
    since = dict(seeds_of([window], FORWARD).starts)
    if parameters.get("product"):
        since = {pk: since[pk] for pk in _of_product(since, parameters["product"])}
    result = Found()
    result.add_holdings(since)
    unknown = sum(second is None for second in since.values()) if first is None else 0
    have = "1 batch there has" if unknown == 1 else f"{unknown} batches there have"
    result.note("unknown_arrival", unknown, f"{have} no known arrival and counts as there")
    return result


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _of_product(holdings, product: int) -> list[int]:
    kept: list[int] = []
    for ids in chunks(holdings):
        rows = Holding.objects.filter(pk__in=ids, batch__product=product)
        kept += rows.order_by().values_list("pk", flat=True)
    return kept


def sentence(parameters: dict, names: Names) -> str:
    place = names.row("location", parameters["location"])
    what = "Everything"
    if parameters.get("product"):
        what = f"All {names.name('product', parameters['product'])}"
    where = f" that was at {names.name('location', parameters['location'])}"
    span = between(parameters.get("from"), parameters.get("to"), at_place(place))
    return what + where + (span or " at any time")
