"""Activating a recall: one transaction by a second person, and what follows it at once."""

import logging

from django.core.exceptions import ValidationError

from batches.operations import doorbell
from batches.operations.events import record
from recalls.models import Recall, ScopeVersion
from recalls.operations.reporting import write_reports
from recalls.operations.scope import check_drift, freeze, hold_own, release
from recalls.operations.signing import check_password, sign
from recalls.operations.snapshots import in_one_snapshot
from recalls.operations.states import locked
from recalls.scope import preview

Status = Recall.Status
_log = logging.getLogger(__name__)


def activate_recall(*, recall, by, at, password, meaning, at_once=False) -> ScopeVersion:
    """Freezes the scope, holds what is ours and owes the notices, in one transaction.

    The notices wait for the window in which they can be stopped, unless `at_once`.

    Then looks again at once: what was posted meanwhile becomes the next version.
    Refuses the person who submitted it, a wrong password, a drill and an empty scope.
    """
    version = _activate(
        recall=recall, by=by, at=at, password=password, meaning=meaning, at_once=at_once
    )
    doorbell.ring()
    for follow_up in (
        lambda: check_drift(recall=version.recall, at=at),
        lambda: write_reports(version=version, round="activation", at=at),
    ):
        try:
            follow_up()
        except Exception:  # Activated is activated: the clock does both again.
            _log.exception("%s is active; the clock will finish what is left", version.recall)
    return version


@in_one_snapshot
def _activate(*, recall, by, at, password, meaning, at_once) -> ScopeVersion:
    recall = locked(recall, Status.SUBMITTED, to="activated")
    if recall.is_drill:
        raise ValidationError(f"{recall} is a drill. Drills can be planned, but not run yet.")
    if by.pk == recall.submitted_by_id:
        raise ValidationError(
            "You submitted this recall. A second person must check and activate it."
        )
    check_password(by, password)
    seen = preview(recall)
    if not seen.lines:
        raise ValidationError("The rules reach no batch anywhere. Check the scope.")
    version = freeze(recall=recall, seen=seen, cause=ScopeVersion.Cause.ACTIVATION, by=by, at=at)
    recall.status, recall.activated_by, recall.activated_at = Status.ACTIVE, by, at
    recall.drift_due, recall.resolved_at = True, at
    recall.save(
        update_fields=["status", "activated_by", "activated_at", "drift_due", "resolved_at"]
    )
    holds = hold_own(version=version, by=by, at=at)
    notices = release(version=version, places=seen.places, by=by, at=at, at_once=at_once)
    sign(recall, version, by, at, meaning)
    record(
        verb="recall activated",
        obj=recall,
        by=by,
        at=at,
        after={"version": version.number, "holds": holds, "notices": notices, **seen.look},
    )
    return version
