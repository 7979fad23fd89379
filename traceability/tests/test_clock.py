import threading
import time

from django.db import transaction
from django.utils import timezone

from batches import tasks as batches_tasks
from batches.models import Worker
from batches.operations import doorbell
from batches.operations.workers import FORGET_AFTER, worker_seen
from recalls import tasks as recalls_tasks
from traceability import clock
from traceability.celery import Ringer
from traceability.loops import Loop


def broken(**kwargs):
    raise RuntimeError("planted")


def test_the_heartbeat_is_written_though_the_recalls_fail(db, monkeypatch, caplog):
    monkeypatch.setattr(recalls_tasks, "tick", broken)
    assert clock.tick("clock@here") == ["recalls"]
    assert Worker.objects.get().name == "clock@here"
    assert "planted" in caplog.text


def test_jobs_that_fail_as_a_whole_stop_nothing_else(db, monkeypatch):
    monkeypatch.setattr(batches_tasks, "run_due_jobs", broken)
    assert clock.work("jobs@here") == ["jobs"]
    assert Worker.objects.get().name == "jobs@here"


def test_workers_not_seen_for_a_day_are_forgotten(db):
    now = timezone.now()
    worker_seen(name="old", at=now - 2 * FORGET_AFTER)
    worker_seen(name="new", at=now)
    assert [worker.name for worker in Worker.objects.all()] == ["new"]


def until(true, seconds=5):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_a_loop_turns_at_once_and_again_when_woken():
    turns = []
    loop = Loop("test", turns.append, seconds=60)
    loop.start()
    assert until(lambda: len(turns) == 1)
    loop.wake()
    assert until(lambda: len(turns) == 2)
    loop.stop()
    loop.join(5)
    assert not loop.is_alive()


def test_a_loop_wakes_earlier_when_something_falls_due():
    turns = []
    loop = Loop("test", turns.append, seconds=60, rest=lambda: 0.01)
    loop.start()
    assert until(lambda: len(turns) > 2)
    loop.stop()
    loop.join(5)


def test_a_loop_goes_on_after_a_turn_that_raises():
    turns = []

    def turn(worker):
        turns.append(worker)
        raise RuntimeError("planted")

    loop = Loop("test", turn, seconds=0.01)
    loop.start()
    assert until(lambda: len(turns) >= 3)
    loop.stop()
    loop.join(5)


def test_a_ring_waits_for_the_commit_and_never_raises(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    rung = threading.Event()
    monkeypatch.setattr(doorbell, "_bells", [broken, rung.set])
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        doorbell.ring()
        assert not rung.is_set()
    assert rung.is_set()


def test_a_ringer_keeps_nobody_waiting_and_forgets_no_ring():
    gate, published = threading.Event(), []

    def publish():
        published.append(1)
        gate.wait(5)
        raise OSError("planted: the broker is away")

    ringer = Ringer(publish)
    ringer.ring()
    assert until(lambda: len(published) == 1)
    ringer.ring()
    ringer.ring()
    gate.set()
    assert until(lambda: len(published) == 2 and not ringer.is_running)
    ringer.ring()
    assert until(lambda: len(published) == 3 and not ringer.is_running)
