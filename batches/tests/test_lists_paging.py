"""A list goes on from row to row: no row twice, none left out, and nothing counted to its end."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.lists.paging import Gone, counted, page_of
from batches.models import Batch, Hold, Product
from batches.operations.preferences import set_preferences
from batches.tests.factory import NOON
from batches.tests.test_lists import BACKEND, csv_of, fill, page_at


@pytest.fixture(autouse=True)
def _logged_in(client, quinn):
    client.force_login(quinn, backend=BACKEND)


def test_a_list_pages_by_fifty_and_never_repeats_a_row(client, quinn):
    Product.objects.bulk_create(Product(code=f"P{n:03}", name="Same name") for n in range(120))
    seen, url = [], "/products/?sort=name"
    for said in ("1 to 50 of 120", "51 to 100 of 120", "101 to 120 of 120"):
        page = page_at(client, url)
        assert said in page
        seen += [row.record.code for row in client.get(url).context["table"].paginated_rows]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = "/products/" + found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 120 and url == ""


def test_a_row_that_comes_meanwhile_moves_no_other_onto_the_next_page(client, quinn):
    Product.objects.bulk_create(Product(code=f"P{n:03}", name="x") for n in range(60))
    after = client.get("/products/").context["table"].list_page.after
    Product.objects.create(code="A", name="In front of all")
    rows = client.get(f"/products/?after={after}").context["table"].paginated_rows
    assert [row.record.code for row in rows] == [f"P{n:03}" for n in range(50, 60)]


def test_a_page_behind_a_row_that_the_filter_no_longer_shows_goes_on_where_it_was(client, quinn):
    fill(0, 3, quinn)
    first = Hold.objects.order_by("-pk")[0]
    Hold.objects.filter(pk=first.pk).update(released_at=NOON)
    answer = client.get(f"/holds/?state=active&sort=batch&after={first.pk}")
    assert answer.status_code == 200 and answer.context["table"].list_page.counted == 2


def test_a_page_behind_a_row_that_there_is_not_begins_at_the_start(client, db):
    answer = client.get("/products/?sort=name&after=999")
    assert (answer.status_code, answer["Location"]) == (302, "/products/?sort=name")
    assert client.get("/products/?after=x").status_code == 400
    assert client.get("/products/?after=1&before=2").status_code == 400
    with pytest.raises(Gone):
        page_of(Product.objects.all(), of=Product.objects.all(), size=2, before=999)


def test_a_long_list_counts_to_its_limit_and_says_that_there_is_more(client, monkeypatch, db):
    monkeypatch.setattr("batches.lists.paging.LIMIT", 60)
    Product.objects.bulk_create(Product(code=f"P{n:03}", name="x") for n in range(120))
    page = page_at(client, "/products/")
    assert "1 to 50 of more than 60" in page
    assert "There are more than 60. Narrow the filter, or export to get all of them." in page
    second = client.get("/products/").context["table"].list_page.after
    third = client.get(f"/products/?after={second}").context["table"].list_page.after
    assert "20 rows, beyond the first 60" in page_at(client, f"/products/?after={third}")
    assert len(csv_of(client, "/products/?export=csv")) == 120 + 7


def test_counting_a_page_reads_keys_only_up_to_the_limit(quinn):
    fill(0, 2, quinn)
    with CaptureQueriesContext(connection) as queries:
        assert counted(Batch.objects.with_state()) == 2
    sql = queries[0]["sql"]
    assert "LIMIT 10001" in sql and "ORDER BY" not in sql and "EXISTS" not in sql.upper()


def test_a_page_has_as_many_rows_as_the_person_chose(client, quinn):
    Product.objects.bulk_create(Product(code=f"P{n:03}", name="x") for n in range(60))
    set_preferences(page_size=25, by=quinn, at=NOON)
    assert "1 to 25 of 60" in page_at(client, "/products/")
