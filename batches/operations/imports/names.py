"""What the headers of files mean: said once, and remembered for the files that come later."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.intake import values
from batches.intake.columns import KINDS, Column, column_key
from batches.intake.rows import unread, unread_note
from batches.models import ColumnName, CustomField, CustomValue, ImportRun
from batches.operations.events import record

_LONGEST = ColumnName._meta.get_field("header").max_length
_MOST = 200


def note_header(*, report: ImportRun, header: list[str]) -> None:
    """Keeps the header for the report's page, also of a file that cannot be imported."""
    report.header = [name[:_LONGEST] for name in header[:_MOST]]
    report.save(update_fields=["header"])


def names_by_kind() -> dict[str, dict[str, str]]:
    """Kind -> key of a header -> column; no column: it is left out."""
    found: dict[str, dict[str, str]] = {}
    for kind, key, column in ColumnName.objects.values_list("kind", "key", "column"):
        found.setdefault(kind, {})[key] = column
    return found


def more_columns(kind: str) -> list[Column]:
    """The columns that files of the kind may have on this site beside its own: custom fields."""
    if kind != "batches":
        return []
    text = values.text(CustomValue._meta.get_field("text").max_length)
    return [Column(field.name, text) for field in CustomField.objects.all()]


def reads_more(report: ImportRun) -> bool:
    """Whether a column of its file is understood today that the import did not read."""
    told = {warning["reason"] for warning in report.warnings}
    skipped = {name for name in report.header if unread_note(report.kind, name) in told}
    if not skipped:
        return False
    known = names_by_kind().get(report.kind, {})
    left, _ = unread(report.kind, report.header, known, more_columns(report.kind))
    return not skipped <= set(left)


@transaction.atomic
def name_columns(*, report: ImportRun, names: dict[str, str], by, at) -> list[ColumnName]:
    """Remembers, for all files of the report's kind, what these headers of its file mean.

    Refuses nothing said, headers that the file does not have or that are read already, a column
    that the kind does not have, and two headers for one column.
    """
    kind = report.kind
    if kind not in KINDS:
        raise ValidationError("It is not known what this file holds. Upload it with its kind.")
    if not names:
        raise ValidationError("Say of at least one column what it means.")
    known = names_by_kind().get(kind, {})
    left, free = unread(kind, report.header, known, more_columns(kind))
    if strange := [header for header in names if header not in left]:
        raise ValidationError(f"“{strange[0]}” is read already, or is no column of this file.")
    wanted = [column for column in names.values() if column]
    if wrong := [column for column in wanted if column not in free]:
        raise ValidationError(f"The file has {wrong[0]} already, or {kind} have no such column.")
    if len(set(wanted)) < len(wanted):
        twice = next(column for column in wanted if wanted.count(column) > 1)
        raise ValidationError(f"Two columns cannot both be {twice}. Leave one of them out.")
    if len({column_key(header) for header in names}) < len(names):
        raise ValidationError("Two columns have the same name. Rename one of them in the file.")
    made = [
        ColumnName.objects.create(
            kind=kind, header=header, key=column_key(header), column=column, by=by, at=at
        )
        for header, column in names.items()
    ]
    record(verb="columns named", obj=report, by=by, at=at, after={"kind": kind, "names": names})
    return made


@transaction.atomic
def forget_column_name(*, name: ColumnName, by, at) -> None:
    """From now on the header is not known again. What was imported stays as it is."""
    before = {"kind": name.kind, "header": name.header, "column": name.column}
    record(verb="column forgotten", obj=name, by=by, at=at, before=before)
    name.delete()
