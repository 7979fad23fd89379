from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from batches.models import Complaint, Hold
from batches.operations.findings import raise_finding
from batches.operations.workers import worker_seen
from batches.tests import factory
from recalls.models import Recall
from traceability import urls
from traceability.context import shell

# The addresses of a site one page of which fails.
handler500 = urls.handler500
urlpatterns = [path("", lambda request: HttpResponse(1 / 0))]


def around(user):
    request = RequestFactory().get("/")
    request.user = user
    return shell(request)


def test_a_visitor_costs_no_query():
    # Without the db fixture any query is an error.
    assert around(AnonymousUser())["worker_missing"] is False


def test_staff_see_counts_for_one_query(quinn, django_assert_num_queries):
    now = timezone.now()
    almonds = factory.batch()
    Hold.objects.create(batch=almonds, reason="smell", placed_at=now)
    Hold.objects.create(batch=almonds, reason="drill", placed_at=now, is_drill=True, recall="DR-1")
    Complaint.objects.create(batch=almonds, at=now, text="bitter")
    Complaint.objects.create(batch=almonds, at=now, text="old", status="closed")
    for number, status in enumerate(["active", "draft", "closed"]):
        Recall.objects.create(
            reference=f"RC-{number}", title="x", lead=quinn, status=status, opened_at=now
        )
    for severity in ("gap", "alarm"):
        raise_finding(kind=severity, severity=severity, obj=almonds, text="Look.", at=now)
    with django_assert_num_queries(1):
        data = around(quinn)
    assert data["nav_counts"] == {
        "recalls": 2,
        "holds": 1,
        "complaints": 1,
        "findings": 2,
        "alarms": 1,
    }
    assert (data["data_current_at"], data["data_key"]) == (now, "ok")


@pytest.mark.parametrize(("minutes", "key"), [(16, "hold"), (61, "crit")])
def test_records_that_are_not_current_say_so(quinn, client, minutes, key):
    at = timezone.now() - timedelta(minutes=minutes)
    raise_finding(kind="gap", severity="gap", obj=factory.batch(), text="Look.", at=at)
    assert around(quinn)["data_key"] == key
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    said = {"hold": ", over 15 min ago", "crit": ", over 1 h ago"}[key]
    assert said in client.get("/help/").content.decode()


def test_the_band_of_a_site_stands_on_its_pages_and_in_data_entry(client, otto, settings):
    client.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    settings.SITE_BAND = "TEST"
    assert '<span class="env-band">TEST</span>' in client.get("/admin/").content.decode()
    assert "TEST</span>" in client.get("/help/").content.decode()
    settings.SITE_BAND = ""
    assert "env-band" not in client.get("/admin/").content.decode()


def test_counts_are_zero_on_an_empty_site(vera):
    assert around(vera)["nav_counts"] == {
        "recalls": 0,
        "holds": 0,
        "complaints": 0,
        "findings": 0,
        "alarms": 0,
    }
    assert around(vera)["data_current_at"] is None


def test_a_worker_is_missed_after_two_minutes(vera):
    now = timezone.now()
    assert around(vera)["worker_missing"] is True
    worker_seen(name="clock@here", at=now - timedelta(seconds=121))
    assert around(vera)["worker_missing"] is True
    worker_seen(name="clock@there", at=now)
    assert around(vera)["worker_missing"] is False


def test_a_page_that_fails_says_a_reference_that_the_log_has_too(client, settings, caplog):
    # Without the db fixture any query is an error.
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    response = client.get("/")
    reference = response["Reference"]
    assert response.status_code == 500 and f">{reference}<" in response.content.decode()
    assert reference in caplog.text and "ZeroDivisionError" in caplog.text
