"""The pen the story is written with: each stroke is one operation, skipped once it was made."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from batches.models import (
    Batch,
    Contact,
    CustomField,
    Holding,
    Location,
    Product,
    Run,
    Shipment,
)
from batches.operations.batches import make_batch
from batches.operations.contacts import confirm_contact, contacts_asked
from batches.operations.custom import save_custom_field
from batches.operations.documents import (
    adjust_stock,
    create_run,
    create_shipment,
    post_run,
    post_shipment,
    receive_shipment,
)
from batches.operations.master import save_contact, save_location, save_product


class Pen:
    """Writes as Otto, who enters data, at moments counted back from `now`."""

    def __init__(self, otto: User, now: datetime):
        self.by = otto
        self.now = now
        self.places: dict[str, Location] = {}

    def ago(self, **units) -> datetime:
        return self.now - timedelta(**units)

    def product(self, code: str, name: str, **fields) -> Product:
        found = Product.objects.filter(code=code).first()
        product = found or Product(code=code, name=name, **fields)
        return found or save_product(product=product, by=self.by, at=self.ago(days=60))

    def place(
        self, code: str, name: str, kind: str, *, email="", is_tested=False, **fields
    ) -> Location:
        """With an `email` it has a contact, who answered a contact test if `is_tested`."""
        place = Location.objects.filter(code=code).first()
        if place is None:
            fields.setdefault("timezone", "Europe/Berlin")
            place = Location(code=code, name=name, kind=kind, **fields)
            place = save_location(location=place, by=self.by, at=self.ago(days=60))
        if email and not place.contacts.exists():
            contact = Contact(location=place, email=email, name=f"Manager, {name}", phone="")
            contact = save_contact(contact=contact, by=self.by, at=self.ago(days=60))
            if is_tested:
                contacts_asked(contacts=[contact], by=self.by, at=self.ago(days=45))
                confirm_contact(contact=contact, at=self.ago(days=44))
        self.places[code] = place
        return place

    def custom_field(self, name: str, **fields) -> CustomField:
        """Nobody of the cast adds one: that is for an administrator."""
        found = CustomField.objects.filter(name=name).first()
        field = CustomField(name=name, **fields)
        return found or save_custom_field(field=field, by=None, at=self.ago(days=60))

    def batch(self, product: Product, origin: Location, number: str, **fields) -> Batch:
        found = Batch.objects.filter(product=product, origin=origin, number=number).first()
        made_at = fields.get("produced_at") or self.ago(days=30)
        return found or make_batch(
            product=product, origin=origin, number=number, by=self.by, at=made_at, **fields
        )

    def run(self, reference, location, inputs, outputs, at, **fields) -> Run:
        """`inputs` and `outputs` map batches to quantities."""
        run = Run.objects.filter(reference=reference).first() or create_run(
            reference=reference,
            location=location,
            inputs=_lines(inputs),
            outputs=_lines(outputs),
            by=self.by,
            at=at,
            ran_at=at,
            **fields,
        )
        return post_run(run=run, by=self.by, at=at) if run.is_draft else run

    def ship(self, reference, origin, destination, lines, at, *, arrives=None, sscc="", **fields):
        """Sends `lines` (batch to quantity) off at `at`; received unless `arrives` is None.
        With an `sscc` all of them are on that pallet."""
        found = Shipment.objects.filter(reference=reference).first()
        shipment = found or create_shipment(
            reference=reference,
            origin=origin,
            destination=destination,
            lines=[line | {"sscc": sscc} for line in _lines(lines)],
            by=self.by,
            at=at,
            shipped_at=at,
            **fields,
        )
        if shipment.is_draft:
            shipment = post_shipment(shipment=shipment, by=self.by, at=at)
        if arrives and shipment.status == Shipment.Status.POSTED:
            shipment = receive_shipment(shipment=shipment, by=self.by, at=arrives)
        return shipment

    def adjust(self, batch, location, quantity, reason, at, remark="") -> None:
        holding = Holding.objects.get(batch=batch, location=location)
        if not holding.adjustments.filter(reason=reason).exists():
            adjust_stock(
                holding=holding,
                quantity=Decimal(quantity),
                reason=reason,
                by=self.by,
                at=at,
                remark=remark,
            )


def _lines(quantities: dict[Batch, int]) -> list[dict]:
    return [{"batch": batch, "quantity": Decimal(q)} for batch, q in quantities.items()]
