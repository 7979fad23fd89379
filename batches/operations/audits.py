"""Running the audit: what it finds is kept as findings, one open for each rule and object.

A fault that is still there leaves its finding as it is, with its owner and its reason; one that
is gone closes it. A check that failed says nothing, so its findings stay.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from batches.models import AuditRun, Event, Finding, Job
from batches.operations import jobs
from batches.operations.events import record
from batches.operations.stock import chunks
from batches.reports.audit import LOG, Report, examine

JOB = "audit"
NIGHT_HOUR = 3
MENDED = "The audit does not find it any more."
_BATCH = 2_000


@transaction.atomic
def ask_for_audit(*, by: User | None, at: datetime, log_only: bool = False, day=None) -> AuditRun:
    """Puts a run in the queue. One that waits or runs already is given back instead."""
    waiting = AuditRun.objects.filter(
        log_only=log_only, finished_at=None, job__state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    if day is None and (run := waiting.first()):
        return run
    run = AuditRun.objects.create(day=day, log_only=log_only, asked_by=by, asked_at=at)
    run.job = jobs.enqueue(kind=JOB, parameters={"run": run.pk}, by=by)
    run.save(update_fields=["job"])
    return run


def owe_nightly_audit(*, at: datetime) -> AuditRun | None:
    """Asks for the run of the night, once a day, whoever's clock comes first."""
    here = at.astimezone(ZoneInfo(settings.SITE_TIME_ZONE))
    day = here.date()
    if here.hour < NIGHT_HOUR or AuditRun.objects.filter(day=day).exists():
        return None
    try:
        return ask_for_audit(by=None, at=at, day=day)
    except IntegrityError:
        # Another host's clock was quicker: the day has its run.
        return None


def run_audit_job(job: Job, tell: jobs.Tell) -> dict:
    """Runs what `ask_for_audit` asked for; a second try of a run that ended changes nothing."""
    run = AuditRun.objects.get(pk=job.parameters["run"])
    if run.finished_at is None:
        run = run_audit(run=run, at=timezone.now(), tell=tell)
    return {"found": run.total, "opened": run.opened, "closed": run.closed}


def run_audit(*, run: AuditRun, at: datetime, tell: jobs.Tell = lambda **_: None) -> AuditRun:
    """Looks first, without a lock; then writes what changed, in one transaction."""
    head = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    report = examine(at, {LOG} if run.log_only else None, tell)
    return _keep(run=run, report=report, at=at, head=head)


@transaction.atomic
def _keep(*, run: AuditRun, report: Report, at: datetime, head: int) -> AuditRun:
    run = AuditRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.finished_at:
        return run
    known = {
        (row.kind, row.object_type, row.object_id): row
        for row in Finding.objects.open()
        .filter(kind__in=report.complete | {kind for kind, _, _ in report.found})
        .order_by("pk")
        .select_for_update(of=("self",))
        .iterator(chunk_size=_BATCH)
    }
    gone = [row.pk for identity, row in known.items() if _is_mended(identity, report, run)]
    run.opened = _open(report, known, at)
    run.closed = _close(gone, at)
    _reword(report, known)
    run.counts, run.finished_at = report.counts, at
    run.events = head if "chain" in report.complete else None
    run.save(update_fields=["counts", "finished_at", "opened", "closed", "events"])
    after = {"opened": run.opened, "closed": run.closed, "found": run.total}
    record(verb="audit run", obj=run, by=run.asked_by, at=at, after=after)
    return run


def _is_mended(identity, report: Report, run: AuditRun) -> bool:
    if identity in report.found or identity[0] not in report.complete:
        return False
    # A run of the log alone cannot know whether the checks that failed work again.
    return not (run.log_only and identity[0] != "chain")


def _open(report: Report, known: dict, at: datetime) -> int:
    new = [fault for identity, fault in report.found.items() if identity not in known]
    Finding.objects.bulk_create(
        (
            Finding(
                kind=fault.kind.name,
                severity=fault.weight,
                object_type=fault.about,
                object_id=fault.key,
                label=fault.label,
                text=fault.text,
                found_at=at,
            )
            for fault in new
        ),
        # One that an import raised in the meantime is the same finding.
        ignore_conflicts=True,
        batch_size=_BATCH,
    )
    return len(new)


def _close(ids: list[int], at: datetime) -> int:
    for part in chunks(ids):
        Finding.objects.open().filter(pk__in=part).update(closed_at=at, close_reason=MENDED)
    return len(ids)


def _reword(report: Report, known: dict) -> None:
    """Figures move while a fault stays: its finding says what is true now."""
    changed = []
    for identity, fault in report.found.items():
        row = known.get(identity)
        if row and (row.text, row.severity) != (fault.text, fault.weight):
            row.text, row.severity = fault.text, fault.weight
            changed.append(row)
    Finding.objects.bulk_update(changed, ["text", "severity"], batch_size=500)
