"""Moving batches in one go, as the scan page does: a shipment drafted and posted at once."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Shipment
from batches.operations.documents.shipments import create_shipment, post_shipment, receive_shipment


@transaction.atomic
def move_batches(
    *, reference, origin, destination, lines, purpose, has_arrived=False, by, at
) -> Shipment:
    """Moves `lines` (dicts: batch, quantity, sscc) from `origin` to `destination` by one
    shipment that leaves at `at`, and has arrived already if `has_arrived`.

    All of them move or none: refuses what drafting and posting a shipment refuse, with a
    sentence for each batch, and a move of nothing.
    """
    if not lines:
        raise ValidationError("Nothing is to be moved. Leave at least one batch ticked.")
    shipment = create_shipment(
        reference=reference.strip(),
        origin=origin,
        destination=destination,
        lines=lines,
        purpose=purpose,
        shipped_at=at,
        by=by,
        at=at,
    )
    shipment = post_shipment(shipment=shipment, by=by, at=at)
    return receive_shipment(shipment=shipment, by=by, at=at) if has_arrived else shipment
