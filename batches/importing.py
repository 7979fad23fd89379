"""From a file to its rows in the database: what the command, the upload and its job share."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from batches.intake import columns, rows, tables
from batches.intake.tables import Unreadable
from batches.models import ImportRun, Job
from batches.operations import jobs
from batches.operations.imports import (
    Outcome,
    import_sheet,
    import_sheets,
    is_clean_dry_run,
    more_columns,
    names_by_kind,
    note_header,
    uploads_folder,
)

__all__ = [
    "Folder",
    "Unreadable",
    "check_file",
    "files_in",
    "import_file",
    "import_folder",
    "run_import_job",
]


@dataclass
class Folder:
    """What became of a folder: files that were imported, could not be read, or fit no kind."""

    outcomes: list[Outcome]
    unreadable: list[tuple[str, str]]
    ignored: list[str]


def check_file(kind: str, path: Path, file_name: str = ""):
    """The file's rows, checked as far as that goes without the database.

    Without a `kind` it is told by the file's name, else by its header. Raises Unreadable.
    """
    return _checked(kind, tables.read(file_name or path.name, _content(path)))


def _checked(kind: str, table: tables.Table):
    names = names_by_kind()
    kind = kind or columns.kind_of_name(table.file_name)
    kind = kind or columns.kind_of_header(table.header, names)
    if not kind:
        raise Unreadable(
            "It cannot be told what this file holds. Choose the kind, or check the header: "
            f"{', '.join(filter(None, table.header)) or 'it is empty'}."
        )
    return rows.check(kind, table, names.get(kind), more_columns(kind))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > settings.IMPORT_MAX_BYTES:
            most = settings.IMPORT_MAX_BYTES // 2**20
            raise Unreadable(f"The file is larger than {most} MiB. Split it.")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from None


def import_file(kind: str, path: Path, *, by: User | None, at: datetime, dry_run=False) -> Outcome:
    """Imports one file. Raises Unreadable when nothing of it can be read."""
    return import_sheets(sheets=[check_file(kind, path)], by=by, at=at, dry_run=dry_run)[0]


def files_in(folder: Path) -> tuple[list[tuple[str, Path]], list[str]]:
    """The files to import, each with its kind, in the order of kinds; and names that fit none."""
    try:
        names = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".csv", ".xlsx"))
    except OSError as error:
        raise Unreadable(f"{folder} cannot be opened: {error.strerror}.") from None
    kinds = [(columns.kind_of_name(path.name), path) for path in names]
    order = list(columns.KINDS)
    found = sorted((k for k in kinds if k[0]), key=lambda k: (order.index(k[0]), k[1].name))
    return found, [path.name for kind, path in kinds if not kind]


def import_folder(folder: Path, *, by: User | None, at: datetime, dry_run=False) -> Folder:
    """Imports what a folder holds, so that each file finds what it refers to."""
    found, ignored = files_in(folder)
    if not found:
        raise Unreadable(
            f"{folder} holds no file to import. Name the files by what they hold: "
            f"{', '.join(f'{kind}.csv' for kind in columns.KINDS)} (or .xlsx)."
        )
    sheets, unreadable = [], []
    for kind, path in found:
        try:
            sheets.append(check_file(kind, path))
        except Unreadable as error:
            unreadable.append((path.name, str(error)))
    return Folder(import_sheets(sheets=sheets, by=by, at=at, dry_run=dry_run), unreadable, ignored)


def run_import_job(job: Job, tell: jobs.Tell) -> dict:
    """Imports an uploaded file for its report, then forgets the file."""
    report = ImportRun.objects.select_related("by").get(pk=job.parameters["report"])
    report.job = job
    path = uploads_folder() / job.parameters["file"]
    if report.rows:
        # A worker that died after the commit: what it imported is in its report.
        _forget(path, report)
        return {"added": report.added, "already_there": report.already_there}
    try:
        table = tables.read(report.file_name, _content(path))
        note_header(report=report, header=table.header)
        sheet = _checked(report.kind, table)
    except Unreadable as error:
        path.unlink(missing_ok=True)
        raise jobs.JobRefused(str(error)) from None
    tell(done=0, total=len(sheet.rows))
    outcome = import_sheet(
        sheet=sheet, by=report.by, at=timezone.now(), dry_run=report.is_dry_run, report=report
    )
    tell(done=outcome.rows, total=outcome.rows, refused=outcome.refused)
    report.refresh_from_db(fields=["rows", "refused"])
    _forget(path, report)
    return {"added": outcome.added, "already_there": outcome.already_there}


def _forget(path: Path, report: ImportRun) -> None:
    # After a clean dry run nobody shall have to upload the file again to import it.
    if not is_clean_dry_run(report):
        path.unlink(missing_ok=True)
