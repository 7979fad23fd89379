"""Requests of authorities for records: taken down, answered by a sheet in time, handed over."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Finding, Location, Product
from batches.operations import jobs
from batches.operations.documents import (
    create_run,
    create_shipment,
    post_run,
    post_shipment,
    receive_shipment,
)
from batches.tests import factory as batches
from recalls.models import RecordsRequest, RecordsSheet
from recalls.operations.records import check_requests, hand_over, make_sheet, open_request
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.made import sheets_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def goods(otto):
    """ALM-1 from the supplier becomes BAR-1 nine days ago; both stores get some on their days."""
    raw = batches.batch("ALM-1", of="ALM", at="SIERRA", quantity=100)
    plant = batches.location("PLANT1", is_own=True)
    bar = batches.batch("BAR-1", of="BAR", at="PLANT1")

    def ship(reference, batch, to, quantity, at, arrives=None):
        row = create_shipment(
            reference=reference, origin=batch.origin, destination=to, shipped_at=at,
            lines=[{"batch": batch, "quantity": quantity}], by=otto, at=NOON,
        )  # fmt: skip
        row = post_shipment(shipment=row, by=otto, at=NOON)
        if arrives:
            receive_shipment(shipment=row, received_at=arrives, by=otto, at=NOON)

    ship("SH-1", raw, plant, 100, NOON - 10 * DAY, NOON - 10 * DAY + HOUR)
    run = create_run(
        reference="RUN-1", location=plant, inputs=[{"batch": raw, "quantity": 60}],
        outputs=[{"batch": bar, "quantity": 30}], ran_at=NOON - 9 * DAY, by=otto, at=NOON,
    )  # fmt: skip
    post_run(run=run, by=otto, at=NOON)
    for number, days in ((1, 8), (2, 2)):
        store = batches.location(f"STORE{number}", kind="store")
        left = NOON - days * DAY
        ship(f"SH-{number + 1}", bar, store, 5, left, left + HOUR)
    ship("SH-9", bar, batches.location("STORE1"), 1, None)
    return {"raw": raw, "bar": bar}


def asked(quinn, **more):
    given = {"authority": "FDA", "means": "phone", "asked_at": NOON} | more
    return open_request(by=quinn, at=NOON, **given)


def documents_in(quinn, request) -> dict[str, list[str]]:
    """By sheet, the documents that stand in it, opened again."""
    sheet = make_sheet(request=request, by=quinn, at=NOON + HOUR)
    book = sheets_of(bytes(sheet.content))
    found = {name: sorted(str(row[-1]) for row in book[name][1:]) for name in ("Shipping",)} | {
        "Transformation": [row[1] for row in book["Transformation"][1:]]
    }
    assert sheet.rows["shipping"] == len(book["Shipping"]) - 1
    return found


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def test_a_batch_brings_its_movements_and_the_runs_that_it_is_in(quinn, goods):
    found = documents_in(quinn, asked(quinn, batches=[goods["raw"]]))
    assert found == {"Shipping": ["Shipment SH-1"], "Transformation": ["RUN-1"]}
    product = Product.objects.get(code="BAR")
    found = documents_in(quinn, asked(quinn, products=[product]))
    assert found["Shipping"] == ["Shipment SH-2", "Shipment SH-3", "Shipment SH-9"]
    assert found["Transformation"] == ["RUN-1"]


def test_places_and_days_narrow_and_what_has_no_time_is_never_left_out(quinn, goods):
    store = Location.objects.get(code="STORE2")
    found = documents_in(quinn, asked(quinn, batches=[goods["bar"]], places=[store]))
    assert found == {"Shipping": ["Shipment SH-3"], "Transformation": []}
    days = {"from_day": (NOON - 3 * DAY).date(), "until_day": NOON.date()}
    found = documents_in(quinn, asked(quinn, **days))
    assert found == {"Shipping": ["Shipment SH-3", "Shipment SH-9"], "Transformation": []}


def test_a_day_is_that_of_the_place(quinn, goods, otto):
    """23:30 at the plant on the 20th is the 21st in UTC."""
    plant = goods["bar"].origin
    plant.timezone = "America/New_York"
    plant.save()
    late = NOON.replace(month=11, day=21, hour=4, minute=30)
    row = create_shipment(
        reference="SH-LATE", origin=plant, destination=Location.objects.get(code="STORE1"),
        shipped_at=late, lines=[{"batch": goods["bar"], "quantity": 1}], by=otto, at=NOON,
    )  # fmt: skip
    row = post_shipment(shipment=row, by=otto, at=NOON)
    receive_shipment(shipment=row, received_at=late + 9 * DAY, by=otto, at=late + 9 * DAY)
    for day, is_in in ((20, True), (21, False)):
        of = date(2026, 11, day)
        found = documents_in(quinn, asked(quinn, batches=[goods["bar"]], from_day=of, until_day=of))
        assert ("Shipment SH-LATE" in found["Shipping"]) is is_in


def test_a_recall_alone_gives_its_frozen_scope(quinn, paula, goods):
    case = factory.draft(quinn, goods["bar"].holdings.get(location=goods["bar"].origin))
    with refused("has no frozen scope"):
        make_sheet(request=asked(quinn, recall=case), by=quinn, at=NOON)
    early = asked(quinn, recall=case, products=[goods["bar"].product])
    sheet = make_sheet(request=early, by=quinn, at=NOON)
    hand_over(request=early, sheet=sheet, handed_at=NOON, by=quinn, at=NOON)
    assert not case.handovers.exists(), "a draft has no target that this could meet"
    case = factory.active(quinn, paula, goods["raw"].holdings.get(location__code="SIERRA"))
    found = documents_in(quinn, asked(quinn, recall=case))
    assert {"Shipment SH-1", "Shipment SH-2", "Shipment SH-3"} <= set(found["Shipping"])


def test_what_cannot_be_is_refused(quinn):
    with refused("Say what was asked for"):
        asked(quinn)
    with refused("is a drill"):
        asked(quinn, recall=factory.draft(quinn, is_drill=True))
    with refused("This lies ahead"):
        asked(quinn, asked_at=NOON + HOUR, from_day=NOON.date())
    with refused("before the first day"):
        asked(quinn, from_day=date(2026, 2, 2), until_day=date(2026, 2, 1))


def test_after_24_hours_an_alarm_stands_until_it_is_handed_over(quinn, paula, goods):
    case = factory.active(quinn, paula, goods["raw"].holdings.get(location__code="SIERRA"))
    request = asked(quinn, recall=case, authority_reference="FDA-77")
    assert check_requests(at=NOON + 24 * HOUR) == 0
    late = NOON + 25 * HOUR
    assert check_requests(at=late) == 1
    assert check_requests(at=late) == 0
    sheet = make_sheet(request=request, by=quinn, at=late)
    given = {"request": request, "by": quinn, "at": late + HOUR}
    with refused("before the sheet was made"):
        hand_over(sheet=sheet, handed_at=late - HOUR, **given)
    other = make_sheet(request=asked(quinn, recall=case), by=quinn, at=late)
    with refused("made for this request"):
        hand_over(sheet=other, handed_at=late, **given)
    done = hand_over(sheet=sheet, handed_at=late, **given)
    assert done.sheet == sheet and not Finding.objects.open().filter(kind="records_late").exists()
    handover = case.handovers.get()
    assert (handover.authority, handover.reference) == ("FDA", "FDA-77")
    with refused("handed over already"):
        hand_over(sheet=sheet, handed_at=late, **given)


@pytest.mark.slow
def test_the_pages_take_it_down_make_the_sheet_and_note_the_handover(client, quinn, vera, goods):
    client.force_login(quinn, backend=BACKEND)
    assert "No authority has asked" in client.get("/requests/").content.decode()
    values = {
        "authority": "FDA", "means": "phone", "asked_at": "2026-11-20T08:00",
        "batches": "BAR/BAR-1\nNONE-1", "note": "All of it.",
    }  # fmt: skip
    refusal = client.post("/requests/new/", values)
    assert refusal.status_code == 422 and "There is no batch NONE-1." in refusal.content.decode()
    assert "All of it.</textarea>" in refusal.content.decode()
    assert not RecordsRequest.objects.exists()
    address = client.post("/requests/new/", values | {"batches": "BAR/BAR-1"})["Location"]
    assert "A sheet is being made" in client.get(address).content.decode()
    assert jobs.run_due() == 1
    sheet = RecordsSheet.objects.get()
    page = client.get(address).content.decode()
    assert "3 shipped" in page and "BAR/BAR-1" in page
    file = client.get(f"{address}sheets/1.xlsx")
    assert file.content == bytes(sheet.content)
    wrong = client.post(f"{address}handover/", {"sheet": "", "handed_at": ""})
    assert wrong.status_code == 422 and "Choose the sheet" in wrong.content.decode()
    given = {"sheet": sheet.pk, "handed_at": sheet.made_at.strftime("%Y-%m-%dT%H:%M"), "note": "Up"}
    assert client.post(f"{address}handover/", given).status_code == 302
    assert "Handed over" in client.get("/requests/?open=0").content.decode()
    client.force_login(vera, backend=BACKEND)
    assert client.get(f"{address}sheets/1.xlsx").status_code == 403
    assert "sheets/1.xlsx" not in client.get(address).content.decode()


def test_as_many_queries_with_many_requests_as_with_one(
    client, quinn, paula, goods, django_assert_num_queries
):
    case = factory.active(quinn, paula, goods["raw"].holdings.get(location__code="SIERRA"))
    client.force_login(quinn, backend=BACKEND)
    asked(quinn, recall=case)
    with CaptureQueriesContext(connection) as one:
        client.get("/requests/")
    for _ in range(4):
        asked(quinn, recall=case)
    with django_assert_num_queries(len(one)):
        client.get("/requests/")
