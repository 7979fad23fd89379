"""Files become rows of text, or are refused with a sentence; nothing makes the reader crash."""

import csv
import io
import re
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.intake import columns, rows, tables, values
from batches.intake.tables import Unreadable
from batches.tests.catering import FILES, sheet


def read(content: bytes | str):
    content = content.encode() if isinstance(content, str) else content
    return tables.read("file.csv", content)


def workbook(table: list[list]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def cells(table) -> list[list[str]]:
    return [table.header] + [line.cells for line in table.lines]


def test_comma_semicolon_and_byte_order_mark_read_the_same():
    text = FILES["locations"]
    wanted = cells(read(text))
    assert cells(read(b"\xef\xbb\xbf" + text.encode())) == wanted
    assert cells(read(text.replace(",", ";").replace("\n", "\r\n"))) == wanted
    assert wanted[1][:2] == ["HOF-A", "Hof Süßmann"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        ("code;name\nA;Käse".encode("latin-1"), "Line 2 is not UTF-8 text."),
        ("code,name\n".encode("utf-16"), "This file is UTF-16 text."),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "This is an old Excel file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "This is neither a CSV nor an XLSX file."),
        (b"PK\x03\x04 and then nothing", "The workbook is damaged or encrypted."),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, said):
    with pytest.raises(Unreadable) as refusal:
        read(content)
    assert said in str(refusal.value)


def test_a_broken_quotation_mark_loses_no_other_row():
    table = read('code,name\nA,"never closed\nB,fine\nC,"also ""fine"""\nD,"two\nlines"\n')
    assert [(line.number, bool(line.fault)) for line in table.lines] == [
        (2, True),
        (3, False),
        (4, False),
        (5, False),
    ]
    assert table.lines[2].cells[1] == 'also "fine"'


def test_two_stray_quotation_marks_swallow_no_row_between_them():
    table = read('code,name,unit\nA,"one,kg\nB,two,kg\nC,three,kg\nD,four",kg\nE,five,kg\n')
    assert [line.cells[0] for line in table.lines] == list("ABCDE")
    assert [bool(line.fault) for line in table.lines] == [True, False, False, False, False]


def test_header_names_match_without_case_spaces_and_underscores():
    made = sheet("batches", "PRODUCT;Lot;Origin;Produced At;Shelf\nA;1;X;;\n")
    assert made.places == {"product": 0, "batch": 1, "origin": 2, "produced_at": 3}
    assert made.notes == ["Column “Shelf” is not known in batches and was not read."]


def test_a_missing_needed_column_is_named_and_nothing_is_read():
    with pytest.raises(Unreadable, match="A file of batches needs the columns batch, origin"):
        sheet("batches", "product,quantity\nA,1\n")


def test_xlsx_reads_as_the_same_csv():
    typed = [
        ["product", "batch", "origin", "produced_at", "expires_on", "quantity"],
        ["A", 107, "X", datetime(2026, 5, 1, 6, 30), date(2027, 5, 1), 1400.5],
        [None] * 6,
        ["A", "0108", "X", date(2026, 5, 1), None, 0.1 + 0.2],
    ]
    text = (
        "product,batch,origin,produced_at,expires_on,quantity\n"
        "A,107,X,2026-05-01T06:30:00,2027-05-01,1400.5\n"
        "\n"
        "A,0108,X,2026-05-01,,0.3\n"
    )
    from_xlsx = rows.check("batches", tables.read("b.xlsx", workbook(typed)))
    from_csv = sheet("batches", text)
    assert [row.values for row in from_xlsx.rows] == [row.values for row in from_csv.rows]
    assert [row.line for row in from_xlsx.rows] == [row.line for row in from_csv.rows] == [2, 4]


def test_a_formula_that_was_never_worked_out_is_refused_and_not_read_as_empty():
    head = ["product", "batch", "origin", "quantity"]
    with pytest.raises(Unreadable, match="Cell D3 holds a formula that was never"):
        tables.read("b.xlsx", workbook([head, ["A", "1", "X", 5], ["A", "2", "X", "=D2*2"]]))


def test_the_error_of_a_formula_is_no_value():
    for error in ("#N/A", "#REF!", "#DIV/0!", "#NAME?", "#BEZUG!", "#NV"):
        [row] = sheet("batches", f"product,batch,origin\nA,{error},X\n").rows
        assert row.problems == [("batch", "Is the error of a formula. Mend it in the spreadsheet.")]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def refused(content: bytes) -> str:
    """Why it is refused, in no more memory than a small workbook takes."""
    tracemalloc.start()
    with pytest.raises(Unreadable) as refusal:
        read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20
    return str(refusal.value)


@pytest.mark.slow
def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = zipped({"[Content_Types].xml": b"<a/>", "xl/sheet1.xml": b"0" * 80 * 2**20})
    assert "unpacks to more than 64 MiB" in refused(bomb)
    dense = zipped({"[Content_Types].xml": b"<a/>", "xl/sheet1.xml": b"0" * 30 * 2**20})
    assert "more than a hundred times its size" in refused(dense)
    many = zipped({f"{i}.xml": b"<a/>" for i in range(201)})
    assert "more than 200 parts" in refused(many)


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD1"])
def test_a_sheet_with_one_far_cell_is_refused_before_it_is_read(cell):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active[cell] = "code", "far"
    book.save(out)
    assert "The sheet reaches beyond" in refused(out.getvalue())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_a_workbook_is_refused(encoding):
    content = workbook([["code", "name"], ["A", "B"]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    members["xl/sharedStrings.xml"] = bomb.encode(encoding)
    with pytest.raises(Unreadable, match="document type"):
        read(zipped(members))


def test_a_word_document_is_no_workbook():
    with pytest.raises(Unreadable, match="not an Excel workbook"):
        read(zipped({"word/document.xml": b"<a/>"}))


@pytest.mark.parametrize("name", ["=1+1", "+CMD", "-x", "@SUM(A1)", "＝1", "-4,5", "'quoted'"])
def test_text_that_a_spreadsheet_would_run_comes_back_as_it_was(name):
    out = io.StringIO()
    csv.writer(out).writerows([["code", "name"], ["A", tables.neutralised(name)]])
    assert read(out.getvalue()).lines[0].cells == ["A", name]


def value(parse, text):
    said = []
    return parse(text, said.append), said


def test_times_dates_and_quantities_are_understood():
    bare, _ = value(values.moment, "2026-05-01")
    exact, _ = value(values.moment, "2026-05-01 14:30")
    zoned, _ = value(values.moment, "2026-05-01T14:30:00Z")
    berlin = ZoneInfo("Europe/Berlin")
    assert bare.is_date and bare.at(berlin) == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert exact.at(berlin) == datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    assert zoned.at(berlin) == datetime(2026, 5, 1, 14, 30, tzinfo=UTC)
    assert value(values.quantity, "1400,5") == (Decimal("1400.5"), [])
    assert value(values.signed_quantity, "-0.25") == (Decimal("-0.25"), [])


@pytest.mark.parametrize(
    ("parse", "text", "said"),
    [
        (values.moment, "01.05.2026", "Is not a time. Write 2026-11-20"),
        (values.moment, "2026-02-30", "Is not a time."),
        (values.day, "May", "Is not a date."),
        (values.quantity, "1.400,5", "without thousands separators"),
        (values.quantity, "0", "Must be more than zero."),
        (values.quantity, "9" * 13, "more than 12 digits"),
        (values.signed_quantity, "0", "Must not be zero"),
        (values.country, "Germany", "two letters"),
        (values.email, "someone", "Is not an e-mail address."),
        (values.zone, "Berlin", "Is not a time zone."),
        (values.gs1_key("GTIN", (8, 12, 13, 14), 14), "123", "A GTIN has 8, 12, 13 or 14 digits."),
        (values.text(3), "four", "Is longer than 3 characters."),
        (values.text(9), "a\0b", "characters that are not text"),
    ],
)
def test_what_cannot_be_understood_is_said(parse, text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(text, lambda _: None)


def test_a_gtin_is_filled_up_and_a_wrong_check_digit_only_warned_of():
    gtin = values.gs1_key("GTIN", (8, 12, 13, 14), 14)
    assert value(gtin, "4006381333931") == ("04006381333931", [])
    taken, said = value(gtin, "4006381333932")
    assert taken == "04006381333932"
    assert said == ["The check digit of this GTIN is wrong. It was taken as written."]


def test_the_kind_is_told_by_name_or_header():
    assert columns.kind_of_name("2026-Shipments_2.CSV") == "shipments"
    assert columns.kind_of_name("shipments.csv.errors.csv") == ""
    for kind, text in FILES.items():
        assert columns.kind_of_header(text.splitlines()[0].split(",")) == kind
    assert columns.kind_of_header(["code", "name"]) == ""


def test_the_file_of_refused_rows_can_be_mended_and_read_again():
    made = sheet("products", "code,name,note\nA,,x\nB,=1+1,y\n,-5,z\n")
    lines = list(csv.reader(io.StringIO(made.refused_csv())))
    assert lines[0] == ["code", "name", "note", "error_line", "error_column", "error_reason"]
    assert lines[1] == ["A", "", "x", "2", "name", "Is empty but needed."]
    again = sheet("products", made.refused_csv())
    assert [row.cells[:3] for row in again.rows] == [["A", "", "x"], ["", "-5", "z"]]
    assert again.notes == ["Column “note” is not known in products and was not read."]


BYTES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(str.encode),
    st.text("a,;\"\n\r\t ='0-", max_size=200).map(str.encode),
    st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail),
    st.tuples(st.sampled_from(sorted(columns.KINDS)), st.text(max_size=200)).map(
        lambda drawn: (FILES[drawn[0]].splitlines()[0] + "\n" + drawn[1]).encode()
    ),
    st.tuples(st.binary(max_size=20), st.integers(0, 4000)).map(
        lambda drawn: BOOK[: drawn[1]] + drawn[0] + BOOK[drawn[1] + len(drawn[0]) :]
    ),
)
BOOK = workbook([["code", "name"], ["A", "Käse"], [1, 2.5]])


@settings(max_examples=400, deadline=None)
@given(content=BYTES, kind=st.sampled_from(sorted(columns.KINDS)))
def test_no_bytes_make_the_reader_crash(content, kind):
    try:
        made = rows.check(kind, read(content))
    except Unreadable as refusal:
        assert str(refusal)
    else:
        made.errors()
        made.all_warnings()
        made.refused_csv()
