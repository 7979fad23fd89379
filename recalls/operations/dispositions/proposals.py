"""Proposing what becomes of recalled goods, and all that is refused about it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Sum

from batches.models import Holding
from batches.operations.documents.checks import lock_batches
from batches.operations.events import record
from batches.templatetags.wording import quantity as amount
from recalls.models import Disposition, Recall, ScopeLine
from recalls.operations.dispositions.agreed import holds_of, needs_second, refuse_release, said
from recalls.operations.dispositions.certificates import add_certificate
from recalls.operations.dispositions.decisions import carry_out
from recalls.operations.recovery import UNDER_WAY

Kind = Disposition.Kind


@transaction.atomic
def propose_disposition(
    *, recall, holding, kind, quantity, reason, by, at, cost=None, upload=None, **details
) -> Disposition:
    """Says what becomes of `quantity` of a holding, and carries it out at once unless a second
    person must agree: to rework and release always, to destroying by DESTRUCTION_NEEDS_TWO.

    `details`: happened_on, method, certificate, witness_name and witness_function of what was
    destroyed, with `upload` the paper of its certificate; destination of what goes back to a
    supplier; output_number of a rework. Refuses a drill, what the recall does not cover or
    hold, more than is there, at other people's places anything but what was destroyed there,
    and release while the recall covers the goods.
    """
    lock_batches([holding.batch_id])
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    holding = Holding.objects.select_related("batch__product", "location").get(pk=holding.pk)
    _refuse(recall, holding, kind, quantity, reason, cost)
    row = Disposition(
        recall=recall,
        number=(recall.dispositions.aggregate(last=Max("number"))["last"] or 0) + 1,
        holding=holding,
        kind=kind,
        quantity=quantity,
        unit=holding.batch.product.unit,
        cost=cost,
        currency=settings.CURRENCY,
        reason=reason.strip(),
        by=by,
        at=at,
        **{name: value for name, value in details.items() if value},
    )
    _DETAILS[kind](row, at)
    row.save(force_insert=True)
    record(verb="disposition proposed", obj=recall, by=by, at=at, after=said(row), reason=reason)
    if upload:
        add_certificate(disposition=row, number=row.certificate, upload=upload, by=by, at=at)
    if not needs_second(kind):
        carry_out(disposition=row, by=by, at=at)
    return row


def _refuse(recall, holding, kind, quantity, reason, cost) -> None:
    batch, place = holding.batch, holding.location
    if recall.is_drill:
        raise ValidationError("A drill moves no goods, so there is nothing to decide about.")
    if recall.status not in UNDER_WAY:
        raise ValidationError(f"{recall} is not active. Decide about its goods once it is.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why; it is kept with the recall."})
    if quantity is None or quantity <= 0:
        raise ValidationError({"quantity": "The quantity must be more than zero."})
    if cost is not None and cost < 0:
        raise ValidationError({"cost": "A cost is not below zero. Leave it empty if unknown."})
    if not _is_covered(recall, holding):
        raise ValidationError(f"{batch} at {place.name} is neither covered nor held by {recall}.")
    if not place.is_own and kind != Kind.DESTROYED:
        raise ValidationError(
            f"{batch} is with {place.name}. Record what was destroyed there, or enter its return "
            "and decide about it then."
        )
    _refuse_too_much(holding, quantity)


def _is_covered(recall: Recall, holding: Holding) -> bool:
    """In a version of the scope, or held on arrival before the next look froze one."""
    lines = ScopeLine.objects.filter(version__recall=recall, holding=holding)
    return lines.exists() or holds_of(recall, holding).exists()


def _refuse_too_much(holding: Holding, quantity: Decimal) -> None:
    """More than is there, less what others proposed for it and nobody has decided yet."""
    if holding.quantity is None:
        return
    waiting = Disposition.objects.filter(holding=holding, decision__isnull=True)
    promised = waiting.aggregate(sum=Sum("quantity"))["sum"] or Decimal(0)
    free = max(holding.quantity - promised, Decimal(0))
    if quantity > free:
        unit = holding.batch.product.unit
        besides = f", and {amount(promised, unit)} wait for a decision" if promised else ""
        raise ValidationError(
            {
                "quantity": f"Only {amount(max(holding.quantity, Decimal(0)), unit)} of "
                f"{holding.batch} are recorded at {holding.location.code}{besides}. "
                "Lower the quantity, or correct the count there first."
            }
        )


def _destruction(row: Disposition, at) -> None:
    needed = {
        "method": "Say how it was destroyed, such as: incinerated.",
        "witness_name": "Enter who saw it.",
        "witness_function": "Enter the witness's function, such as: site manager.",
    }
    missing = {name: said for name, said in needed.items() if not getattr(row, name).strip()}
    if row.happened_on is None:
        missing["happened_on"] = "Enter the day on which it was destroyed."
    elif row.happened_on > _today(row, at):
        missing["happened_on"] = "This day is still to come."
    if missing:
        raise ValidationError(missing)


def _today(row: Disposition, at) -> date:
    return at.astimezone(row.holding.location.zone).date()


def _to_supplier(row: Disposition, at) -> None:
    if row.destination is None:
        raise ValidationError({"destination": "Say which supplier it goes back to."})
    if row.destination.is_own:
        raise ValidationError({"destination": f"{row.destination.name} is a site of ours."})


def _rework(row: Disposition, at) -> None:
    if not row.output_number.strip():
        raise ValidationError({"output_number": "Give what is made a batch number of its own."})


_DETAILS: dict[str, Callable] = {
    Kind.DESTROYED: _destruction,
    Kind.SCRAP: lambda row, at: None,
    Kind.SUPPLIER: _to_supplier,
    Kind.REWORK: _rework,
    Kind.RELEASE: lambda row, at: refuse_release(row),
}
