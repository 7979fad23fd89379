"""What was understood of a code, part by part, held against what is recorded."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format

from batches.codes import patterns
from batches.codes.gs1 import CodeError
from batches.codes.gs1.dates import read_date
from batches.codes.gs1.elements import Element, fault
from batches.codes.gs1.syntax import identifier
from batches.codes.reading import Reading
from batches.models import Batch, Location, Product, ShipmentLine

# Parts that have a sentence of their own below.
_KEYS = {"00", "01", "02", "03", "10", "21", "410", "411", "412", "413", "414", "415", "416"}


class Understood(NamedTuple):
    """`label` is the kind of part, `said` a sentence about `code`."""

    label: str
    code: str
    said: str
    is_ok: bool


def understood(reading: Reading, *, user, nearest: list[str], today: date) -> list[Understood]:
    """Every part of the code; nothing for a plain name. What `user` may not see is not said.

    `nearest` are numbers of batches that may be meant; `today` tells the century of a date.
    """
    return [
        *_product(reading, user.has_perm("batches.view_product")),
        *_batch(reading, user.has_perm("batches.view_batch"), nearest),
        *_unit(reading),
        *_pallet(reading, user.has_perm("batches.view_shipment")),
        *_place(reading, user.has_perm("batches.view_location")),
        *_others(reading, today),
    ]


def _product(reading: Reading, may_see: bool) -> Iterator[Understood]:
    if reading.gtin:
        row = Product.objects.filter(gtin=reading.gtin).first() if may_see else None
        recorded = f"{row.code} {row.name}" if row else "No product has it"
        yield _key("GTIN", "01", reading.gtin, recorded if may_see else "", row, reading)


def _batch(reading: Reading, may_see: bool, nearest: list[str]) -> Iterator[Understood]:
    if not reading.number:
        return
    wrong = fault(Element("10", reading.number)) if reading.is_coded else ""
    rows = Batch.objects.numbered(reading.number) if may_see else Batch.objects.none()
    of_product = rows.filter(product__gtin=reading.gtin) if reading.gtin else rows
    is_found = of_product.exists()
    said = "Recorded" if is_found else "Not recorded for this product"
    if not is_found and not reading.gtin:
        said = "Not recorded"
    if not is_found and (by_pattern := _by_pattern(reading, may_see)):
        said += f"; {by_pattern}"
    if nearest and not is_found:
        said += f"; nearest {', '.join(nearest[:3])}"
    said = f"{said}." if may_see else "Read."
    yield Understood("Batch", reading.number, _joined(said, wrong), is_found and not wrong)


def _by_pattern(reading: Reading, may_see: bool) -> str:
    """What the product's pattern says of a number that no batch of it has."""
    products = Product.objects.filter(gtin=reading.gtin).exclude(number_pattern="")
    product = products.first() if may_see and reading.gtin else None
    try:
        pattern = product and patterns.parse(product.number_pattern)
        read_back = pattern and patterns.read(pattern, reading.number, product.code)
    except CodeError:
        return f"not of the form {product.number_pattern}"
    if not read_back or read_back.is_right:
        return ""
    right = patterns.nearest(pattern, reading.number, product.code)
    meant = f", it may be {', '.join(right[:3])}" if right else ""
    return f"its check character {read_back.check} is wrong, expected {read_back.expected}{meant}"


def _unit(reading: Reading) -> Iterator[Understood]:
    if reading.serial:
        wrong = fault(Element("21", reading.serial))
        said = _joined("Single units are not looked up here, only their batch.", wrong)
        yield Understood("Serial number", reading.serial, said, not wrong)


def _pallet(reading: Reading, may_see: bool) -> Iterator[Understood]:
    if reading.sscc:
        lines = ShipmentLine.objects.filter(sscc=reading.sscc) if may_see else None
        row = lines.select_related("shipment").first() if may_see else None
        recorded = f"In shipment {row.shipment}" if row else "In no shipment"
        yield _key("SSCC", "00", reading.sscc, recorded if may_see else "", row, reading)


def _place(reading: Reading, may_see: bool) -> Iterator[Understood]:
    if reading.gln:
        row = Location.objects.filter(gln=reading.gln).first() if may_see else None
        recorded = f"{row.code} {row.name}" if row else "No location has it"
        yield _key("GLN", "414", reading.gln, recorded if may_see else "", row, reading)


def _others(reading: Reading, today: date) -> Iterator[Understood]:
    """The parts that name nothing recorded, such as dates and weights."""
    for element in reading.elements:
        if element.ai not in _KEYS:
            title = identifier(element.ai, unknown=True).title
            wrong = fault(element)
            said = wrong or _as_date(element, today) or "Well formed."
            yield Understood(title, element.value, said, not wrong)


def _as_date(element: Element, today: date) -> str:
    parts = identifier(element.ai, unknown=True).components
    if [part.checks for part in parts] != [("yymmd0",)]:
        return ""
    return f"{date_format(read_date(element.value, today), 'j F Y')}."


def _key(kind: str, ai: str, code: str, recorded: str, row, reading: Reading) -> Understood:
    wrong = fault(Element(ai, code))
    said = f"{recorded}." if recorded else "Well formed."
    label = kind if reading.is_coded else f"As {'an' if kind == 'SSCC' else 'a'} {kind}"
    return Understood(label, code, _joined(said, wrong), bool(row) and not wrong)


def _joined(said: str, wrong: str) -> str:
    return f"{wrong} {said}" if wrong else said
