"""The production arrangement for real: Redis, a Celery worker and beat, an SMTP server."""

import re
import time
from contextlib import contextmanager

import pytest

from recalls.tests.sink import MailServer

pytestmark = [pytest.mark.redis, pytest.mark.slow]

ACTIVATE = """
from recalls.tests import factory as made
from batches.tests.factory import user
nodes = made.granola()
quinn, paula = user("quinn", "Quality"), user("paula", "Approver")
made.active(quinn, paula, nodes["ALM@SIERRA"])
"""
STATES = (
    "from recalls.models import Notice; "
    "print(sorted(set(Notice.objects.values_list('state', flat=True))))"
)
PLACES = {"one@store.example", "two@store.example"}
WORKER = ["worker", "--concurrency", "1", "--loglevel", "WARNING"]


@contextmanager
def celery(site, *words):
    process = site.start("-m", "celery", "-A", "traceability", *words)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(sink) -> set[str]:
    return {address.lower() for address, _ in sink.accepted} & PLACES


def until(true, seconds=120) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    return true()


@pytest.fixture
def sink():
    with MailServer() as server:
        yield server


@pytest.fixture
def production(make_site, redis, sink):
    return make_site(
        CELERY_BROKER_URL=redis.url,
        EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
        SECRET_KEY="a-key-for-tests-" + "0123456789" * 4,
        CLOCK_SECONDS="2",
    )


def test_a_ring_wakes_a_worker_that_tells_every_place(production, redis, sink):
    # No clock runs here, so it is the ring that brings the worker to the notices.
    redis.start()
    with celery(production, *WORKER):
        production.do(ACTIVATE)
        assert until(lambda: told(sink) == PLACES)
        assert until(lambda: production.do(STATES) == "['accepted']")
    assert len({message_id for _, message_id in sink.accepted}) == len(sink.accepted)


def test_redis_that_is_down_only_delays(production, redis, sink):
    production.do(ACTIVATE)
    assert production.do(STATES) == "['pending']"
    assert sink.accepted == []
    redis.start()
    beat = ["beat", "--loglevel", "WARNING", "--schedule", str(production.folder / "beat")]
    with celery(production, *WORKER), celery(production, *beat):
        assert until(lambda: told(sink) == PLACES)


def test_with_a_broker_the_server_says_how_to_start_the_workers(production, redis):
    redis.start()
    server = production.start("manage.py", "serve", "--no-migrate", "--bind", "127.0.0.1:0")
    try:
        said = "".join(server.stdout.readline() for _ in range(4))
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert re.search(r"celery -A traceability worker", said)
    assert re.search(r"celery -A traceability beat", said)
