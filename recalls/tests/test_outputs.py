"""Every output of a recall, opened again: its figures are those of the frozen scope."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from batches.operations.documents import (
    create_run,
    create_shipment,
    post_run,
    post_shipment,
    receive_shipment,
)
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.operations import recalls, responses
from recalls.operations.messages import add_picture, save_message
from recalls.packaging import write_package
from recalls.reports.dossier import dossier
from recalls.reports.outputs import OUTPUTS, consumer, fsma_headings, make, tables
from recalls.reports.outputs.consumer_words import WORDS
from recalls.reports.status import status
from recalls.scope import lines_of, preview
from recalls.tests import factory
from recalls.tests.factory import found
from recalls.tests.test_paper import read
from recalls.tests.test_status import stores

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=3)


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def answer(recall, key, **parts):
    recipient = recall.recipients.get(address_key=key)
    answers = {line.pk: found(**parts) for line in lines_of(recipient)}
    responses.answer(
        recipient=recipient, answers=answers, name="Kim", phone="1", remark="", at=LATER
    )


def case_of(recall, **options):
    return dossier(recall, at=LATER, by="Quinn Osei", **options)


def made(recall, kind, format, **options) -> bytes:
    return make(case_of(recall), kind, format, **options).content


def paper_of(recall, kind, **options) -> str:
    """The text of a PDF, with every run of spaces as one."""
    return " ".join(" ".join(read(made(recall, kind, "pdf", **options))).split())


def rows_of(content: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheets_of(content: bytes) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_preview_frozen_scope_and_every_output_have_the_same_figures(nodes, quinn, paula):
    draft = factory.submitted(quinn, nodes["ALM@SIERRA"])
    seen = {one.unit: one for one in preview(draft).quantities}
    recall = factory.activate(draft, paula).recall
    answer(recall, "one@store.example", quarantined=30, sold=4)
    due, on_site = seen["case"].shipped, seen["case"].on_site
    assert (due, on_site) == (90, 365)

    [sums] = status(recall).totals
    [row] = rows_of(tables.totals(case_of(recall)))
    record = json.loads(made(recall, "status", "json"))
    listed = rows_of(tables.batches(case_of(recall)))
    places = rows_of(tables.places(case_of(recall)))
    enforcement = json.loads(made(recall, "openfda", "json"))["results"]
    scope = sheets_of(made(recall, "status", "xlsx"))["Scope"]
    column = scope[0].index("To account for")

    assert sums.due == due
    assert (Decimal(row["due"]), Decimal(row["on_site"])) == (due, on_site)
    assert Decimal(record["amounts"][0]["due"]) == due
    assert sum(Decimal(one["due"]) for one in listed) == due
    assert sum(Decimal(one["on_site"]) for one in listed) == on_site
    assert sum(Decimal(one["due"]) for one in places) == due
    assert sum(line[column] for line in scope[1:] if line[3] == "To be told") == due
    assert [one["product_quantity"] for one in enforcement if "BAR" in one["product_code"]] == [
        "90 cases"
    ]
    for kind in ("status", "closing"):
        text = paper_of(recall, kind)
        assert "90 cases to account for" in text
        assert "Quarantined: 30 cases" in text and "No answer yet: 56 cases" in text
    assert "With consignees 90 cases" in paper_of(recall, "firm")


def test_unlike_units_stay_apart_in_every_sum(nodes, quinn, paula):
    almonds = nodes["ALM@SIERRA"].batch.product
    almonds.unit = "kg"
    almonds.save()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    rows = {row["unit"]: row for row in rows_of(tables.totals(case_of(recall)))}
    assert {unit: row["on_site"] for unit, row in rows.items()} == {
        "case": "10",
        "kg": "355",
    }
    assert "On our sites, held 10 cases, 355 kg" in paper_of(recall, "firm")


def test_the_status_report_has_its_six_points(recall, quinn, nodes):
    answer(recall, "one@store.example", returned=40)
    dc = nodes["BAR@DC"].location
    responses.waive_location(recall=recall, location=dc, reason="Burnt down.", by=quinn, at=LATER)
    day = (LATER + timedelta(days=9)).date()
    recall = recalls.change_recall(recall=recall, by=quinn, at=LATER, expected_end=day)
    text = paper_of(recall, "status")
    for words in (
        "1. Consignees notified",
        "Places to be told 3",
        "2. Consignees responding",
        "Answered 1 of 3 places",
        "Found on hand 40 cases",
        "3. Consignees that have not responded",
        "1 place has not answered. Not waited for any more: 1.",
        "Burnt down.",
        "4. Returned, corrected and accounted for",
        "5. Effectiveness checks",
        f"6. Expected end {day.day} {day:%b %Y}",
    ):
        assert words in text, words
    points = json.loads(made(recall, "status", "json"))["status_report"]
    assert points["consignees_notified"]["places"] == 3
    assert points["consignees_responding"]["found_on_hand"] == [{"unit": "case", "quantity": "40"}]
    assert [one["code"] for one in points["consignees_not_responding"]["who"]] == ["STORE2"]
    assert points["returned_and_accounted_for"][0]["returned"] == "40"
    assert points["expected_end"] == day.isoformat()


def test_the_firms_report_says_what_was_recorded_and_what_was_not(recall, quinn):
    facts = {
        "discovery": "A mother called.",
        "injuries": "One reaction.",
        "effectiveness_level": "A",
    }
    recalls.change_recall(recall=recall, by=quinn, at=LATER, **facts)
    recall.refresh_from_db()
    text = paper_of(recall, "firm")
    assert "A mother called." in text and "One reaction." in text
    assert "Level A: all places" in text
    assert "How likely not recorded" in text
    assert "URGENT" in text, "the communication is quoted"
    assert "one@store.example" not in text


def test_the_sortable_spreadsheet_has_the_headings_and_the_movements_of_the_scope(
    otto, quinn, paula
):

    raw = batches.batch("-12", of="ALM", at="SIERRA", quantity=100)
    raw.product.name = "=HYPERLINK(1)"
    raw.product.save()
    plant = batches.location("PLANT1", is_own=True)
    store = batches.location("STORE1", kind="store", gln="4012345000009")
    bar = batches.batch("BAR-1", of="BAR", at="PLANT1")
    other = batches.batch("BAR-2", of="BAR", at="PLANT1")

    def ship(reference, batch, origin, destination, quantity, at):
        line = {"batch": batch, "quantity": quantity}
        shipment = create_shipment(
            reference=reference,
            origin=origin,
            destination=destination,
            lines=[line],
            shipped_at=at,
            by=otto,
            at=at,
        )
        return post_shipment(shipment=shipment, by=otto, at=at)

    hour = timedelta(hours=1)
    inward = ship("SH-1", raw, raw.origin, plant, 100, NOON - 9 * hour)
    receive_shipment(shipment=inward, received_at=NOON - 8 * hour, by=otto, at=NOON - 8 * hour)
    run = create_run(
        reference="RUN-1",
        location=plant,
        inputs=[{"batch": raw, "quantity": 60}],
        outputs=[{"batch": bar, "quantity": 30}, {"batch": other, "quantity": Decimal("29.5")}],
        ran_at=NOON - 7 * hour,
        by=otto,
        at=NOON - 7 * hour,
    )
    post_run(run=run, by=otto, at=NOON - 7 * hour)
    ship("SH-2", bar, plant, store, 12, NOON - 6 * hour)
    apart = batches.batch("APART", of="OAT", at="PLANT1", quantity=9)
    ship("SH-3", apart, plant, store, 5, NOON - 6 * hour)

    recall = factory.active(quinn, paula, raw.holdings.get(location=raw.origin))
    sheets = sheets_of(made(recall, "fsma", "xlsx"))
    assert list(sheets) == [
        "Shipping",
        "Receiving",
        "Transformation",
        "Locations",
        "Products",
        "About",
    ]
    for name in ("Shipping", "Receiving", "Transformation", "Locations", "Products"):
        assert sheets[name][0] == getattr(fsma_headings, name.upper()), name
    shipping = [
        dict(zip(sheets["Shipping"][0], row, strict=True)) for row in sheets["Shipping"][1:]
    ]
    assert [(one["(1) TLC - Batch"], one["(2) Qty & UOM"]) for one in shipping] == [
        ("-12", "100 case"),
        ("BAR-1", "12 case"),
    ]
    assert shipping[1]["Ship-To Location ID**"] == "4012345000009"
    assert shipping[0]["(3) Product Description"] == "=HYPERLINK(1)"
    assert shipping[0]["(8) Ref Doc Type and Number"] == "Shipment SH-1"
    assert [row[6] for row in sheets["Receiving"][1:]] == ["100 case"]
    made_of = sheets["Transformation"]
    used, out = made_of[0].index("FTL Food Used Qty"), made_of[0].index("FTL Food Produced Qty")
    assert [(row[3], row[used], row[11], row[out]) for row in made_of[1:]] == [
        ("-12", 60, "BAR-1", 30),
        ("-12", 60, "BAR-2", 29.5),
    ]
    assert {row[2] for row in sheets["Products"][1:]} == {"=HYPERLINK(1)", "Bar"}
    book = openpyxl.load_workbook(io.BytesIO(made(recall, "fsma", "xlsx")))
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds, "no cell is a formula"


def test_each_row_of_the_csv_is_text_that_no_spreadsheet_runs_and_minus_twelve_stays(
    nodes, quinn, paula
):
    batch = nodes["BAR@PLANT1"].batch
    batch.number = "-12"
    batch.save()
    batch.product.name = "@SUM(1)"
    batch.product.save()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    row = next(r for r in rows_of(tables.batches(case_of(recall))) if r["batch"] == "-12")
    assert row["product_name"] == "'@SUM(1)"


@pytest.mark.parametrize("language", WORDS)
def test_the_consumer_notice_says_what_the_regulation_asks(recall, language):
    text = paper_of(recall, "consumer", language=language)
    words, notice = WORDS[language], consumer.notice_of(case_of(recall), language)
    assert text.count(notice.headline) >= 1
    for said in (words.stop, words.share, words.check, "May contain peanut.", "BAR"):
        assert " ".join(said.split()) in text, said
    assert words.page.format(number=1, total=1) in text
    for hidden in ("Store 1", "Northgate", "90", "STORE1"):
        assert hidden not in text.replace("RC-2026-0001", ""), hidden


def test_the_consumer_notice_takes_its_own_text_with_its_remedy_and_the_words_of_a_picture(
    recall, quinn
):
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "PNG")
    upload = SimpleUploadedFile("pack.png", picture.getvalue())
    caption = "Die Nummer steht auf dem Boden der Packung."
    add_picture(recall=recall, upload=upload, caption=caption, by=quinn, at=LATER)
    text = {
        "subject": "Produktsicherheitsrückruf",
        "order": "Nicht essen.",
        "wrong": "Enthält Erdnuss, die nicht auf dem Etikett steht.",
        "todo": "Nicht essen.\nIn den Laden zurückbringen.",
        "remedy": "Geld zurück oder neue Ware.",
    }
    save_message(
        recall=recall, audience="consumer", language="de", revision=0, by=quinn, at=LATER, **text
    )
    content = made(recall, "consumer", "pdf", language="de")
    said = " ".join(" ".join(read(content)).split())
    for words in (text["wrong"], "In den Laden zurückbringen.", text["remedy"], caption):
        assert words in said, words
    assert "May contain peanut." not in said and WORDS["de"].choice not in said
    [page] = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(page.images) == 1
    assert "May contain peanut." in paper_of(recall, "consumer", language="en")


def test_no_fixed_word_makes_a_danger_seem_smaller():
    said = " ".join(
        str(value) for words in WORDS.values() for value in vars(words).values()
    ).lower()
    for word in (
        "voluntar",
        "precaution",
        "discretion",
        "rare",
        "freiwillig",
        "vorsorglich",
        "volontaire",
        "cautelar",
    ):
        assert word not in said


def test_a_consumer_notice_in_a_language_without_words_is_refused(recall):
    with pytest.raises(ValidationError, match=r"no consumer notice in “xx”\. Choose from en, de"):
        consumer.notice_of(case_of(recall), "xx")


def test_the_enforcement_report_has_the_fields_and_dates_of_openfda(recall, quinn, nodes):
    recalls.change_recall(recall=recall, by=quinn, at=LATER, classified_on=LATER.date())
    recall.refresh_from_db()
    results = json.loads(made(recall, "openfda", "json"))["results"]
    assert [one["recall_number"] for one in results] == ["RC-2026-0001-1", "RC-2026-0001-2"]
    one = next(row for row in results if row["product_code"] == nodes["BAR@DC"].batch.product.code)
    assert one["status"] == "Ongoing" and one["classification"] == "Class I"
    assert one["code_info"].startswith("Batch BAR")
    assert one["recall_initiation_date"] == f"{NOON:%Y%m%d}"
    assert one["center_classification_date"] == f"{LATER:%Y%m%d}"
    assert "termination_date" not in one
    assert "Store 1" not in json.dumps(results)


def test_the_evidence_of_a_place_is_its_frozen_path_and_names_no_other_consignee(recall):
    line = recall.versions.get().lines.get(location_code="STORE1")
    text = paper_of(recall, "evidence", place="store1")
    assert "Why Store 1 is affected" in text
    for step in line.path:
        assert step["document"] in text
    assert "To account for 40 cases" in text
    assert "Store 2" not in text and "STORE2" not in text
    with pytest.raises(ValidationError, match="NOWHERE is no place of RC-2026-0001"):
        made(recall, "evidence", "pdf", place="NOWHERE")
    with pytest.raises(ValidationError, match="Say for which place"):
        made(recall, "evidence", "pdf")


def test_the_closing_report_is_interim_until_the_recall_is_completed(recall, quinn, paula):
    assert "Interim. The recall is not completed" in paper_of(recall, "closing")
    for key in ("one@store.example", "two@store.example"):
        answer(recall, key, quarantined=20)
    recall = recalls.complete_recall(recall=recall, by=quinn, at=LATER)
    recall = recalls.close_recall(
        recall=recall,
        by=paula,
        at=LATER,
        password="paula",
        meaning="All is explained.",
        statement="Thirty cases were eaten.",
    )
    text = paper_of(recall, "closing")
    assert "Closing report" in text and "Interim" not in text
    assert "Thirty cases were eaten." in text
    assert "30 cases missing" in text
    assert text.count("All is explained.") == 1
    version = recall.versions.get()
    assert version.sha256 in text.replace(" ", "")
    assert "Page 1 of" in text and "Recall lead" in text


def test_reports_say_that_one_person_activated_it_alone(nodes, quinn, paula):
    case = factory.draft(quinn, nodes["ALM@SIERRA"])
    recalls.break_glass(
        recall=case, by=quinn, at=LATER, password="quinn", meaning="Alone.", reason="Night."
    )
    case.refresh_from_db()
    for kind in ("status", "firm", "closing"):
        text = paper_of(case, kind)
        assert "Activated by one person alone" in text and "Night." in text, kind
        assert "Nobody has countersigned it yet." in text, kind
    case = recalls.countersign(recall=case, by=paula, at=LATER, password="paula", meaning="Right.")
    assert "Nobody has countersigned it yet." not in paper_of(case, "status")
    assert "alone" not in paper_of(case, "consumer"), "that is no matter of the public"


def test_the_closing_report_names_both_people_of_a_narrowing(recall, quinn, paula, nodes):
    from recalls.tests.test_narrowing import narrow

    narrow(recall, quinn, paula, nodes["BAR@STORE1"])
    text = paper_of(recall, "closing")
    assert "Made before the incident." in text and "approved by" in text


def test_every_page_of_every_output_of_a_drill_says_so(recall):
    type(recall).objects.filter(pk=recall.pk).update(is_drill=True)
    recall.refresh_from_db()
    for output in OUTPUTS.values():
        if "pdf" in output.makers:
            options = {"place": "STORE1"} if output.wants == "place" else {}
            pages = read(made(recall, output.kind, "pdf", **options))
            assert all("DRILL RC-2026-0001" in page for page in pages), output.kind
    assert json.loads(made(recall, "openfda", "json"))["meta"]["is_drill"] is True
    about = sheets_of(made(recall, "fsma", "xlsx"))["About"]
    assert ("DRILL", "This is an exercise.") in about


def test_an_output_that_there_is_not_is_refused_with_what_there_is(recall, quinn):
    with pytest.raises(ValidationError, match=r"There is no output “x”\. Choose from status"):
        made(recall, "x", "pdf")
    with pytest.raises(ValidationError, match="is made as xlsx, not as pdf"):
        made(recall, "fsma", "pdf")
    with pytest.raises(ValidationError, match="has no frozen scope yet"):
        case_of(factory.draft(quinn))


def test_the_package_holds_everything_and_its_manifest_proves_each_file(recall):
    answer(recall, "one@store.example", quarantined=30, sold=4)
    stream = io.BytesIO()
    told = []
    case = case_of(recall)
    count = write_package(stream, case, lambda **progress: told.append(progress))
    assert told[-1]["done"] == told[-1]["total"] == count - 1
    with zipfile.ZipFile(stream) as package:
        assert package.testzip() is None
        manifest = json.loads(package.read("manifest.json"))
        names = set(package.namelist())
        assert {one["name"] for one in manifest["files"]} == names - {"manifest.json"}
        for one in manifest["files"]:
            content = package.read(one["name"])
            assert len(content) == one["bytes"] and content
            assert hashlib.sha256(content).hexdigest() == one["sha256"], one["name"]
            if one["name"].endswith(".pdf"):
                assert read(content)
        frozen = package.read("data/scope-version-1.json")
        assert hashlib.sha256(frozen).hexdigest() == recall.versions.get().sha256
        assert manifest["scope_sha256"] == recall.versions.get().sha256
        [row] = rows_of(package.read("data/totals.csv"))
        [sums] = status(recall).totals
        for part in ("due", "quarantined", "sold", "no_answer"):
            assert Decimal(row[part]) == getattr(sums, part), part
        assert {"evidence/STORE1.pdf", "consumer/notice-fr.pdf", "04-fsma-204.xlsx"} <= names
        said = b"".join(package.read(name) for name in names if not name.endswith(".pdf"))
    for person in (b"one@store.example", b"Uno", b"Kim"):
        assert person not in said, "no names and no addresses of people"


def test_letter_paper_can_be_asked_for(recall):
    content = make(case_of(recall, size="Letter"), "status", "pdf").content
    assert round(pypdf.PdfReader(io.BytesIO(content)).pages[0].mediabox.height) == 792


def test_the_figures_of_a_dossier_take_the_same_queries_for_many_places(
    quinn, paula, django_assert_max_num_queries
):
    recall = factory.active(quinn, paula, stores(*[f"s{n}@x.example" for n in range(25)]))
    # One for each of the 25 places would be far beyond.
    with django_assert_max_num_queries(45):
        case = case_of(recall)
        for kind in ("status", "firm", "closing"):
            make(case, kind, "pdf")
