"""What a person should know of, wherever they are: alarms, and how their own long work ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.labelling import JOB as LABELS
from batches.lists.access import needs
from batches.models import Finding, Job
from batches.operations.audits import JOB as AUDIT
from batches.operations.imports.uploads import JOB as IMPORT
from batches.reports.audit import word_of
from batches.reports.findings import addresses
from recalls.operations.records import SHEET
from recalls.packaging import JOB as PACKAGE

ALARMS = 20
JOBS = 20
JOB_DAYS = 7


@dataclass(frozen=True)
class Alarm:
    finding: Finding
    word: str
    url: str


@dataclass(frozen=True)
class Work:
    """One job: what it was to make, and the page where its result is."""

    job: Job
    word: str
    url: str


@needs("batches.view_batch")
@require_safe
def notifications(request):
    rows = Finding.objects.unsettled().filter(severity=Finding.Severity.ALARM)
    found = list(rows.select_related("owner")[: ALARMS + 1])
    context = {
        "alarms": _alarms(found[:ALARMS]),
        "has_more": len(found) > ALARMS,
        "works": work_of(request.user, timezone.now()),
        "days": JOB_DAYS,
    }
    return render(request, "notifications.html", context)


def _alarms(findings: list[Finding]) -> list[Alarm]:
    urls = addresses(findings)
    return [
        Alarm(one, word_of(one.kind), urls.get((one.object_type, one.object_id), ""))
        for one in findings
    ]


def work_of(user: User, now: datetime) -> list[Work]:
    """The person's newest jobs of the last days; two queries."""
    rows = Job.objects.filter(created_by=user, created_at__gte=now - timedelta(days=JOB_DAYS))
    return [_work(job) for job in rows.prefetch_related("import_runs")[:JOBS]]


def _work(job: Job) -> Work:
    if job.kind == IMPORT:
        run = next(iter(job.import_runs.all()), None)
        return Work(job, f"Import of {run.file_name}" if run else "Import", _page_of(run))
    if job.kind == LABELS:
        return Work(job, "Labels", reverse("label-job", args=[job.pk]))
    if job.kind == AUDIT:
        return Work(job, "Audit", reverse("audit"))
    reference = job.parameters.get("reference", "")
    if job.kind == PACKAGE:
        return Work(
            job, f"24 h package of {reference}", reverse("recall-package", args=[reference])
        )
    if job.kind == SHEET:
        return Work(job, f"Sheet of {reference}", reverse("request-detail", args=[reference]))
    return Work(job, job.kind, "")


def _page_of(run) -> str:
    return run.get_absolute_url() if run else ""
