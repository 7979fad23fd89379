"""The scope of a version as a spreadsheet."""

import io

import xlsxwriter

from recalls.models import ScopeVersion
from recalls.scope.frozen import said_in

COLUMNS = [
    ("Location", 14, lambda line: line.location_code),
    ("Name", 28, lambda line: line.location_name),
    ("Address", 36, lambda line: line.location_address),
    ("Role", 14, lambda line: line.get_role_display()),
    ("Product", 14, lambda line: line.product_code),
    ("Product name", 28, lambda line: line.product_name),
    ("GTIN", 16, lambda line: line.gtin),
    ("Batch", 18, lambda line: line.batch_number),
    ("Batch origin", 14, lambda line: line.origin_code),
    ("Best before", 12, lambda line: line.expires_on and line.expires_on.isoformat()),
    ("Unit", 8, lambda line: line.unit),
    ("Received", 12, lambda line: line.received),
    ("On hand", 12, lambda line: line.on_hand),
    ("To account for", 14, lambda line: line.due),
    ("Affected since (UTC)", 22, lambda line: line.since and f"{line.since:%Y-%m-%d %H:%M:%S}"),
    ("Depth", 8, lambda line: line.depth),
    ("Change", 10, lambda line: line.get_change_display()),
    ("Evidence", 60, lambda line: _evidence(line)),
]


def workbook(version: ScopeVersion) -> bytes:
    """XLSX of one version's frozen lines. Text stays text: no cell is ever a formula."""
    stream = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _scope_sheet(book, version)
        _about_sheet(book, version)
    return stream.getvalue()


def _scope_sheet(book, version: ScopeVersion) -> None:
    sheet, bold = book.add_worksheet("Scope"), book.add_format({"bold": True})
    sheet.freeze_panes(1, 1)
    for column, (title, width, _) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    for row, line in enumerate(version.lines.order_by("pk").iterator(chunk_size=2000), 1):
        for column, (_, _, value) in enumerate(COLUMNS):
            _write(sheet, row, column, value(line))


def _write(sheet, row: int, column: int, value) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)


def _evidence(line) -> str:
    return " > ".join(f"{step['document']} to {step['to']['location']}" for step in line.path)


def _about_sheet(book, version: ScopeVersion) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    said = said_in(version)
    facts = [
        ("Recall", version.recall.reference),
        ("Title", version.recall.title),
        ("Scope version", str(version.number)),
        ("Frozen (UTC)", f"{version.frozen_at:%Y-%m-%d %H:%M:%S}"),
        ("SHA-256", version.sha256),
        *_alone(version.recall),
        ("Complete", "yes" if version.complete else "no: the trace was cut short"),
        *(("Note", note["text"]) for note in version.notes),
        *(("Rule", text) for text in said["rules"]),
        *(("Out of this text", text) for text in said["source_texts"]),
        *(("Excluded", _left_out(row)) for row in said["excluded"]),
    ]
    for row, pair in enumerate(facts):
        for column, text in enumerate(pair):
            sheet.write_string(row, column, text)


def _left_out(row: dict) -> str:
    where = row.get("location_name") or row["location"]
    return f"{row['batch']} of {row['product']} at {where}, because: {row['reason']}"


def _alone(recall) -> list[tuple[str, str]]:
    """Of a recall that one person activated alone: why, and whether a second one has signed."""
    if not recall.is_break_glass:
        return []
    signed = "not yet" if recall.is_uncountersigned else f"{recall.countersigned_at:%Y-%m-%d %H:%M}"
    objection = [("Objection", recall.objection)] if recall.objection else []
    reason = recall.break_glass_reason
    return [("Activated alone", reason), ("Countersigned (UTC)", signed), *objection]
