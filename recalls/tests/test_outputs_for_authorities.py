"""What authorities get of a recall, opened again: reports, spreadsheet and records."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest

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
from recalls.reports.outputs import fsma_headings, tables
from recalls.tests import factory
from recalls.tests.made import LATER, answer, case_of, made, paper_of, rows_of, sheets_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


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
