"""The pages of recovery: what came back, what becomes of goods, and whether it adds up."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from batches.models import Shipment
from recalls.models import Disposition, Recall
from recalls.tests.stories import bars
from recalls.tests.test_pages_following import BACKEND, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(otto, quinn, paula):
    made = bars(otto, quinn, paula)
    # The pages take the time of the clock on the wall.
    Recall.objects.filter(pk=made.recall.pk).update(activated_at=timezone.now() - timedelta(days=1))
    made.recall.refresh_from_db()
    return made


@pytest.fixture
def door(client):
    def enter(person):
        client.force_login(person, backend=BACKEND)
        return client

    return enter


def at(name, story, *args) -> str:
    return reverse(name, args=[story.recall.reference, *args])


def returned(story, quantity="12", **fields) -> dict:
    return {
        f"came-{story.at('STORE1').pk}": quantity,
        "destination": "RET",
        "arrived_on": timezone.now().date().isoformat(),
        "reference": "R-1",
        "document": "Note 7",
    } | fields


def destroyed(story, **fields) -> dict:
    return {
        "holding": story.at("STORE1").pk,
        "quantity": "6",
        "happened_on": timezone.now().date().isoformat(),
        "method": "Incinerated",
        "witness_name": "Ina Berg",
        "witness_function": "Site manager",
        "certificate": "C-7",
        "reason": "Peanut.",
    } | fields


def test_an_operator_enters_what_came_back_and_reads_the_difference(story, otto, door):
    story.answer("STORE1", returned=12, sold=28)
    page = door(otto)
    before = text_of(page.get(at("recall-recipient", story, "STORE1")))
    assert "Enter what came back" in before and "none has come" in before
    assert "Enter what was destroyed there" not in before
    said = text_of(
        page.post(at("recall-came-back", story, "STORE1"), returned(story, "11"), follow=True)
    )
    assert "R-1 is posted. What came is held at Returns." in said
    assert "12 cases of L1 sent back, 11 cases came; 1 case to arrive." in said
    assert Shipment.objects.get(reference="R-1").document == "Note 7"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quantity": ""}, "Enter how much came back of at least one batch."),
        ({"quantity": "a few"}, "is not a number"),
        ({"destination": "STORE2"}, "Select a valid choice"),
        ({"arrived_on": ""}, "Enter the day on which it arrived."),
        ({"arrived_on": "2001-01-01"}, "was not active yet on this day"),
        ({"reference": ""}, "Give the return a number"),
    ],
)
def test_a_return_typed_wrong_keeps_what_was_typed(story, otto, door, wrong, sentence):
    data = returned(story, **{**wrong, "document": "Kept <b>"}) | (
        {f"came-{story.at('STORE1').pk}": wrong["quantity"]} if "quantity" in wrong else {}
    )
    response = door(otto).post(at("recall-came-back", story, "STORE1"), data)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'value="Kept &lt;b&gt;"' in response.content.decode()
    assert not Shipment.objects.filter(purpose="return").exists()


def test_a_destruction_counts_when_a_second_person_agrees(story, quinn, paula, door):
    story.answer("STORE1", destroyed=6, sold=34)
    page = door(quinn)
    said = text_of(
        page.post(at("recall-destroyed", story, "STORE1"), destroyed(story), follow=True)
    )
    assert "Proposed. It counts once a second person agrees." in said
    assert "Waits for a second person" in said and "no certificate seen" in said
    goods = at("recall-goods", story)
    assert "You proposed it." in text_of(page.get(goods))
    refused = page.post(at("recall-carry-out", story, 1))
    assert refused.status_code == 422 and "A second person must agree" in text_of(refused)
    page = door(paula)
    assert "carried out" in text_of(page.post(at("recall-carry-out", story, 1), follow=True))
    said = text_of(page.get(at("recall-recipient", story, "STORE1")))
    assert "Certificate seen" in said and "no certificate seen" not in said


def test_a_destruction_without_a_witness_is_refused_at_its_field(story, quinn, door):
    response = door(quinn).post(
        at("recall-destroyed", story, "STORE1"), destroyed(story, witness_name="", method="Kept")
    )
    page = response.content.decode()
    assert response.status_code == 422 and 'href="#burnt_witness_name"' in page
    assert 'value="Kept"' in page and not Disposition.objects.exists()


def test_goods_on_a_site_of_ours_are_scrapped_with_their_cost(story, quinn, door):
    page = door(quinn)
    decide = at("recall-decide-goods", story, story.at("PLANT1").pk)
    assert 'value="28"' in page.get(decide).content.decode()
    data = {"kind": "scrap", "quantity": "8", "cost": "12.50", "reason": "Stale <i>"}
    said = text_of(page.post(decide, data, follow=True))
    assert "Carried out." in said and "Cost so far 12.5 EUR" in said
    assert "&lt;i&gt;" in said and story.at("PLANT1").quantity == 20
    refused = page.post(decide, data | {"quantity": "21"})
    assert refused.status_code == 422 and 'href="#goods_quantity"' in refused.content.decode()
    refused = page.post(decide, data | {"kind": "rework"})
    assert "batch number of its own" in text_of(refused)


def test_rework_waits_for_an_approver(story, quinn, paula, otto, door):
    page = door(quinn)
    decide = at("recall-decide-goods", story, story.at("PLANT1").pk)
    page.post(
        decide, {"kind": "rework", "quantity": "8", "reason": "New foil", "output_number": "L1-R"}
    )
    agree, reject = at("recall-carry-out", story, 1), at("recall-reject-goods", story, 1)
    assert page.post(agree).status_code == 403, "quality proposes, an approver decides"
    page = door(paula)
    assert page.post(reject, {"reason": ""}).status_code == 422
    assert "carried out" in text_of(page.post(agree, follow=True))
    assert "decided already" in text_of(page.post(reject, {"reason": "Too late"}))


def test_a_get_of_an_act_changes_nothing(story, paula, door):
    page = door(paula)
    for name, *args in (
        ("recall-came-back", "STORE1"),
        ("recall-destroyed", "STORE1"),
    ):
        assert page.get(at(name, story, *args)).status_code == 302
    assert not Shipment.objects.filter(purpose="return").exists()


def test_the_reconciliation_sorts_filters_and_exports_what_it_shows(story, vera, otto, door):
    story.answer("STORE2", quarantined=30)
    page, url = door(vera), at("recall-reconciliation", story)
    said = text_of(page.get(url))
    assert "Store 1: 40 cases of L1 not accounted for." in said and "By place" in said
    rows = page.get(url, {"by": "places", "sort": "-missing"}).content.decode()
    assert rows.index("STORE1") < rows.index("STORE2") and 'aria-sort="descending"' in rows
    assert "STORE2" not in text_of(page.get(url, {"by": "places", "open": 1}))
    text = b"".join(page.get(url, {"by": "places", "export": "csv"}).streaming_content).decode()
    assert "Store 1,STORE1,L1,open,case,40,0,0,0,0,0,0,40,0" in text
    book = b"".join(page.get(url, {"export": "xlsx"}).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [cell.value for cell in sheet[8]][:8] == ["L1", "open", "Bar", "case", 100, 0, 70, 28]


def test_the_page_of_a_recall_names_what_is_missing(story, vera, door):
    said = text_of(door(vera).get(at("recall-detail", story)))
    assert "Does it add up?" in said and "Store 1: 40 cases of L1 not accounted for." in said


def test_the_goods_page_asks_the_database_as_often_for_many_rows(story, quinn, door):
    page, url = door(quinn), at("recall-goods", story)
    decide = at("recall-decide-goods", story, story.at("PLANT1").pk)
    data = {"kind": "scrap", "quantity": "1", "reason": "Stale"}
    page.post(decide, data)
    with CaptureQueriesContext(connection) as few:
        page.get(url)
    for _ in range(4):
        page.post(decide, data)
    with CaptureQueriesContext(connection) as many:
        page.get(url)
    assert len(many) <= len(few)
    assert len(re.findall("Carried out", page.get(url).content.decode())) >= 5


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"


def paper(content=PDF, name="c.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_certificate_comes_with_the_destruction_and_is_a_download(
    story, quinn, paula, vera, otto, door
):
    page = door(quinn)
    page.post(at("recall-destroyed", story, "STORE1"), destroyed(story, upload=paper()))
    response = page.get(at("recall-certificate", story, 1))
    assert response.content == PDF and response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith('attachment; filename="rc-')
    assert "sandbox" in response["Content-Security-Policy"]
    again = page.post(at("recall-certificate", story, 1), {"certificate": "2", "upload": paper()})
    assert again.status_code == 422 and "is kept already" in text_of(again)
    assert door(otto).get(at("recall-certificate", story, 1)).status_code == 200
    assert door(otto).post(at("recall-certificate", story, 1)).status_code == 403
    assert door(vera).get(at("recall-certificate", story, 1)).status_code == 403


def test_a_certificate_that_comes_later_counts_from_then_on(story, quinn, paula, door):
    page = door(quinn)
    page.post(at("recall-destroyed", story, "STORE1"), destroyed(story, certificate=""))
    door(paula).post(at("recall-carry-out", story, 1))
    said = text_of(door(quinn).get(at("recall-recipient", story, "STORE1")))
    assert "6 cases of L1 destroyed, no certificate seen." in said
    url = at("recall-certificate", story, 1)
    refused = page.post(url, {"certificate": "C-9"})
    assert refused.status_code == 422 and 'value="C-9"' in refused.content.decode()
    said = text_of(page.post(url, {"certificate": "C-9", "upload": paper()}, follow=True))
    assert "The certificate is kept." in said
    said = text_of(page.get(at("recall-recipient", story, "STORE1")))
    assert "Certificate seen" in said and "no certificate seen" not in said


@pytest.mark.parametrize(
    "content", [b"<html><script>1</script>", b"", b"PK\x03\x04", PDF[:20], b"%PDF-/JavaScript%%EOF"]
)
@pytest.mark.slow
def test_a_file_that_is_no_certificate_is_refused_and_nothing_is_recorded(
    story, quinn, door, content
):
    response = door(quinn).post(
        at("recall-destroyed", story, "STORE1"),
        destroyed(story, upload=paper(content), method="Kept"),
    )
    assert response.status_code == 422 and 'value="Kept"' in response.content.decode()
    assert not Disposition.objects.exists()


def test_a_certificate_that_a_place_handed_in_is_not_missing(story, quinn, door):
    from recalls.operations.handed_in import keep_file

    story.answer("STORE1", destroyed=6, sold=34)
    assert "no certificate seen" in text_of(door(quinn).get(at("recall-reconciliation", story)))
    recipient = story.recall.recipients.get(address_key="store1@x.example")
    keep_file(recipient=recipient, upload=paper(), kind="certificate", at=timezone.now())
    said = text_of(door(quinn).get(at("recall-reconciliation", story)))
    assert "no certificate seen" not in said
