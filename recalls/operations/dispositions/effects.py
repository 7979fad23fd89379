"""The documents that carry out a disposition, one kind of them each."""

from collections.abc import Callable

from batches.models import Adjustment, Run, Shipment
from batches.operations.batches import make_batch
from batches.operations.documents import (
    adjust_stock,
    create_run,
    create_shipment,
    post_run,
    post_shipment,
)
from batches.operations.holds import place_holds, release_hold
from batches.operations.times import day_start
from recalls.models import Disposition
from recalls.operations.dispositions.agreed import holds_of, refuse_release

Kind = Disposition.Kind


def _taken(row: Disposition, reason: str, by, at) -> dict:
    day = row.happened_on
    happened = day and day_start(day, row.holding.location.zone)
    parts = [row.method, row.certificate and f"certificate {row.certificate}", row.reason]
    made = adjust_stock(
        holding=row.holding,
        quantity=-row.quantity,
        reason=reason,
        happened_at=happened,
        date_only=happened is not None,
        remark=f"{row}: {', '.join(filter(None, parts))}",
        by=by,
        at=at,
    )
    return {"adjustment": made}


def _destroy(row: Disposition, by, at) -> dict:
    return _taken(row, Adjustment.Reason.DESTROYED, by, at)


def _scrap(row: Disposition, by, at) -> dict:
    return _taken(row, Adjustment.Reason.SCRAP, by, at)


def _send_to_supplier(row: Disposition, by, at) -> dict:
    shipment = create_shipment(
        reference=f"{row.recall}-SUP-{row.number}",
        origin=row.holding.location,
        destination=row.destination,
        lines=[{"batch": row.holding.batch, "quantity": row.quantity}],
        purpose=Shipment.Purpose.RETURN,
        shipped_at=at,
        remark=f"{row}: {row.reason}",
        by=by,
        at=at,
    )
    return {"shipment": post_shipment(shipment=shipment, by=by, at=at)}


def _run_rework(row: Disposition, by, at) -> dict:
    """What is made stays held with the recall: it is made of these goods."""
    batch, place = row.holding.batch, row.holding.location
    made = make_batch(
        product=batch.product,
        origin=place,
        number=row.output_number,
        produced_at=at,
        expires_on=batch.expires_on,
        by=by,
        at=at,
    )
    run = create_run(
        reference=f"{row.recall}-REW-{row.number}",
        location=place,
        kind=Run.Kind.REWORK,
        inputs=[{"batch": batch, "quantity": row.quantity}],
        outputs=[{"batch": made, "quantity": row.quantity}],
        ran_at=at,
        remark=f"{row}: {row.reason}",
        by=by,
        at=at,
    )
    run = post_run(run=run, by=by, at=at, decided_by=row.recall.reference)
    reason = f"Recall {row.recall}: reworked from {batch}."
    place_holds(
        places=[(made.pk, place.pk)], reason=reason, recall=row.recall.reference, by=by, at=at
    )
    return {"run": run}


def _free(row: Disposition, by, at) -> dict:
    refuse_release(row)
    for hold in holds_of(row.recall, row.holding):
        release_hold(hold=hold, reason=f"{row}: {row.reason}", by=by, at=at)
    return {}


EFFECTS: dict[str, Callable] = {
    Kind.DESTROYED: _destroy,
    Kind.SCRAP: _scrap,
    Kind.SUPPLIER: _send_to_supplier,
    Kind.REWORK: _run_rework,
    Kind.RELEASE: _free,
}
