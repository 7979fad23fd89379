"""The page that every PDF of a recall is printed on."""

import io
from decimal import Decimal

import pypdf
import pytest
from PIL import Image

from batches.tests.test_labels import pages_of, zxing
from recalls.reports import paper
from recalls.reports.paper import Sheet, Stretch

SHEET = Sheet("Status report", "RC-2026-0007", "Scope version 2", "Printed 22 Nov 2026 by Quinn")


def read(document: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages]


def test_each_page_names_the_recall_its_version_and_its_place_among_the_pages():
    rows = [(f"STORE{n}", f"Shop {n}", str(n)) for n in range(200)]
    table = paper.big_table(("Code", "Name", "Cases"), rows, (1, 3, 1), right={2}, code={0})
    pages = read(paper.write(SHEET, [paper.title("Where it went"), table]))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert "RC-2026-0007" in page and "Scope version 2" in page
        assert "Printed 22 Nov 2026 by Quinn" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "Code" in page and "Name" in page, "the head of the table repeats"
        assert "DRILL" not in page
    assert sum(page.count("Shop ") for page in pages) == 200


def test_each_page_of_a_drill_says_so():
    sheet = Sheet("Status report", "DR-2026-0001", is_drill=True)
    pages = read(paper.write(sheet, [paper.note(f"Line {n}") for n in range(200)]))
    assert len(pages) > 1
    assert all("DRILL DR-2026-0001. This is an exercise." in page for page in pages)


def test_a_long_table_begins_under_its_heading_and_a_heading_never_stands_alone():
    rows = [(f"row {n}",) for n in range(120)]
    story = [paper.text("First."), paper.heading("Places"), paper.big_table(("A",), rows, (1,))]
    assert "row 0" in read(paper.write(SHEET, story))[0]
    filler = [paper.text("x") for _ in range(57)]
    pages = read(paper.write(SHEET, [*filler, paper.heading("Places"), paper.text("under it")]))
    assert len(pages) == 2
    assert "Places" not in pages[0] and "Places" in pages[1] and "under it" in pages[1]


def test_no_row_is_cut_in_two_by_the_end_of_a_page():
    said = "and goes on and on " * 9
    rows = [(f"row {n}", f"x {n} begins {said}{n} ends") for n in range(60)]
    document = paper.write(SHEET, [paper.big_table(("Code", "Said"), rows, (1, 2))])
    pages = [" ".join(page.split()) for page in read(document)]
    assert len(pages) > 3
    for n in range(60):
        [page] = [page for page in pages if f" {n} begins" in page]
        assert f" {n} ends" in page, n


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_the_paper_is_as_large_as_was_asked_for(size, points):
    sheet = Sheet("Report", "RC-1", size=size)
    page = pypdf.PdfReader(io.BytesIO(paper.write(sheet, [paper.text("x")]))).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == points


def test_what_people_typed_is_never_markup_and_never_too_long_for_a_page():
    story = [
        paper.text("<b>bold</b> & <unclosed"),
        paper.facts([("Statement", "One line.\n" * 400), ("Word", "x" * 3000), ("Nothing", "")]),
        paper.big_table(("A",), [("<i>cell</i>\x00",), ("y" * 2000,)], (1,)),
    ]
    said = " ".join(read(paper.write(SHEET, story)))
    assert "<b>bold</b> & <unclosed" in said and "<i>cell</i>" in said
    assert "not recorded" in said
    assert said.count("One line.") == 400


def test_a_code_on_paper_leads_to_its_address(tmp_path):
    address = "https://recall.example/recalls/RC-2026-0007/scope/2/"
    document = paper.write(SHEET, [paper.qr(address, [paper.text("Look it up.")])])
    [picture] = pages_of(document, tmp_path, dpi=150)
    assert zxing(picture).text == address


def test_the_parts_of_a_bar_differ_without_colour(tmp_path):
    parts = [
        Stretch(pattern, Decimal(10), pattern) for pattern in ("light", "dark", "dots", "hatch")
    ]
    document = paper.write(SHEET, [paper.answer_bar(parts, ["10 cases"] * 4)])
    [picture] = pages_of(document, tmp_path, dpi=100)
    grey = Image.open(io.BytesIO(picture)).convert("L")
    shades = {value // 16 for value in grey.tobytes()}
    assert len(shades) > 4
    assert "hatch: 10 cases" in read(document)[0]
