"""manage.py import: files into the database, with a report of every row that was refused."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from batches import importing
from batches.intake.columns import KINDS
from batches.operations.imports import Outcome

_FIRST = 20


class Command(BaseCommand):
    help = (
        "Imports a CSV or XLSX file, or a folder of them. Rows that are there already are "
        "counted, nothing is overwritten. Exit code 0: all rows fine; 2: some were refused, "
        "and written to FILE.errors.csv to mend and import again; 1: nothing was read."
    )

    def run_from_argv(self, argv):
        # Left to itself, argparse ends with 2, which here says that rows were refused.
        try:
            self.create_parser(*argv[:2]).parse_args(argv[2:])
        except CommandError as error:
            self.stderr.write(f"{error}\nNothing was read. See manage.py import --help.")
            raise SystemExit(1) from None
        super().run_from_argv(argv)

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=[*KINDS, "folder"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="Report everything and write nothing."
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def handle(self, *, kind, file, dry_run, json, **options):
        how = {"by": None, "at": timezone.now(), "dry_run": dry_run}
        try:
            if kind == "folder":
                folder = importing.import_folder(file, **how)
            else:
                outcome = importing.import_file(kind, file, **how)
                folder = importing.Folder([outcome], [], [])
        except importing.Unreadable as error:
            folder = importing.Folder([], [(file.name, str(error))], [])
        where = file if kind == "folder" else file.parent
        saved = {} if dry_run else {o.sheet.file_name: _save(where, o) for o in folder.outcomes}
        self._print_json(folder, saved, dry_run) if json else self._print(folder, saved, dry_run)
        if not folder.outcomes:
            raise SystemExit(1)
        if folder.unreadable or any(outcome.refused for outcome in folder.outcomes):
            raise SystemExit(2)

    def _print_json(self, folder, saved, dry_run) -> None:
        files = [_as_json(outcome, saved) for outcome in folder.outcomes]
        said = {
            "dry_run": dry_run,
            "files": files,
            "unreadable": [{"file": n, "reason": why} for n, why in folder.unreadable],
            "ignored": folder.ignored,
        }
        self.stdout.write(json.dumps(said, indent=1, ensure_ascii=False))

    def _print(self, folder, saved, dry_run) -> None:
        for outcome in folder.outcomes:
            self._print_outcome(outcome, saved.get(outcome.sheet.file_name))
        for name in folder.ignored:
            self.stdout.write(f"{name}: not imported, its name says no kind.")
        for name, why in folder.unreadable:
            self.stderr.write(self.style.ERROR(f"{name}: nothing was read. {why}"))
        if dry_run and folder.outcomes:
            self.stdout.write("Dry run: nothing was written.")

    def _print_outcome(self, outcome: Outcome, saved: str | None) -> None:
        sheet = outcome.sheet
        self.stdout.write(
            f"{sheet.file_name}: {_counted(outcome)} of {sheet.kind}, {outcome.added} added, "
            f"{outcome.already_there} already there, {outcome.refused} refused."
        )
        self._print_rows(sheet.errors(), "errors", self.style.ERROR)
        self._print_rows(sheet.all_warnings(), "warnings", self.style.WARNING)
        if saved:
            self.stdout.write(f"  {saved}")

    def _print_rows(self, said: list[dict], noun: str, style) -> None:
        for item in said[:_FIRST]:
            value = f" “{item['value']}”" if item["value"] else ""
            place = f"{item['line']}:{item['column'] or 'row'}"
            self.stdout.write(style(f"  {place}{value}: {item['reason']}"))
        if len(said) > _FIRST:
            self.stdout.write(f"  … and {len(said) - _FIRST} more {noun}.")


def _counted(outcome: Outcome) -> str:
    return "1 row" if outcome.rows == 1 else f"{outcome.rows} rows"


def _as_json(outcome: Outcome, saved: dict) -> dict:
    sheet = outcome.sheet
    return {
        "file": sheet.file_name,
        "kind": sheet.kind,
        "sha256": sheet.sha256,
        "rows": outcome.rows,
        "added": outcome.added,
        "already_there": outcome.already_there,
        "refused": outcome.refused,
        "errors": sheet.errors(),
        "warnings": sheet.all_warnings(),
        "refused_rows": saved.get(sheet.file_name, ""),
    }


def _save(folder: Path, outcome: Outcome) -> str:
    """Writes the refused rows beside the file; returns the sentence that says where they are."""
    if not outcome.refused:
        return ""
    path = folder / f"{outcome.sheet.file_name}.errors.csv"
    try:
        path.write_text(outcome.sheet.refused_csv(), encoding="utf-8-sig", newline="")
    except OSError as error:
        return f"The refused rows could not be written to {path}: {error.strerror}."
    return f"The refused rows are in {path}. Mend them there and import that file."
