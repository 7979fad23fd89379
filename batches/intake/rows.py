"""Tables as checked rows of one kind, with what is wrong in each cell. Writes nothing."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from batches.intake.columns import BATCH, ERROR_COLUMNS, KINDS, Column, column_key
from batches.intake.tables import Line, Table, Unreadable, neutralised
from batches.intake.values import folded, read_cell


class Row:
    """One row: its values by column, why it is refused, and what is odd about it."""

    __slots__ = ("cells", "is_added", "line", "problems", "values", "warnings")

    def __init__(self, line: int, cells: list[str]):
        self.line, self.cells = line, cells
        self.values: dict[str, object] = {}
        self.problems: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []
        self.is_added = False

    def refuse(self, column: str, reason: str) -> None:
        self.problems.append((column, reason))

    def warn(self, column: str, reason: str) -> None:
        self.warnings.append((column, reason))

    def get(self, column: str):
        """The value, or None when it is unknown or the file has no such column."""
        return self.values.get(column)


@dataclass
class Sheet:
    """A file of one kind, read and checked as far as that goes without the database."""

    kind: str
    file_name: str
    sha256: str
    header: list[str]
    places: dict[str, int]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)

    def good(self) -> Iterator[Row]:
        return (row for row in self.rows if not row.problems)

    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.problems]

    def errors(self, most: int | None = None) -> list[dict]:
        """Line, column, value and reason of what was refused, at most `most` of them."""
        found = [self._said(row, *said) for row in self.refused() for said in row.problems]
        return found[:most]

    def all_warnings(self, most: int | None = None) -> list[dict]:
        notes = [{"line": 1, "column": "", "value": "", "reason": note} for note in self.notes]
        found = [self._said(row, *said) for row in self.rows for said in row.warnings]
        return (notes + found)[:most]

    def refused_csv(self) -> str:
        """The refused rows as they stood, with the reason behind, to mend and import again."""
        if not self.refused():
            return ""
        out = io.StringIO()
        writer = csv.writer(out)
        own = [i for i, name in enumerate(self.header) if folded(name) not in _ERROR_KEYS]
        writer.writerow([self.header[i] for i in own] + list(ERROR_COLUMNS))
        for row in self.refused():
            cells = [row.cells[i] if i < len(row.cells) else "" for i in own]
            columns = ", ".join(dict.fromkeys(column for column, _ in row.problems if column))
            said = " ".join(dict.fromkeys(reason for _, reason in row.problems))
            writer.writerow([neutralised(c) for c in (*cells, str(row.line), columns, said)])
        return out.getvalue()

    def _said(self, row: Row, column: str, reason: str) -> dict:
        place = self.places.get(column, -1)
        value = row.cells[place] if 0 <= place < len(row.cells) else ""
        return {"line": row.line, "column": column, "value": value[:200], "reason": reason}


# What a spreadsheet shows in place of a value that it could not work out, in any language.
_FORMULA_ERROR = re.compile(r"#(N/A|NV|[A-ZÄÖÜÉÈ0/]+[!?])")
_ERROR_KEYS = {folded(name) for name in ERROR_COLUMNS}


def check(
    kind: str,
    table: Table,
    names: Mapping[str, str] | None = None,
    more: Sequence[Column] = (),
) -> Sheet:
    """The table's rows as rows of `kind`. `names` says what other headers mean, by their key;
    `more` are columns that the site has added to those of the kind.

    Raises Unreadable when a needed column is missing.
    """
    every = (*KINDS[kind], *more)
    places, notes = _places(kind, every, table.header, names or {})
    columns = [(places[c.name], c) for c in every if c.name in places]
    rows = [_row(line, columns, len(table.header)) for line in table.lines]
    return Sheet(
        kind, table.file_name, table.sha256, table.header, places, rows, table.notes + notes
    )


def unread(
    kind: str, header: list[str], names: Mapping[str, str], more: Sequence[Column] = ()
) -> tuple[list[str], list[str]]:
    """The headers that nobody understands, and the columns of `kind` that the file lacks."""
    known = {folded(column.name): column.name for column in (*KINDS[kind], *more)}
    keys = {name: _meant(column_key(name), known, names) for name in header if name}
    there = {known[key] for key in keys.values() if key in known}
    left = [name for name, key in keys.items() if key not in known and not _is_passed(key, names)]
    return left, [column for column in known.values() if column not in there]


def _meant(key: str, known: Mapping, names: Mapping[str, str]) -> str:
    """The key of the column that a header means; a column of the kind means itself."""
    return key if key in known else folded(names.get(key) or "") or key


def _is_passed(key: str, names: Mapping[str, str]) -> bool:
    return key in _ERROR_KEYS or names.get(key) == ""


def unread_note(kind: str, header: str) -> str:
    return f"Column “{header}” is not known in {kind} and was not read."


def _places(
    kind: str, columns: Sequence[Column], header: list[str], names: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Where each of `columns` stands, and a note on every column that was not read."""
    known = {folded(column.name): column for column in columns}
    places, notes = {}, []
    for place, name in enumerate(header):
        key = _meant(column_key(name), known, names)
        if key not in known:
            if name and not _is_passed(key, names):
                notes.append(unread_note(kind, name))
        elif known[key].name in places:
            raise Unreadable(f"The column {known[key].name} stands twice in the header.")
        else:
            places[known[key].name] = place
    missing = [c.name for c in known.values() if c.required and c.name not in places]
    if missing:
        raise Unreadable(
            f"A file of {kind} needs the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. The header has: {', '.join(filter(None, header)) or 'nothing'}."
        )
    return places, notes


def _row(line: Line, columns: list[tuple[int, Column]], width: int) -> Row:
    row = Row(line.number, line.cells)
    if line.fault:
        row.refuse("", line.fault)
        return row
    if len(line.cells) > width and any(line.cells[width:]):
        row.refuse("", "Has more cells than the header has columns.")
        return row
    texts = {c.name: line.cells[at] if at < len(line.cells) else "" for at, c in columns}
    if BATCH in texts and (gtin := scanned_gtin(texts[BATCH])):
        row.values["scanned_gtin"] = gtin
        texts["product"] = texts["product"] or gtin
    for _, column in columns:
        if text := texts[column.name]:
            _value(row, column, text)
        elif column.required and not column.may_be_empty:
            row.refuse(column.name, "Is empty but needed.")
    return row


def scanned_gtin(text: str) -> str:
    """The product that a code scanned into the column of the batch names as well."""
    reading = read_cell(text)
    return reading.gtin if reading.is_coded and reading.number else ""


def _value(row: Row, column: Column, text: str) -> None:
    if _FORMULA_ERROR.fullmatch(text):
        row.refuse(column.name, "Is the error of a formula. Mend it in the spreadsheet.")
        return
    try:
        row.values[column.name] = column.parse(text, lambda said: row.warn(column.name, said))
    except ValueError as error:
        row.refuse(column.name, str(error))
