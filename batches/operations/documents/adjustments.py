"""Stock that changes without moving: samples, scrap, sales, counts, and taking those back."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Adjustment, Batch, Holding
from batches.operations.changes import amount, locked, need_reason, values
from batches.operations.documents import checks
from batches.operations.events import record
from batches.operations.holds import holds_by_batch
from batches.operations.stock import recompute

_TAKES = set(Adjustment.Reason.values) - {Adjustment.Reason.COUNT}


@transaction.atomic
def adjust_stock(
    *, holding, quantity, reason, by, at, happened_at=None, date_only=False, remark=""
) -> Adjustment:
    """Changes what is on hand by the signed `quantity`. `happened_at` is `at` unless given.

    Refuses zero, a plus for anything but a count, more than is known to be there, a
    voided batch, and the sale of a held one.
    """
    checks.lock_batches([holding.batch_id])
    holding = Holding.objects.select_related("batch__product", "location").get(pk=holding.pk)
    checks.refuse(_wrong(holding, quantity, reason))
    adjustment = Adjustment(
        holding=holding,
        quantity=quantity,
        reason=reason,
        at=happened_at or at,
        at_date_only=date_only,
        remark=remark,
        created_by=by,
    )
    adjustment.full_clean(exclude=["holding", "created_by"])
    adjustment.save(force_insert=True)
    recompute([holding.pk])
    record_adjusted(adjustment, by=by, at=at)
    return adjustment


def _wrong(holding, quantity, reason):
    batch, place, unit = holding.batch, holding.location, holding.batch.product.unit
    if not quantity:
        yield "Zero changes nothing. Enter what was added or, with a minus, taken away."
        return
    if quantity > 0 and reason in _TAKES:
        word = Adjustment.Reason(reason).label.lower()
        yield f"“{word}” takes stock away. Enter the quantity with a minus."
    if batch.status == Batch.Status.VOIDED:
        yield f"{batch} was voided. There is no stock of it to change."
    if holding.quantity is not None and quantity < 0 and holding.quantity + quantity < 0:
        there = amount(max(holding.quantity, 0), unit)
        yield (
            f"Only {there} of {batch} are at {place.code}. Take away no more than that, or void "
            "the document that is wrong."
        )
    if reason == Adjustment.Reason.SOLD and holds_by_batch([batch.pk], place):
        yield f"{batch} is on hold at {place.code} and must not be sold. Release the hold first."


@transaction.atomic
def void_adjustment(*, adjustment, reason, by, at) -> Adjustment:
    """Takes an adjustment back. Refuses an empty reason, one voided before, and one that
    added goods which have since moved on."""
    reason = need_reason(reason, "the adjustment is voided")
    checks.lock_batches([adjustment.holding.batch_id])
    adjustment = locked(adjustment)
    if adjustment.voided_at:
        raise ValidationError("This adjustment was voided already.")
    holding = adjustment.holding
    mark_voided(adjustment, reason=reason, at=at)
    recompute([holding.pk])
    if adjustment.quantity > 0:
        checks.refuse_if_moved_on([holding.pk], {holding.pk: holding.quantity}, by_run=False)
    record_voided(adjustment, by=by, at=at)
    return adjustment


def mark_voided(adjustment, *, reason, at) -> None:
    adjustment.voided_at, adjustment.void_reason = at, reason
    adjustment.save(update_fields=["voided_at", "void_reason"])


def record_adjusted(adjustment, *, by, at) -> None:
    after = values(adjustment, ["holding", "shipment_line", "quantity", "reason", "at"])
    record(verb="stock adjusted", obj=adjustment, by=by, at=at, after=after)


def record_voided(adjustment, *, by, at) -> None:
    record(
        verb="adjustment voided",
        obj=adjustment,
        by=by,
        at=at,
        after=values(adjustment, ["holding", "quantity", "voided_at"]),
        reason=adjustment.void_reason,
    )
