"""What one import is doing: its rows, what they refer to, and what it found to be odd."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User

from batches.codes.gs1.elements import Element, fault
from batches.codes.gs1.keys import GTIN_LENGTHS, gtin14, is_digits
from batches.codes.reading import read
from batches.models import Batch, Finding, Location, Product
from batches.operations.stock import Place, chunks
from batches.reports.nearby import nearby

HINTS = 50
_NAMED = ("origin", "destination", "location", "batch_origin", "parent")


@dataclass
class Work:
    """`sheet` is a checked file (`batches.intake.rows.Sheet`); its rows take note of refusals."""

    sheet: object
    by: User | None
    at: datetime
    touched: set[Place] = field(default_factory=set)
    taken_out: list[tuple[object, Place, object]] = field(default_factory=list)
    findings: dict[tuple, list[str]] = field(default_factory=lambda: defaultdict(list))
    hints: int = 0

    def __post_init__(self):
        self.batches: dict[tuple[int, str], list[Batch]] = defaultdict(list)
        rows = list(self.sheet.good())
        codes = {row.get(name) for row in rows for name in _NAMED} - {None}
        self.locations = _named(Location, codes, "gln", _as_gln)
        codes = {row.get("product") for row in rows} - {None}
        self.products = _named(Product, codes, "gtin", _as_gtin)
        self._load_batches({row.get("batch") for row in rows} - {None})

    def _load_batches(self, numbers: set[str]) -> None:
        wanted = {product.pk for product in self.products.values()}
        for batch in in_parts(Batch.objects.order_by(), "number", numbers):
            if batch.product_id in wanted:
                self.batches[batch.product_id, batch.number].append(batch)

    def location(self, row, column: str) -> Location | None:
        """The location that the row names in `column`; refuses the row when there is none."""
        code = row.get(column)
        if code is None:
            return None
        if code not in self.locations:
            said = _wrong("414", _as_gln(code))
            row.refuse(column, f"There is no location {code}. {said}Import the locations first.")
        return self.locations.get(code)

    def product(self, row) -> Product | None:
        """The product that the row names by its code or GTIN. A code scanned as its batch must
        not name another one."""
        code, scanned = row.get("product"), row.get("scanned_gtin")
        product = self.products.get(code)
        if product is None:
            said = _wrong("01", _as_gtin(code))
            row.refuse("product", f"There is no product {code}. {said}Import the products first.")
        elif scanned and product.gtin and product.gtin != scanned:
            row.refuse(
                "batch",
                f"The code names GTIN {scanned}, but {product.code} has {product.gtin}. Say in "
                "product which one is meant, and in batch only its number.",
            )
        return product

    def batch(self, row) -> Batch | None:
        """The batch that the row names by product, number and, when it must, origin."""
        product, origin = self.product(row), self.location(row, "batch_origin")
        if row.problems:
            return None
        number = row.get("batch")
        found = self.batches.get((product.pk, number), [])
        if origin:
            found = [batch for batch in found if batch.origin_id == origin.pk]
        if len(found) == 1:
            return found[0]
        if found:
            codes = sorted(self._code(batch.origin_id) for batch in found)
            row.refuse(
                "batch_origin",
                f"Batch {number} of {product.code} exists from {' and from '.join(codes)}. "
                "Say in batch_origin which one is meant.",
            )
        else:
            made = f" made at {origin.code}" if origin else ""
            row.refuse(
                "batch",
                f"There is no batch {number} of {product.code}{made}. "
                f"{self._meant(product, number)}Import the batches first.",
            )
        return None

    def goods(self, row) -> Batch | Product | None:
        """The batch that the row names, or the product of goods without one."""
        return self.product(row) if row.get("batch") is None else self.batch(row)

    def _meant(self, product: Product, number: str) -> str:
        """What may have been meant, for as many rows as somebody mends by hand."""
        self.hints += 1
        if self.hints > HINTS:
            return ""
        near = [found.number for found, _ in nearby(read(number)) if found.product == product]
        return f"Did you mean {', '.join(near[:3])}? " if near else ""

    def _code(self, location_id: int) -> str:
        return Location.objects.values_list("code", flat=True).get(pk=location_id)

    def find(self, kind: str, severity: str, obj, text: str, label: str = "") -> None:
        """Notes a finding about `obj`, which may not be saved yet; texts of one kind are joined."""
        self.findings[kind, severity, obj, label or str(obj)].append(text)

    def write_findings(self) -> None:
        """Opens the findings in one go; those that are open already are left as they are."""
        Finding.objects.bulk_create(
            [
                Finding(
                    kind=kind,
                    severity=severity,
                    object_type=obj._meta.label_lower,
                    object_id=str(obj.pk),
                    label=label[:200],
                    text=joined(texts),
                    found_at=self.at,
                )
                for (kind, severity, obj, label), texts in self.findings.items()
            ],
            ignore_conflicts=True,
            batch_size=5_000,
        )
        self.findings.clear()


def _named(model, codes: set[str], key: str, as_key) -> dict:
    """By each of `codes` what it names: by its own code, else by its GS1 key."""
    found = {row.code: row for row in in_parts(model.objects.order_by(), "code", codes)}
    keys = {code: as_key(code) for code in codes - found.keys() if as_key(code)}
    rows = in_parts(model.objects.order_by(), key, set(keys.values()))
    by_key = {getattr(row, key): row for row in rows}
    return found | {code: by_key[value] for code, value in keys.items() if value in by_key}


def _as_gtin(text: str) -> str:
    return gtin14(text) if is_digits(text) and len(text) in GTIN_LENGTHS else ""


def _as_gln(text: str) -> str:
    return text if is_digits(text) and len(text) == 13 else ""


def _wrong(ai: str, key: str) -> str:
    said = fault(Element(ai, key)) if key else ""
    return f"{said} " if said else ""


def joined(texts: list[str], most: int = 5) -> str:
    said = list(dict.fromkeys(texts))
    more = f" And {len(said) - most} more of the kind." if len(said) > most else ""
    return " ".join(said[:most]) + more


def in_parts(queryset, name: str, values: Iterable) -> Iterable:
    """The rows whose field is among `values`, however many those are."""
    for part in chunks(sorted(values)):
        yield from queryset.filter(**{f"{name}__in": part}).iterator()
