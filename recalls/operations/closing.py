"""The end of a recall: completed when every place answered, closed by a second person."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from batches.operations.events import record
from recalls.models import Narrowing, Recall
from recalls.operations.activation import needs_two
from recalls.operations.reporting import write_reports
from recalls.operations.scope import check_drift
from recalls.operations.scoring import keep_score
from recalls.operations.signing import check_password, sign
from recalls.operations.states import locked
from recalls.operations.targets import check_targets
from recalls.reports.checking import checking
from recalls.reports.missing import unchecked
from recalls.reports.reconciliation import Reconciliation, reconciliation
from recalls.reports.status import status
from recalls.scope import newest_released, preview
from recalls.scope.drift import has_additions
from recalls.scope.narrowed import is_taken_out

Status = Recall.Status
_log = logging.getLogger(__name__)
_NAMED = 5


def complete_recall(*, recall, by, at) -> Recall:
    """Ends the recovering, after a last look at where the goods went.

    Refuses while a place owes an answer or a version is not released.
    """
    check_drift(recall=recall, at=at)
    recall = _complete(recall=recall, by=by, at=at)
    try:
        write_reports(version=newest_released(recall), round="completion", at=at)
    except Exception:  # Completed is completed: the clock writes the report.
        _log.exception("%s is completed; the clock will write its report", recall)
    return recall


@transaction.atomic
def _complete(*, recall, by, at) -> Recall:
    recall = locked(recall, Status.ACTIVE, to="completed")
    if recall.narrowings.filter(state=Narrowing.State.OPEN).exists():
        raise ValidationError("A proposal to narrow the scope waits. Approve or reject it first.")
    now = status(recall)
    _refuse_growth(recall, now)
    open_places = [place for place in now.places if not (place.answered or place.waived)]
    if open_places:
        named = ", ".join(place.name for place in open_places[:10])
        more = f" and {len(open_places) - 10} more" if len(open_places) > 10 else ""
        raise ValidationError(
            f"{len(open_places)} places have not answered: {named}{more}. "
            "Get their answers, or waive them with a reason."
        )
    recall.status, recall.completed_by, recall.completed_at = Status.COMPLETED, by, at
    recall.save(update_fields=["status", "completed_by", "completed_at"])
    record(verb="recall completed", obj=recall, by=by, at=at, after={"answered": now.answered})
    return recall


def _refuse_growth(recall: Recall, now) -> None:
    """Whatever is posted from here on waits for the recall's row, or came after its end."""
    if now.draft:
        raise ValidationError(
            f"Scope version {now.draft.number} found new movements and is not released. "
            "Release it first."
        )
    if has_additions(recall, preview(recall)):
        raise ValidationError("Goods moved on while we looked. Try again in a minute.")


def close_recall(*, recall, by, at, password, meaning, statement="") -> Recall:
    """Signs the end, a recall by another person than completed it. What did not come back is
    explained.

    Looks once more at where the goods went. Releases no hold: each stays until someone
    decides about the goods. A drill keeps its score. Refuses one that was activated alone and
    not countersigned, and one whose effectiveness checks are neither made nor waived.
    """
    check_drift(recall=recall, at=at)
    return _close(
        recall=recall, by=by, at=at, password=password, meaning=meaning, statement=statement
    )


@transaction.atomic
def _close(*, recall, by, at, password, meaning, statement) -> Recall:
    recall = locked(recall, Status.COMPLETED, to="closed")
    if by.pk == recall.completed_by_id and needs_two(recall):
        raise ValidationError("You completed this recall. A second person must close it.")
    if recall.is_uncountersigned:
        raise ValidationError(
            "One person activated this recall alone. Another must countersign it before it is "
            "closed."
        )
    check_password(by, password)
    now = status(recall)
    _refuse_growth(recall, now)
    if lacking := unchecked(recall, checking(recall, now.version)):
        raise ValidationError(f"{lacking[0].text}. See the page of its checks.")
    _refuse_unexplained(reconciliation(recall, now), statement)
    recall.status, recall.closed_by, recall.closed_at = Status.CLOSED, by, at
    recall.closing_statement = statement.strip()
    recall.save(update_fields=["status", "closed_by", "closed_at", "closing_statement"])
    sign(recall, now.version, by, at, meaning)
    keep_score(recall, by=by, at=at, remark=recall.closing_statement)
    check_targets(recall=recall, at=at)
    record(verb="recall closed", obj=recall, by=by, at=at, reason=recall.closing_statement)
    return recall


def _refuse_unexplained(found: Reconciliation, statement: str) -> None:
    """What is missing is named, and closed over only with an explanation."""
    gaps = found.to_explain
    if not gaps or statement.strip():
        return
    named = " ".join(gap.text for gap in gaps[:_NAMED])
    more = f" And {len(gaps) - _NAMED} more." if len(gaps) > _NAMED else ""
    said = "Not everything came back. Explain what became of the rest."
    raise ValidationError({"statement": f"{said} {named}{more}"})


def let_go() -> Q:
    """The holds of recalls that people may release: the recall is over, or took the goods out."""
    over = Recall.objects.filter(status__in=(Status.CLOSED, Status.CANCELLED))
    return Q(recall__in=over.values("reference")) | Q(is_taken_out())
