"""What a text is and where it leads: the one look-up for the search, scans, API and imports.

`batches.codes.reading` says what a text may mean; here it is held against what is recorded.
Apps above register their own kinds of things, so that every door knows them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from batches.codes.numbering import number_key
from batches.codes.reading import Reading, read
from batches.models import Batch, Location, Product, Run, Shipment, ShipmentLine
from batches.reports import addressed
from batches.reports.nearby import nearby
from batches.reports.understanding import Understood, understood

SHOWN = 20


@dataclass(frozen=True)
class Hit:
    """One thing found; `is_exact` when the whole code is its number, or the whole name."""

    obj: object
    code: str
    name: str
    why: str
    is_exact: bool

    @property
    def url(self) -> str:
        return self.obj.get_absolute_url()


class Kind(NamedTuple):
    """Things of one sort: `find` yields the hits of a reading."""

    title: str
    icon: str
    permission: str
    find: Callable[[Reading], Iterator[Hit]]


@dataclass(frozen=True)
class Group:
    kind: Kind
    hits: list[Hit]


@dataclass(frozen=True)
class Found:
    """`near` are things that may be meant when nothing is recorded under the text."""

    reading: Reading
    groups: list[Group]
    near: list[Hit]
    understood: list[Understood]

    @property
    def hits(self) -> list[Hit]:
        return [hit for group in self.groups for hit in group.hits]

    @property
    def only(self) -> Hit | None:
        """The one thing meant: the only exact hit, or the only hit there is."""
        exact = [hit for hit in self.hits if hit.is_exact]
        wanted = exact or self.hits
        return wanted[0] if len(wanted) == 1 else None

    @property
    def exact(self) -> Hit | None:
        """The one thing meant, where more than a look depends on it: a number that only begins
        like another may be that of a thing which is not recorded."""
        return self.only if self.only and self.only.is_exact else None


def resolve(text: str, *, user, today: date, kinds: list[Kind] | None = None) -> Found:
    """Hits by kind, exact ones first; kinds that `user` may not see are left out."""
    reading = read(text)
    seen = [kind for kind in kinds or _kinds if user.has_perm(kind.permission)]
    groups = [Group(kind, list(kind.find(reading))) for kind in seen]
    groups = [group for group in groups if group.hits]
    near = _near(reading) if not groups and user.has_perm("batches.view_batch") else []
    nearest = [hit.code for hit in near]
    parts = understood(reading, user=user, nearest=nearest, today=today)
    return Found(reading, groups, near, parts)


def _near(reading: Reading) -> list[Hit]:
    return [
        Hit(batch, batch.number, f"{batch.product.name}, made at {batch.origin.name}", why, False)
        for batch, why in nearby(reading)
    ]


def _batches(reading: Reading) -> Iterator[Hit]:
    if not reading.is_coded and addressed.is_address(reading.text):
        yield from _own_page(reading)
        return
    # Both with and without the word before it: a number may begin with that word.
    texts = {reading.batch_number} if reading.is_coded else {reading.batch_number, reading.text}
    keys = tuple(sorted(key for text in texts if (key := number_key(text))))
    if not keys:
        return
    rows = Batch.objects.with_state().select_related("product", "origin")
    rows = rows.filter(_numbered(reading, texts, keys))
    for batch in rows.order_by("number", "pk")[:SHOWN]:
        supplied = batch.supplier_number.lower() in {text.lower() for text in texts}
        exact = batch.number_key in keys or (supplied and not reading.is_coded)
        why = "Batch number" if exact else "Batch number begins with it"
        if not batch.number_key.startswith(keys):
            why = f"Supplier's number {batch.supplier_number}"
        name = f"{batch.product.name}, made at {batch.origin.name}"
        yield Hit(batch, batch.number, name, why, exact)


def _numbered(reading: Reading, texts: set[str], keys: tuple[str, ...]) -> Q:
    wanted = Q(number_key__in=keys)
    if reading.is_coded:
        return wanted & Q(product__gtin=reading.gtin) if reading.gtin else wanted
    for text in texts:
        if len(key := number_key(text)) >= 3:
            wanted |= Q(number_key__startswith=key) | Q(supplier_number__iexact=text)
    return wanted


def _own_page(reading: Reading) -> Iterator[Hit]:
    rows = addressed.batches(reading.text).with_state().select_related("product", "origin")
    for batch in rows[:SHOWN]:
        name = f"{batch.product.name}, made at {batch.origin.name}"
        yield Hit(batch, batch.number, name, "Its page", True)


def _products(reading: Reading) -> Iterator[Hit]:
    """Of a label that names a batch, its product is no answer of its own."""
    if reading.is_coded and (reading.number or not reading.gtin):
        return
    wanted = Q(gtin=reading.gtin) if reading.gtin else Q(pk__in=[])
    if not reading.is_coded:
        wanted |= Q(code__iexact=reading.text) | Q(name__icontains=reading.text)
    for row in Product.objects.filter(wanted)[:SHOWN]:
        by_gtin = bool(reading.gtin) and row.gtin == reading.gtin
        exact = by_gtin or reading.text.lower() in (row.code.lower(), row.name.lower())
        by_code = row.code.lower() == reading.text.lower()
        why = "GTIN" if by_gtin else "Code" if by_code else "Name"
        yield Hit(row, row.code, row.name, why, exact)


def _shipments(reading: Reading) -> Iterator[Hit]:
    if not reading.is_coded and addressed.is_address(reading.text):
        for row in addressed.shipments(reading.text).select_related("origin", "destination"):
            name = f"{row.origin.name} to {row.destination.name}"
            yield Hit(row, row.reference, name, "Its page", True)
        return
    wanted = Q(pk__in=[])
    if reading.sscc:
        lines = ShipmentLine.objects.filter(sscc=reading.sscc).values("shipment")
        wanted |= Q(pk__in=lines)
    if not reading.is_coded:
        wanted |= Q(reference__istartswith=reading.text) | Q(document__iexact=reading.text)
    rows = Shipment.objects.select_related("origin", "destination").filter(wanted)
    for row in rows.order_by("reference", "pk")[:SHOWN]:
        by_reference = row.reference.lower().startswith(reading.text.lower())
        why = "SSCC" if reading.sscc and not by_reference else "Reference or document"
        numbers = (row.reference.lower(), row.document.lower())
        exact = why == "SSCC" or reading.text.lower() in numbers
        yield Hit(row, row.reference, f"{row.origin.name} to {row.destination.name}", why, exact)


def _runs(reading: Reading) -> Iterator[Hit]:
    if reading.is_coded:
        return
    rows = Run.objects.select_related("location").filter(reference__istartswith=reading.text)
    for row in rows.order_by("reference", "pk")[:SHOWN]:
        exact = row.reference.lower() == reading.text.lower()
        yield Hit(row, row.reference, f"At {row.location.name}", "Reference", exact)


def _locations(reading: Reading) -> Iterator[Hit]:
    wanted = Q(gln=reading.gln) if reading.gln else Q(pk__in=[])
    if not reading.is_coded:
        wanted |= Q(code__iexact=reading.text) | Q(name__icontains=reading.text)
    for row in Location.objects.filter(wanted)[:SHOWN]:
        by_gln = bool(reading.gln) and row.gln == reading.gln
        exact = by_gln or reading.text.lower() in (row.code.lower(), row.name.lower())
        by_code = row.code.lower() == reading.text.lower()
        why = "GLN" if by_gln else "Code" if by_code else "Name"
        yield Hit(row, row.code, row.name, why, exact)


BATCHES = Kind("Batches", "box", "batches.view_batch", _batches)
LOCATIONS = Kind("Locations", "pin", "batches.view_location", _locations)
PRODUCTS = Kind("Products", "layers", "batches.view_product", _products)
SHIPMENTS = Kind("Shipments", "truck", "batches.view_shipment", _shipments)
_kinds = [
    BATCHES,
    PRODUCTS,
    SHIPMENTS,
    Kind("Runs", "factory", "batches.view_run", _runs),
    LOCATIONS,
]


def register(kind: Kind) -> None:
    """Adds a kind of a layer above, which this one never imports; shown behind the batches."""
    if kind not in _kinds:
        _kinds.insert(1, kind)
