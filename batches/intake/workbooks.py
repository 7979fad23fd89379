"""The rows of an XLSX file as text, refused before parsing when it would unpack too far."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from django.conf import settings

MOST_MEMBERS = 200
HIGHEST_RATIO = 100
MOST_COLUMNS = 200
MOST_EMPTY_ROWS = 10_000


class Unreadable(ValueError):
    """Nothing of the file was read; the message says why and what to do."""


def workbook_rows(content: bytes, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the first sheet, without empty rows. Raises Unreadable."""
    # Takes a while to load, and every start of the site passes here.
    import openpyxl

    has_formulas = guard(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if not book.worksheets:
            raise Unreadable("The workbook has no sheet.")
        if len(book.worksheets) > 1:
            notes.append(f"Only the first sheet, “{book.worksheets[0].title}”, was read.")
        formulas = None
        if has_formulas:
            typed = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
            formulas = typed.worksheets[0]
        yield from _rows(book.worksheets[0], formulas)
    except Unreadable:
        raise
    except Exception as error:
        # openpyxl raises whatever its parsers raise: KeyError, ParseError, BadZipFile, …
        raise Unreadable(
            "The workbook cannot be read. Open it, save it again as .xlsx, and import that."
        ) from error


def guard(content: bytes) -> bool:
    """Refuses a zip bomb by its directory and XML with a document type, before any parsing.
    Returns whether a sheet may have formulas."""
    has_formulas = False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_sizes(archive.infolist())
            if "[Content_Types].xml" not in archive.namelist():
                raise Unreadable("This is a ZIP archive, not an Excel workbook.")
            for member in archive.infolist():
                # Without its NULs UTF-16 reads like ASCII, so no encoding hides the word.
                xml = archive.read(member).replace(b"\0", b"")
                has_formulas |= member.filename.startswith("xl/worksheets/") and b"<f" in xml
                if b"<!DOCTYPE" in xml.upper():
                    raise Unreadable("The workbook holds a document type, which is not allowed.")
    except Unreadable:
        raise
    except Exception as error:
        # A damaged archive raises anything from BadZipFile to NotImplementedError.
        raise Unreadable("The workbook is damaged or encrypted.") from error
    return has_formulas


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise Unreadable(f"The workbook has more than {MOST_MEMBERS} parts.")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > settings.IMPORT_MAX_UNPACKED:
        most = settings.IMPORT_MAX_UNPACKED // 2**20
        raise Unreadable(
            f"The workbook unpacks to more than {most} MiB. Split it, or save it as CSV UTF-8."
        )
    if unpacked > HIGHEST_RATIO * max(packed, 1):
        raise Unreadable("The workbook unpacks to more than a hundred times its size.")


def _rows(sheet, formulas=None) -> Iterator[tuple[int, list[str]]]:
    if (sheet.max_row or 0) > settings.IMPORT_MAX_ROWS or (sheet.max_column or 0) > MOST_COLUMNS:
        _refuse_size()
    # Else every row is padded to a width that the file only claims.
    sheet.reset_dimensions()
    empty, typed = 0, iter(())
    if formulas is not None:
        formulas.reset_dimensions()
        typed = formulas.iter_rows()
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > settings.IMPORT_MAX_ROWS or len(row) > MOST_COLUMNS:
            _refuse_size()
        _refuse_unworked(row, next(typed, ()))
        cells = [text(cell) for cell in row]
        if any(cells):
            empty = 0
            yield number, cells
        elif (empty := empty + 1) > MOST_EMPTY_ROWS:
            _refuse_size()


def _refuse_unworked(row, typed) -> None:
    """A formula whose result no program has worked out would be read as empty."""
    for cell, formula in zip(row, typed, strict=False):
        if formula.data_type == "f" and cell.value is None and cell.data_type == "n":
            raise Unreadable(
                f"Cell {formula.coordinate} holds a formula that was never worked out. Open the "
                "file in a spreadsheet, save it, and import that."
            )


def _refuse_size() -> None:
    raise Unreadable(
        f"The sheet reaches beyond {settings.IMPORT_MAX_ROWS:,} rows or {MOST_COLUMNS} columns, "
        "or has a large gap. Delete what lies outside the table, or save it as CSV UTF-8."
    )


def text(cell) -> str:
    """A cell as it would stand in a CSV file: ISO times, decimal point, no float noise."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        bare = value.time() == time() and "h" not in (cell.number_format or "").lower()
        return value.date().isoformat() if bare else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        # A spreadsheet keeps 15 digits; the rest is binary noise.
        return f"{Decimal(format(value, '.15g')):f}"
    return str(value)
