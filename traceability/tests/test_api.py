"""The API: every endpoint × every role, whom it refuses, and exactly what it gives."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.models import Product
from batches.operations.tokens import make_token, revoke_token
from batches.tests import factory
from recalls.tests.factory import active, granola

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
            "expires_on quantity unit line status custom_fields is_held is_recalled recalls "
            "places more_places url".split()
        ),
        "custom_fields": set(),
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
