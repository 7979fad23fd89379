"""What the symbols on a label carry: element strings out of a batch or a pallet. Pure.

    (01)09520123456788(15)270105(10)AB-1        a batch; best before where it is known
    (00)095201234567891235(02)…(37)48(10)AB-1   a pallet; its content where it is one batch

Variable lengths come last, so that no separator is needed and none can be lost.
"""

from datetime import date
from decimal import Decimal

from batches.codes.gs1 import CodeError
from batches.codes.gs1.elements import Element, check, fault

# Units that measure: their quantity is no count of items (AI 37).
MEASURES = frozenset("mg g kg t oz lb ml cl dl l hl m3 mm cm m km m2 ft gal pt qt".split())
_MOST = 99_999_999


def of_batch(*, gtin: str, number: str, expires_on: date | None) -> tuple[Element, ...]:
    """Raises CodeError with a sentence on what keeps the batch out of a GS1 symbol."""
    if not gtin:
        raise CodeError("The product has no GTIN.")
    if said := fault(Element("01", gtin)):
        raise CodeError(f"The GTIN {gtin} is wrong: {said}")
    if said := fault(Element("10", number)):
        raise CodeError(f"The batch number {number} does not fit into a GS1 code: {said}")
    dated = (Element("15", f"{expires_on:%y%m%d}"),) if expires_on else ()
    return (Element("01", gtin), *dated, Element("10", number))


def of_pallet(
    *, sscc: str, gtin: str = "", number: str = "", quantity: Decimal | None = None, unit: str = ""
) -> tuple[Element, ...]:
    """The SSCC, and the content if that is a counted number of one batch that GS1 can name."""
    if said := fault(Element("00", sscc)):
        raise CodeError(f"The SSCC {sscc} is wrong: {said}")
    alone = (Element("00", sscc),)
    if not gtin or not _is_count(quantity, unit):
        return alone
    content = (Element("02", gtin), Element("37", f"{quantity:.0f}"), Element("10", number))
    try:
        check(content)
    except CodeError:
        return alone
    return (*alone, *content)


def without_date(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """The same, shorter: for a bar code that has little room."""
    return tuple(element for element in elements if element.ai != "15")


def key_only(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    return elements[:1]


def _is_count(quantity: Decimal | None, unit: str) -> bool:
    if quantity is None or unit.lower() in MEASURES:
        return False
    return quantity == quantity.to_integral_value() and 0 < quantity <= _MOST
