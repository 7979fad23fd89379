"""What the rules reach, as versions: frozen, held, grown by drift or by a new rule, released.

The rules have a module of their own and are named here too.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.models import Finding, Hold
from batches.operations import doorbell
from batches.operations.events import record
from batches.operations.findings import close_finding, raise_finding
from batches.operations.holds import place_holds
from recalls.models import Recall, ScopeLine, ScopeRelease, ScopeVersion
from recalls.operations.arrivals import hold_of
from recalls.operations.customers import tell_customers_of_more
from recalls.operations.leaving import watch_narrowed
from recalls.operations.notices import write_notices
from recalls.operations.rules import (
    add_rule,
    add_rules,
    exclude_holding,
    note_what_had_arrived,
    readmit_holding,
    withdraw_rule,
)
from recalls.operations.snapshots import in_one_snapshot
from recalls.operations.states import locked
from recalls.operations.window import due_at
from recalls.scope import Place, ScopePreview, canonical_scope, newest, preview
from recalls.scope.contacts import chunks
from recalls.scope.drift import compared, has_additions, is_widened, kept_lines
from recalls.scope.narrowed import narrowed_in_words, taken_out_ever

__all__ = [
    "add_rule",
    "add_rules",
    "check_drift",
    "exclude_holding",
    "freeze",
    "hold_own",
    "mark_drift",
    "readmit_holding",
    "release",
    "release_version",
    "withdraw_rule",
]

Status = Recall.Status
DRIFT, UNSEEN = "scope_drift", "scope_unseen"


def freeze(
    *, recall, seen: ScopePreview, cause, by, at, narrowing=None, removed: Collection[int] = ()
) -> ScopeVersion:
    """Writes the next version: values copied, lines marked against the last released version,
    earlier lines kept although they may be gone now, and a hash over all of it.

    Only a `narrowing` takes lines out: the holdings `removed`, which it names in its rules.
    """
    before = newest(recall)
    version = ScopeVersion(
        recall=recall,
        number=before.number + 1 if before else 1,
        cause=cause,
        frozen_at=at,
        frozen_by=by,
        complete=seen.complete,
        notes=seen.notes,
        rules=[*seen.rules, narrowed_in_words(narrowing, before, removed)]
        if narrowing
        else seen.rules,
        narrowing=narrowing,
    )
    lines = [ScopeLine(**values) for values in compared(recall, seen)]
    lines += kept_lines(before, {line.holding_id for line in lines} | set(removed))
    version.sha256 = hashlib.sha256(canonical_scope(version, lines)).hexdigest()
    version.save(force_insert=True)
    for line in lines:
        line.version = version
    ScopeLine.objects.bulk_create(lines, batch_size=500)
    note_what_had_arrived(recall=recall, seen=seen)
    record(
        verb="scope frozen",
        obj=recall,
        by=by,
        at=at,
        after={"version": version.number, "lines": len(lines), "sha256": version.sha256},
    )
    return version


def hold_own(*, version, by, at) -> int:
    """Holds every affected holding on a site of ours that this recall does not hold yet."""
    recall = version.recall
    lines = version.lines.filter(location__is_own=True).order_by("holding_id")
    held = _held_by(recall)
    places = [key for key in lines.values_list("batch_id", "location_id") if key not in held]
    if not places:
        return 0
    return len(place_holds(places=places, by=by, at=at, **asdict(hold_of(recall))))


def _held_by(recall: Recall) -> set[tuple[int, int]]:
    """What this recall ever held: a hold that was released by decision is not put back.

    One that went with a narrowing is: goods that are in the scope again are held again.
    """
    holds = Hold.objects.filter(recall=recall.reference)
    ever = set(holds.values_list("batch_id", "location_id"))
    active = holds.filter(released_at__isnull=True)
    return (ever - taken_out_ever(recall)) | set(active.values_list("batch_id", "location_id"))


def check_drift(*, recall, at) -> ScopeVersion | None:
    """Looks again. New places or quantities become the next version, unreleased, with an alarm;
    what of it is ours is held at once. Nothing is taken out. None when there is nothing new.

    What moved out of goods that were taken out of the scope raises an alarm of its own. So does
    a look that cannot be had, until one can: nobody would notice that it is missing.
    """
    live = (Status.ACTIVE, Status.COMPLETED)
    # Cleared before the look: a movement posted during it sets the mark again.
    Recall.objects.filter(pk=recall.pk).update(drift_due=False, resolved_at=at)
    recall = Recall.objects.get(pk=recall.pk)
    if recall.status not in live:
        return None
    try:
        watch_narrowed(recall=recall, at=at)
        grown = has_additions(recall, preview(recall))
    except Exception:
        _note_unseen(recall, at)
        raise
    _settle(recall, UNSEEN, "The scope can be looked at again.", None, at)
    return _grow(recall=recall, at=at) if grown else None


@transaction.atomic
def _note_unseen(recall: Recall, at) -> None:
    Recall.objects.filter(pk=recall.pk).update(drift_due=True)
    raise_finding(
        kind=UNSEEN,
        severity=Finding.Severity.ALARM,
        obj=recall,
        text=f"What the rules of {recall} reach could not be worked out, so new movements are not "
        "found. The log of the server says why.",
        at=at,
    )


def _settle(obj, kind: str, reason: str, by, at) -> None:
    about = {"object_type": obj._meta.label_lower, "object_id": str(obj.pk)}
    for finding in Finding.objects.open().filter(kind=kind, **about):
        close_finding(finding=finding, reason=reason, by=by, at=at)


@in_one_snapshot
def _grow(*, recall, at) -> ScopeVersion | None:
    recall = locked(recall, Status.ACTIVE, Status.COMPLETED, to="looked at again")
    seen = preview(recall)
    if not has_additions(recall, seen):
        return None
    widened = is_widened(recall)
    cause = ScopeVersion.Cause.EXPANSION if widened else ScopeVersion.Cause.DRIFT
    version = freeze(recall=recall, seen=seen, cause=cause, by=None, at=at)
    hold_own(version=version, by=None, at=at)
    grown = version.lines.exclude(change=ScopeLine.Change.SAME)
    places = sorted(set(grown.values_list("location_name", flat=True)))
    named = ", ".join(places[:5]) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
    verb = "was widened" if widened else "grew"
    raise_finding(
        kind=DRIFT,
        severity=Finding.Severity.ALARM,
        obj=version,
        label=recall.reference,
        text=f"The scope of {recall} {verb} by {len(grown)} lines ({named}). "
        f"Release version {version.number} to tell them.",
        at=at,
    )
    return version


@transaction.atomic
def release_version(*, version, by, at, at_once=False) -> ScopeRelease:
    """Tells the recipients of what is new or changed in a version, and nobody else.

    The notices wait for the window in which they can be stopped, unless `at_once`. A recall
    that was completed is active again. Refuses a version that was released or that a newer
    one replaced.
    """
    recall = locked(version.recall, Status.ACTIVE, Status.COMPLETED, to="extended")
    if ScopeRelease.objects.filter(version=version).exists():
        raise ValidationError(f"Version {version.number} was released already.")
    last = newest(recall)
    if last.pk != version.pk:
        raise ValidationError(
            f"Version {last.number} has replaced version {version.number}. Release that one."
        )
    if recall.status == Status.COMPLETED:
        recall.status, recall.completed_by, recall.completed_at = Status.ACTIVE, None, None
        recall.save(update_fields=["status", "completed_by", "completed_at"])
    count = release(version=version, places=None, by=by, at=at, at_once=at_once)
    close_alarms(recall, by, at)
    record(
        verb="scope version released",
        obj=recall,
        by=by,
        at=at,
        after={"version": version.number, "notices": count},
    )
    doorbell.ring()
    return version.release


def release(*, version, places: list[Place] | None, by, at, at_once=False) -> int:
    """Writes the release and the notices owed by it; returns how many."""
    ScopeRelease.objects.create(version=version, by=by, at=at)
    due = due_at(at, at_once)
    told = write_notices(version=version, places=places, at=at, due=due)
    return told + tell_customers_of_more(version=version, at=at, due=due)


def close_alarms(recall: Recall, by, at) -> None:
    versions = [str(pk) for pk in recall.versions.values_list("pk", flat=True)]
    alarms = Finding.objects.open().filter(
        kind=DRIFT, object_type=ScopeVersion._meta.label_lower, object_id__in=versions
    )
    for finding in alarms:
        close_finding(finding=finding, reason="The version was released.", by=by, at=at)


def mark_drift(source_holdings) -> None:
    """Marks live recalls that goods were just moved out of; runs in the posting's transaction."""
    live = Recall.objects.filter(status__in=[Status.ACTIVE, Status.COMPLETED])
    if not live.exists():
        return
    touched: set[int] = set()
    for ids in chunks(source_holdings):
        lines = ScopeLine.objects.filter(holding__in=ids, version__recall__in=live)
        touched |= set(lines.order_by().values_list("version__recall_id", flat=True).distinct())
    live.filter(pk__in=touched, drift_due=False).update(drift_due=True)
