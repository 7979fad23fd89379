"""Which recalls hold goods that arrive at a site of ours, asked in the posting's transaction."""

from collections import defaultdict
from collections.abc import Collection

from batches.models import Hold
from batches.operations.listeners import RecallHold
from recalls.models import Recall, ScopeLine

Status = Recall.Status
_UNDER_WAY = (Status.ACTIVE, Status.COMPLETED)


def recalls_that_hold(
    *, batches: Collection[int], origin: int, destination: int, is_return: bool
) -> dict[int, list[RecallHold]]:
    """By batch. A return is held by every recall that ever covered the batch, closed ones too.

    Anything else is held by a recall under way when it comes out of an affected holding,
    unless somebody released that recall's hold of the batch here. Reads only, no locks.
    """
    lines = ScopeLine.objects.filter(batch__in=list(batches)).order_by()
    if is_return:
        lines = lines.filter(version__recall__status__in=[*_UNDER_WAY, Status.CLOSED])
    else:
        lines = lines.filter(version__recall__status__in=_UNDER_WAY, location=origin)
    pairs = set(lines.values_list("batch_id", "version__recall_id"))
    recalls = Recall.objects.in_bulk({recall for _, recall in pairs})
    decided = set() if is_return else _held_before(recalls.values(), destination)
    found: dict[int, list[RecallHold]] = defaultdict(list)
    for batch, pk in sorted(pairs):
        recall = recalls[pk]
        if (batch, recall.reference) not in decided:
            found[batch].append(hold_of(recall))
    return found


def hold_of(recall: Recall) -> RecallHold:
    """The hold of a recall, as it stands on the goods."""
    return RecallHold(recall.reference, f"Recall {recall}: {recall.title}", recall.is_drill)


def _held_before(recalls, location: int) -> set[tuple[int, str]]:
    """What these recalls ever held there: a hold released by decision is not put back."""
    references = [recall.reference for recall in recalls]
    holds = Hold.objects.filter(recall__in=references, location=location).order_by()
    return set(holds.values_list("batch_id", "recall"))
