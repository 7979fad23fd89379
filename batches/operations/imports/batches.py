"""Importing batches: each with its holding at its origin."""

from batches.codes.numbering import is_unrecorded, number_key
from batches.models import Batch, Finding, IssuedNumber, Location
from batches.operations.imports.conflicts import refuse_conflict
from batches.operations.imports.custom import CustomValues
from batches.operations.imports.work import Work, in_parts
from batches.operations.stock import get_or_make_holdings, recompute

_COLUMNS = "produced_at expires_on quantity line supplier_number".split()


def import_batches(work: Work) -> None:
    """Adds batches by product, origin and number, and what nobody said yet in their custom fields.
    Refuses other content; warns of odd dates, and of numbers that were taken out of use."""
    known = {
        (batch.product_id, batch.origin_id, batch.number): batch
        for found in work.batches.values()
        for batch in found
    }
    custom = CustomValues(work, known)
    new, lines, spoilt, void = [], {}, [], _void({row.get("batch") for row in work.sheet.good()})
    for row in list(work.sheet.good()):
        product, origin = work.product(row), work.location(row, "origin")
        if row.problems:
            continue
        number, said = row.get("batch"), _said(row, origin)
        if is_unrecorded(number):
            row.refuse("batch", "This says that no batch was recorded. Write the number.")
            continue
        key = (product.pk, origin.pk, number)
        what = f"Batch {number} of {product.code} from {origin.code}"
        if key in known:
            there = {name: getattr(known[key], name) for name in _COLUMNS}
            refuse_conflict(row, what, said, there, lines.get(key))
            custom.take(row, key, known[key], what)
            continue
        filled = {name: value for name, value in said.items() if value is not None}
        batch = Batch(product=product, origin=origin, number=number, **filled)
        batch.number_key = number_key(number)
        _warn_of_dates(row, batch)
        if origin.kind != Location.Kind.SUPPLIER and (
            why := void.get((product.pk, batch.number_key))
        ):
            text = f"Number {number} of {product.code} was taken out of use: {why}"
            row.warn("batch", text)
            spoilt.append((batch, text))
        known[key], lines[key], row.is_added = batch, row.line, True
        custom.take(row, key, batch, what)
        new.append(batch)
    Batch.objects.bulk_create(new)
    custom.write()
    for batch, text in spoilt:
        work.find("void_number_used", Finding.Severity.WARNING, batch, text)
    recompute(get_or_make_holdings((b.pk, b.origin_id) for b in new).values())


def _void(numbers: set[str]) -> dict[tuple[int, str], str]:
    """Why numbers were taken out of use, by product and key."""
    rows = IssuedNumber.objects.exclude(voided=None).order_by().select_related("voided")
    keys = {number_key(number) for number in numbers}
    return {
        (row.product_id, row.number_key): row.voided.reason
        for row in in_parts(rows, "number_key", keys)
    }


def _said(row, origin) -> dict:
    said = {name: row.get(name) for name in _COLUMNS}
    if said["produced_at"]:
        said["produced_at"] = said["produced_at"].at(origin.zone)
    return said


def _warn_of_dates(row, batch: Batch) -> None:
    made, expires = batch.produced_at, batch.expires_on
    if made and expires and expires < made.date():
        row.warn("expires_on", "It expires before it was made.")
