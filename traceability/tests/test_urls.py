"""Every address of the site × every role, in one table; a page that is missing from it fails.

The recall pages have their rows in recalls/tests/test_pages_permissions.py, the endpoints of the
API, which ask for a token and no login, in traceability/tests/test_api.py.
"""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse

from batches.labelling import file_of
from batches.models import (
    Adjustment,
    ApiToken,
    ColumnName,
    Complaint,
    Finding,
    ImportRun,
    Job,
    SavedView,
    Shipment,
    TraceSnapshot,
    UnitSeries,
)
from batches.operations.documents import create_run, create_shipment, post_shipment
from batches.operations.findings import raise_finding
from batches.operations.holds import place_hold
from batches.operations.numbering import reserve_block
from batches.operations.snapshots import ask_for_snapshot
from batches.operations.units import issue_unit_codes
from batches.tests import factory
from batches.tests.factory import NOON
from recalls import urls as recall_urls
from recalls.tests.test_pages_permissions import GETS as RECALL_PAGES
from traceability.tests.test_api import ENDPOINTS

ROLES = ["vera", "otto", "quinn", "paula", "ada"]
STAFF = set(ROLES)
ENTER = {"otto", "quinn", "paula"}
QUALITY = {"quinn", "paula"}
OPEN = "everybody, also without login"

# Name -> (who may GET it, the status they get).
PAGES = {
    "overview": (STAFF, 200),
    "analytics": (STAFF, 200),
    "analytics-csv": (STAFF, 200),
    "notifications": (STAFF, 200),
    "search": (STAFF, 200),
    "palette": (STAFF, 200),
    "preferences": (STAFF, 200),
    "theme": (STAFF, 405),
    "columns": (STAFF, 405),
    "view-save": (STAFF, 405),
    "view-delete": (STAFF, 200),
    "help": (STAFF, 200),
    "help-crisis": (OPEN, 200),
    "login": (OPEN, 200),
    "logout": (OPEN, 405),
    "health-live": (OPEN, 200),
    "health-ready": (OPEN, {200, 503}),
    "batch-list": (STAFF, 200),
    "shipment-list": (STAFF, 200),
    "run-list": (STAFF, 200),
    "location-list": (STAFF, 200),
    "product-list": (STAFF, 200),
    "hold-list": (STAFF, 200),
    "complaint-list": (STAFF, 200),
    "inspection-list": (STAFF, 200),
    "batch-detail": (STAFF, 200),
    "shipment-detail": (STAFF, 200),
    "run-detail": (STAFF, 200),
    "location-detail": (STAFF, 200),
    "product-detail": (STAFF, 200),
    "batch-trace": (STAFF, 200),
    "trace-background": (STAFF, 405),
    "trace-job": (STAFF, 200),
    "search-report": (ENTER, 405),
    "job-stop": (STAFF, 405),
    "snapshot-list": (STAFF, 200),
    "trace-snapshot": (STAFF, 200),
    "snapshot-content": (STAFF, 200),
    "batch-hold": (ENTER, 200),
    "batches-hold": (ENTER, 200),
    "batches-trace": (STAFF, 302),
    "holds-release": (QUALITY, 200),
    "holds-assign": (QUALITY, 200),
    "holds-extend": (QUALITY, 200),
    "hold-decide": (QUALITY, 200),
    "hold-assign": (QUALITY, 200),
    "hold-extend": (QUALITY, 200),
    "shipment-post": (ENTER, 200),
    "shipment-receive": (ENTER, 200),
    "shipment-short": (ENTER, 200),
    "shipment-refuse": (ENTER, 200),
    "shipment-void": (ENTER, 200),
    "run-post": (ENTER, 200),
    "run-void": (ENTER, 200),
    "complaint-close": (ENTER, 200),
    "complaint-detail": (STAFF, 200),
    "finding-close": (QUALITY, 200),
    "finding-assign": (QUALITY, 200),
    "finding-accept": (QUALITY, 200),
    "audit": (STAFF, 200),
    "audit-log": (QUALITY | {"ada"}, 200),
    "unit-codes": (ENTER, 200),
    "unit-codes-void": (QUALITY, 200),
    "api": (OPEN, 302),
    "api-docs": (OPEN, 200),
    "api-description": (OPEN, 200),
    "api-tokens": (QUALITY, 200),
    "api-token-revoke": (QUALITY, 200),
    "product-numbers": (STAFF, 200),
    "number-preview": (STAFF, 200),
    "number-reserve": (ENTER, 200),
    "number-block": (STAFF, 200),
    "number-void-rest": (ENTER, 200),
    "number-void": (ENTER, 200),
    "import-list": (ENTER, 200),
    "import-detail": (ENTER, 200),
    "import-refused": (ENTER, 200),
    "import-real": (ENTER, 405),
    "import-sample": (ENTER, 200),
    "import-columns": (ENTER, 405),
    "import-forget": (ENTER, 405),
    "scan": (STAFF, 200),
    "scan-move": (ENTER, 200),
    "batch-label": (STAFF, 200),
    "batch-labels": (STAFF, 200),
    "shipment-label": (STAFF, 200),
    "label-job": (STAFF, 200),
    "label-file": (STAFF, 200),
}
PUBLIC = {pattern.name for pattern in recall_urls.public_urls}


def all_names(resolver=None):
    """The names of all addresses but the admin's, which Django makes and guards itself."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if not isinstance(pattern, URLResolver):
            yield pattern.name
        elif pattern.namespace != "admin":
            yield from all_names(pattern)


@pytest.fixture
def addresses(otto, quinn, paula, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    made = factory.batch("L1", quantity=10, at="PLANT1")
    store = factory.location("STORE1", kind="store")
    line = {"batch": made, "quantity": 1}
    shipment = create_shipment(
        reference="SH-1", origin=made.origin, destination=store, lines=[line], by=otto, at=NOON
    )
    post_shipment(shipment=shipment, by=otto, at=NOON)
    other = factory.batch("L2", at="PLANT1")
    create_run(
        reference="RUN-1",
        location=made.origin,
        inputs=[line],
        outputs=[{"batch": other, "quantity": 1}],
        by=otto,
        at=NOON,
    )
    hold = place_hold(batch=other, reason="Smells.", by=quinn, at=NOON)
    gap = Finding.Severity.GAP
    finding = raise_finding(kind="no_expiry", severity=gap, obj=made, text="None.", at=NOON)
    read = ImportRun.objects.create(
        kind="batches", file_name="b.csv", sha256="0" * 64, refused_rows="a\n", refused=1, at=NOON
    )
    named = ColumnName.objects.create(kind="batches", header="Charge", key="charge", at=NOON)
    made_labels = {"labels": 0, "remarks": {}, "remarked": 0}
    labels = Job.objects.create(
        kind="labels", state="done", parameters={"batches": []}, result=made_labels
    )
    file_of(labels).write_bytes(b"%PDF-")
    asked = ask_for_snapshot(query=f"seed={made.pk}&dir=fwd", title="L1", by=otto)
    traced = Job.objects.create(kind="trace", state="done")
    drawn = {
        "cards": [],
        "lines": [],
        "headings": [],
        "bundles": [],
        "nodes": 0,
        "alone": 0,
        "width": 100,
        "height": 100,
    }
    snapshot = TraceSnapshot.objects.create(
        job=traced, title="L1", query=f"seed={made.pk}", asked={"direction": "Forward"},
        frozen_at=NOON, complete=True, counts={"holdings": 0, "places": 0}, notes=[], figures=[],
        totals={}, graph=drawn, sha256="0" * 64,
    )  # fmt: skip
    complaint = Complaint.objects.create(batch=made, at=NOON, text="Stale.")
    block = reserve_block(
        product=made.product,
        origin=made.origin,
        day=NOON.date(),
        size=2,
        purpose="Offline.",
        by=otto,
        at=NOON,
    )
    issue_unit_codes(batch=made, count=1, by=otto, at=NOON)
    ApiToken.objects.create(
        prefix="0a1b2c3d",
        digest="0" * 64,
        name="ERP",
        user=quinn,
        made_by=paula,
        made_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    shared = SavedView.objects.create(
        owner=quinn, page="batch-list", name="Held", is_shared=True, saved_at=NOON
    )
    keys = {
        "view-delete": shared.pk,
        "number-block": block.pk,
        "number-void-rest": block.pk,
        "number-void": block.numbers.first().pk,
        "complaint-close": complaint.pk,
        "complaint-detail": complaint.pk,
        "batch-hold": made.pk,
        "hold-decide": hold.pk,
        "hold-assign": hold.pk,
        "hold-extend": hold.pk,
        "finding-close": finding.pk,
        "finding-assign": finding.pk,
        "finding-accept": finding.pk,
        "unit-codes": made.pk,
        "unit-codes-void": UnitSeries.objects.get().pk,
        "import-detail": read.pk,
        "import-refused": read.pk,
        "import-real": read.pk,
        "import-columns": read.pk,
        "import-forget": named.pk,
        "trace-job": asked.pk,
        "job-stop": asked.pk,
        "trace-snapshot": snapshot.code,
        "snapshot-content": snapshot.code,
        "label-job": labels.pk,
        "label-file": labels.pk,
    }
    codes = {
        "batch-detail": ["GRANOLA", "L1"],
        "batch-label": ["GRANOLA", "L1"],
        "batch-labels": [],
        "trace-background": [],
        "scan": [],
        "scan-move": [],
        "preferences": [],
        "columns": ["batch-list"],
        "view-save": ["batch-list"],
        "analytics": [],
        "notifications": [],
        "analytics-csv": ["scope"],
        "help": [],
        "help-crisis": [],
        "import-sample": ["batches"],
        "audit": [],
        "audit-log": [],
        "api-token-revoke": ["0a1b2c3d"],
        "location-detail": ["PLANT1"],
        "product-detail": ["GRANOLA"],
        "product-numbers": ["GRANOLA"],
        "number-preview": ["GRANOLA"],
        "number-reserve": ["GRANOLA"],
    }

    def address(name):
        if name in keys:
            return reverse(name, args=[keys[name]])
        document = {"shipment": ["SH-1"], "run": ["RUN-1"]}.get(name.partition("-")[0])
        is_list = name.endswith("-list")
        ticked = {"batches-hold": f"?batch={made.pk}", "batches-trace": f"?batch={made.pk}"}
        on_holds = ("holds-release", "holds-assign", "holds-extend")
        ticked |= dict.fromkeys(on_holds, f"?hold={hold.pk}")
        args = codes.get(name, None if is_list or name in ticked else document)
        return reverse(name, args=args) + ticked.get(name, "")

    return {name: address(name) for name in PAGES}


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def allowed_status(status):
    return status if isinstance(status, set) else {status}


def test_no_address_of_the_site_is_missing_from_the_tables():
    assert set(all_names()) == set(PAGES) | set(RECALL_PAGES) | PUBLIC | set(ENDPOINTS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.slow
@pytest.mark.alike
def test_each_role_gets_into_exactly_its_pages(addresses, role, client, request):
    log_in(client, request.getfixturevalue(role))
    for name, (allowed, status) in PAGES.items():
        if allowed == OPEN:
            continue
        response = client.get(addresses[name])
        wanted = allowed_status(status) if role in allowed else {403}
        assert response.status_code in wanted, f"{role} at {name}: {response.status_code}"
        if wanted == {403}:
            assert "This needs the role" in response.content.decode()
            assert client.post(addresses[name]).status_code == 403, f"{role} posts to {name}"


def test_visitors_are_sent_to_the_login_page_and_back(addresses, client):
    for name, (allowed, status) in PAGES.items():
        response = client.get(addresses[name])
        if allowed == OPEN:
            assert response.status_code in allowed_status(status), name
        else:
            assert response.status_code == 302, name
            assert response["Location"] == f"/login/?next={quote(addresses[name])}", name


@pytest.mark.slow
def test_a_user_without_a_role_sees_no_page(addresses, client, django_user_model):
    log_in(client, django_user_model.objects.create_user("nobody"))
    for name, (allowed, _) in PAGES.items():
        if allowed != OPEN:
            assert client.get(addresses[name]).status_code == 403, name


@pytest.mark.slow
def test_get_writes_nothing(addresses, client, paula):
    log_in(client, paula)
    for name, url in addresses.items():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(url)
        written = [
            query["sql"]
            for query in queries
            if query["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))
        ]
        assert written == [], name


def test_the_table_would_notice_a_write(otto):
    """The control of the test above."""
    with CaptureQueriesContext(connection) as queries:
        Shipment.objects.update(remark="x")
        Adjustment.objects.all().delete()
    assert any(query["sql"].upper().startswith("UPDATE") for query in queries)


def test_the_admin_lets_only_staff_in(client, vera, otto):
    assert client.get("/admin/").status_code == 302
    log_in(client, vera)
    assert client.get("/admin/").status_code == 302
    log_in(client, otto)
    assert client.get("/admin/").status_code == 200


def test_an_unknown_address_says_so_and_offers_the_search(client, db):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()
    assert 'action="/search/"' in response.content.decode()
