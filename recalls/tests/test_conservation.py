"""N8: every place to be told is counted once, at every instant, while notices drain under faults.

1,000 places: 7 without a contact, 3 with an address that is none, 5 with one mailbox, 2 with a
domain beyond ASCII, 2 whose addresses differ in case only.
"""

import os
import signal
import time
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from batches.models import Batch, Contact, Holding, Location
from batches.tests import factory as batches
from recalls.models import Notice
from recalls.operations import notices
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.sink import MailServer
from recalls.tests.test_kills import Site, two_workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PLACES, UNREACHABLE, SAMPLES = 1000, 10, 100
MALFORMED = ["nobody", "two@at@signs.example", "no-domain@"]


class SharedSite(Site):
    """The test's own database, so that the status can be read while workers write."""

    def __init__(self, folder):
        self.folder = folder
        self.url = os.environ.get("DATABASE_URL", "")
        if connection.vendor == "sqlite":
            self.url = f"sqlite:///{connection.settings_dict['NAME']}"
        else:
            self.url = f"{self.url.rpartition('/')[0]}/{connection.settings_dict['NAME']}"

    def rows(self, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


def address(number: int) -> str:
    """Of the place with this number; empty where there is no contact."""
    if number < 7:
        return ""
    if number < 10:
        return MALFORMED[number - 7]
    if number < 15:
        return "office@chain.example"
    if number < 17:
        return f"post{number}@bücher.example"
    return {17: "Boss@shop.example", 18: "boss@SHOP.example"}.get(number, f"s{number}@s.example")


def owe(quinn, paula):
    made: Batch = batches.batch("L1")
    stores = Location.objects.bulk_create(
        Location(code=f"S{n:04}", name=f"Store {n}", kind="store") for n in range(PLACES)
    )
    Holding.objects.bulk_create(Holding(batch=made, location=s, quantity=4) for s in stores)
    told = ((store, address(n)) for n, store in enumerate(stores))
    Contact.objects.bulk_create(Contact(location=s, email=email) for s, email in told if email)
    quinn.email = ""
    quinn.save()
    recall = factory.submitted(quinn, made.holdings.first())
    # Now: what was owed for two days is given up instead of tried again.
    return factory.activate(recall, paula, at=timezone.now()).recall


def plan_faults(sink) -> int:
    """Postponed, dropped after they were taken, refused for good; returns how many of the last."""
    for number in range(20, PLACES, 50):
        sink.replies[address(number)] = ["451 Later"]
        sink.replies[address(number + 1)] = ["drop"]
        sink.replies[address(number + 2)] = ["550 No such user@rcpt"]
    return len(range(20, PLACES, 50))


def sample_while_killing(site, sink, recall) -> list:
    """The conservation line at 100 instants or more, until nothing is owed; three kills."""
    seen, kills, deadline = [], 3, time.monotonic() + 240
    with two_workers(lambda: site.worker(sink.port)) as running:
        while len(seen) < SAMPLES or site.owed():
            assert time.monotonic() < deadline, "The workers do not get on."
            # As it moves, and while the last ones are tried again.
            if len(sink.accepted) * SAMPLES >= len(seen) * PLACES * 0.9:
                seen.append(status(recall).conservation)
            else:
                time.sleep(0.02)
            if kills and len(sink.accepted) > (4 - kills) * PLACES // 5:
                kills -= 1
                running[0].send_signal(signal.SIGKILL)
                running[0].wait()
                running[:] = [running[1], site.worker(sink.port)]
    assert not kills
    return seen


def test_every_place_is_counted_once_at_every_instant_while_workers_are_killed(
    quinn, paula, tmp_path
):
    recall = owe(quinn, paula)
    first = status(recall).conservation
    assert (first.pending, first.unreachable) == (PLACES - UNREACHABLE, UNREACHABLE)
    # One mail to the five, one to the two, one to each of the others.
    assert Notice.objects.count() == PLACES - UNREACHABLE - 4 - 1
    shared = Notice.objects.get(address_key="office@chain.example")
    assert all(f"Store {number}" in shared.text for number in range(10, 15))
    with MailServer(seconds=0.005) as sink:
        refused = plan_faults(sink)
        seen = sample_while_killing(SharedSite(tmp_path), sink, recall)
    assert len(seen) >= SAMPLES
    assert all(one.holds and one.total == PLACES for one in seen)
    assert all(one.unreachable == UNREACHABLE for one in seen)
    counted = [(one.pending, one.accepted, one.failed) for one in seen]
    assert len(set(counted)) > 20, "looked at while it moved"
    assert all(later[0] <= before[0] for before, later in pairwise(counted))
    last = status(recall).conservation
    assert (last.pending, last.failed) == (0, refused)
    assert last.accepted == PLACES - UNREACHABLE - refused
    arrived = {to.lower() for to, _ in sink.accepted}
    owed = set(Notice.objects.exclude(state="failed").values_list("address_key", flat=True))
    assert owed == arrived


def test_control_a_notice_that_names_one_place_of_its_mailbox_loses_the_others(
    quinn, paula, monkeypatch
):
    by_address = notices._by_address

    def first_place_only(lines, contacts):
        return {key: (one, own[:1]) for key, (one, own) in by_address(lines, contacts).items()}

    monkeypatch.setattr(notices, "_by_address", first_place_only)
    line = status(owe(quinn, paula)).conservation
    # Four of the five and one of the two are told by nobody, and the line says so.
    assert line.total == PLACES and line.unreachable == UNREACHABLE + 4 + 1
