"""What proposals and decisions share: who must agree, what the log says, the recall's holds."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from batches.models import Hold, Holding
from batches.operations.holds import with_freedom
from batches.templatetags.wording import quantity as amount
from recalls.models import Disposition, Recall

Kind = Disposition.Kind
# Decided by somebody who may approve recalls, always another person than proposed it.
APPROVED = frozenset({Kind.REWORK, Kind.RELEASE})


def needs_second(kind: str) -> bool:
    return kind in APPROVED or (kind == Kind.DESTROYED and settings.DESTRUCTION_NEEDS_TWO)


def said(row: Disposition) -> dict:
    return {
        "number": row.number,
        "kind": str(row.kind),
        "holding": row.holding_id,
        "batch": row.holding.batch.number,
        "code": row.holding.location.code,
        "quantity": row.quantity,
        "cost": row.cost,
        "currency": row.currency,
    }


def holds_of(recall: Recall, holding: Holding) -> QuerySet[Hold]:
    """The holds of the recall on exactly these goods."""
    there = Hold.objects.filter(batch=holding.batch_id, location=holding.location_id)
    return there.filter(recall=recall.reference, released_at__isnull=True)


def refuse_release(row: Disposition) -> None:
    """Refuses while the recall covers the goods, and a part of what one hold is on."""
    recall, holding = row.recall, row.holding
    if holding.quantity is not None and row.quantity != holding.quantity:
        there = amount(holding.quantity, row.unit)
        raise ValidationError(
            {"quantity": f"A hold is on all that is there. Enter {there}, or move the rest first."}
        )
    if not with_freedom(holds_of(recall, holding)).filter(is_free=True).exists():
        raise ValidationError(
            f"{recall} still covers {holding.batch} at {holding.location.name}. Narrow the scope, "
            "or close the recall first."
        )
