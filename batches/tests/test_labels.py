"""Labels: what they carry, read back by decoders of other makers, and the pages that print them."""

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from PIL import Image

from batches.codes import marking
from batches.codes.gs1 import CodeError
from batches.codes.gs1.elements import FNC1, Element
from batches.codes.symbols import Kind, of_address, of_elements
from batches.reports.labels import content, pdf, pictures
from batches.reports.labels.layout import LEAST_BAR, lay_out, symbol_of
from batches.reports.labels.sizes import SIZES
from batches.tests import factory

pytestmark = pytest.mark.alike

BACKEND = "django.contrib.auth.backends.ModelBackend"
GTIN = "09520123456788"
SSCC = "123456789012345675"
HARD = "aB(1)%&'*\"_;<>?/+,:."


def batch(number="L26311A", gtin=GTIN, **fields):
    product = factory.product("GRANOLA", name="Oat granola 400 g", gtin=gtin)
    fields.setdefault("expires_on", date(2027, 1, 5))
    return factory.batch(number, of=product.code, **fields)


def label(number="L26311A", **fields):
    return content.of_batch(batch(number, **fields))


def read_by(program: str, picture: bytes, tmp_path, *options: str) -> str:
    """What another maker's decoder says is in the picture."""
    file = tmp_path / "picture.png"
    file.write_bytes(picture)
    said = subprocess.run([program, *options, str(file)], capture_output=True, timeout=60)
    return said.stdout.decode().rstrip("\n")


def zxing(picture: bytes):
    return zxingcpp.read_barcode(Image.open(io.BytesIO(picture)))


def pages_of(document: bytes, tmp_path, dpi=300) -> list[bytes]:
    if not shutil.which("pdftoppm"):
        pytest.skip("needs pdftoppm (poppler-utils) to look at the PDF")
    file = tmp_path / "labels.pdf"
    file.write_bytes(document)
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", str(file), str(tmp_path / "page")], check=True
    )
    return [path.read_bytes() for path in sorted(tmp_path.glob("page*.png"))]


# What the symbols carry.


def test_a_batch_is_marked_with_gtin_date_and_number_last():
    elements = marking.of_batch(gtin=GTIN, number="AB-1", expires_on=date(2027, 1, 5))
    assert elements == (Element("01", GTIN), Element("15", "270105"), Element("10", "AB-1"))


@pytest.mark.parametrize(
    "gtin, number, said",
    [
        ("", "AB-1", "The product has no GTIN."),
        ("09520123456789", "AB-1", "Check digit 9 is wrong, expected 8."),
        (GTIN, "S109000 1", "Has “ ”, which is not in GS1 character set 82."),
        (GTIN, "В-17", "Has “В”, which is not in GS1 character set 82."),
        (GTIN, "A" * 21, "Is too long: 1 to 20 characters."),
    ],
)
def test_what_gs1_cannot_name_is_refused_with_the_reason(gtin, number, said):
    with pytest.raises(CodeError, match=said.split("“")[0]) as refusal:
        marking.of_batch(gtin=gtin, number=number, expires_on=None)
    assert said in str(refusal.value)


def test_a_pallet_of_one_counted_batch_names_its_content():
    elements = marking.of_pallet(
        sscc=SSCC, gtin=GTIN, number="AB-1", quantity=Decimal("48.000000"), unit="case"
    )
    assert [tuple(e) for e in elements] == [
        ("00", SSCC),
        ("02", GTIN),
        ("37", "48"),
        ("10", "AB-1"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": Decimal(48), "unit": "kg"},
        {"quantity": Decimal("1.5"), "unit": "case"},
        {"quantity": None, "unit": "case"},
        {"quantity": Decimal(48), "unit": "case", "number": "S 1"},
        {"quantity": Decimal(48), "unit": "case", "gtin": ""},
    ],
    ids=["a weight", "half a case", "unknown", "a number that does not fit", "no GTIN"],
)
def test_a_pallet_whose_content_cannot_be_counted_carries_its_sscc_alone(fields):
    fields = {"gtin": GTIN, "number": "AB-1"} | fields
    assert marking.of_pallet(sscc=SSCC, **fields) == (Element("00", SSCC),)


def test_a_wrong_sscc_is_refused_with_the_digit_expected():
    with pytest.raises(CodeError, match="Check digit 0 is wrong, expected 5"):
        marking.of_pallet(sscc="123456789012345670")


# Read back. zxing-cpp drew the symbols, so that others read them too.


@pytest.mark.zbar
@pytest.mark.parametrize("number", ["L26311A", "26311", HARD])
def test_zbar_reads_the_gs1_128_with_its_fnc1(number, tmp_path):
    elements = marking.of_batch(gtin=GTIN, number=number, expires_on=None)
    picture = pictures.symbol_png(of_elements(Kind.GS1_128, elements))
    said = read_by("zbarimg", picture, tmp_path, "-q", "--nodbus")
    # zbar names Code 128 and leaves the leading FNC1 out.
    assert said == f"CODE-128:01{GTIN}10{number}"
    assert zxing(picture).symbology_identifier == "]C1"


@pytest.mark.zbar
def test_zbar_reads_the_digital_link_of_the_qr(db, settings, tmp_path):
    settings.SITE_URL = "https://recall.example"
    picture = pictures.symbol_png(symbol_of(label("AB/1+2"), Kind.QR))
    said = read_by("zbarimg", picture, tmp_path, "-q", "--nodbus", "--raw")
    assert said == f"https://recall.example/01/{GTIN}/10/AB%2F1%2B2"


@pytest.mark.dmtx
@pytest.mark.parametrize("number", ["L26311A", "26311", HARD])
def test_libdmtx_reads_the_gs1_datamatrix(number, tmp_path):
    elements = marking.of_batch(gtin=GTIN, number=number, expires_on=date(2027, 1, 5))
    picture = pictures.symbol_png(of_elements(Kind.DATAMATRIX, elements))
    said = read_by("dmtxread", picture, tmp_path, "-N1", "-G", "29")
    assert said == f"{FNC1}01{GTIN}1527010510{number}"


def test_the_datamatrix_says_that_it_is_gs1():
    elements = marking.of_batch(gtin=GTIN, number=HARD, expires_on=None)
    read = zxing(pictures.symbol_png(of_elements(Kind.DATAMATRIX, elements)))
    assert read.symbology_identifier == "]d2"
    assert read.bytes.decode() == f"01{GTIN}10{HARD}"


def test_a_separator_stands_only_behind_an_open_length():
    elements = marking.of_pallet(
        sscc=SSCC, gtin=GTIN, number="AB-1", quantity=Decimal(48), unit="case"
    )
    read = zxing(pictures.symbol_png(of_elements(Kind.DATAMATRIX, elements)))
    assert read.bytes.decode() == f"00{SSCC}02{GTIN}3748{FNC1}10AB-1"


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.slow
def test_every_label_is_read_from_its_pdf_and_png(kind, size, db, tmp_path):
    one = label()
    layout = lay_out(one, kind, size)
    carried = layout.marks.symbol.carries
    page = pages_of(pdf.as_bytes([layout], size, title="One"), tmp_path)[0]
    for picture in (page, pictures.label_png(layout)):
        read = zxing(picture)
        assert read is not None, f"nothing is read of {kind} on {size.name}"
        assert read.text == carried


@pytest.mark.dmtx
def test_libdmtx_reads_a_sheet_of_different_labels(db, tmp_path):
    size = SIZES["a4"]
    labels = [label(f"L{n}") for n in range(3)]
    layouts = [lay_out(one, Kind.DATAMATRIX, size) for one in labels]
    page = pages_of(pdf.as_bytes(layouts, size, title="Sheet"), tmp_path, dpi=150)[0]
    said = read_by("dmtxread", page, tmp_path, "-n", "-N3", "-m8000")
    read = {line.lstrip(FNC1) for line in said.splitlines()}
    assert read == {f"01{GTIN}1527010510L{n}" for n in range(3)}


def test_a_changed_module_would_be_noticed(db):
    """The control: a symbol with a stripe over it is not what was printed."""
    picture = Image.open(io.BytesIO(pictures.symbol_png(symbol_of(label(), Kind.GS1_128))))
    picture.paste(0, (0, 0, picture.width, picture.height))
    assert zxingcpp.read_barcode(picture) is None


# What fits and what stands in for it.


def test_a_bar_code_without_room_for_the_date_leaves_it_out_and_says_so(db):
    layout = lay_out(label(), Kind.GS1_128, SIZES["a4"])
    assert layout.marks.symbol.carries == f"(01){GTIN}(10)L26311A"
    assert layout.marks.module >= LEAST_BAR
    assert layout.remarks == ("The bar code leaves out what has no room.",)


def test_a_bar_code_that_would_be_too_fine_becomes_a_datamatrix_and_says_so(db):
    layout = lay_out(label("A" * 20), Kind.GS1_128, SIZES["62x29"])
    assert layout.marks.symbol.kind == Kind.DATAMATRIX
    assert layout.remarks == (
        "GS1-128 would have bars below 0.25 mm here, so it is a GS1 DataMatrix.",
    )


def test_a_batch_that_gs1_cannot_name_gets_text_and_the_address_of_its_page(db, settings):
    settings.SITE_URL = "https://recall.example"
    one = batch("S109000 1", gtin=None)
    layout = lay_out(content.of_batch(one), Kind.DATAMATRIX, SIZES["100x50"])
    assert layout.marks.symbol.kind == Kind.QR
    assert layout.marks.symbol.carries == f"https://recall.example{one.get_absolute_url()}"
    assert "S109000 1" in [text.text for text in layout.texts]
    assert layout.remarks[0].startswith("The product has no GTIN.")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", ["Ale", "Bar with raspberries, hazelnuts and honey, 1000 g " * 3])
def test_nothing_leaves_the_label_or_runs_into_the_symbol(name, kind, size, db):
    factory.product("LONG", name=name, gtin=GTIN)
    made = factory.batch("A" * 20, of="LONG", expires_on=date(2027, 1, 5))
    layout = lay_out(content.of_batch(made), kind, size)
    marks = layout.marks
    right = size.width if marks.symbol.is_linear else marks.x
    for text in layout.texts:
        assert text.x >= 0.9
        assert text.x + text.width <= right
        assert text.y - text.size * 0.8 > 0
        assert text.y <= size.height - 1
    if marks.symbol.is_linear:
        above = [text for text in layout.texts if text.y < marks.y + marks.tall]
        assert all(text.y + text.size * 0.24 <= marks.y + 0.3 for text in above)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("gtin", [GTIN, None])
def test_a_date_is_never_cut(gtin, kind, size, db):
    layout = lay_out(label("L26311A", gtin=gtin), kind, size)
    assert any("Best before 05 Jan 2027" in text.text for text in layout.texts)


def test_a_sheet_begins_where_it_is_told_to_and_goes_on_to_the_next(db, tmp_path):
    size = SIZES["letter"]
    layouts = [lay_out(label(), Kind.DATAMATRIX, size)]
    document = pdf.as_bytes(layouts, size, title="Two", copies=2, first=30)
    pages = pages_of(document, tmp_path, dpi=150)
    assert len(pages) == 2
    dots = 150 / 25.4
    for page, position in zip(pages, (29, 0), strict=True):
        corner = zxing(page).position.top_left
        x, y = size.place(position)
        assert x < corner.x / dots < x + size.width
        assert y < corner.y / dots < y + size.height


def test_the_same_address_is_drawn_alike():
    assert of_address("https://a.example/1") == of_address("https://a.example/1")


# The pages.
