"""Each proposal of a reading as an offer: the rule it would be, what it matches, what to mind.

An offer is ticked beforehand only where the text leaves no doubt and the records agree;
whatever would widen beyond what the text names is for the person to tick.
"""

from dataclasses import dataclass, field
from datetime import date

from batches.codes import scope_text
from batches.codes.scope_text import (
    Days,
    Everything,
    NumberRange,
    Numbers,
    Plant,
    Proposal,
    Reading,
)
from batches.models import Batch, Location, Product
from recalls.models import ScopeRule
from recalls.scope.pasted.matching import Matches, numbered, ranged
from recalls.scope.pasted.words import said
from recalls.scope.rules import found_by

Kind = ScopeRule.Kind
KEEPS = ("best_by", "use_by", "sell_by", "expiry")
MADE = ("produced", "packed")


@dataclass
class Offer:
    """`rules` are (kind, parameters); one about batches is made of the ticked `matches`."""

    key: str
    source: str
    says: str
    matches: Matches = field(default_factory=Matches)
    rules: list[tuple[str, dict]] = field(default_factory=list)
    by_batch: bool = False
    cautions: list[str] = field(default_factory=list)
    is_ticked: bool = False
    meant: list[Batch] = field(default_factory=list)

    @property
    def may_be_added(self) -> bool:
        return bool(self.rules) or (self.by_batch and bool(self.matches.all))


def offers(reading: Reading, product: Product | None = None) -> list[Offer]:
    """The proposals in the order of the text, dates of one kind together. Reads only."""
    gtins = {gtin for row in reading.proposals for gtin in row.gtins}
    known = {row.gtin: row for row in Product.objects.filter(gtin__in=gtins)}
    names_numbers = any(reading.of(Numbers, NumberRange))
    made = []
    for key, rows in enumerate(_grouped(reading.proposals)):
        first = rows[0]
        source = " … ".join(dict.fromkeys(row.source.text for row in rows))
        offer = Offer(str(key), source, said(rows, known))
        products = [known[gtin] for gtin in first.gtins if gtin in known]
        products = products or ([product] if product else [])
        if lost := [gtin for gtin in first.gtins if gtin not in known]:
            offer.cautions.append(f"No product here has the GTIN {', '.join(lost)}.")
        _fill(offer, rows, products, names_numbers)
        made.append(offer)
    return made


def _grouped(proposals: list[Proposal]) -> list[list[Proposal]]:
    """Days of one kind and product make one rule, wherever they stand."""
    groups: dict[tuple, list[Proposal]] = {}
    for place, row in enumerate(proposals):
        is_date = isinstance(row, Days)
        key = ("days", row.kind, row.gtins) if is_date else ("", place)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _fill(offer: Offer, rows: list[Proposal], products: list[Product], has_numbers: bool) -> None:
    match rows[0]:
        case Numbers():
            _numbers(offer, rows[0], products)
        case NumberRange():
            _range(offer, rows[0], products)
        case Days():
            _days(offer, rows, products, has_numbers)
        case Everything():
            _everything(offer, rows[0], products)
        case Plant():
            _plant(offer, rows[0], products)
        case scope_text.Product():
            pass
        case _:
            offer.cautions.append("No rule can say this. Look for the batches yourself.")


def _numbers(offer: Offer, row: Numbers, products: list[Product]) -> None:
    offer.by_batch, offer.matches = True, numbered(row, products)
    unclear = offer.matches.unclear
    if row.is_serial:
        offer.cautions.append("Numbers of single items; here only batches are recalled.")
    if unclear:
        offer.cautions.append(f"More than one batch has {', '.join(unclear)}: tick those meant.")
    offer.is_ticked = bool(offer.matches.all) and not row.is_serial


def _range(offer: Offer, row: NumberRange, products: list[Product]) -> None:
    offer.by_batch, offer.matches = True, ranged(row, products)
    count = len(offer.matches.all)
    if not row.members and not products:
        offer.cautions.append(f"{row.count:,} numbers are too many. Choose the product.")
    elif row.calendar:
        offer.cautions.append(f"Read as codes of {row.calendar}: {row.count} codes.")
    offer.is_ticked = bool(count) and not row.is_serial


def _days(offer: Offer, rows: list[Days], products: list[Product], has_numbers: bool) -> None:
    kind = rows[0].kind
    if kind not in (*KEEPS, *MADE):
        offer.cautions.append("No rule can say when something was sold. Narrow the rest by hand.")
        return
    if not products:
        offer.cautions.append("Of which product? Choose it, so that this can be a rule.")
        return
    for product in products:
        offer.rules += _keeps(product, rows) if kind in KEEPS else _made(product, rows)
    _look(offer)
    if kind == "sell_by":
        offer.cautions.append("Recorded here is the day until it keeps, not the last day of sale.")
    if kind == "packed":
        offer.cautions.append("Recorded here is the day it was made, not the day of packing.")
    if has_numbers:
        offer.cautions.append("The text names numbers too: this adds all batches of these days.")
    offer.is_ticked = not has_numbers and kind not in ("sell_by", "packed")


def _keeps(product: Product, rows: list[Days]) -> list[tuple[str, dict]]:
    spans = [[_iso(row.first), _iso(row.last)] for row in rows]
    return [(Kind.EXPIRY, {"product": product.pk, "spans": spans})]


def _made(product: Product, rows: list[Days]) -> list[tuple[str, dict]]:
    return [_production(product, first=_iso(row.first), last=_iso(row.last)) for row in rows]


def _production(product: Product, *, first=None, last=None, origin=None) -> tuple[str, dict]:
    given = {"product": product.pk, "origin": origin, "from": first, "to": last, "line": ""}
    return Kind.PRODUCTION, given


def _everything(offer: Offer, row: Everything, products: list[Product]) -> None:
    if row.narrowed_by:
        offer.cautions.append(f"The text goes on: “{row.narrowed_by}”. This rule takes all.")
    if not row.is_said:
        offer.cautions.append("The text names the product and no batch; it does not say “all”.")
    if not products:
        offer.cautions.append("Of which product? Choose it, so that this can be a rule.")
        return
    offer.rules = [_production(product) for product in products]
    _look(offer)
    offer.is_ticked = row.is_said and not row.narrowed_by


def _plant(offer: Offer, row: Plant, products: list[Product]) -> None:
    place = Location.objects.filter(code__iexact=row.code).first()
    if place is None:
        offer.cautions.append(f"No place here has the code {row.code}.")
        return
    if not products:
        offer.cautions.append(f"{place.name}. Of which product? Choose it.")
        return
    offer.rules = [_production(product, origin=place.pk) for product in products]
    _look(offer)


def _look(offer: Offer) -> None:
    """What the rules of an offer would find now."""
    pks = {pk for kind, given in offer.rules for pk in found_by(kind, given).batches}
    rows = Batch.objects.filter(pk__in=sorted(pks)).select_related("product", "origin")
    offer.meant = list(rows.order_by("number", "pk"))


def _iso(day: date | None) -> str | None:
    return day and day.isoformat()
