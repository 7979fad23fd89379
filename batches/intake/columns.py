"""The columns of each kind of file, what stands in them, and how a file's kind is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from django.db.models import TextChoices

from batches.intake import values
from batches.intake.values import Parser, folded
from batches.models import (
    Adjustment,
    Batch,
    Contact,
    Location,
    Product,
    Run,
    Shipment,
    ShipmentLine,
)


class Direction(TextChoices):
    INPUT = "input", "In"
    OUTPUT = "output", "Out"


@dataclass(frozen=True)
class Column:
    """`required`: the file must have it, and every row, unless `may_be_empty`."""

    name: str
    parse: Parser
    required: bool = False
    may_be_empty: bool = False


def _like(model, field: str) -> Parser:
    return values.text(model._meta.get_field(field).max_length)


def _needed(name: str, parse: Parser) -> Column:
    return Column(name, parse, required=True)


def _scanned(part: str, model, field: str) -> Parser:
    return values.coded(part, model._meta.get_field(field).max_length)


_PLACE = _scanned("gln", Location, "code")
_PRODUCT = _needed("product", _scanned("gtin", Product, "code"))
_BATCH = _needed("batch", _scanned("number", Batch, "number"))
# What has happened is not refused because nobody wrote the batch down.
_BATCH_IF_KNOWN = replace(_BATCH, may_be_empty=True)
_BATCH_ORIGIN = Column("batch_origin", _PLACE)

# A code that was scanned into it names its product as well.
BATCH = _BATCH.name

# In the order in which a folder is imported: each kind names only what stands before it.
KINDS: dict[str, tuple[Column, ...]] = {
    "products": (
        _needed("code", _like(Product, "code")),
        _needed("name", _like(Product, "name")),
        Column("gtin", values.gs1_key("GTIN", (8, 12, 13, 14), 14)),
        Column("brand", _like(Product, "brand")),
        Column("category", _like(Product, "category")),
        Column("unit", _like(Product, "unit")),
        Column("shelf_life_days", values.whole_number),
        Column("number_pattern", _like(Product, "number_pattern")),
    ),
    "locations": (
        _needed("code", _like(Location, "code")),
        _needed("name", _like(Location, "name")),
        Column(
            "kind",
            values.one_of(
                Location.Kind,
                dc="distribution_centre",
                shop="store",
                distributioncenter="distribution_centre",
            ),
        ),
        Column("gln", values.gs1_key("GLN", (13,), 13)),
        Column("parent", _like(Location, "code")),
        Column("street", _like(Location, "street")),
        Column("postcode", _like(Location, "postcode")),
        Column("city", _like(Location, "city")),
        Column("country", values.country),
        Column("latitude", values.degrees(90)),
        Column("longitude", values.degrees(180)),
        Column("timezone", values.zone),
        Column("opening_hours", _like(Location, "opening_hours")),
    ),
    "contacts": (
        _needed("location", _PLACE),
        _needed("email", values.email),
        Column("name", _like(Contact, "name")),
        Column("phone", _like(Contact, "phone")),
        Column("language", values.language),
    ),
    "batches": (
        _PRODUCT,
        _BATCH,
        _needed("origin", _PLACE),
        Column("produced_at", values.moment),
        Column("expires_on", values.day),
        Column("quantity", values.quantity_made),
        Column("line", _like(Batch, "line")),
        Column("supplier_number", _like(Batch, "supplier_number")),
    ),
    "runs": (
        _needed("reference", _like(Run, "reference")),
        _needed("location", _PLACE),
        _needed("direction", values.one_of(Direction)),
        _PRODUCT,
        _BATCH_IF_KNOWN,
        _BATCH_ORIGIN,
        Column("quantity", values.quantity),
        Column("ran_at", values.moment),
        Column("kind", values.one_of(Run.Kind)),
    ),
    "shipments": (
        _needed("reference", _like(Shipment, "reference")),
        _needed("origin", _PLACE),
        _needed("destination", _PLACE),
        _PRODUCT,
        _BATCH_IF_KNOWN,
        _BATCH_ORIGIN,
        Column("quantity", values.quantity),
        Column("shipped_at", values.moment),
        Column("received_at", values.moment),
        Column(
            "sscc", values.gs1_key("SSCC", (18,), ShipmentLine._meta.get_field("sscc").max_length)
        ),
        Column("document", _like(Shipment, "document")),
        Column("vehicle", _like(Shipment, "vehicle")),
    ),
    "adjustments": (
        _needed("location", _PLACE),
        _PRODUCT,
        _BATCH,
        _BATCH_ORIGIN,
        _needed("quantity", values.signed_quantity),
        _needed("reason", values.one_of(Adjustment.Reason)),
        Column("at", values.moment),
    ),
}

# Other names under which a column is known; the file of refused rows adds the error columns.
SYNONYMS = {
    "lot": "batch",
    "lotnumber": "batch",
    "batchnumber": "batch",
    "lotorigin": "batchorigin",
}
ERROR_COLUMNS = ("error_line", "error_column", "error_reason")


def column_key(header: str) -> str:
    name = folded(header)
    return SYNONYMS.get(name, name)


def kind_of_name(file_name: str) -> str:
    """The kind that stands in a file's name, or nothing; files of refused rows have none."""
    name = PurePath(file_name).name.casefold()
    if name.endswith(".errors.csv") or not name.endswith((".csv", ".xlsx")):
        return ""
    words = re.split(r"[^a-z]+", name)
    return next((kind for kind in KINDS if kind in words), "")


def kind_of_header(header: list[str], names: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """The kind whose needed columns are all there: of several the one that needs most, then
    the one that knows most of the others (products and locations need the same two). `names`
    says by kind what other headers mean."""
    keys = {column_key(name) for name in header}
    weights: dict[str, tuple[int, int]] = {}
    for kind, columns in KINDS.items():
        meant = (names or {}).get(kind, {})
        present = keys | {folded(meant[key]) for key in keys if meant.get(key)}
        needed = {folded(column.name) for column in columns if column.required}
        if needed <= present:
            known = present & {folded(column.name) for column in columns}
            weights[kind] = len(needed), len(known)
    best = [kind for kind, weight in weights.items() if weight == max(weights.values())]
    return best[0] if len(best) == 1 else ""
