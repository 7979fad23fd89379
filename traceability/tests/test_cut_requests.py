"""A request whose connection broke is refused whole: half a form says something else."""

import io
from urllib.parse import urlencode

import pytest
from django.core import signals
from django.db import close_old_connections
from django.test import RequestFactory
from django.test.client import MULTIPART_CONTENT, encode_multipart

from batches.models import ImportRun
from recalls.models import Response
from recalls.tests.test_recipient_pages import case, line_of, link, typed
from traceability.wsgi import application, django_application

__all__ = ["case"]

pytestmark = pytest.mark.django_db
BOUNDARY = "BoUnDaRyStRiNg"


def send(site, path: str, body: bytes, cut: int, kind: str, cookies: str = "") -> str:
    """The status of the answer to a request of which the last `cut` bytes never come."""
    said: list[str] = []
    asked = RequestFactory().generic("POST", path, body, kind, HTTP_COOKIE=cookies)
    asked.environ["wsgi.input"] = io.BytesIO(body[: len(body) - cut])
    # A server has a connection for each request; here it is the one that is rolled back.
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    answer = site(asked.environ, lambda status, headers, *_: said.append(status[:3]))
    answer.close()
    for signal in ends:
        signal.connect(close_old_connections)
    return said[0]


@pytest.mark.parametrize(
    ("site", "cut", "status", "kept"),
    [
        (application, 0, "302", [30]),
        (application, 1, "400", []),
        # Django alone takes 3 for 30.
        (django_application, 1, "302", [3]),
    ],
)
def test_a_count_that_is_cut_off_is_no_smaller_count(case, site, cut, status, kept):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    values = typed(line, quarantined="")
    counted = f"quarantined-{line.holding_id}"
    values.pop(counted, None)
    body = urlencode(values | {counted: "30"}).encode()
    form = "application/x-www-form-urlencoded"
    assert send(site, f"{url}count/", body, cut, form) == status
    assert [answer.quarantined for answer in Response.objects.all()] == kept


@pytest.mark.parametrize(("cut", "status", "dry"), [(0, "302", [True]), (60, "400", [])])
def test_a_dry_run_that_is_cut_off_is_no_import(client, otto, settings, tmp_path, cut, status, dry):
    settings.DATA_DIR = tmp_path
    client.force_login(otto)
    client.get("/imports/")
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    file = io.BytesIO(b"code,name\nA,Granola\n")
    file.name = "products.csv"
    values = {
        "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
        "file": file,
        "kind": "products",
        "dry_run": "on",
    }
    body = encode_multipart(BOUNDARY, values)
    kind = MULTIPART_CONTENT
    assert send(application, "/imports/", body, cut, kind, cookies) == status
    assert [report.is_dry_run for report in ImportRun.objects.all()] == dry
