"""What a list shows, as a file: same filter, same columns, same order, nothing that runs."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.utils.text import slugify

from batches.templatetags import wording

# A spreadsheet runs a cell that begins with one of these (also behind a tab or a new line).
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# No formula: -12 may be a batch number, and stays as it is printed.
_NUMBER = re.compile(r"-[0-9]+(?:[.,][0-9]+)?")


@dataclass(frozen=True)
class Head:
    """The rows above the table: what this is, made when, by whom, from which filter."""

    title: str
    filters: str
    at: datetime
    by: str
    count: int

    def rows(self) -> list[list[str]]:
        return [
            [self.title],
            ["Filter", self.filters or "none"],
            ["Made", wording.iso(self.at)],
            ["By", self.by],
            ["Rows", str(self.count)],
            [],
        ]

    def file_name(self, ending: str) -> str:
        return f"{slugify(self.title)}-{self.at:%Y%m%d-%H%M}.{ending}"


def harmless(value):
    """`value` as a cell that no spreadsheet runs; our own numbers stay numbers."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RUNS) and not _NUMBER.fullmatch(text) else text


class _Echo:
    def write(self, text):
        return text


def csv_lines(rows: Iterable) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # Excel takes a file without it for Windows-1252.
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def as_csv(head: Head, rows: Iterable) -> StreamingHttpResponse:
    lines = csv_lines(_with_head(head, rows))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{head.file_name("csv")}"'
    return response


def as_xlsx(head: Head, rows: Iterable) -> FileResponse:
    file = SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115 - the response closes it
    write_xlsx(file, head.title, _with_head(head, rows))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=head.file_name("xlsx"))


def write_xlsx(file: io.IOBase, title: str, rows: Iterable) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title[:31])
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                _write_cell(sheet, y, x, cell)


def _write_cell(sheet, y, x, cell):
    # A number goes in as one only where a float keeps all of its digits.
    if isinstance(cell, Decimal) and Decimal(repr(float(cell))) == cell:
        sheet.write_number(y, x, float(cell))
    elif isinstance(cell, Decimal):
        sheet.write_string(y, x, f"{cell:f}")
    else:
        sheet.write_string(y, x, "" if cell is None else str(cell))


def _with_head(head: Head, rows: Iterable) -> Iterator:
    yield from head.rows()
    yield from rows
