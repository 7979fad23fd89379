"""Targets of recalls: the hours of each class, other hours for one recall, and what meets them."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Finding
from batches.operations.changes import changes, locked, need_reason, refuse_if_changed
from batches.operations.events import record
from batches.operations.findings import close_finding, raise_finding
from recalls.models import Handover, Recall, Target, TargetChange, TargetPlan
from recalls.models.targets import MOST_HOURS
from recalls.operations.states import locked as locked_recall
from recalls.reports.status import status
from recalls.reports.targets import hours_of, targets

FIELDS = tuple(f"{target}_hours" for target in Target)
# Scope, notices, records, answers. BRCGS and FSMA ask for 4 and 24 h whatever the class.
DEFAULTS = dict.fromkeys(Recall.Classification, (4, 4, 24, 24))
MISSED = {target: f"target_{target}" for target in Target}
_UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)


def set_up_targets(apps) -> None:
    """Makes the rows that are not there yet. `apps` is a model registry."""
    rows = apps.get_model("recalls", "TargetPlan").objects
    for classification, values in DEFAULTS.items():
        hours = dict(zip(FIELDS, values, strict=True))
        rows.get_or_create(classification=str(classification), defaults=hours)


@transaction.atomic
def save_targets(*, plan, by, at, seen="") -> TargetPlan:
    """Changes the targets of a class; it counts at once, also for recalls under way.

    Refuses a change since `seen`, and hours out of range.
    """
    stored = locked(plan)
    refuse_if_changed(seen, stored)
    faults = {name: _range() for name in FIELDS if not _fits(getattr(plan, name))}
    if faults:
        raise ValidationError(faults)
    before, after = changes(stored, plan, FIELDS)
    if after:
        plan.save(update_fields=list(after))
        record(verb="targets changed", obj=plan, by=by, at=at, before=before, after=after)
    return plan


def _fits(hours) -> bool:
    return 1 <= (hours or 0) <= MOST_HOURS


def _range() -> str:
    return f"Enter 1 to {MOST_HOURS:,} hours."


@transaction.atomic
def change_target(*, recall, target, hours, reason, by, at) -> TargetChange:
    """Sets other hours for one target of one recall; what was said before is kept.

    Refuses an empty reason, hours out of range or as they are, and a recall that has ended.
    """
    recall = locked_recall(recall, Recall.Status.ACTIVE, to="given other targets")
    if not _fits(hours):
        raise ValidationError({"hours": _range()})
    reason = need_reason(reason, "this recall has another target")
    before = hours_of(recall)[0][target]
    if hours == before:
        raise ValidationError({"hours": f"It is {hours} hours already."})
    row = TargetChange.objects.create(
        recall=recall, target=target, hours=hours, reason=reason, by=by, at=at
    )
    record(
        verb="target changed",
        obj=recall,
        by=by,
        at=at,
        before={"target": str(target), "hours": before},
        after={"target": str(target), "hours": hours},
        reason=reason,
    )
    return row


@transaction.atomic
def hand_over_records(*, recall, authority, reference, handed_at, note, by, at) -> Handover:
    """Notes that records were handed to an authority, and when; kept as it is.

    Refuses a moment before the recall was activated or that lies ahead, a handover without
    the authority or its reference, and a recall that was never active.
    """
    allowed = (*_UNDER_WAY, Recall.Status.CLOSED)
    recall = locked_recall(recall, *allowed, to="handed over")
    if handed_at > at + timedelta(minutes=1):
        raise ValidationError({"handed_at": "This lies ahead. Note it when it is done."})
    if handed_at < recall.opened_at:
        raise ValidationError({"handed_at": "This is before the recall was opened."})
    row = Handover(
        recall=recall,
        authority=authority.strip(),
        reference=reference.strip(),
        handed_at=handed_at,
        note=note.strip(),
        by=by,
        at=at,
    )
    row.full_clean()
    row.save(force_insert=True)
    after = {"handover": row.pk, "reference": row.reference, "handed_at": handed_at}
    record(verb="records handed over", obj=recall, by=by, at=at, after=after)
    return row


def check_targets(*, recall, at) -> int:
    """Raises an alarm for each target that is missed, and closes those that were met since.

    Returns how many alarms it raised. What is neither raises nor closes costs no lock.
    """
    if recall.status not in (*_UNDER_WAY, Recall.Status.CLOSED):
        return 0
    rows = targets(recall, status(recall), at)
    open_ones = _alarms(recall)
    late = {MISSED[row.target]: row for row in rows if row.is_late}
    gone = [finding for finding in open_ones if finding.kind not in late]
    new = sorted(set(late) - {finding.kind for finding in open_ones})
    return _raise(recall, [late[kind] for kind in new], gone, at) if new or gone else 0


def _alarms(recall: Recall) -> list[Finding]:
    found = Finding.objects.open().filter(
        kind__in=MISSED.values(),
        object_type=recall._meta.label_lower,
        object_id=str(recall.pk),
    )
    return list(found.order_by("pk"))


@transaction.atomic
def _raise(recall: Recall, late, gone, at) -> int:
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    still_open = {finding.kind for finding in _alarms(recall)}
    for finding in gone:
        if finding.kind in still_open:
            close_finding(finding=finding, reason="It is met, or the recall ended.", by=None, at=at)
    raised = 0
    for row in late:
        if MISSED[row.target] in still_open:
            continue
        text = f"{row.word}: due within {row.hours} h of the opening, and not met. {recall.title}"
        raise_finding(
            kind=MISSED[row.target],
            severity=Finding.Severity.ALARM,
            obj=recall,
            text=text,
            at=at,
        )
        after = {"target": row.target, "hours": row.hours}
        record(verb="target missed", obj=recall, by=None, at=at, after=after)
        raised += 1
    return raised
