"""Long work as people know it: what a job was to make, the page of its result, and what failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from batches.labelling import JOB as LABELS
from batches.models import Job
from batches.operations.audits import JOB as AUDIT
from batches.operations.imports.uploads import JOB as IMPORT
from batches.operations.snapshots import JOB as TRACE
from recalls.operations.records import SHEET
from recalls.packaging import JOB as PACKAGE

# So long what became of a job is shown.
DAYS = 7


@dataclass(frozen=True)
class Work:
    """One job: what it was to make, and the page where its result is."""

    job: Job
    word: str
    url: str


def recent(now: datetime):
    """The jobs of the last days."""
    return Job.objects.filter(created_at__gte=now - timedelta(days=DAYS))


def failed(now: datetime):
    """Those that failed, and of which none of the same kind and content went through since."""
    asked = list(recent(now).filter(state=Job.State.FAILED).values("pk", "kind", "parameters"))
    kinds = {row["kind"] for row in asked}
    done = recent(now).filter(state=Job.State.DONE, kind__in=kinds) if asked else []
    went = [(job.kind, job.parameters, job.pk) for job in done]
    owed = [
        row["pk"]
        for row in asked
        if not any(
            kind == row["kind"] and parameters == row["parameters"] and pk > row["pk"]
            for kind, parameters, pk in went
        )
    ]
    return Job.objects.filter(pk__in=owed)


def named(jobs: Iterable[Job]) -> list[Work]:
    """In their order; each job has its `import_runs` at hand."""
    return [_work(job) for job in jobs]


def _work(job: Job) -> Work:
    if job.kind == IMPORT:
        run = next(iter(job.import_runs.all()), None)
        return Work(job, f"Import of {run.file_name}" if run else "Import", _page_of(run))
    if job.kind == LABELS:
        return Work(job, "Labels", reverse("label-job", args=[job.pk]))
    if job.kind == TRACE:
        word = f"Trace of {job.parameters['title']}"
        return Work(job, word, reverse("trace-job", args=[job.pk]))
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
