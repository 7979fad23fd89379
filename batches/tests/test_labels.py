"""Labels: what they carry, read back by decoders of other makers, and the pages that print them."""

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import pytest
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from batches.codes import marking
from batches.codes.gs1 import CodeError
from batches.codes.gs1.elements import FNC1, Element
from batches.codes.symbols import Kind, of_address, of_elements
from batches.labelling import file_of, run_label_job
from batches.models import Job, Shipment, ShipmentLine
from batches.operations import jobs
from batches.reports.labels import content, pdf, pictures
from batches.reports.labels.layout import LEAST_BAR, lay_out, symbol_of
from batches.reports.labels.sizes import SIZES
from batches.tests import factory
from batches.tests.factory import NOON

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


@pytest.fixture
def page(client, vera):
    client.force_login(vera, backend=BACKEND)

    def get(url, status=200):
        response = client.get(url)
        assert response.status_code == status, response.content.decode()[-600:]
        return response

    return get


def address(one, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{reverse('batch-label', args=[one.product.code, one.number])}?{query}"


def test_the_page_shows_the_label_and_offers_its_files(page):
    text = page(address(batch())).content.decode()
    assert 'aria-label="Label of L26311A"' in text
    assert f"(01){GTIN}(15)270105(10)L26311A" in text
    assert f"http://127.0.0.1:8000/01/{GTIN}/10/L26311A" in text
    assert "export=pdf" in text


def test_the_page_says_why_there_is_no_gs1_code(page):
    text = page(address(batch("S109000 1"))).content.decode()
    assert "The batch number S109000 1 does not fit into a GS1 code" in text
    assert "text and a plain QR to this site" in text


@pytest.mark.parametrize(
    "export, part, begin, kind",
    [
        ("pdf", "", b"%PDF-", "application/pdf"),
        ("svg", "", b"<svg ", "image/svg+xml"),
        ("png", "", b"\x89PNG", "image/png"),
        ("svg", "symbol", b"<svg ", "image/svg+xml"),
        ("png", "symbol", b"\x89PNG", "image/png"),
    ],
)
@pytest.mark.parametrize("symbol", Kind)
def test_each_export_is_a_file_of_its_kind(page, symbol, export, part, begin, kind):
    answer = page(address(batch(), symbol=symbol, export=export, part=part))
    assert answer.content.startswith(begin)
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == f'attachment; filename="label-L26311A.{export}"'


def test_a_name_with_markup_is_text_in_the_picture(page):
    factory.product("EVIL", name="<script>alert(1)</script> & Co", gtin=GTIN)
    made = factory.batch("1", of="EVIL")
    text = page(address(made, export="svg")).content.decode()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "query, said",
    [
        ("symbol=aztec", "“Symbol” does not understand its value."),
        ("size=a5", "“Paper” does not understand its value."),
        ("copies=0", "“Copies of each” does not understand its value."),
        ("copies=201", "at most 200 labels are made at once"),
        ("size=a4&first=25", "That sheet has 24 labels."),
        ("export=docx", "Labels are exported as pdf, svg or png."),
        ("export=pdf&part=symbol", "Only the symbol can be exported by itself"),
        ("colour=red", "This page has no parameter “colour”."),
    ],
)
def test_what_the_page_does_not_know_is_refused_with_words(page, query, said):
    batch()
    text = page(f"/batches/GRANOLA/L26311A/label/?{query}", 400).content.decode()
    assert said in text


def test_two_places_with_the_number_are_told_apart(page):
    batch()
    batch(at="PLANT2")
    assert "Which batch L26311A?" in page("/batches/GRANOLA/L26311A/label/").content.decode()
    text = page("/batches/GRANOLA/L26311A/label/?origin=PLANT2").content.decode()
    assert "Made at Plant2" in text


@pytest.fixture
def shipment():
    made = batch(quantity=100)
    sent = Shipment.objects.create(
        reference="SH-1",
        origin=made.origin,
        destination=factory.location("STORE1", kind="store"),
        shipped_at=NOON,
    )
    ShipmentLine.objects.create(shipment=sent, batch=made, quantity=48, sscc=SSCC)
    return sent


def test_a_pallet_has_a_label_with_its_sscc(page, shipment):
    text = page("/shipments/SH-1/label/").content.decode()
    assert f"(00){SSCC}(02){GTIN}(37)48(10)L26311A" in text
    read = zxing(page("/shipments/SH-1/label/?symbol=gs1-128&export=png&part=symbol").content)
    assert read.text == f"(00){SSCC}"
    assert "Pallet labels" in page("/shipments/SH-1/").content.decode()


def test_two_batches_on_one_pallet_are_one_label_without_content(page, shipment):
    other = batch("L2")
    ShipmentLine.objects.create(shipment=shipment, batch=other, quantity=1, sscc=SSCC)
    labels = content.of_shipment(shipment)
    assert [one.elements for one in labels] == [(Element("00", SSCC),)]
    assert labels[0].title == "Oat granola 400 g L26311A, Oat granola 400 g L2"


def test_a_pallet_that_is_not_there_is_not_found(page, shipment):
    page("/shipments/SH-1/label/?sscc=1", 404)


def test_a_shipment_without_sscc_says_so(page, shipment):
    ShipmentLine.objects.update(sscc="")
    assert "no pallet to label" in page("/shipments/SH-1/label/").content.decode()
    assert "nothing to print" in page("/shipments/SH-1/label/?export=pdf", 400).content.decode()


def test_labels_follow_the_filter_of_the_list(page):
    for n in range(3):
        batch(f"ZZ{n}")
    batch("X 1")
    text = " ".join(page("/batches/labels/?q=ZZ").content.decode().split())
    assert "Labels of 3 batches" in text
    assert "/batches/labels/?q=ZZ" in page("/batches/?q=ZZ").content.decode()
    text = " ".join(page("/batches/labels/").content.decode().split())
    assert "1 of 4 cannot carry a GS1 code." in text


def test_labels_follow_what_is_ticked(page, tmp_path):
    kept, _ = batch("L1"), batch("L2")
    assert f'value="{kept.pk}" form="bulk"' in page("/batches/").content.decode()
    answer = page(f"/batches/labels/?batch={kept.pk}&export=pdf&size=62x29")
    pages = pages_of(answer.content, tmp_path)
    assert [zxing(one).text for one in pages] == [f"(01){GTIN}(15)270105(10)L1"]


@pytest.mark.parametrize(
    "query, said",
    [
        ("batch=x", "A batch is asked for by its id."),
        ("colour=red", "understands only the filters of the batch list"),
        ("copies=1000", "At most 5,000 labels are made at once."),
        ("copies=250&export=pdf", "made in the background"),
    ],
)
def test_bulk_labels_refuse_with_words(page, query, said):
    for n in range(6):
        batch(f"L{n}")
    assert said in page(f"/batches/labels/?{query}", 400).content.decode()


def test_more_than_200_labels_are_made_by_a_worker(client, vera, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client.force_login(vera, backend=BACKEND)
    made, odd = batch("L1"), batch("S 1")
    query = f"?batch={made.pk}&batch={odd.pk}&copies=101&size=a4&first=24"
    assert "Make the PDF" in client.get(f"/batches/labels/{query}").content.decode()
    waiting = client.post(f"/batches/labels/{query}", follow=True)
    assert "wait for a worker" in waiting.content.decode()
    jobs.run_due()
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == ("done", 202, 202)
    assert job.result["labels"] == 202
    assert list(job.result["remarks"]) == ["S 1"]
    text = client.get(f"/labels/{job.pk}/").content.decode()
    assert "202 labels are ready." in text
    document = b"".join(client.get(f"/labels/{job.pk}/labels.pdf").streaming_content)
    # One label on the begun sheet, 201 on nine more.
    assert len(pages_of(document, tmp_path, dpi=20)) == 10


def test_a_file_that_was_cleared_away_is_said_to_be(client, vera, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client.force_login(vera, backend=BACKEND)
    job = Job.objects.create(kind="labels", state="done", parameters={"batches": []}, result={})
    assert "Make the labels again" in client.get(f"/labels/{job.pk}/").content.decode()
    answer = client.get(f"/labels/{job.pk}/labels.pdf")
    assert answer.status_code == 404


def test_a_job_that_runs_twice_leaves_one_file(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    parameters = {"batches": [batch().pk], "symbol": "qr", "size": "a4", "copies": 1, "first": 1}
    job = Job.objects.create(kind="labels", parameters=parameters)
    for _ in range(2):
        run_label_job(job, lambda **said: None)
    assert [path.name for path in (tmp_path / "labels").iterdir()] == [file_of(job).name]


def test_bulk_labels_ask_the_same_number_of_questions_for_1_batch_and_for_25(page):
    def count():
        page("/batches/labels/")
        with CaptureQueriesContext(connection) as queries:
            page("/batches/labels/?export=pdf")
        return len(queries)

    batch("L0")
    one = count()
    for n in range(1, 25):
        batch(f"L{n}", at=f"PLANT{n}")
    assert count() == one


def test_the_batch_page_shows_its_code(page):
    text = page(batch().get_absolute_url()).content.decode()
    assert 'aria-label="QR code of this batch"' in text
    assert 'href="/batches/GRANOLA/L26311A/label/?origin=PLANT1"' in text
