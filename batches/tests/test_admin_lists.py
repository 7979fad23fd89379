"""What the admin only shows: records, lists that stay cheap, and histories."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.admin.base import BoundedPaginator
from batches.models import (
    ImportRun,
    Shipment,
)
from batches.operations.documents import post_shipment
from batches.operations.holds import place_hold
from batches.tests import factory
from batches.tests.admin_pages import drafted, shipment_form, url
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


def test_a_posted_shipment_is_only_looked_at(as_otto, otto):
    batch = factory.batch(quantity=100)
    shipment = post_shipment(shipment=drafted(otto, batch), by=otto, at=NOON)
    page = as_otto.get(url("change", "shipment", shipment.pk))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert 'name="lines-0-quantity"' not in page.content.decode()
    assert (
        as_otto.post(url("change", "shipment", shipment.pk), shipment_form(batch)).status_code
        == 403
    )


@pytest.mark.parametrize("model", ["hold", "holding", "finding", "event", "job", "importrun"])
def test_records_are_neither_added_nor_changed(as_quinn, rf, model):
    made = admin.site._registry[
        next(m for m in admin.site._registry if m._meta.model_name == model)
    ]
    request = rf.get("/")
    request.user = as_quinn.get(reverse("admin:index")).wsgi_request.user
    assert made.has_view_permission(request)
    assert not made.has_add_permission(request)
    assert not made.has_change_permission(request)
    assert as_quinn.get(url("changelist", model)).status_code == 200


def of_batches():
    return [m for m in admin.site._registry if m._meta.app_label == "batches"]


@pytest.mark.parametrize("model", of_batches(), ids=lambda model: model._meta.model_name)
def test_nobody_deletes(rf, admin_user, model):
    request = rf.get("/")
    request.user = admin_user
    made = admin.site._registry[model]
    assert not made.has_delete_permission(request)
    assert "delete_selected" not in made.get_actions(request)
    posted = Shipment(pk=1, status="posted")
    for inline in made.get_inline_instances(request, posted):
        assert not inline.has_delete_permission(request, posted)


@pytest.mark.parametrize("model", of_batches(), ids=lambda model: model._meta.model_name)
def test_no_list_counts_its_table(client, admin_user, model):
    client.force_login(admin_user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url("changelist", model._meta.model_name)).status_code == 200
    table = f'FROM "{model._meta.db_table}"'
    counted = [q["sql"] for q in queries if "SELECT COUNT(" in q["sql"][:20] and table in q["sql"]]
    assert counted == []


def test_a_long_list_says_that_there_is_more(as_otto, monkeypatch):
    monkeypatch.setattr(BoundedPaginator, "LIMIT", 2)
    for number in range(3):
        factory.product(f"P{number}")
    page = as_otto.get(url("changelist", "product")).content.decode()
    assert "More than 2 products: search or filter to see the others." in page


@pytest.mark.parametrize(
    "model", ["product", "location", "batch", "shipment", "run", "adjustment", "importrun"]
)
def test_lists_lead_to_the_import(as_otto, model):
    page = as_otto.get(url("changelist", model)).content.decode()
    assert f'<a href="{reverse("import-list")}">Import</a>' in page


@pytest.mark.parametrize("model", ["shipment", "batch", "holding", "hold"])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(as_quinn, quinn, model):
    def fill(numbers):
        for number in numbers:
            batch = factory.batch(f"L{number}", at=f"PLANT{number}", quantity=9)
            drafted(quinn, batch, f"SH-{number}", 1)
            place_hold(batch=batch, location=batch.origin, reason="-", by=quinn, at=NOON)

    def queries():
        with CaptureQueriesContext(connection) as taken:
            as_quinn.get(url("changelist", model))
        return len(taken)

    fill([1])
    few = queries()
    fill(range(2, 20))
    assert queries() == few


def test_a_number_that_two_batches_share_is_told_apart_when_choosing(as_otto):
    factory.batch("112", of="BERRIES", at="FARM1")
    factory.batch("112", of="BERRIES", at="FARM2")
    sent = {"app_label": "batches", "model_name": "shipmentline", "field_name": "batch"}
    found = as_otto.get(reverse("admin:batches_batch_search"), sent | {"term": "1-12"}).json()
    assert {row["text"] for row in found["results"]} == {
        "112 · BERRIES Berries · from FARM1",
        "112 · BERRIES Berries · from FARM2",
    }


def test_the_history_of_an_object_is_that_of_the_log(as_quinn, quinn):
    shipment = drafted(quinn, factory.batch(quantity=100))
    page = as_quinn.get(url("history", "shipment", shipment.pk)).content.decode()
    assert "shipment drafted" in page


@pytest.mark.parametrize("model", of_batches(), ids=lambda model: model._meta.model_name)
@pytest.mark.slow
def test_every_page_opens(client, admin_user, quinn, model):
    client.force_login(admin_user)
    batch = factory.batch(quantity=100)
    post_shipment(shipment=drafted(quinn, batch), by=quinn, at=NOON)
    place_hold(batch=batch, reason="-", by=quinn, at=NOON)
    ImportRun.objects.create(kind="batches", file_name="a.csv", sha256="0" * 64, at=NOON)
    name = model._meta.model_name
    made = admin.site._registry[model]
    request = client.get(reverse("admin:index")).wsgi_request
    assert client.get(url("changelist", name), {"q": "L1"}).status_code == 200
    assert client.get(url("add", name)).status_code == (
        200 if made.has_add_permission(request) else 403
    )
    for row in model.objects.all()[:1]:
        assert client.get(url("change", name, row.pk)).status_code == 200


def test_a_list_of_data_entry_leads_to_its_list_on_the_site_and_to_its_export(as_otto, otto):
    page = as_otto.get(reverse("admin:batches_batch_changelist")).content.decode()
    assert 'href="/batches/"' in page and 'href="/batches/?export=csv"' in page
    assert 'href="/imports/"' in page
    page = as_otto.get(reverse("admin:batches_holding_changelist")).content.decode()
    assert "Export CSV" not in page
