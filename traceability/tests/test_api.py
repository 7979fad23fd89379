"""The API: every endpoint × every role, whom it refuses, and exactly what it gives."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from batches.models import Product
from batches.operations.tokens import make_token, revoke_token
from batches.reports.resolver import resolve
from batches.tests import factory
from batches.tests.test_codes_vectors import VECTORS
from recalls.reports.record import record_of
from recalls.tests.factory import active, draft, granola

GTIN = "09520123400019"
ROLES = ["vera", "otto", "quinn", "paula", "ada"]
# Name -> (address, what it needs). Every role may ask all of them.
ENDPOINTS = {
    "api-resolve": (f"/api/v1/resolve?code=(01){GTIN}(10)BAR", {"batches.view_batch"}),
    "api-batch": (
        "/api/v1/batches/P-BAR/BAR",
        {"batches.view_batch", "batches.view_holding"},
    ),
    "api-trace": (
        "/api/v1/trace?batch=ALM",
        {"batches.view_batch", "batches.view_holding"},
    ),
    "api-recalls": ("/api/v1/recalls", {"recalls.view_recall"}),
    "api-recall": (
        "/api/v1/recalls/RC-2026-0001",
        {"recalls.view_recall", "recalls.view_scopeline"},
    ),
    "api-unknown": ("/api/v1/nothing", None),
}
ASKED = {name: url for name, (url, needed) in ENDPOINTS.items() if needed}


def token_of(user, **fields) -> str:
    now = timezone.now()
    wanted = {"name": "ERP", "user": user, "scope": "read", "expires_at": now + timedelta(days=1)}
    return make_token(**(wanted | fields), by=user, at=now)[1]


@pytest.fixture
def ask(client):
    """A GET with a token."""

    def get(address, token, **query):
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return client.get(address, query, headers=headers)

    return get


@pytest.fixture
def recall(quinn, paula, settings):
    settings.EMAIL_BACKEND = "recalls.outbox.EmailBackend"
    nodes = granola()
    Product.objects.filter(code="P-BAR").update(gtin=GTIN)
    factory.trace_graph("BAR@STORE1 -?-> BAR@STORE3")  # Nobody knows when.
    return active(quinn, paula, nodes["ALM@SIERRA"])


def refused(answer, status: int) -> dict:
    """The problem that `answer` is."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert "no-store" in answer["Cache-Control"]
    told = answer.json()
    assert told["status"] == status and told["detail"].endswith((".", "…"))
    return told


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_an_answer_of_each_endpoint(recall, ask, role, request):
    token = token_of(request.getfixturevalue(role))
    for name, address in ASKED.items():
        answer = ask(address, token)
        assert answer.status_code == 200, f"{role} at {name}: {answer.content}"
        assert answer["Content-Type"].startswith("application/json")
        assert "no-store" in answer["Cache-Control"] and not answer.cookies


@pytest.mark.parametrize("name", ASKED)
def test_an_endpoint_needs_each_of_its_permissions(recall, ask, name):
    address, needed = ENDPOINTS[name]
    nobody = User.objects.create_user("nobody")
    token = token_of(nobody)
    assert "This needs the role" in refused(ask(address, token), 403)["detail"]
    for lacking in needed:
        given = needed - {lacking}
        codes = [permission.split(".")[1] for permission in given]
        nobody.user_permissions.set(Permission.objects.filter(codename__in=codes))
        refused(ask(address, token), 403)
    codes = [permission.split(".")[1] for permission in needed]
    nobody.user_permissions.set(Permission.objects.filter(codename__in=codes))
    assert ask(address, token).status_code == 200


@pytest.mark.parametrize("name", ASKED)
def test_without_a_good_token_an_endpoint_gives_nothing(recall, ask, name, quinn, paula, client):
    """Also to somebody who is logged in: no page of another site can ask in that name."""
    client.force_login(paula, backend="django.contrib.auth.backends.ModelBackend")
    good, now = token_of(quinn), timezone.now()
    old = token_of(quinn)
    quinns = {"name": "Old", "user": quinn, "scope": "read"}
    revoked, gone = make_token(**quinns, expires_at=now + timedelta(days=1), by=quinn, at=now)
    revoke_token(token=revoked, reason="Leaked.", by=quinn, at=now)
    past = now - timedelta(days=9)
    _, expired = make_token(**quinns, expires_at=past + timedelta(days=1), by=quinn, at=past)
    for shown in (None, "", "x", gone, expired, old.upper(), good.swapcase(), f"{good} x"):
        answer = ask(ASKED[name], shown)
        refused(answer, 401)
        assert answer["WWW-Authenticate"] == 'Bearer realm="Lotline"'
    basic = client.get(ASKED[name], headers={"Authorization": f"Basic {good}"})
    assert refused(basic, 401)
    assert ask(ASKED[name], good).status_code == 200, "The control."
    User.objects.filter(pk=quinn.pk).update(is_active=False)
    refused(ask(ASKED[name], good), 401)


@pytest.mark.parametrize("name", ASKED)
def test_a_token_for_codes_asks_for_codes_only(recall, ask, name, quinn):
    answer = ask(ASKED[name], token_of(quinn, scope="codes"))
    if name == "api-resolve":
        assert answer.status_code == 200
        return
    assert "codes only" in refused(answer, 403)["detail"]
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize("name", ASKED)
def test_an_endpoint_only_answers_get(db, client, name, method):
    answer = getattr(client, method)(ASKED[name])
    assert answer.status_code == 405 and answer["Allow"] == "GET"
    if method != "head":
        refused(answer, 405)


def test_an_address_that_there_is_not_is_a_problem_too(ask, db):
    for address in ("/api/v1/nothing", "/api/v1/resolve/", "/api/v1/batches/A", "/api/v1/a%0Ab"):
        assert "no such address" in refused(ask(address, None), 404)["detail"]


def test_a_token_may_ask_so_often_a_minute_and_no_oftener(recall, ask, quinn, settings):
    settings.API_PER_TOKEN = 3
    token, other = token_of(quinn), token_of(quinn)
    statuses = [ask(ASKED["api-recalls"], token).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = ask(ASKED["api-recalls"], token)
    assert "3 times a minute" in refused(answer, 429)["detail"]
    assert answer["Retry-After"] == "60"
    assert ask(ASKED["api-recalls"], other).status_code == 200


@pytest.mark.parametrize("name", ASKED)
def test_an_endpoint_writes_only_its_counter_and_the_last_use(recall, ask, name, quinn):
    token = token_of(quinn)
    for expected in ({"batches_ratewindow", "batches_apitoken"}, {"batches_ratewindow"}):
        with CaptureQueriesContext(connection) as queries:
            ask(ASKED[name], token)
        writes = [query["sql"] for query in queries if query["sql"].lstrip().startswith(WRITE)]
        writes = [sql for sql in writes if OWN not in sql]
        written = {table for sql in writes for table in TABLES if table in sql.partition("(")[0]}
        assert written == expected and len(writes) == len(expected)


WRITE = ("INSERT", "UPDATE", "DELETE", "REPLACE")
# The table of one trace, which ends with the connection.
OWN = "trace_frontier"
TABLES = ["batches_ratewindow", "batches_apitoken"]

PART = {"label", "code", "said", "is_ok"}
MATCH = {"kind", "code", "name", "why", "is_exact", "is_held", "is_recalled", "url"}
NAMED = {"product", "batch", "origin"}
# The keys of every answer, as deep as they go: exactly these, for every role.
KEYS = {
    "api-resolve": {
        "": {"code", "reading", "understood", "problems", "matches", "only", "proposals"},
        "reading.elements": {"ai", "value"},
        "reading": {"form", "gtin", "batch", "serial", "sscc", "gln", "elements"},
        "understood": PART,
        "matches": MATCH,
        "only": MATCH,
    },
    "api-batch": {
        "": set(
            "product product_name gtin batch origin origin_name supplier_number produced_at "
            "expires_on quantity unit line status is_held is_recalled recalls places more_places "
            "url".split()
        ),
        "places": {"location", "name", "on_hand", "in_transit", "is_held"},
    },
    "api-trace": {
        "": set("direction seeds complete notes holdings batches locations counts".split()),
        "seeds": NAMED,
        "notes": {"kind", "count", "text"},
        "holdings": NAMED | set("location since depth received on_hand unit path".split()),
        "holdings.path": set("document kind left_by arrived_from quantity from to".split()),
        "holdings.path.from": {"batch", "location"},
        "holdings.path.to": {"batch", "location"},
        "batches": NAMED,
        "locations": {"code", "name"},
        "counts": {"holdings", "batches", "locations"},
    },
    "api-recalls": {
        "": {"recalls", "next"},
        "recalls": set(
            "reference title is_drill kind classification status opened_at activated_at "
            "closed_at url".split()
        ),
    },
}


def keys_of(value, path="") -> dict[str, set]:
    found: dict[str, set] = {}
    if isinstance(value, dict):
        found[path] = set(value)
        for key, item in value.items():
            for where, names in keys_of(item, f"{path}.{key}".strip(".")).items():
                found[where] = found.get(where, set()) | names
    elif isinstance(value, list):
        for item in value:
            for where, names in keys_of(item, path).items():
                found[where] = found.get(where, set()) | names
    return found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", KEYS)
def test_an_answer_has_exactly_its_keys(recall, ask, name, role, request):
    answer = ask(ASKED[name], token_of(request.getfixturevalue(role)))
    assert keys_of(answer.json()) == KEYS[name]


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_names_a_contact(recall, ask, role, request):
    token = token_of(request.getfixturevalue(role))
    for address in ASKED.values():
        said = ask(address, token).content.decode().lower()
        assert "@" not in said and "uno" not in said.replace("undeclared", "")


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
