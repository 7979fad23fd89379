"""Customer service: what is read out leads to batch, recall, shipment and a complaint."""

import pytest

from batches.models import Complaint, Product
from batches.operations import units
from batches.tests import factory as made
from batches.tests.factory import NOON
from recalls.tests import factory

GTIN = "09520123456788"


@pytest.fixture
def nodes(client, otto):
    client.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    nodes = factory.granola()
    Product.objects.filter(code="P-BAR").update(gtin=GTIN)
    return nodes


def look(client, q, **more) -> str:
    return client.get("/service/", {"q": q, **more}).content.decode()


@pytest.mark.parametrize("read_out", ["BAR", "bar", f"(01){GTIN}(10)BAR"])
def test_what_is_read_out_shows_product_batch_and_status(client, nodes, read_out):
    page = look(client, read_out)
    assert "P-Bar" in page and "None</dd>" in page and "Best before" in page
    assert "Recalled" not in page


def test_a_recall_is_told_first(client, nodes, quinn, paula):
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    page = look(client, "BAR")
    assert "Recalled: tell the customer not to use it." in page and recall.reference in page


def test_a_unit_code_tells_its_batch_and_its_history(client, nodes, otto):
    batch = nodes["BAR@PLANT1"].batch
    code = units.issue_unit_codes(batch=batch, count=1, by=otto, at=NOON)[0]
    page = look(client, code)
    assert "Genuine unit code." in page and "Checked 0 times" in page and "P-Bar" in page


@pytest.mark.parametrize("shop", ["STORE1", "store1", "Store 1"])
def test_the_shipment_that_reached_the_shop_is_shown(client, nodes, shop):
    page = look(client, "BAR", shop=shop)
    assert "How it came to Store 1" in page and "from Northgate DC" in page and "SH-" in page


def test_a_shop_that_never_got_the_batch_is_told(client, nodes):
    made.location("STORE9", kind="store", name="Store 9")
    assert "No shipment of this batch to Store 9 is recorded." in look(
        client, "BAR", shop="Store 9"
    )


def test_several_shops_and_several_batches_are_offered(client, nodes):
    assert "Which shop?" in look(client, "BAR", shop="Store")
    made.batch("BAR", of="OTHER")
    page = look(client, "BAR")
    chosen = nodes["BAR@PLANT1"].batch.pk
    assert "Which of these?" in page and f"batch={chosen}" in page
    assert "P-Bar" in look(client, "BAR", batch=chosen)


def test_a_number_that_only_begins_like_another_is_not_taken_for_it(client, nodes):
    made.batch("BAR-26311")
    page = look(client, "BAR-2631")
    assert "Which of these?" in page and "Best before" not in page


def test_a_batch_chosen_before_is_forgotten_with_its_number(client, nodes):
    assert "P-Bar" not in look(client, "ALM", batch=nodes["BAR@PLANT1"].batch.pk)


def test_a_number_that_is_not_recorded_offers_near_ones(client, nodes):
    page = look(client, "8AR")
    assert "Nothing is recorded under “8AR”." in page and "Did you mean" in page


def log(client, **form):
    form = {"text": "Tastes of soap.", "severity": "major", **form}
    return client.post("/service/?q=BAR&shop=STORE1", form)


def test_a_complaint_is_logged_in_one_form(client, nodes):
    assert log(client)["Location"] == "/complaints/"
    complaint = Complaint.objects.get()
    assert complaint.batch == nodes["BAR@STORE1"].batch and complaint.location.code == "STORE1"
    assert (complaint.text, complaint.severity) == ("Tastes of soap.", "major")


@pytest.mark.parametrize(("shop", "said"), [("Store", "Choose which shop"), ("X", "No such shop")])
def test_a_shop_that_is_not_clear_is_asked_about_and_not_left_out(client, nodes, shop, said):
    fields = {"text": "Tastes odd.", "severity": "minor"}
    answer = client.post(f"/service/?q=BAR&shop={shop}", fields)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Complaint.objects.exists()


def test_a_complaint_about_a_product_alone_is_logged(client, nodes):
    client.post(f"/service/?q=(01){GTIN}(10)NEVER", {"text": "Stale.", "severity": "minor"})
    complaint = Complaint.objects.get()
    assert complaint.product.code == "P-BAR" and complaint.batch is None


def test_a_complaint_about_nothing_or_without_words_is_refused(client, nodes):
    empty = log(client, text="")
    assert empty.status_code == 422
    assert "Write down what is wrong, in the customer&#x27;s words." in empty.content.decode()
    assert client.post("/service/?q=NEVER", {"text": "x", "severity": "minor"}).status_code == 422
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("query", ["", "?batch=x&q=BAR", "?batch=99999999999999999999&q=BAR"])
def test_odd_addresses_open(client, nodes, query):
    assert client.get(f"/service/{query}").status_code == 200


def test_a_viewer_is_told_whom_to_ask(client, nodes, vera):
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/service/").status_code == 403
    assert log(client).status_code == 403 and not Complaint.objects.exists()
