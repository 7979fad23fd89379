"""Importing checked files: one transaction, one report and one event for each."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction

from batches.models import ImportRun
from batches.operations import jobs
from batches.operations.events import record
from batches.operations.imports.adjustments import import_adjustments
from batches.operations.imports.batches import import_batches
from batches.operations.imports.history import check_balance, raise_alarms
from batches.operations.imports.master import import_contacts, import_locations, import_products
from batches.operations.imports.runs import import_runs
from batches.operations.imports.shipments import import_shipments
from batches.operations.imports.work import Work

_BY_KIND = {
    "products": import_products,
    "locations": import_locations,
    "contacts": import_contacts,
    "batches": import_batches,
    "runs": import_runs,
    "shipments": import_shipments,
    "adjustments": import_adjustments,
}
# Any constant will do, as long as nothing else in the database takes the same one.
_IMPORT_LOCK = 4_701_823_332
# What a report keeps of errors and warnings; the file of refused rows keeps all.
MOST_TOLD = 1000


@dataclass
class Outcome:
    """What became of a file. `report` is its ImportRun, or the earlier one of the same file."""

    sheet: object
    added: int = 0
    already_there: int = 0
    refused: int = 0
    report: ImportRun | None = None
    is_known: bool = False

    @property
    def rows(self) -> int:
        return len(self.sheet.rows)

    def count(self) -> None:
        rows = self.sheet.rows
        self.refused = sum(1 for row in rows if row.problems)
        self.added = sum(1 for row in rows if row.is_added)
        self.already_there = len(rows) - self.refused - self.added


def import_sheet(
    *,
    sheet,
    by: User | None,
    at: datetime,
    dry_run: bool = False,
    report: ImportRun | None = None,
) -> Outcome:
    """Imports one checked file (`batches.intake.rows.Sheet`) in one transaction.

    Rows that are there already are counted, rows that contradict what is there are refused,
    and neither keeps another row out. With `dry_run` everything is done and rolled back, so
    that it reports what an import would. `report` is the row that an upload has made for it.
    """
    return import_sheets(sheets=[sheet], by=by, at=at, dry_run=dry_run, report=report)[0]


def import_sheets(*, sheets, by, at, dry_run=False, report=None) -> list[Outcome]:
    """Imports checked files in the given order, each in a transaction of its own.

    Contradictions of stock are looked for when all are in. See `import_sheet`.
    """
    if not dry_run:
        return _import(sheets, by, at, dry_run, report)
    with transaction.atomic():
        outcomes = _import(sheets, by, at, dry_run, None)
        transaction.set_rollback(True)
    if report is not None:
        outcomes[0].report = _keep(report, outcomes[0])
    return outcomes


def _import(sheets, by, at, dry_run, report) -> list[Outcome]:
    works, outcomes = [], []
    for sheet in sheets:
        is_last = len(works) == len(sheets) - 1
        with transaction.atomic():
            _wait_for_other_imports()
            works.append(Work(sheet=sheet, by=by, at=at))
            _BY_KIND[sheet.kind](works[-1])
            raise_alarms(works[-1])
            works[-1].write_findings()
            if is_last:
                check_balance(works, at)
            outcomes.append(Outcome(sheet))
            outcomes[-1].count()
            if not dry_run:
                _report(outcomes[-1], by, at, report)
    if len(outcomes) > 1 and not dry_run:
        _add_late_warnings(outcomes)
    return outcomes


def _wait_for_other_imports() -> None:
    """One import at a time: two of the same file must not both find a row missing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])


def _report(outcome: Outcome, by, at, report: ImportRun | None) -> None:
    sheet = outcome.sheet
    earlier = ImportRun.objects.filter(kind=sheet.kind, sha256=sheet.sha256, is_dry_run=False)
    if report is not None:
        earlier = earlier.exclude(pk=report.pk)
    known = earlier.first()
    outcome.is_known = known is not None
    if known is not None and report is None and not outcome.added:
        outcome.report = known
        return
    outcome.report = _keep(report or ImportRun(by=by, at=at), outcome)
    if known is None or outcome.added:
        after = {name: getattr(outcome.report, name) for name in _TOLD}
        record(verb="imported", obj=outcome.report, by=by, at=at, after=after)


_TOLD = ("kind", "sha256", "rows", "added", "already_there", "refused")


def _keep(report: ImportRun, outcome: Outcome) -> ImportRun:
    sheet = outcome.sheet
    if report.job is not None:
        jobs.keep(job=report.job)
    report.kind, report.sha256 = sheet.kind, sheet.sha256
    report.file_name = sheet.file_name[-200:]
    report.rows, report.added = outcome.rows, outcome.added
    report.already_there, report.refused = outcome.already_there, outcome.refused
    report.errors = sheet.errors(MOST_TOLD)
    report.warnings = sheet.all_warnings(MOST_TOLD)
    report.refused_rows = sheet.refused_csv()
    report.save()
    return report


def _add_late_warnings(outcomes: list[Outcome]) -> None:
    """Files that came in before the last have warnings that only the last could show."""
    for outcome in outcomes[:-1]:
        if outcome.report and not (outcome.is_known and not outcome.added):
            outcome.report.warnings = outcome.sheet.all_warnings(MOST_TOLD)
            outcome.report.save(update_fields=["warnings"])
