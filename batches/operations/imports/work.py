"""What one import is doing: its rows, what they refer to, and what it found to be odd."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User

from batches.models import Batch, Finding, Location, Product
from batches.operations.stock import Place, chunks

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

    def __post_init__(self):
        self.locations: dict[str, Location] = {}
        self.products: dict[str, Product] = {}
        self.batches: dict[tuple[int, str], list[Batch]] = defaultdict(list)
        rows = list(self.sheet.good())
        codes = {row.get(name) for row in rows for name in _NAMED} - {None}
        for place in in_parts(Location.objects.order_by(), "code", codes):
            self.locations[place.code] = place
        codes = {row.get("product") for row in rows} - {None}
        for product in in_parts(Product.objects.order_by(), "code", codes):
            self.products[product.code] = product
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
            row.refuse(column, f"There is no location {code}. Import the locations first.")
        return self.locations.get(code)

    def product(self, row) -> Product | None:
        code = row.get("product")
        if code not in self.products:
            row.refuse("product", f"There is no product {code}. Import the products first.")
        return self.products.get(code)

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
                f"There is no batch {number} of {product.code}{made}. Import the batches first.",
            )
        return None

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


def joined(texts: list[str], most: int = 5) -> str:
    said = list(dict.fromkeys(texts))
    more = f" And {len(said) - most} more of the kind." if len(said) > most else ""
    return " ".join(said[:most]) + more


def in_parts(queryset, name: str, values: Iterable) -> Iterable:
    """The rows whose field is among `values`, however many those are."""
    for part in chunks(sorted(values)):
        yield from queryset.filter(**{f"{name}__in": part}).iterator()
