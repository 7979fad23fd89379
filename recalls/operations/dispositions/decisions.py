"""Deciding about proposals: carried out by a document, or rejected with a reason."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.documents.checks import lock_batches
from batches.operations.events import record
from recalls.models import Disposition, DispositionDecision, Recall
from recalls.operations.dispositions.agreed import needs_second, said
from recalls.operations.dispositions.effects import EFFECTS


@transaction.atomic
def carry_out(*, disposition, by, at) -> DispositionDecision:
    """Does what was proposed, by a document: an adjustment, a shipment, a run, or by releasing
    the hold. Refuses what was decided before, the person who proposed it where a second is
    needed, and what the document refuses."""
    row = _open(disposition)
    second = needs_second(row.kind)
    if second and by.pk == row.by_id:
        raise ValidationError("You proposed this. A second person must agree to it.")
    document = EFFECTS[row.kind](row, by, at)
    decision = DispositionDecision.objects.create(
        disposition=row,
        is_carried_out=True,
        needs_second=second,
        proposed_by_id=row.by_id,
        by=by,
        at=at,
        **document,
    )
    record(
        verb="disposition carried out",
        obj=row.recall,
        by=by,
        at=at,
        after=said(row) | {name: str(made) for name, made in document.items()},
        reason=row.reason,
    )
    return decision


@transaction.atomic
def reject_disposition(*, disposition, reason, by, at) -> DispositionDecision:
    """Ends a proposal without effect, also one's own. Refuses an empty reason, and what was
    decided before."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why not; it is kept with the recall."})
    row = _open(disposition)
    decision = DispositionDecision.objects.create(
        disposition=row,
        is_carried_out=False,
        needs_second=needs_second(row.kind),
        proposed_by_id=row.by_id,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    record(
        verb="disposition rejected",
        obj=row.recall,
        by=by,
        at=at,
        after=said(row),
        reason=reason.strip(),
    )
    return decision


def _open(disposition: Disposition) -> Disposition:
    """The proposal with its batch and its recall locked, in the order in which postings do."""
    lock_batches([disposition.holding.batch_id])
    Recall.objects.select_for_update().get(pk=disposition.recall_id)
    rows = Disposition.objects.select_related(
        "recall", "holding__batch__product", "holding__location", "destination"
    )
    row = rows.get(pk=disposition.pk)
    if DispositionDecision.objects.filter(disposition=row).exists():
        raise ValidationError("This was decided already. Load the page again.")
    return row
