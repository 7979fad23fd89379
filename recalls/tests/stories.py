"""A batch whose every case was entered by documents, for tests that count cases."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from batches.models import Batch, Holding, Location
from batches.operations.batches import make_batch
from batches.operations.documents import (
    adjust_stock,
    create_shipment,
    post_shipment,
    receive_shipment,
)
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.models import Recall
from recalls.operations import responses
from recalls.operations.recovery import next_return, record_return
from recalls.scope import lines_of
from recalls.tests import factory
from recalls.tests.factory import found

LATER = NOON + timedelta(hours=5)
MADE, SENT, SAMPLE = 100, {"STORE1": 40, "STORE2": 30}, 2
ON_SITE = MADE - sum(SENT.values()) - SAMPLE


@dataclass
class Bars:
    """100 cases made at PLANT1: 40 to STORE1, 30 to STORE2, 2 samples, 28 left; RET is ours."""

    batch: Batch
    recall: Recall

    def at(self, code: str) -> Holding:
        return Holding.objects.get(batch=self.batch, location__code=code)

    def back(self, code: str, quantity, by, **fields):
        fields = {"arrived_on": LATER.date(), "reference": next_return(self.recall)} | fields
        return record_return(
            recall=self.recall,
            location=Location.objects.get(code=code),
            destination=fields.pop("destination", None) or Location.objects.get(code="RET"),
            came={self.at(code).pk: Decimal(quantity)},
            by=by,
            at=LATER,
            **fields,
        )

    def answer(self, code: str, **parts):
        recipient = self.recall.recipients.get(address_key=f"{code.lower()}@x.example")
        answers = {line.pk: found(**parts) for line in lines_of(recipient)}
        responses.answer(
            recipient=recipient, answers=answers, name="Kim", phone="", remark="", at=LATER
        )

    def ship(self, origin: str, destination: str, quantity, by, **fields):
        return ship(self.batch, origin, destination, quantity, by, **fields)


def ship(batch, origin: str, destination: str, quantity, by, at=LATER, **fields):
    shipment = create_shipment(
        reference=fields.pop("reference", f"{origin}-{destination}-{quantity}-{at:%H%M}"),
        origin=Location.objects.get(code=origin),
        destination=Location.objects.get(code=destination),
        lines=[{"batch": batch, "quantity": Decimal(quantity)}],
        shipped_at=at,
        by=by,
        at=at,
        **fields,
    )
    shipment = post_shipment(shipment=shipment, by=by, at=at)
    return receive_shipment(shipment=shipment, by=by, at=at)


def bars(otto, quinn, paula, **fields) -> Bars:
    plant = batches.location("PLANT1", is_own=True, name="Plant 1")
    batches.location("RET", is_own=True, kind="warehouse", name="Returns")
    batches.location("NUTS", kind="supplier", name="Nut Co-op")
    at = NOON - timedelta(days=5)
    batch = make_batch(
        product=batches.product("BAR"), origin=plant, number="L1", quantity=MADE, by=otto, at=at
    )
    for number, (code, quantity) in enumerate(SENT.items(), 1):
        batches.location(code, kind="store", name=f"Store {number}")
        factory.contact(code, f"{code.lower()}@x.example")
        ship(batch, "PLANT1", code, quantity, otto, at=at)
    holding = Holding.objects.get(batch=batch, location=plant)
    adjust_stock(holding=holding, quantity=-SAMPLE, reason="sample", by=otto, at=at)
    return Bars(batch, factory.active(quinn, paula, holding, **fields))
