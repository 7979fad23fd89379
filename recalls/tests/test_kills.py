"""Workers are killed while they send; a mail server of its own says what arrived.

Lost: owed and never taken. Copies of a notice never exceed its attempts.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from batches.models import Batch, Contact, Holding, Location
from batches.tests import factory as batches
from recalls.tests import factory
from recalls.tests.sink import MailServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKER = """
import django
django.setup()
from django.core.management import call_command
{mutation}
call_command("deliver", loop=True, every=0.2)
"""

# Says that the mail was accepted before the mail server has heard of it.
ACCEPTED_BEFORE_SENDING = """
from recalls.operations import delivery
begin, finish = delivery._begin, delivery._finish
def too_early(notice_id, token, worker, now):
    attempt = begin(notice_id, token, worker, now)
    if attempt:
        finish(attempt, token, "accepted", "", now)
    return attempt
delivery._begin, delivery._finish = too_early, lambda *_: None
"""


def owe(count: int, quinn, paula) -> None:
    """An active recall of one batch that `count` stores have, each with its own address."""
    made: Batch = batches.batch("L1")
    stores = Location.objects.bulk_create(
        Location(code=f"S{n}", name=f"Store {n}", kind="store") for n in range(count)
    )
    Holding.objects.bulk_create(Holding(batch=made, location=s, quantity=4) for s in stores)
    Contact.objects.bulk_create(
        Contact(location=s, email=f"{s.code}@store.example".lower()) for s in stores
    )
    quinn.email = ""
    quinn.save()
    factory.active(quinn, paula, made.holdings.first())


class Site:
    """The test's database, where processes of their own can reach it."""

    def __init__(self, folder):
        self.folder = folder
        self.url = os.environ.get("DATABASE_URL", "")
        if connection.vendor == "sqlite":
            self.file = folder / "site.sqlite3"
            self.url = f"sqlite:///{self.file}"
            connection.ensure_connection()
            with sqlite3.connect(self.file) as copy:
                connection.connection.backup(copy)
        else:
            name = connection.settings_dict["NAME"]
            self.url = f"{self.url.rpartition('/')[0]}/{name}"

    def rows(self, sql: str) -> list[tuple]:
        if connection.vendor == "sqlite":
            with sqlite3.connect(self.file, timeout=30) as reader:
                return reader.execute(sql).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def owed(self) -> int:
        sql = "SELECT count(*) FROM recalls_notice WHERE state IN ('pending', 'sending')"
        return self.rows(sql)[0][0]

    def environment(self, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "traceability.settings",
            "EMAIL_TIMEOUT": "2",
            "EMAIL_URL": f"smtp://127.0.0.1:{port}/",
            "LOTLINE_DATA": str(self.folder),
            "NOTICE_LEASE_SECONDS": "6",
            "NOTICE_WINDOW_SECONDS": "0",
        }

    def worker(self, port: int, mutation: str = "") -> subprocess.Popen:
        environment = self.environment(port)
        code = WORKER.format(mutation=mutation)
        return subprocess.Popen(
            [sys.executable, "-c", code], env=environment, cwd=settings.BASE_DIR
        )


@contextmanager
def two_workers(start):
    running = [start(), start()]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


def send_while_killing(site: Site, sink, total: int, kills: int, mutation: str = "") -> None:
    """Kills one of two workers each time another share has arrived, and starts a new one."""
    with two_workers(lambda: site.worker(sink.port, mutation)) as running:
        deadline = time.monotonic() + 240
        for kill in range(1, kills + 1):
            # A mutant that loses mail may never get that far.
            while len(sink.accepted) < kill * total // (kills + 2) and site.owed():
                assert time.monotonic() < deadline, "The workers do not get on."
                time.sleep(0.005)
            # At any moment of the next mail, not just after the last one.
            time.sleep(random.uniform(0, 0.1))
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
            running[:] = [running[1], site.worker(sink.port, mutation)]
        while site.owed():
            assert time.monotonic() < deadline, "Notices are left over."
            time.sleep(0.1)
        time.sleep(0.3)  # a mutant's last mails


def lost(site: Site, sink) -> set[str]:
    owed = {address for (address,) in site.rows("SELECT address FROM recalls_notice")}
    return owed - {address for address, _ in sink.accepted}


def test_killing_workers_five_times_loses_nothing_and_copies_no_more_than_attempts(
    quinn, paula, tmp_path
):
    owe(1000, quinn, paula)
    site = Site(tmp_path)
    with MailServer() as sink:
        send_while_killing(site, sink, 1000, kills=5)
    assert lost(site, sink) == set()
    attempts = dict(site.rows("SELECT message_id, attempts_made FROM recalls_notice"))
    copies = Counter(message_id for _, message_id in sink.accepted)
    assert set(copies) == set(attempts), "Something unexpected was sent."
    assert all(copies[one] <= attempts[one] for one in copies)
    assert copies.total() - 1000 <= 5
    counted = site.rows(
        "SELECT n.attempts_made, count(a.id) FROM recalls_notice n "
        "JOIN recalls_attempt a ON a.notice_id = n.id GROUP BY n.id, n.attempts_made"
    )
    assert all(made == rows for made, rows in counted)
    assert site.rows("SELECT DISTINCT state FROM recalls_notice") == [("accepted",)]


def test_control_a_worker_that_says_accepted_before_sending_loses_mail(quinn, paula, tmp_path):
    owe(100, quinn, paula)
    site = Site(tmp_path)
    with MailServer(seconds=0.1) as sink:
        send_while_killing(site, sink, 100, kills=5, mutation=ACCEPTED_BEFORE_SENDING)
    assert lost(site, sink)
