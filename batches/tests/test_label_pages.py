"""The pages on which labels are shown, exported and printed in bulk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.codes.gs1.elements import Element
from batches.codes.symbols import Kind
from batches.labelling import file_of, run_label_job
from batches.models import Job, Shipment, ShipmentLine
from batches.operations import jobs
from batches.reports.labels import content
from batches.tests import factory
from batches.tests.factory import NOON
from batches.tests.test_labels import BACKEND, GTIN, SSCC, batch, pages_of, zxing


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
@pytest.mark.slow
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
