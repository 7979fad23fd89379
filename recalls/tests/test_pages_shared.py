"""From complaints to a recall: the page of what they share, and its two ways on."""

import pytest
from django.utils.html import escape

from batches.models import Complaint, Location
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import ScopeRule
from recalls.operations.recalls import open_recall
from recalls.tests.test_pages_recall import opening

BACKEND = "django.contrib.auth.backends.ModelBackend"
pytestmark = pytest.mark.django_db


@pytest.fixture
def complaints():
    nodes = factory.trace_graph("""
        RAISINS@FARM -10-> M1@PLANT1 -20-> M1@SHOP1
        RAISINS@FARM -11-> M2@PLANT1 -20-> M2@SHOP2
        M3@PLANT1 -20-> M3@SHOP3
        M3@PLANT1 -20-> M3@SHOP4
        M3@PLANT1 -20-> M3@SHOP5
    """)
    Location.objects.filter(code="PLANT1").update(is_own=True)
    Location.objects.filter(code="FARM").update(kind="supplier")
    return [
        Complaint.objects.create(
            batch=nodes[name].batch,
            product=nodes[name].batch.product,
            location=nodes[name].location,
            at=NOON,
            text="Grit.",
        )
        for name in ("M1@SHOP1", "M2@SHOP2", "M3@SHOP3")
    ]


def address(complaints, more="") -> str:
    return "/complaints/shared/?" + "&".join(f"complaint={c.pk}" for c in complaints) + more


def log_in(client, user):
    client.force_login(user, backend=BACKEND)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_names_the_best_candidate_and_offers_to_recall_it(client, quinn, complaints):
    log_in(client, quinn)
    response = client.get(address(complaints))
    best = response.context["rows"][0]["source"]
    assert str(best.batch) == "RAISINS" and best.kind == "supplied"
    page = text_of(response)
    assert "explains <b>2 of 3</b>" in page
    url = response.context["rows"][0]["open_url"]
    assert url.startswith(f"/recalls/new/?batch={best.batch.pk}") and escape(url) in page
    opened = client.get(url)
    assert "RAISINS" in opened.content.decode()
    assert "Shared by 3 complaints" in text_of(opened)


def test_a_recall_started_from_complaints_keeps_their_numbers_on_the_rule(
    client, quinn, complaints
):
    log_in(client, quinn)
    numbers = [c.pk for c in complaints]
    asked = opening(batch=[complaints[0].batch_id], complaint=numbers)
    assert client.post("/recalls/new/", asked).status_code == 302
    rule = ScopeRule.objects.get()
    listed = ", ".join(str(pk) for pk in sorted(numbers))
    assert rule.source_text == f"Shared by complaints {listed}."


def test_numbers_that_are_no_keys_break_no_page(client, quinn, complaints):
    log_in(client, quinn)
    for odd in ("9" * 30, "9" * 5000, "-1", "x"):
        assert client.get(f"/recalls/new/?batch={odd[:30]}&complaint={odd[:30]}").status_code == 200
        started = opening(batch=odd, complaint=odd)
        assert client.post("/recalls/new/", started).status_code == 422
        asked = {"recall": "", "batch": odd, "complaint": odd}
        assert client.post("/complaints/shared/add/", asked).status_code == 422


def test_kinds_and_order_are_in_the_address(client, vera, complaints):
    log_in(client, vera)
    runs = client.get(address(complaints, "&kind=run")).context["rows"]
    assert runs and {row["source"].kind for row in runs} == {"run"}
    most = client.get(address(complaints, "&by=coverage")).context["rows"]
    covered = [row["shared"].coverage for row in most]
    assert covered == sorted(covered, reverse=True)


def test_a_viewer_sees_the_page_without_its_buttons(client, vera, complaints):
    log_in(client, vera)
    page = client.get(address(complaints)).content.decode()
    assert "RAISINS" in page
    assert "Start a recall" not in page and "Add to a draft" not in page


def test_a_candidate_becomes_a_rule_of_a_draft(client, quinn, complaints):
    log_in(client, quinn)
    recall = open_recall(title="Grit", by=quinn, at=NOON)
    source = client.get(address(complaints)).context["rows"][0]["source"]
    asked = {
        "recall": recall.reference,
        "batch": [b.pk for b in source.batches],
        "complaint": [c.pk for c in complaints],
    }
    response = client.post("/complaints/shared/add/", asked)
    assert response.status_code == 302 and response["Location"].endswith("/scope/")
    rule = recall.rules.get()
    assert (rule.kind, rule.parameters) == (
        ScopeRule.Kind.BATCHES,
        {"batches": [source.batch.pk]},
    )


def test_without_a_draft_nothing_is_added_and_the_complaints_stay_picked(client, quinn, complaints):
    log_in(client, quinn)
    asked = {"batch": [complaints[0].batch_id], "complaint": [c.pk for c in complaints]}
    response = client.post("/complaints/shared/add/", asked)
    assert response.status_code == 422
    assert "Choose the draft" in response.content.decode()
    assert len(response.context["answer"].starts) == 3
    assert not ScopeRule.objects.exists()


def test_what_is_no_complaint_is_passed_over_and_none_leads_to_the_list(client, quinn):
    log_in(client, quinn)
    response = client.get("/complaints/shared/?complaint=abc&complaint=99999999999999999999999")
    assert response.status_code == 200
    assert "Tick complaints in the list" in response.content.decode()


def test_what_cannot_be_traced_says_so_on_the_page(client, quinn, complaints):
    log_in(client, quinn)
    lost = Complaint.objects.create(product=complaints[0].product, at=NOON, text="Somewhere.")
    page = text_of(client.get(address([*complaints, lost])))
    assert "1 not traced" in page and "Neither batch nor place is known" in page
