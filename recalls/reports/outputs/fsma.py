"""The electronic sortable spreadsheet of 21 CFR 1.1455(c)(3): the movements of a frozen scope.

The rule fixes the content, not the headings; they are those of the Produce Traceability
Initiative's templates (version 2, 2023). Text stays text, so no cell ever runs.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from batches.codes.gs1.voice import voice_code
from batches.models import Batch, Contact, Location, Product
from recalls.reports.dossier import Dossier
from recalls.reports.outputs.fsma_headings import (
    LOCATIONS,
    PRODUCTS,
    RECEIVING,
    SHIPPING,
    TRANSFORMATION,
)
from recalls.reports.outputs.movements import Made, Movements, Sent, movements


@dataclass(frozen=True)
class Tables:
    """The five sheets as rows of cells: text, a Decimal, or None for what is not known."""

    shipping: list[tuple]
    receiving: list[tuple]
    transformation: list[tuple]
    locations: list[tuple]
    products: list[tuple]
    unknown: list[str]


def as_xlsx(case: Dossier) -> bytes:
    tables = tables_of(movements(case.version))
    return book_of(tables, _about(case, tables))


def book_of(tables: Tables, about: list[tuple]) -> bytes:
    """The workbook: one sheet per table, and one that says `about` what it is."""
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _sheet(book, "Shipping", SHIPPING, tables.shipping)
        _sheet(book, "Receiving", RECEIVING, tables.receiving)
        _sheet(book, "Transformation", TRANSFORMATION, tables.transformation)
        _sheet(book, "Locations", LOCATIONS, tables.locations)
        _sheet(book, "Products", PRODUCTS, tables.products)
        _sheet(book, "About", ("About this file", ""), about, wide=60)
    return stream.getvalue()


def tables_of(moved: Movements) -> Tables:
    batches = {one.batch.pk: one.batch for one in moved.sent}
    batches |= {row.batch.pk: row.batch for one in moved.made for row in (one.used, one.made)}
    places = {b.origin.pk: b.origin for b in batches.values()}
    for one in moved.sent:
        places |= {p.pk: p for p in (one.shipment.origin, one.shipment.destination)}
    places |= {one.run.location.pk: one.run.location for one in moved.made}
    phones = _phones(list(places))
    products = {b.product.pk: b.product for b in batches.values()}
    received = [one for one in moved.sent if one.shipment.status == "received"]
    return Tables(
        shipping=[_shipped(one) for one in moved.sent],
        receiving=[_received(one, phones) for one in received],
        transformation=[_transformed(one) for one in moved.made],
        locations=[_location(p, phones) for p in sorted(places.values(), key=lambda p: p.code)],
        products=[_product(p) for p in sorted(products.values(), key=lambda p: p.code)],
        unknown=_unknown(moved, received),
    )


def _unknown(moved: Movements, received: list[Sent]) -> list[str]:
    found = [
        (len(moved.sent) - len(received), "shipment lines are not received on record"),
        (sum(one.line.quantity is None for one in moved.sent), "shipment lines have no quantity"),
        (sum(one.shipment.shipped_at is None for one in moved.sent), "have no ship date"),
        (sum(one.run.ran_at is None for one in moved.made), "transformations have no date"),
    ]
    return [f"{count} {what}" for count, what in found if count]


def _phones(locations: list[int]) -> dict[int, str]:
    """A location description has a phone number (21 CFR 1.1310); whose it is stays out."""
    rows = Contact.objects.filter(location__in=locations).exclude(phone="").order_by("-pk")
    return dict(rows.values_list("location_id", "phone"))


def _tlc(batch: Batch) -> tuple[str, str, str, str]:
    """GTIN, batch, date code and its type."""
    if batch.produced_at:
        day, kind = batch.origin.production_day(batch.produced_at), "Pack Date"
    else:
        day, kind = batch.expires_on, "Best Before Date"
    code = f"{day:%y%m%d}" if day else ""
    return batch.product.gtin or "", batch.number, code, kind if day else ""


def _amount(quantity: Decimal | None, unit: str) -> str:
    return "" if quantity is None else f"{quantity.normalize():f} {unit}"


def _day(moment: datetime | None, place: Location) -> str:
    return "" if moment is None else moment.astimezone(place.zone).date().isoformat()


def _described(product: Product) -> str:
    return " ".join(filter(None, (product.brand, product.name)))


def _source(place: Location) -> tuple[str, str, str, str]:
    """References to the TLC source: GLN, and what is not kept here."""
    return place.gln or "", "", "", ""


def _document(shipment) -> str:
    return shipment.document or f"Shipment {shipment.reference}"


def _shipped(one: Sent) -> tuple:
    gtin, number, code, kind = _tlc(one.batch)
    shipment, source = one.shipment, one.batch.origin
    return (
        gtin,
        number,
        code,
        kind,
        voice_code(gtin, number, code) if gtin else "",
        one.line.sscc,
        source.name,
        _amount(one.line.quantity, one.batch.product.unit),
        _described(one.batch.product),
        shipment.destination.name,
        shipment.destination.gln or shipment.destination.code,
        shipment.origin.name,
        shipment.origin.gln or shipment.origin.code,
        _day(shipment.shipped_at, shipment.origin),
        *_source(source),
        source.name,
        _document(shipment),
    )


def _received(one: Sent, phones: dict[int, str]) -> tuple:
    shipment, source = one.shipment, one.batch.origin
    return (
        *_tlc(one.batch),
        one.line.sscc,
        source.name,
        _amount(one.came, one.batch.product.unit),
        _described(one.batch.product),
        shipment.origin.name,
        shipment.destination.name,
        _day(shipment.received_at, shipment.destination),
        *_source(source),
        source.name,
        _document(shipment),
        source.name,
        source.street,
        source.city,
        "",
        source.country,
        source.postcode,
        phones.get(source.pk, ""),
    )


def _transformed(one: Made) -> tuple:
    used, made, place = one.used, one.made, one.run.location
    used_gtin, used_number, used_code, used_kind = _tlc(used.batch)
    made_gtin, made_number, made_code, made_kind = _tlc(made.batch)
    return (
        one.run.get_kind_display(),
        one.run.reference,
        used_gtin,
        used_number,
        "",
        used_code,
        used_kind,
        used.quantity,
        used.batch.product.unit,
        _described(used.batch.product),
        made_gtin,
        made_number,
        "",
        made_code,
        made_kind,
        place.name,
        *_source(place),
        _day(one.run.ran_at, place),
        _described(made.batch.product),
        made.quantity,
        made.batch.product.unit,
    )


def _location(place: Location, phones: dict[int, str]) -> tuple:
    is_placed = place.latitude is not None and place.longitude is not None
    return (
        place.name,
        phones.get(place.pk, ""),
        place.street,
        place.city,
        "",
        place.postcode,
        place.country,
        "",
        f"{place.latitude}, {place.longitude}" if is_placed else "",
        place.gln or "",
        "",
        "",
    )


def _product(product: Product) -> tuple:
    return product.category, product.gtin or "", _described(product)


def _about(case: Dossier, tables: Tables) -> list[tuple]:
    version = case.version
    return [
        ("Recall", f"{case.recall.reference} {case.recall.title}"),
        *([("DRILL", "This is an exercise.")] if case.recall.is_drill else []),
        ("Scope version", str(version.number)),
        ("Scope SHA-256", version.sha256),
        ("Frozen (UTC)", f"{version.frozen_at:%Y-%m-%d %H:%M:%S}"),
        ("Made (UTC)", f"{case.at:%Y-%m-%d %H:%M:%S}"),
        ("Made by", case.by),
        ("What is in it", "Every movement of the frozen scope, and no other."),
        *how_to_read(tables),
        *(("Not known", note["text"]) for note in version.notes),
    ]


def how_to_read(tables: Tables) -> list[tuple]:
    """What one row is, and how many cells could not be filled."""
    return [
        ("Shipping, Receiving", "One row per batch in a shipment."),
        ("Transformation", "One row per input and output of a run."),
        ("Days", "As on the calendar of the place."),
        ("TLC", "GTIN and batch; assigned at the place that made the batch."),
        *(("Not known", text) for text in tables.unknown),
    ]


def _sheet(book, name: str, heads: Sequence[str], rows: Iterable[tuple], wide: int = 0) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.set_column(column, column, wide or max(12, min(len(head) + 2, 34)))
        sheet.write_string(0, column, head, bold)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, count, column, value)
    if not wide:
        sheet.autofilter(0, 0, count, len(heads) - 1)


def _write(sheet, row: int, column: int, value) -> None:
    if isinstance(value, Decimal):
        # A number goes in as one only where a float keeps all of its digits.
        if Decimal(repr(float(value))) == value:
            sheet.write_number(row, column, float(value))
        else:
            sheet.write_string(row, column, f"{value.normalize():f}")
    elif value:
        sheet.write_string(row, column, value)
