"""What on record may explain that a batch does not add up; only a person can say that it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from batches.models import Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.tracing.balance import Balance

MOST = 5


@dataclass(frozen=True)
class Draft:
    """A line of a document that counts for nothing: a draft, or one that was voided and has just
    the amount that is sought."""

    kind: str  # shipment or run
    reference: str
    quantity: Decimal | None
    is_voided: bool


def drafts_of(balance: Balance) -> list[Draft]:
    """At most MOST lines of drafts, and of voided documents with the amount that is missing."""
    found = [
        *_lines(balance, ShipmentLine, "shipment", Shipment.Status),
        *_lines(balance, RunInput, "run", Run.Status),
        *_lines(balance, RunOutput, "run", Run.Status),
    ]
    return sorted(found, key=lambda draft: (draft.is_voided, draft.reference))[:MOST]


def _lines(balance: Balance, model, kind: str, status) -> Iterator[Draft]:
    sought = abs(balance.overall.unexplained or Decimal(0))
    fits = Q(**{f"{kind}__status": status.VOIDED}, quantity=sought)
    rows = model.objects.filter(Q(**{f"{kind}__status": status.DRAFT}) | fits, batch=balance.batch)
    names = (f"{kind}__reference", "quantity", f"{kind}__status")
    for reference, quantity, state in rows.order_by("-pk").values_list(*names)[:MOST]:
        yield Draft(kind, reference, quantity, state == status.VOIDED)
