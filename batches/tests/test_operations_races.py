"""Two people at once: what is posted is posted once, and no more leaves than is there."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from batches.models import Event, Holding, Link, Shipment
from batches.operations.documents import create_shipment, post_shipment
from batches.operations.events import verify_chain
from batches.tests import factory
from batches.tests.factory import NOON, user

pytestmark = pytest.mark.django_db(transaction=True)


def draft(otto, batch, quantity, number=1):
    return create_shipment(
        reference=f"SH-{number}",
        origin=batch.origin,
        destination=factory.location("STORE"),
        lines=[{"batch": batch, "quantity": quantity}],
        by=otto,
        at=NOON,
    )


def at_once(*acts):
    """Runs every act in a thread of its own, all of them from one moment on; the refusals."""
    barrier, refusals, crashes = threading.Barrier(len(acts)), [], []

    def run(act):
        try:
            barrier.wait(10)
            act()
        except ValidationError as refusal:
            refusals.extend(refusal.messages)
        except Exception as crash:
            crashes.append(crash)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert crashes == []
    return refusals


def test_one_shipment_posted_by_four_at_once_is_posted_once():
    otto, batch = user("otto", "Operator"), factory.batch(quantity=100)
    shipment = draft(otto, batch, 30)
    refusals = at_once(*[lambda: post_shipment(shipment=shipment, by=otto, at=NOON)] * 4)
    assert refusals == ["SH-1 is posted already. Nothing was posted twice."] * 3
    assert Link.objects.count() == 1
    assert Event.objects.filter(verb="shipment posted").count() == 1
    assert Holding.objects.get(location__code="STORE").quantity == 30
    assert verify_chain() == []


def test_four_shipments_at_once_take_no_more_than_is_there():
    otto, batch = user("otto", "Operator"), factory.batch(quantity=100)
    drafts = [draft(otto, batch, 40, number) for number in range(4)]
    refusals = at_once(
        *[lambda made=made: post_shipment(shipment=made, by=otto, at=NOON) for made in drafts]
    )
    assert len(refusals) == 2
    assert Shipment.objects.filter(status="posted").count() == 2
    assert Holding.objects.get(location__code="PLANT1").quantity == 20
    assert Holding.objects.get(location__code="STORE").quantity == 80
    assert verify_chain() == []


def test_goods_that_cross_each_other_do_not_lock_each_other_out():
    """Opposite ways and opposite orders of lines: without one order of locks, two postings
    would each hold what the other one waits for."""
    otto = user("otto", "Operator")
    here, there = factory.location("PLANT1"), factory.location("STORE")
    pair = [factory.batch(number, quantity=100) for number in ("L1", "L2")]

    def draft(number, origin, destination, batches):
        return create_shipment(
            reference=f"SH-{number}",
            origin=origin,
            destination=destination,
            lines=[{"batch": batch, "quantity": 1} for batch in batches],
            by=otto,
            at=NOON,
        )

    post_shipment(shipment=draft("first", here, there, pair * 20), by=otto, at=NOON)
    drafts = [draft(f"out-{n}", here, there, pair) for n in range(3)]
    drafts += [draft(f"back-{n}", there, here, pair[::-1]) for n in range(3)]
    acts = [lambda made=made: post_shipment(shipment=made, by=otto, at=NOON) for made in drafts]
    assert at_once(*acts) == []
    on_hand = dict(Holding.objects.values_list("location__code", "quantity").distinct())
    assert on_hand == {"PLANT1": 80, "STORE": 20}
