"""What every list page does: filter, sort, page, export, refuse, and say when it is empty."""

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.lists import export
from batches.lists.paging import page_of
from batches.models import (
    Batch,
    Complaint,
    Hold,
    Inspection,
    Location,
    Product,
    Run,
    RunInput,
    Shipment,
)
from batches.models import ShipmentLine as Line
from batches.operations.findings import raise_finding
from batches.tests import factory
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"
LISTS = {
    "/batches/": "No batch is recorded yet.",
    "/shipments/": "No shipment is recorded yet.",
    "/runs/": "No production run is recorded yet.",
    "/locations/": "No location is recorded yet.",
    "/products/": "No product is recorded yet.",
    "/holds/": "Nothing is on hold.",
    "/complaints/": "No complaint is recorded.",
    "/inspections/": "No inspection is recorded.",
}


@pytest.fixture(autouse=True)
def _logged_in(client, quinn):
    client.force_login(quinn, backend=BACKEND)


def fill(start, stop, by):
    """Rows `start` to `stop` of every list."""
    for n in range(start, stop):
        made = factory.batch(f"L{n}", of=f"P{n}", at=f"PLANT{n}", quantity=n)
        store = factory.location(f"STORE{n}", kind="store")
        store.contacts.create(email=f"kim{n}@store.example")
        sent = Shipment.objects.create(
            reference=f"SH-{n}", origin=made.origin, destination=store, shipped_at=NOON
        )
        Line.objects.create(shipment=sent, batch=made, quantity=1)
        run = Run.objects.create(reference=f"R-{n}", location=made.origin, ran_at=NOON)
        RunInput.objects.create(run=run, batch=made, quantity=1)
        Hold.objects.create(batch=made, reason="Smells.", placed_by=by, placed_at=NOON)
        Complaint.objects.create(
            product=made.product, batch=made, location=store, at=NOON, text="Stale."
        )
        Inspection.objects.create(batch=made, kind=f"Moisture {n}", value=n, by=by, at=NOON)


def page_at(client, url) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.content.decode()[-800:]
    return " ".join(response.content.decode().split())


def csv_of(client, url) -> list[list[str]]:
    text = b"".join(client.get(url).streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def xlsx_of(client, url) -> list[tuple]:
    content = b"".join(client.get(url).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.slow
def test_a_list_asks_the_same_number_of_questions_for_1_row_and_for_25(client, url, quinn):
    def count():
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            page_at(client, url)
        return len(queries)

    fill(0, 1, quinn)
    one = count()
    fill(1, 25, quinn)
    assert count() == one


@pytest.mark.parametrize("url", LISTS)
def test_a_list_counts_no_further_than_it_says(client, url, quinn):
    """Counting a big table takes longer than the page: it ends behind 10,000."""
    fill(0, 2, quinn)
    with CaptureQueriesContext(connection) as queries:
        first = client.get(url).context["table"].list_page.records[0]
        page_at(client, f"{url}?after={first.pk}")
    counts = [one["sql"] for one in queries if one["sql"].startswith("SELECT COUNT(*)")]
    assert counts and all("LIMIT 10001" in sql for sql in counts)


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.slow
def test_an_export_asks_the_same_number_of_questions_for_1_row_and_for_25(client, url, quinn):
    def count():
        with CaptureQueriesContext(connection) as queries:
            csv_of(client, f"{url}?export=csv")
        return len(queries)

    fill(0, 1, quinn)
    one = count()
    fill(1, 25, quinn)
    assert count() == one


@pytest.mark.parametrize("url", LISTS)
def test_an_empty_list_says_what_to_do(client, url, db):
    assert LISTS[url] in page_at(client, url)


def test_an_empty_tab_says_what_is_not_there(client, quinn):
    assert "Nothing is on hold." in page_at(client, "/holds/?state=active")
    assert "No open complaints." in page_at(client, "/complaints/?status=open")
    other = page_at(client, "/complaints/?status=open&q=grit")
    assert "Nothing matches. Take a filter away:" in other


@pytest.mark.parametrize("url", LISTS)
def test_a_list_without_a_match_offers_to_take_the_filter_away(client, url, quinn):
    fill(0, 1, quinn)
    page = page_at(client, f"{url}?q=nothing-is-called-this")
    assert "Nothing matches. Take a filter away:" in page
    assert "Search is nothing-is-called-this" in page


@pytest.mark.parametrize("url", LISTS)
def test_a_parameter_that_the_list_does_not_know_is_refused_with_words(client, url, db):
    response = client.get(f"{url}?colour=red")
    assert response.status_code == 400
    assert "This list has no filter “colour”." in response.content.decode()


@pytest.mark.parametrize("url", LISTS)
def test_an_unknown_order_and_an_unknown_column_are_refused(client, url, db):
    response = client.get(f"{url}?sort=colour")
    assert response.status_code == 400
    assert "This list cannot be sorted by “colour”." in response.content.decode()
    response = client.get(f"{url}?columns=colour")
    assert response.status_code == 400
    assert "This list has no column “colour”." in response.content.decode()


def test_a_value_that_a_filter_does_not_understand_is_refused(client, db):
    response = client.get("/batches/?status=blue")
    assert response.status_code == 400
    assert "The filter “Status” does not understand its value." in response.content.decode()


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.slow
def test_every_column_that_sorts_does_so_in_both_directions(client, url, quinn):
    fill(0, 5, quinn)
    make_unlike()
    table = client.get(url).context["table"]
    for column in table.columns:
        if column.orderable:
            for sort in (column.name, f"-{column.name}"):
                answer = client.get(f"{url}?sort={sort}")
                assert 'aria-sort="' in answer.content.decode(), sort
                rows = answer.context["table"].data.data
                assert walk(rows) == walk(rows, back=True) == [row.pk for row in rows], sort


def make_unlike():
    """Unknown values, and equal ones, in what lists are sorted by."""
    Product.objects.filter(code="P1").update(shelf_life_days=9, brand="A")
    Product.objects.filter(code="P2").update(shelf_life_days=9, gtin="04012345678901")
    Batch.objects.filter(number="L3").update(quantity=None, expires_on="2026-12-24")
    Batch.objects.filter(number="L4").update(quantity="0.1")
    Shipment.objects.filter(reference="SH-2").update(shipped_at=None)
    Location.objects.filter(code="PLANT1").update(city="Lyon")
    Complaint.objects.filter(product__code="P1").update(product=None)


def walk(rows, back=False) -> list[int]:
    """The keys of all rows, two by two, from the first page on or from the last one back."""
    page = page_of(rows, of=rows, size=2)
    forth = [page]
    while page.after:
        page = page_of(rows, of=rows, size=2, after=page.after)
        forth.append(page)
    assert [page.first for page in forth] == list(range(1, 2 * len(forth), 2))
    if not back:
        return [row.pk for page in forth for row in page.records]
    found = [row.pk for row in page.records]
    while page.before:
        page = page_of(rows, of=rows, size=2, before=page.before)
        found = [row.pk for row in page.records] + found
    return found


def test_a_sorted_list_says_which_way(client, quinn):
    fill(0, 3, quinn)
    page = page_at(client, "/batches/?sort=-number")
    assert 'aria-sort="descending"' in page
    assert page.index(">L2<") < page.index(">L1<") < page.index(">L0<")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("q=l-1", {"L1"}),
        ("product=p2", {"L2"}),
        ("origin=PLANT1", {"L1"}),
        ("status=held", {"L0", "L1", "L2"}),
        ("status=recalled", set()),
        ("status=released", {"L0", "L1", "L2"}),
        ("at=PLANT2", {"L2"}),
        ("stock=any", {"L1", "L2"}),
        ("stock=own", {"L1"}),
        ("expires_after=2026-12-01&expires_before=2026-12-31", {"L2"}),
        ("gap=open", {"L2"}),
    ],
)
def test_the_filters_of_batches_find_what_they_say(client, quinn, query, numbers):
    fill(0, 3, quinn)
    Location.objects.filter(code="PLANT1").update(is_own=True)
    Batch.objects.filter(number="L2").update(expires_on="2026-12-24")
    for number, severity in (("L1", "warning"), ("L2", "gap")):
        made = Batch.objects.get(number=number)
        raise_finding(kind="x", severity=severity, obj=made, text="Odd.", at=NOON)
    rows = client.get(f"/batches/?{query}").context["table"].data
    assert {row.number for row in rows} == numbers


@pytest.mark.parametrize(
    ("query", "codes"),
    [("", ["PLANT0", "PLANT1"]), ("&own=true", ["PLANT1"]), ("&own=false", ["PLANT0"])],
)
def test_own_sites_are_asked_for_or_any(client, quinn, query, codes):
    fill(0, 2, quinn)
    Location.objects.filter(code="PLANT1").update(is_own=True)
    answer = client.get(f"/locations/?kind=plant{query}")
    assert [row.code for row in answer.context["table"].data] == codes
    assert "Unknown" not in answer.content.decode()


def test_a_location_without_a_contact_is_found(client, quinn):
    fill(0, 1, quinn)
    rows = client.get("/locations/?missing=contact").context["table"].data
    assert [row.code for row in rows] == ["PLANT0"]


def test_an_export_has_the_filter_the_time_the_person_and_the_count_on_top(client, quinn):
    fill(0, 3, quinn)
    rows = csv_of(client, "/batches/?status=held&sort=-number&columns=number,made&export=csv")
    assert rows[0] == ["Batches"]
    assert rows[1] == ["Filter", "Status: On hold"]
    assert rows[2][0] == "Made" and rows[2][1].endswith("UTC")
    assert rows[3:5] == [["By", "quinn"], ["Rows", "3"]]
    assert rows[6:] == [["Batch", "Made or received"], ["L2", "2"], ["L1", "1"], ["L0", "0"]]


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.slow
def test_both_kinds_of_export_hold_what_the_page_shows(client, url, quinn):
    fill(0, 3, quinn)
    table = client.get(url).context["table"]
    shown = [
        str(column.header) for column in table.columns if not column.column.exclude_from_export
    ]
    for rows in (csv_of(client, f"{url}?export=csv"), xlsx_of(client, f"{url}?export=xlsx")):
        assert rows[0][0] == client.get(url).context["title"]
        assert [cell for cell in rows[6] if cell is not None] == shown
        assert len(rows) - 7 == len(table.data)


def test_an_export_is_as_csv_or_xlsx_and_nothing_else(client, db):
    assert client.get("/batches/?export=exe").status_code == 400


EVIL = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "＝1"]


@pytest.mark.parametrize("name", EVIL)
def test_no_cell_of_a_csv_is_one_that_a_spreadsheet_would_run(client, name, db):
    Product.objects.create(code="P1", name=name)
    cell = csv_of(client, "/products/?columns=name&export=csv")[-1][0]
    assert cell == f"'{name}"


@pytest.mark.parametrize("name", ["-12", "-12.5", "-0,75"])
def test_a_negative_number_stays_as_it_is_printed_in_a_csv(client, name, db):
    Product.objects.create(code="P1", name=name)
    assert csv_of(client, "/products/?columns=name&export=csv")[-1][0] == name


@pytest.mark.parametrize("name", EVIL)
def test_no_cell_of_an_xlsx_is_a_formula(client, name, db):
    Product.objects.create(code="P1", name=name)
    content = b"".join(client.get("/products/?columns=name&export=xlsx").streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert all(cell.data_type in "sn" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(sheet.max_row, 1).value == name


def test_a_number_goes_into_a_file_as_a_number_and_a_code_as_text(client, db):
    factory.batch("00112", quantity="12.500000")
    *_, row = xlsx_of(client, "/batches/?columns=number,made&export=xlsx")
    assert row == ("00112", 12.5)


def test_a_number_too_long_for_a_float_keeps_all_of_its_digits():
    from decimal import Decimal

    file = io.BytesIO()
    export.write_xlsx(file, "x", [[Decimal("123456789012.123456")]])
    assert openpyxl.load_workbook(file).active["A1"].value == "123456789012.123456"


def test_a_tab_stays_current_when_the_list_is_sorted(client, quinn):
    fill(0, 1, quinn)
    tabs = client.get("/holds/?state=waiting&sort=-batch").context["tabs"]
    assert [tab.word for tab in tabs if tab.is_current] == ["Waiting for a decision"]


def test_a_recalls_hold_leads_to_the_recall_and_not_to_a_release(client, quinn):
    fill(0, 1, quinn)
    assert ">Decide<" in page_at(client, "/holds/")
    Hold.objects.update(recall="RC-2026-0001")
    page = page_at(client, "/holds/")
    assert ">Decide<" not in page and 'href="/recalls/RC-2026-0001/"' in page


def test_a_recalled_batch_names_its_recall_and_leads_to_it(client, quinn):
    fill(0, 2, quinn)
    Hold.objects.filter(batch__number="L1").update(recall="RC-2026-0007")
    page = page_at(client, "/batches/")
    assert page.count('href="/recalls/RC-2026-0007/"') == 1
    assert csv_of(client, "/batches/?export=csv&columns=number,recall")[6:] == [
        ["Batch", "Recall"],
        ["L0", ""],
        ["L1", "RC-2026-0007"],
    ]


def test_an_inspection_without_a_limit_has_none_and_not_an_unknown_one(client, quinn):
    batch = factory.batch("L1")
    Inspection.objects.create(batch=batch, kind="Moisture", upper_limit=6, unit="%", at=NOON)
    page = page_at(client, "/inspections/")
    assert "6 %" in page and "unknown" not in page
