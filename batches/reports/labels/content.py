"""What a label of a batch or of a pallet says, and what its symbol carries."""

from dataclasses import dataclass

from django.conf import settings

from batches.codes import marking
from batches.codes.gs1 import CodeError, digital_link
from batches.codes.gs1.elements import Element
from batches.models import Batch, Shipment


@dataclass(frozen=True)
class Label:
    """`page` is the address on this site that stands in for a GS1 code where `fault` says
    why there is none; `rows` are words with their values."""

    title: str
    number: str
    rows: tuple[tuple[str, str], ...]
    elements: tuple[Element, ...]
    page: str
    fault: str = ""

    @property
    def address(self) -> str:
        """What a QR opens: the Digital Link on this site's host, else the page."""
        if not self.elements:
            return self.page
        # A date in the query would only make the symbol coarser; it stands on the label.
        named = marking.without_date(self.elements)
        return digital_link.build(named, settings.SITE_URL)

    @property
    def file_name(self) -> str:
        """Safe in a header and on a disk, whatever is printed on the batch."""
        kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in self.number)
        return f"label-{kept.strip('-') or 'batch'}"


def of_batch(batch: Batch) -> Label:
    """Needs product and origin. A batch that GS1 cannot name gets a label all the same."""
    elements, fault = (), ""
    try:
        elements = marking.of_batch(
            gtin=batch.product.gtin or "", number=batch.number, expires_on=batch.expires_on
        )
    except CodeError as error:
        fault = str(error)
    rows = [("Made at", batch.origin.name)]
    if batch.expires_on:
        rows.insert(0, ("Best before", f"{batch.expires_on:%d %b %Y}"))
    if batch.product.gtin and not elements:
        rows.append(("GTIN", batch.product.gtin))
    return Label(
        title=batch.product.name,
        number=batch.number,
        rows=tuple(rows),
        elements=elements,
        page=settings.SITE_URL + batch.get_absolute_url(),
        fault=fault,
    )


def of_shipment(shipment: Shipment) -> list[Label]:
    """One label for each SSCC of the shipment, in the order of its lines."""
    pallets: dict[str, list] = {}
    for line in shipment.lines.select_related("batch__product").exclude(sscc=""):
        pallets.setdefault(line.sscc, []).append(line)
    return [_of_pallet(shipment, sscc, lines) for sscc, lines in pallets.items()]


def _of_pallet(shipment: Shipment, sscc: str, lines: list) -> Label:
    elements, fault = (), ""
    content = {}
    if len(lines) == 1 and not lines[0].batch.is_unidentified:
        batch = lines[0].batch
        content = {
            "gtin": batch.product.gtin or "",
            "number": batch.number,
            "quantity": lines[0].quantity,
            "unit": batch.product.unit,
        }
    try:
        elements = marking.of_pallet(sscc=sscc, **content)
    except CodeError as error:
        fault = str(error)
    names = ", ".join(f"{line.batch.product.name} {line.batch.number}" for line in lines)
    return Label(
        title=names,
        number=sscc,
        rows=(
            ("From", shipment.origin.name),
            ("To", shipment.destination.name),
            ("Shipment", shipment.reference),
        ),
        elements=elements,
        page=settings.SITE_URL + shipment.get_absolute_url(),
        fault=fault,
    )
