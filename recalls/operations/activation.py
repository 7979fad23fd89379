"""Activating a recall: one transaction, and what follows it at once.

A second person approves; how one person does it alone is in a module of its own.
"""

import logging

from django.conf import settings
from django.core.exceptions import ValidationError

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import Recall, ScopeVersion
from recalls.operations.reporting import write_reports
from recalls.operations.scope import check_drift, freeze, hold_own, release
from recalls.operations.signing import check_password, sign
from recalls.operations.snapshots import in_one_snapshot
from recalls.operations.states import locked
from recalls.operations.tasks import write_tasks
from recalls.scope import preview

Status = Recall.Status
_log = logging.getLogger(__name__)


def activate_recall(*, recall, by, at, password, meaning, seen="", at_once=False) -> ScopeVersion:
    """Freezes the scope, holds what is ours and owes the notices, in one transaction.

    The notices wait for the window in which they can be stopped, unless `at_once`.

    Then looks again at once: what was posted meanwhile becomes the next version.
    Refuses the person who submitted it (a drill does not, unless DRILL_NEEDS_TWO), a wrong
    password, an empty scope, and one that covers something else than the look whose
    fingerprint `seen` is.
    """
    version = _activate(
        recall=recall, by=by, at=at, password=password, meaning=meaning, seen=seen, at_once=at_once
    )
    follow_up(version, at)
    return version


@in_one_snapshot
def _activate(*, recall, by, at, password, meaning, seen, at_once) -> ScopeVersion:
    recall = locked(recall, Status.SUBMITTED, to="activated")
    if by.pk == recall.submitted_by_id and needs_two(recall):
        raise ValidationError(
            "You submitted this recall. A second person must check and activate it."
        )
    check_password(by, password)
    return activated(recall, by=by, at=at, meaning=meaning, seen=seen, at_once=at_once)


def needs_two(recall: Recall) -> bool:
    """Whether another person than submitted it must activate it, and another close it."""
    return settings.DRILL_NEEDS_TWO or not recall.is_drill


@in_one_snapshot
def activate_unsigned(*, recall, by, at) -> ScopeVersion:
    """Activates a drill that runs by itself: nobody is asked for a password, nobody signs.

    Its mail is due at once. Refuses what is no drill, and what activating refuses.
    """
    recall = locked(recall, Status.SUBMITTED, to="activated")
    if not recall.is_drill:
        raise ValidationError(f"{recall} is no drill. A person must activate and sign it.")
    return activated(recall, by=by, at=at, meaning=None, at_once=True)


def activated(
    recall: Recall, *, by, at, meaning, seen="", reason="", at_once=False
) -> ScopeVersion:
    """What activating does to a locked recall, whoever may do it.

    With a `reason` the person does it alone; the recall says so in the row it is saved with.
    Without a `meaning` (None) nobody signs it.
    """
    if recall.is_drill:
        mail.team_mailboxes(recall)
    look = preview(recall)
    if not look.lines:
        raise ValidationError("The rules reach no batch anywhere. Check the scope.")
    if seen and seen != look.fingerprint:
        raise ValidationError(
            "The scope has changed since you looked at it. See what it reaches now, then decide."
        )
    version = freeze(recall=recall, seen=look, cause=ScopeVersion.Cause.ACTIVATION, by=by, at=at)
    recall.status, recall.activated_by, recall.activated_at = Status.ACTIVE, by, at
    recall.drift_due, recall.resolved_at = True, at
    recall.is_break_glass, recall.break_glass_reason = bool(reason), reason
    recall.save(
        update_fields=[
            "status", "activated_by", "activated_at", "drift_due", "resolved_at",
            "is_break_glass", "break_glass_reason", "submitted_by", "submitted_at",
        ]
    )  # fmt: skip
    holds = hold_own(version=version, by=by, at=at)
    notices = release(version=version, places=look.places, by=by, at=at, at_once=at_once)
    write_tasks(version=version, at=at)
    if meaning is not None:
        sign(recall, version, by, at, meaning)
    record(
        verb="recall activated alone" if reason else "recall activated",
        obj=recall,
        by=by,
        at=at,
        after={"version": version.number, "holds": holds, "notices": notices, **look.look},
        reason=reason,
    )
    return version


def follow_up(version: ScopeVersion, at) -> None:
    """Rings, looks for what was posted meanwhile, and owes the first report."""
    doorbell.ring()
    for part in (
        lambda: check_drift(recall=version.recall, at=at),
        lambda: write_reports(version=version, round="activation", at=at),
    ):
        try:
            part()
        except Exception:  # Activated is activated: the clock does both again.
            _log.exception("%s is active; the clock will finish what is left", version.recall)
