from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from batches.models import Job
from batches.operations.workers import worker_seen
from traceability.proxies import client_address


def test_live_answers_without_the_database(client):
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_tells_how_long_work_has_waited(client, db):
    now = timezone.now()
    worker_seen(name="clock@here", at=now - timedelta(seconds=30))
    job = Job.objects.create(kind="import")
    Job.objects.filter(pk=job.pk).update(created_at=now - timedelta(minutes=5))
    found = client.get("/health/ready").json()
    assert found["status"] == "ok"
    assert 30 <= found["worker_seen_seconds"] < 40
    assert 300 <= found["oldest_waiting_job_seconds"] < 310
    assert found["oldest_due_notice_seconds"] is None


def test_health_changes_nothing_and_takes_no_post(client, db):
    assert client.post("/health/ready").status_code == 405


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.2", "9.9.9.9"),
        (2, "9.9.9.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded}
    )
    assert client_address(request) == expected
