"""What comes back from a place: one posted return to a site of ours, where it is held."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Adjustment, Holding, Location, Shipment
from batches.operations.changes import amount
from batches.operations.documents import (
    adjust_stock,
    create_shipment,
    post_shipment,
    receive_shipment,
)
from batches.operations.documents.checks import lock_batches
from batches.operations.events import record
from batches.operations.times import day_start
from recalls.models import Recall, ScopeLine
from recalls.scope import newest

Status = Recall.Status
UNDER_WAY = (Status.ACTIVE, Status.COMPLETED, Status.CLOSED)


def next_return(recall: Recall) -> str:
    """The reference that is proposed for the next return of a recall."""
    start = f"{recall.reference}-RET-"
    taken = Shipment.objects.filter(reference__startswith=start)
    numbers = [int(tail) for tail in _tails(taken, start) if tail.isdecimal()]
    return f"{start}{max(numbers, default=0) + 1}"


def _tails(shipments, start: str) -> list[str]:
    return [name[len(start) :] for name in shipments.values_list("reference", flat=True)]


@transaction.atomic
def record_return(
    *, recall, location, destination, came: dict[int, Decimal], reference, arrived_on, by, at,
    document="",
) -> Shipment:  # fmt: skip
    """Posts what came back from `location` as a return that has arrived at `destination`.

    `came` are quantities by holding (id) of the recall there. What is more than the records
    have there is counted in first: what came is never refused for that. Held, expired and
    rejected batches may come too, and are held on arrival. Refuses a drill, nothing, what is
    not part of the recall, a place that is not ours or is itself asked, and a day ahead or
    before the activation.
    """
    recall = Recall.objects.get(pk=recall.pk)
    _refuse(recall, location, destination, came, arrived_on, at)
    holdings = _of_recall(recall, location, came)
    lock_batches(holding.batch_id for holding in holdings)
    for holding in Holding.objects.filter(pk__in=came).order_by("pk"):
        _count_in(holding, came[holding.pk], reference, by, at)
    shipment = create_shipment(
        reference=reference.strip(),
        origin=location,
        destination=destination,
        lines=[{"batch": row.batch, "quantity": came[row.pk]} for row in holdings],
        purpose=Shipment.Purpose.RETURN,
        document=document.strip(),
        remark=f"Came back in recall {recall}.",
        by=by,
        at=at,
    )
    shipment = post_shipment(shipment=shipment, by=by, at=at)
    shipment = receive_shipment(
        shipment=shipment,
        received_at=day_start(arrived_on, destination.zone),
        received_date_only=True,
        by=by,
        at=at,
    )
    after = {"code": location.code, "shipment": shipment.reference, "lines": len(holdings)}
    record(verb="goods came back", obj=recall, by=by, at=at, after=after)
    return shipment


def _refuse(recall, location, destination, came, arrived_on: date, at) -> None:
    if recall.is_drill:
        raise ValidationError("A drill moves no goods. Nothing can come back in it.")
    if recall.status not in UNDER_WAY:
        raise ValidationError(f"{recall} is not active, so nothing can come back in it yet.")
    if not came:
        raise ValidationError("Enter how much came back of at least one batch.")
    if any(quantity <= 0 for quantity in came.values()):
        raise ValidationError("What came back must be more than zero. Leave out what did not.")
    if not destination.is_own:
        raise ValidationError({"destination": f"{destination.name} is no site of ours."})
    if is_asked(recall, destination):
        raise ValidationError(
            {
                "destination": f"{destination.name} is asked in this recall itself. Choose a site "
                "of ours that is not."
            }
        )
    if arrived_on > at.astimezone(destination.zone).date():
        raise ValidationError({"arrived_on": "This day is still to come."})
    if arrived_on < recall.activated_at.astimezone(destination.zone).date():
        raise ValidationError(
            {"arrived_on": f"{recall} was not active yet on this day. Check the date."}
        )


def is_asked(recall: Recall, location: Location) -> bool:
    told = ScopeLine.Role.RECIPIENT
    return newest(recall).lines.filter(role=told, location=location).exists()


def _of_recall(recall: Recall, location: Location, came) -> list[Holding]:
    lines = ScopeLine.objects.filter(version__recall=recall, location=location, holding__in=came)
    known = set(lines.order_by().values_list("holding_id", flat=True))
    if set(came) - known:
        raise ValidationError("The scope was renewed meanwhile. Load the page again.")
    rows = Holding.objects.filter(pk__in=known).select_related("batch__product")
    return list(rows.order_by("batch__number", "pk"))


def _count_in(holding: Holding, quantity: Decimal, reference: str, by, at) -> None:
    """More came than the records have there: so it was there."""
    if holding.quantity is None or quantity <= holding.quantity:
        return
    there = amount(holding.quantity)
    adjust_stock(
        holding=holding,
        quantity=quantity - holding.quantity,
        reason=Adjustment.Reason.COUNT,
        remark=f"{reference}: {amount(quantity)} came back, {there} were recorded there.",
        by=by,
        at=at,
    )
