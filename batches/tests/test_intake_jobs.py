"""A job is a row: taken by one worker, taken again when that one falls silent, ended once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from batches.models import Job
from batches.operations import doorbell, jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch):
    """A kind of job whose runs are noted, and whose function a test may replace."""
    ran = []

    def note(job, tell):
        tell(done=1, total=2, refused=1)
        ran.append(job.pk)
        return {"well": True}

    monkeypatch.setattr(jobs, "JOB_KINDS", {"noted": note})
    return ran


def queued(**fields) -> Job:
    job = jobs.enqueue(kind="noted", parameters={}, by=None)
    if fields:
        Job.objects.filter(pk=job.pk).update(**fields)
    return job


def silent() -> dict:
    long_ago = timezone.now() - jobs.STALE_AFTER - timedelta(seconds=1)
    return {"state": Job.State.RUNNING, "heartbeat_at": long_ago, "token": "old", "attempts": 1}


def test_due_jobs_are_run_in_order_and_end_with_their_result(kind):
    first, second = queued(), queued()
    assert jobs.run_due(worker="w") == 2
    assert kind == [first.pk, second.pk]
    first.refresh_from_db()
    assert (first.state, first.result, first.attempts) == ("done", {"well": True}, 1)
    assert (first.done, first.total, first.refused) == (1, 2, 1)
    assert first.finished_at
    assert jobs.run_due() == 0


def test_a_job_is_claimed_once(kind):
    queued()
    now = timezone.now()
    assert jobs.claim(at=now) is not None
    assert jobs.claim(at=now) is None


def test_a_job_whose_worker_fell_silent_is_taken_over_and_the_first_has_no_say(kind):
    job = queued()
    first = jobs.claim(at=timezone.now() - timedelta(seconds=61))
    second = jobs.claim(at=timezone.now())
    assert second.pk == job.pk and second.attempts == 2
    jobs.run(second)
    kind.clear()
    first.kind = "noted"
    Job.objects.filter(pk=job.pk).update(result={"whose": "second"})
    jobs.run(first)
    assert Job.objects.get(pk=job.pk).result == {"whose": "second"}


def test_a_living_worker_keeps_its_job(kind):
    queued(**silent() | {"heartbeat_at": timezone.now() - timedelta(seconds=50)})
    assert jobs.run_due() == 0


def test_a_job_that_kills_its_worker_is_given_up(kind):
    job = queued(**silent() | {"attempts": jobs.MOST_ATTEMPTS})
    assert jobs.run_due() == 0
    job.refresh_from_db()
    assert (job.state, kind) == ("failed", [])
    assert "Its worker died several times." in job.error


def test_a_refusal_ends_the_job_with_its_sentence(kind):
    def refuse(job, tell):
        raise jobs.JobRefused("The file is empty.")

    jobs.JOB_KINDS["noted"] = refuse
    job = queued()
    jobs.run_due()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The file is empty.")


def test_an_unforeseen_error_is_tried_again_a_minute_later_and_then_given_up(kind):
    def stumble(job, tell):
        raise KeyError("secret")

    jobs.JOB_KINDS["noted"] = stumble
    job = queued()
    for attempt in range(1, jobs.MOST_ATTEMPTS + 1):
        assert jobs.run_due() == 1
        assert jobs.run_due() == 0
        job.refresh_from_db()
        assert job.attempts == attempt
        long_ago = timezone.now() - timedelta(seconds=61)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)
    assert job.state == "failed"
    assert job.error == "It stumbled 3 times (KeyError). Check the server's log."


def test_a_worker_is_rung_after_the_commit(kind, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(doorbell, "_bells", [lambda: rung.append(True)])
    with django_capture_on_commit_callbacks(execute=True):
        queued()
        assert not rung
    assert rung
