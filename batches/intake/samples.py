"""A small file of each kind to download, with all its columns: one story, so that they fit."""

import csv
import io

from batches.intake.columns import KINDS

_ROWS: dict[str, list[dict[str, str]]] = {
    "products": [
        {"code": "OATS", "name": "Rolled oats", "unit": "kg", "shelf_life_days": "270"},
        {"code": "GRANOLA", "name": "Granola 400 g", "unit": "case", "gtin": "09520123400019"},
    ],
    "locations": [
        {"code": "MILL", "name": "The mill", "kind": "supplier", "city": "Celle", "country": "DE"},
        {"code": "PLANT", "name": "Our plant", "kind": "plant", "timezone": "Europe/Berlin"},
        {
            "code": "SHOP-1", "name": "First shop", "kind": "store", "gln": "9520123400002",
            "opening_hours": "Mon to Sat 8:00 to 20:00",
        },
    ],
    "contacts": [
        {"location": "SHOP-1", "email": "manager@shop.example", "name": "Lena", "language": "en"}
    ],
    "batches": [
        {"product": "OATS", "batch": "BM-77", "origin": "MILL", "quantity": "500"},
        {
            "product": "GRANOLA", "batch": "L26311A", "origin": "PLANT",
            "produced_at": "2026-11-11T06:10", "expires_on": "2027-05-10",
        },
    ],
    "runs": [
        {
            "reference": "PO-1", "location": "PLANT", "direction": direction, "product": product,
            "batch": batch, "quantity": quantity, "ran_at": "2026-11-11T06:10",
        }
        for direction, product, batch, quantity in (
            ("input", "OATS", "BM-77", "400"),
            ("output", "GRANOLA", "L26311A", "120"),
        )
    ],
    "shipments": [
        {
            "reference": "RCV-1", "origin": "MILL", "destination": "PLANT", "product": "OATS",
            "batch": "BM-77", "quantity": "500", "shipped_at": "2026-11-09",
            "received_at": "2026-11-10T09:00", "document": "Dispatch note 4711",
        },
        {
            "reference": "SH-1", "origin": "PLANT", "destination": "SHOP-1", "product": "GRANOLA",
            "batch": "L26311A", "quantity": "100", "shipped_at": "2026-11-12T08:00",
            "received_at": "", "sscc": "095201234000000002",
        },
    ],
    "adjustments": [
        {
            "location": "PLANT", "product": "GRANOLA", "batch": "L26311A", "quantity": "-2",
            "reason": "sample", "at": "2026-11-11",
        }
    ],
}  # fmt: skip


def sample(kind: str) -> str:
    """The file as CSV; raises KeyError for a kind that there is not."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [column.name for column in KINDS[kind]], restval="")
    writer.writeheader()
    writer.writerows(_ROWS[kind])
    return out.getvalue()
