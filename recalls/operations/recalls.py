"""The life of a recall: opened, submitted, handed back or cancelled.

Activating and ending it have modules of their own and are named here too.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import Recall, Subscription
from recalls.operations.activation import activate_recall
from recalls.operations.alone import (
    break_glass,
    check_countersigned,
    countersign,
    object_to,
)
from recalls.operations.closing import close_recall, complete_recall, let_go
from recalls.operations.messages import refuse_softening
from recalls.operations.numbers import next_number
from recalls.operations.scoring import begin
from recalls.operations.states import locked, refuse_incomplete

__all__ = [
    "activate_recall",
    "break_glass",
    "cancel_recall",
    "change_recall",
    "check_countersigned",
    "close_recall",
    "complete_recall",
    "countersign",
    "let_go",
    "object_to",
    "open_recall",
    "reject_recall",
    "submit_recall",
]

Status = Recall.Status

# What a person may fill in; everything else is moved by an operation.
FIELDS = frozenset(
    "title kind classification hazard reason_code discovered_at depth remedy instructions "
    "deadline planned_at lead".split()
)
# What authorities ask for; it is often known only after the recall is under way.
FACTS = frozenset(
    "discovered_at discovery injuries vulnerable_groups seriousness likelihood consequences "
    "assessed_by assessed_on public_warning effectiveness_level expected_end authority_reference "
    "classified_on terminated_on".split()
)


@transaction.atomic
def open_recall(*, title, by, at, is_drill=False, lead=None, drill=None, **fields) -> Recall:
    """Opens a draft under the next number. Its lead and the standing subscribers get reports.

    Of a drill it is the beginning: of the planned `drill`, or of one that nobody planned.
    """
    _refuse_unknown(fields)
    recall = Recall(
        title=title.strip(),
        is_drill=is_drill,
        lead=lead or by,
        opened_at=at,
        **{name: value for name, value in fields.items() if value is not None},
    )
    recall.reference = next_number("DR" if is_drill else "RC", at)
    recall.full_clean(exclude=["lead"])
    recall.save(force_insert=True)
    _subscribe(recall)
    if is_drill:
        begin(recall, drill, by=by, at=at)
    record(
        verb="recall opened",
        obj=recall,
        by=by,
        at=at,
        after={"title": recall.title, "is_drill": is_drill},
    )
    return recall


def _subscribe(recall: Recall) -> None:
    standing = Subscription.objects.filter(recall=None, active=True).select_related("user")
    wanted = {(row.user_id, row.email) for row in standing if row.user_id != recall.lead_id}
    Subscription.objects.bulk_create(
        Subscription(recall=recall, user_id=user, email=email)
        for user, email in sorted(wanted | {(recall.lead_id, "")}, key=str)
    )


def _refuse_unknown(fields: dict) -> None:
    if unknown := sorted(set(fields) - FIELDS - FACTS):
        raise ValidationError(f"A recall has no {', '.join(unknown)} to fill in.")


@transaction.atomic
def change_recall(*, recall, by, at, **fields) -> Recall:
    """Changes what is said about a draft; of an active recall, everything but its kind.

    What only authorities are told can be changed until the recall is closed.
    """
    _refuse_unknown(fields)
    late = (Status.SUBMITTED, Status.COMPLETED) if set(fields) <= FACTS else ()
    recall = locked(recall, Status.DRAFT, Status.ACTIVE, *late, to="changed")
    if recall.status == Status.ACTIVE and {"kind", "planned_at"} & set(fields):
        raise ValidationError(f"{recall} is under way. Its kind cannot be changed any more.")
    changed = {name: value for name, value in fields.items() if getattr(recall, name) != value}
    if not changed:
        return recall
    before = {name: getattr(recall, name) for name in changed}
    for name, value in changed.items():
        setattr(recall, name, value)
    recall.full_clean()
    recall.save(update_fields=list(changed))
    record(verb="recall changed", obj=recall, by=by, at=at, before=before, after=changed)
    return recall


@transaction.atomic
def submit_recall(*, recall, by, at) -> Recall:
    """Asks a second person to activate.

    Refuses a recall without a rule or a hazard, and softening words in a consumer notice.
    """
    recall = locked(recall, Status.DRAFT, to="submitted")
    refuse_incomplete(recall)
    refuse_softening(recall)
    recall.status, recall.submitted_by, recall.submitted_at = Status.SUBMITTED, by, at
    recall.save(update_fields=["status", "submitted_by", "submitted_at"])
    record(verb="recall submitted", obj=recall, by=by, at=at)
    return recall


@transaction.atomic
def reject_recall(*, recall, reason, by, at) -> Recall:
    """Hands a submitted recall back as a draft. Refuses an empty reason."""
    recall = locked(recall, Status.SUBMITTED, to="rejected")
    _need(reason, "Say why the recall is handed back, so that it can be mended.")
    recall.status, recall.submitted_by, recall.submitted_at = Status.DRAFT, None, None
    recall.save(update_fields=["status", "submitted_by", "submitted_at"])
    record(verb="recall rejected", obj=recall, by=by, at=at, reason=reason.strip())
    return recall


@transaction.atomic
def cancel_recall(*, recall, reason, by, at) -> Recall:
    """Ends a recall that was never active; its number stays used. Refuses an empty reason.

    A drill that is cancelled was not run: it has no score.
    """
    recall = locked(recall, Status.DRAFT, Status.SUBMITTED, to="cancelled")
    _need(reason, "Say why the recall is cancelled.")
    recall.status = Status.CANCELLED
    recall.save(update_fields=["status"])
    record(verb="recall cancelled", obj=recall, by=by, at=at, reason=reason.strip())
    return recall


def _need(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": sentence})
