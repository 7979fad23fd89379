"""Files as tables of text: CSV and XLSX, guarded against bombs in disguise. Writes nothing."""

import csv
import hashlib
import io
import re
from dataclasses import dataclass, field

from batches.intake.workbooks import Unreadable, workbook_rows

# A text that a spreadsheet would run is exported with an apostrophe before it.
_RUNS = "=+-@\t\r\n\0＝＋－＠"
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_MOST_FAULTS = 1000

__all__ = ["Line", "Table", "Unreadable", "neutralised", "read", "restored"]


@dataclass(slots=True)
class Line:
    """One row as it stands in the file; `fault` says why it cannot be split into cells."""

    number: int
    cells: list[str]
    fault: str = ""


@dataclass(slots=True)
class Table:
    file_name: str
    sha256: str
    header: list[str]
    lines: list[Line]
    notes: list[str] = field(default_factory=list)


def neutralised(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula; plain numbers stay as they are."""
    if text and text[0] in _RUNS and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def restored(text: str) -> str:
    """The text that `neutralised` was given."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _RUNS else text


def read(file_name: str, content: bytes) -> Table:
    """Reads a CSV or XLSX file. Raises Unreadable with a sentence that says what to do."""
    if not content.strip():
        raise Unreadable("The file is empty.")
    sha256 = hashlib.sha256(content).hexdigest()
    notes: list[str] = []
    if content.startswith(b"PK"):
        lines = [Line(n, cells) for n, cells in workbook_rows(content, notes)]
    else:
        lines = csv_lines(decoded(content))
    if not lines:
        raise Unreadable("The file is empty.")
    for line in lines:
        line.cells = [restored(cell.strip()) for cell in line.cells]
    head = lines.pop(0)
    if head.fault:
        raise Unreadable(f"The header in line {head.number} cannot be read: {head.fault}")
    while head.cells and not head.cells[-1]:
        head.cells.pop()
    return Table(file_name, sha256, head.cells, lines, notes)


def decoded(content: bytes) -> str:
    """UTF-8 text, with or without a byte order mark; other encodings are named and refused."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("This is an old Excel file (.xls). Save it as .xlsx or CSV UTF-8.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("This file is UTF-16 text. Save it as “CSV UTF-8” and import that.")
    if b"\0" in content:
        raise Unreadable("This is neither a CSV nor an XLSX file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"Line {line} is not UTF-8 text. Save the file as “CSV UTF-8” and import that."
        ) from None


def csv_lines(text: str) -> list[Line]:
    """The rows of a CSV file. A row with a broken quotation mark loses no other row."""
    physical = list(io.StringIO(text, newline=""))
    delimiter = _delimiter(physical[0])
    lines: list[Line] = []
    start, faults = 0, 0
    while start < len(physical):
        fault_at = _read_from(physical, start, delimiter, lines)
        if fault_at is None:
            break
        faults += 1
        if faults > _MOST_FAULTS:
            raise Unreadable(f"More than {_MOST_FAULTS} lines have broken quotation marks.")
        start = fault_at + 1
    return lines


def _read_from(physical, start, delimiter, lines) -> int | None:
    """Appends the rows from `start` on; returns the index of a broken line, or None at the end."""
    reader = csv.reader(iter(physical[start:]), delimiter=delimiter, strict=True)
    begin = start
    try:
        for cells in reader:
            end = start + reader.line_num
            if lines and _has_swallowed(physical[begin:end], delimiter, len(lines[0].cells)):
                raise csv.Error
            if any(cell.strip() for cell in cells):
                lines.append(Line(begin + 1, cells))
            begin = end
    except csv.Error:
        raw = physical[begin].rstrip("\r\n")
        lines.append(
            Line(begin + 1, raw.split(delimiter), "A quotation mark is not closed or not doubled.")
        )
        return begin
    return None


def _has_swallowed(written: list[str], delimiter: str, width: int) -> bool:
    """Whether one row of several lines is rather several rows: a quotation mark that is never
    closed runs on to the next stray one, and what lies between would be lost in a cell."""
    first, *rest = (line.count(delimiter) + 1 >= width for line in written)
    return first and any(rest)


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","
