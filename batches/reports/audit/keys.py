"""GS1 keys that are stored: check digits of GTIN, GLN and SSCC, and pallets numbered twice.

Imports take a wrong check digit with a warning, because real files have them; here it is found.
"""

from collections.abc import Iterator

from django.db.models import Count, Max

from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_key
from batches.models import Location, Product, Shipment, ShipmentLine
from batches.operations.stock import chunks
from batches.reports.audit.shapes import Check, Found, Kind, Look, about

GTIN = Kind("gtin_check_digit", "GTIN wrong", fix="Mend the product", door="admin")
GLN = Kind("gln_check_digit", "GLN wrong", fix="Mend the location", door="admin")
SSCC = Kind("sscc_check_digit", "SSCC wrong", fix="Look at the shipment")
TWICE = Kind("sscc_twice", "SSCC used twice", fix="Look at the shipment")


def fault(name: str, key: str, length: int) -> str:
    """What is wrong with `key`, or nothing."""
    try:
        check_key(key)
    except CodeError as error:
        return f"The {name} {key} is wrong. {error}"
    return "" if len(key) == length else f"The {name} {key} has {len(key)} digits, not {length}."


def _keys(look: Look) -> Iterator[Found]:
    for kind, model, name, length in ((GTIN, Product, "gtin", 14), (GLN, Location, "gln", 13)):
        rows = model.objects.exclude(**{name: None}).exclude(**{name: ""}).order_by("pk")
        for pk, code, key in rows.values_list("pk", "code", name).iterator():
            if text := fault(name.upper(), key, length):
                yield about(kind, model, pk, code, text)
    yield from _wrong_pallets()
    yield from _pallets_twice()


def _pallets():
    lines = ShipmentLine.objects.exclude(sscc="").exclude(shipment__status="voided")
    return lines.order_by()


def _wrong_pallets() -> Iterator[Found]:
    rows = _pallets().values_list("shipment_id", "shipment__reference", "sscc").distinct()
    for pk, reference, sscc in rows.iterator(chunk_size=5_000):
        if text := fault("SSCC", sscc, 18):
            yield about(SSCC, Shipment, pk, reference, text)


def _pallets_twice() -> Iterator[Found]:
    """One SSCC that left one place with two shipments; travelling on from the next is right."""
    groups = _pallets().exclude(shipment__purpose="return").values("sscc", "shipment__origin")
    counted = groups.annotate(n=Count("shipment", distinct=True), last=Max("shipment"))
    twice = list(counted.filter(n__gt=1).values_list("sscc", "n", "last"))
    names: dict[int, str] = {}
    for part in chunks(sorted({last for _, _, last in twice})):
        names |= dict(Shipment.objects.filter(pk__in=part).values_list("pk", "reference"))
    for sscc, n, last in twice:
        text = f"SSCC {sscc} left the same place with {n} shipments. Each pallet has its own."
        yield about(TWICE, Shipment, last, names[last], text)


KEYS = Check("keys", _keys, (GTIN, GLN, SSCC, TWICE))
