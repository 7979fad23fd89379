"""Lines without a batch at places of the scope: no rule can reach them by a number."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from batches.models import Location, Product
from batches.templatetags.wording import quantity
from batches.tracing import Unnamed
from recalls.models import ScopeRule
from recalls.scope.contacts import chunks
from recalls.scope.hints.hint import Hint, listed


def without_batch(lines: Iterable[Unnamed]) -> list[Hint]:
    """One for each product and place, the largest number of lines first."""
    groups: dict[tuple[str, int], list[Unnamed]] = defaultdict(list)
    for line in lines:
        groups[line.product_code, line.location_id].append(line)
    products, places = {}, {}
    for part in chunks({code for code, _ in groups}):
        products |= {row.code: row for row in Product.objects.filter(code__in=part)}
    for part in chunks({place for _, place in groups}):
        places |= Location.objects.in_bulk(part)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [_hint(products[code], places[place], own) for (code, place), own in ordered]


def _hint(product: Product, place: Location, lines: list[Unnamed]) -> Hint:
    count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    named = listed({line.reference for line in lines})
    name = "names" if len(lines) == 1 else "name"
    return Hint(
        key=f"unnamed-{product.pk}-{place.pk}",
        kind="unnamed",
        word="Without a batch",
        title=f"{count} of {product.name} at {place.name}{_when(lines, place)}",
        evidence=f"{named} {name} no batch ({_amount(lines, product.unit)}). The same product "
        "of the scope may have been there at the time.",
        rule=ScopeRule.Kind.BATCHES,
        parameters={"batches": sorted(line.batch_id for line in lines)},
    )


def _when(lines: list[Unnamed], place: Location) -> str:
    """The days, as the place has them."""
    days = sorted(line.at.astimezone(place.zone) for line in lines if line.at)
    if len(days) < len(lines):
        return ", not all with a time" if days else ", at a time that is not known"
    first, last = _day(days[0]), _day(days[-1])
    return f" on {first}" if first == last else f" between {first} and {last}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def _amount(lines: list[Unnamed], unit: str) -> str:
    known = [line.quantity for line in lines if line.quantity is not None]
    if not known:
        return "how much is not known"
    said = quantity(sum(known, Decimal(0)), unit).replace("\u00a0", " ")
    more = len(lines) - len(known)
    return f"{said} and {more} of unknown quantity" if more else said
