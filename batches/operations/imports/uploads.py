"""Files that people upload: kept until they are imported, or a day after a clean dry run."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from batches.models import ImportRun, Job
from batches.operations.imports.names import reads_more
from batches.operations.jobs import enqueue

JOB = "import"
KEPT = timedelta(days=1)
_UNDER_WAY = [Job.State.QUEUED, Job.State.RUNNING]


def uploads_folder() -> Path:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def receive_upload(
    *, file_name: str, chunks: Iterable[bytes], kind: str, dry_run: bool, by, at
) -> tuple[ImportRun, bool]:
    """Keeps the file and puts its import in the queue; returns its report and whether it is new.

    A file that was imported before without any refusal is not imported again: its report is
    returned. An empty `kind` is found out when the file is read. Refuses a file
    that is empty or too large.
    """
    _forget_old(at)
    # Never under the name that the file came with.
    path = uploads_folder() / uuid4().hex
    try:
        sha256 = _keep(path, chunks)
        earlier = None if dry_run else _imported(sha256, kind)
        if earlier is None:
            fields = {"kind": kind, "file_name": file_name[-200:], "sha256": sha256}
            report = _enqueued(path, fields, dry_run, by, at)
            return report, True
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    path.unlink()
    return earlier, False


@transaction.atomic
def import_for_real(*, report: ImportRun, by, at) -> tuple[ImportRun, bool]:
    """Imports the file of a clean dry run; returns the new report and whether it is new.

    Asked twice it leads to the report of the first time. Refuses what was no dry run,
    one that refused rows, and one whose file is no longer kept.
    """
    report = ImportRun.objects.select_for_update().get(pk=report.pk)
    if not is_clean_dry_run(report):
        raise ValidationError("Only a dry run that refused no row can be imported as it is.")
    name = Job.objects.get(pk=report.job_id).parameters["file"]
    earlier = _imported(report.sha256, report.kind) or _asked_before(report, name)
    if earlier is not None:
        return earlier, False
    path = uploads_folder() / name
    if not path.exists():
        raise ValidationError("The file was kept for a day and is gone. Upload it again.")
    fields = {"kind": report.kind, "file_name": report.file_name, "sha256": report.sha256}
    return _enqueued(path, fields, False, by, at), True


def is_clean_dry_run(report: ImportRun) -> bool:
    return bool(report.is_dry_run and report.job_id and report.rows and not report.refused)


def _asked_before(report: ImportRun, file: str) -> ImportRun | None:
    """The import of this very file that waits or is under way."""
    real = ImportRun.objects.filter(sha256=report.sha256, kind=report.kind, is_dry_run=False)
    return real.filter(job__parameters__file=file, job__state__in=_UNDER_WAY).first()


def _forget_old(at) -> None:
    """Deletes what a dry run left behind and nobody imported; what a worker owes stays."""
    limit = (at - KEPT).timestamp()
    old = {path.name: path for path in uploads_folder().iterdir() if path.stat().st_mtime < limit}
    if not old:
        return
    owed = Job.objects.filter(kind=JOB, state__in=_UNDER_WAY)
    for name in old.keys() - set(owed.values_list("parameters__file", flat=True)):
        old[name].unlink(missing_ok=True)


def _keep(path: Path, chunks: Iterable[bytes]) -> str:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in chunks:
            size += len(chunk)
            if size > settings.IMPORT_MAX_BYTES:
                most = settings.IMPORT_MAX_BYTES // 2**20
                raise ValidationError({"file": f"The file is larger than {most} MiB. Split it."})
            digest.update(chunk)
            file.write(chunk)
    if not size:
        raise ValidationError({"file": "The file is empty."})
    return digest.hexdigest()


def _imported(sha256: str, kind: str) -> ImportRun | None:
    """The last report of the same file, if every row of it went in, and no column that is
    understood by now was left out."""
    whole = ImportRun.objects.filter(sha256=sha256, is_dry_run=False, refused=0, rows__gt=0)
    whole = whole.filter(Q(job=None) | Q(job__state=Job.State.DONE))
    last = whole.filter(Q(kind=kind) if kind else Q()).order_by("-pk").first()
    return None if last is None or reads_more(last) else last


@transaction.atomic
def _enqueued(path: Path, fields: dict, dry_run: bool, by, at) -> ImportRun:
    report = ImportRun.objects.create(by=by, at=at, is_dry_run=dry_run, **fields)
    parameters = {"file": path.name, "report": report.pk}
    report.job = enqueue(kind=JOB, parameters=parameters, by=by)
    report.save(update_fields=["job"])
    return report
