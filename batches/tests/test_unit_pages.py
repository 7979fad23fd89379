"""Issuing unit codes on their page: one download, then hashes; voiding."""

import csv
import io

import pytest

from batches.codes.gs1 import digital_link
from batches.codes.units import read_code
from batches.models import UnitCode, UnitSeries
from batches.operations import units
from batches.reports.units import unit_known
from batches.tests import factory
from batches.tests.factory import NOON

GTIN = "09520123456788"


@pytest.fixture
def batch(db):
    factory.product("GRANOLA", gtin=GTIN)
    return factory.batch("L/1")


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def issue(client, batch, count):
    return client.post(f"/units/{batch.pk}/", {"count": count})


def rows(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_issuing_downloads_the_only_copy_of_the_codes(client, batch, otto):
    log_in(client, otto)
    response = issue(client, batch, 3)
    assert response["Content-Disposition"] == 'attachment; filename="unit-codes-l1.csv"'
    assert "no-store" in response["Cache-Control"]
    codes = [row["code"] for row in rows(response)]
    assert len(set(codes)) == 3 and all(unit_known(code) for code in codes)
    page = client.get(f"/units/{batch.pk}/").content.decode()
    assert "3 codes, none checked yet" in page and not any(code in page for code in codes)


def test_the_printer_gets_a_valid_digital_link_that_names_batch_and_unit(client, batch, otto):
    log_in(client, otto)
    row = rows(issue(client, batch, 1))[0]
    named = {element.ai: element.value for element in digital_link.parse(row["digital_link"])}
    assert named == {"01": GTIN, "10": "L/1", "91": read_code(row["code"])}


def test_a_product_without_gtin_has_codes_and_no_link(client, otto, db):
    log_in(client, otto)
    assert rows(issue(client, factory.batch("L2", of="LOOSE"), 1))[0]["digital_link"] == ""


@pytest.mark.parametrize(
    ("count", "said"),
    [("", "Say how many codes the printer needs."), ("0", "greater than or equal to 1")],
)
def test_a_count_out_of_bounds_is_refused(client, batch, otto, count, said):
    log_in(client, otto)
    response = issue(client, batch, count)
    assert response.status_code == 422 and said in response.content.decode()
    assert not UnitSeries.objects.exists()


def test_a_voided_batch_gets_no_codes(client, batch, otto):
    log_in(client, otto)
    type(batch).objects.update(status="voided")
    response = issue(client, batch, 1)
    assert response.status_code == 422 and "was voided" in response.content.decode()


def test_a_lost_list_is_voided_by_quality_with_a_reason(client, batch, otto, quinn):
    code = units.issue_unit_codes(batch=batch, count=1, by=otto, at=NOON)[0]
    series = UnitSeries.objects.get()
    log_in(client, quinn)
    answer = client.post(f"/units/{series.pk}/void/", {"reason": "List lost."}, follow=True)
    assert "Voided: List lost." in answer.content.decode()
    assert units.check_unit(code=read_code(code), network="a", at=NOON) is None


def test_a_code_looked_at_by_staff_is_not_counted(batch, otto):
    code = units.issue_unit_codes(batch=batch, count=1, by=otto, at=NOON)[0]
    assert unit_known(code).series.batch == batch and unit_known("L/1") is None
    assert UnitCode.objects.get().checks == 0


def test_the_page_takes_the_same_queries_for_one_series_and_for_many(
    client, batch, otto, django_assert_max_num_queries
):
    log_in(client, otto)
    for _ in range(6):
        units.issue_unit_codes(batch=batch, count=2, by=otto, at=NOON)
    with django_assert_max_num_queries(8):
        page = client.get(f"/units/{batch.pk}/").content.decode()
    assert page.count("2 codes, none checked yet") == 6
