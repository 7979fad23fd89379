"""What the API answers: the same as commands and the resolver, and refusals that help."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from batches.reports.resolver import resolve
from batches.tests import factory
from batches.tests.test_codes_vectors import VECTORS
from recalls.reports.record import record_of
from recalls.tests.factory import draft
from traceability.tests.test_api import ASKED, ask, recall, refused, token_of

__all__ = ["ask", "recall"]


def test_a_recall_is_given_as_the_command_gives_it(recall, ask, vera, tmp_path):
    given = ask(ASKED["api-recall"], token_of(vera)).json()
    assert given == json.loads(json.dumps(record_of(recall)))
    out = StringIO()
    call_command("recall", "show", recall.reference, stdout=out)
    shown = json.loads(out.getvalue())
    assert {name: given[name] for name in shown} == shown
    assert ask("/api/v1/recalls/rc-2026-0001", token_of(vera)).json() == given
    assert "RC-9" in refused(ask("/api/v1/recalls/RC-9", token_of(vera)), 404)["detail"]


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_trace_is_given_as_the_command_gives_it(recall, ask, vera, direction):
    words = ["BAR", "--format", "json", *(["--backward"] if direction == "backward" else [])]
    out = StringIO()
    call_command("trace", *words, stdout=out)
    given = ask("/api/v1/trace", token_of(vera), batch="BAR", direction=direction).json()
    assert given == json.loads(out.getvalue())
    assert len(given["holdings"]) > 2


def test_a_batch_says_where_it_is_and_what_is_wrong_with_it(recall, ask, vera):
    told = ask("/api/v1/batches/p-bar/bar", token_of(vera)).json()
    assert (told["product"], told["batch"], told["origin"]) == ("P-BAR", "BAR", "PLANT1")
    assert told["is_held"] and told["is_recalled"] and told["recalls"] == ["RC-2026-0001"]
    places = {place["location"]: place["on_hand"] for place in told["places"]}
    assert places == {"STORE3": None, "STORE1": "40", "STORE2": "30", "DC": "20", "PLANT1": "10"}
    assert told["url"].endswith("/batches/P-BAR/BAR/?origin=PLANT1")


def test_a_number_of_several_origins_is_refused_with_the_candidates(ask, vera):
    for place in ("PLANT1", "PLANT2"):
        factory.batch("112", at=place)
    factory.batch("112", of="ALM", at="SIERRA")
    token = token_of(vera)
    told = refused(ask("/api/v1/batches/GRANOLA/112", token), 409)
    named = [(one["product"], one["batch"], one["origin"]) for one in told["candidates"]]
    assert named == [("GRANOLA", "112", "PLANT1"), ("GRANOLA", "112", "PLANT2")]
    answer = ask("/api/v1/batches/GRANOLA/112", token, origin="PLANT2")
    assert answer.json()["origin"] == "PLANT2"
    assert len(refused(ask("/api/v1/trace", token, batch="112"), 409)["candidates"]) == 3
    exact = ask("/api/v1/trace", token, batch="112", product="GRANOLA", origin="PLANT2")
    assert exact.json()["seeds"] == [{"product": "GRANOLA", "batch": "112", "origin": "PLANT2"}]
    assert "No batch 113" in refused(ask("/api/v1/trace", token, batch="113"), 404)["detail"]


def test_codes_with_a_slash_are_one_segment(ask, vera):
    made = factory.batch("A/1", of="P/Q")
    address = reverse("api-batch", args=[made.product.code, made.number])
    assert ask(address, token_of(vera)).json()["batch"] == "A/1"


def test_recalls_come_in_pages_that_neither_repeat_nor_skip(ask, quinn):
    made = [draft(quinn).reference for _ in range(5)]
    token, address, seen = token_of(quinn), "/api/v1/recalls?limit=2", []
    while address:
        told = ask(address, token).json()
        seen += [one["reference"] for one in told["recalls"]]
        if len(seen) == 2:
            made.append(draft(quinn).reference)  # Comes first, and is on no later page.
        address = told["next"]
    assert seen == made[4::-1]
    assert ask("/api/v1/recalls?status=active", token).json()["recalls"] == []
    assert len(ask("/api/v1/recalls?is_drill=false", token).json()["recalls"]) == 6


@pytest.mark.slow
def test_a_page_of_recalls_asks_as_often_for_many_as_for_one_and_counts_none(ask, quinn):
    token, counts = token_of(quinn), []
    for more in (1, 24):
        for _ in range(more):
            draft(quinn)
        ask("/api/v1/recalls", token)
        with CaptureQueriesContext(connection) as queries:
            ask("/api/v1/recalls", token)
        counts.append(len(queries))
        assert not any("COUNT(" in query["sql"].upper() for query in queries)
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/v1/resolve", "code"),
        ("/api/v1/resolve?code=", "code"),
        ("/api/v1/resolve?code=%20", "code"),
        ("/api/v1/resolve?code=A%00", "code"),
        (f"/api/v1/resolve?code={'9' * 201}", "code"),
        ("/api/v1/resolve?code=A&code=B", "code"),
        ("/api/v1/resolve?code=A&codes=B", "codes"),
        ("/api/v1/trace?batch=A&direction=up", "direction"),
        ("/api/v1/trace?batch=A&orgin=PLANT1", "orgin"),
        ("/api/v1/batches/A/B?origin=%00", "origin"),
        ("/api/v1/recalls?limit=0", "limit"),
        ("/api/v1/recalls?limit=x", "limit"),
        ("/api/v1/recalls?after=RC-9", "after"),
        ("/api/v1/recalls?status=open", "status"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong_with_it(ask, vera, address, parameter):
    told = refused(ask(address, token_of(vera)), 422)
    assert [fault["parameter"] for fault in told["faults"]] == [parameter]
    assert f"“{parameter}”" in told["detail"] or "RC-9" in told["detail"]


FORMS = [
    row["input"]
    for group, rows in sorted(VECTORS.items())
    if isinstance(rows, list)
    for row in rows[::2]
    if isinstance(row, dict) and "input" in row
]


@pytest.mark.slow
def test_gs1_examples_are_answered_as_the_resolver_answers_them(recall, ask, quinn, settings):
    settings.API_PER_TOKEN = 10**6
    token, compared = token_of(quinn), 0
    today = timezone.now().date()
    for text in [*FORMS, "BAR", "B4R", "SH-1", "DC", "Store", "RC-2026-0001", "nothing"]:
        if not text.strip() or len(text) > 200 or "\0" in text:
            continue
        found = resolve(text, user=quinn, today=today)
        told = ask("/api/v1/resolve", token, code=text).json()
        compared += 1
        assert told["problems"] == list(found.reading.remarks), text
        assert told["reading"]["form"] == found.reading.form, text
        elements = [(one["ai"], one["value"]) for one in told["reading"]["elements"]]
        assert elements == [tuple(one) for one in found.reading.elements], text
        assert [part["said"] for part in told["understood"]] == [p.said for p in found.understood]
        assert [hit["url"] for hit in told["matches"]] == [SITE + hit.url for hit in found.hits]
        assert [hit["code"] for hit in told["proposals"]] == [hit.code for hit in found.near]
        only = told["only"] and told["only"]["url"]
        assert only == (found.only and SITE + found.only.url)
    assert compared > 50


SITE = "http://127.0.0.1:8000"


def test_a_code_that_is_not_recorded_comes_with_what_was_probably_meant(ask, vera):
    factory.batch("26313A")
    told = ask("/api/v1/resolve", token_of(vera), code="Z6313A").json()
    assert told["matches"] == [] and told["only"] is None
    assert [hit["code"] for hit in told["proposals"]] == ["26313A"]


def test_a_fault_of_the_site_is_said_without_its_inside(ask, vera, caplog):
    token = token_of(vera)

    def broken(execute, sql, params, many, context):
        if "batches_product" in sql:
            raise RuntimeError("secret of the house")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(broken):
        told = refused(ask("/api/v1/resolve", token, code="A"), 500)
    assert "secret" not in str(told) and "secret of the house" in caplog.text
    assert ask("/api/v1/resolve", token, code="A").status_code == 200, "The control."


def test_the_description_is_openapi_3_1_and_names_every_endpoint(client, db):
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/api/v1/resolve",
        "/api/v1/batches/{product}/{number}",
        "/api/v1/trace",
        "/api/v1/recalls",
        "/api/v1/recalls/{reference}",
    }
    for operations in described["paths"].values():
        assert set(operations) == {"get"}
        assert operations["get"]["security"] == [{"Token": []}]
        assert {"401", "403", "422", "429"} <= set(operations["get"]["responses"])


def test_the_docs_name_no_other_host(client, db):
    page = client.get("/api/v1/docs").content.decode()
    assert "http" not in page.replace("http-equiv", "") and "/api/v1/openapi.json" in page
    assert client.get("/api/v1/")["Location"] == "/api/v1/docs"
