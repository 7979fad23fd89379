"""A shipment that its receiver refuses: it was there, it goes back, and nothing is lost of it."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from batches.models import Event, Holding, Link, Shipment
from batches.operations.documents import (
    create_shipment,
    post_shipment,
    receive_shipment,
    refuse_shipment,
    void_shipment,
)
from batches.operations.events import verify_chain
from batches.operations.holds import place_hold
from batches.operations.stock import recompute
from batches.tests import factory
from batches.tests.factory import NOON
from batches.tracing.balance import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    batch = factory.batch("L1", quantity=Decimal(40))
    recompute(batch.holdings.values_list("pk", flat=True))
    return batch


@pytest.fixture
def sent(made, otto):
    shipment = create_shipment(
        reference="SH-1",
        origin=made.origin,
        destination=factory.location("STORE1", kind="store"),
        shipped_at=NOON,
        lines=[{"batch": made, "quantity": Decimal(10), "sscc": "106141412345678908"}],
        by=otto,
        at=NOON,
    )
    return post_shipment(shipment=shipment, by=otto, at=NOON)


def refused(sentence):
    return pytest.raises(ValidationError, match=re.escape(sentence))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_what_was_refused_was_there_and_goes_back(made, sent, otto):
    shipment = refuse_shipment(shipment=sent, reason="The seal was broken.", by=otto, at=NOON)
    back = shipment.returned_with
    assert (back.reference, back.status, back.purpose) == ("SH-1-R", "posted", "return")
    assert back.lines.get().sscc == "106141412345678908" and back.shipped_at == NOON
    stock = dict(Holding.objects.values_list("location__code", "quantity"))
    assert stock == {"PLANT1": 40, "STORE1": 0}
    links = Link.objects.filter(voided=False).order_by("pk")
    ways = [(link.source.location.code, link.target.location.code) for link in links]
    assert ways == [("PLANT1", "STORE1"), ("STORE1", "PLANT1")], "The trace sees both ways."
    assert balances([made.pk])[0].overall.unexplained == 0
    verbs = list(Event.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs[-3:] == ["shipment drafted", "shipment posted", "shipment refused"]
    assert verify_chain() == []
    receive_shipment(shipment=back, by=otto, at=NOON)


def test_a_refusal_is_refused_without_reason_and_for_what_is_not_on_its_way(sent, otto):
    with refused("Say why SH-1 was refused."):
        refuse_shipment(shipment=sent, reason=" ", by=otto, at=NOON)
    refuse_shipment(shipment=sent, reason="Too warm.", by=otto, at=NOON)
    with refused("SH-1 was received already."):
        refuse_shipment(shipment=sent, reason="Too warm.", by=otto, at=NOON)
    with refused("L1 has moved on from STORE1. Void SH-1-R first."):
        void_shipment(shipment=sent, reason="Typo", by=otto, at=NOON)


def test_a_refusal_is_whole_or_not_at_all(sent, otto):
    create_shipment(
        reference="SH-1-R",
        origin=sent.destination,
        destination=sent.origin,
        lines=[],
        by=otto,
        at=NOON,
    )
    with pytest.raises(ValidationError):
        refuse_shipment(shipment=sent, reason="Too warm.", by=otto, at=NOON)
    sent.refresh_from_db()
    assert (sent.status, sent.refusal_reason, Shipment.objects.count()) == ("posted", "", 2)


def test_held_goods_may_be_refused_and_stay_held(made, sent, otto, quinn):
    place_hold(batch=made, reason="Mites.", by=quinn, at=NOON)
    refuse_shipment(shipment=sent, reason="Too warm.", by=otto, at=NOON)
    assert made.holds.active().exists()


def test_the_page_records_the_refusal_and_shows_both_ways(as_otto, sent):
    page = text_of(as_otto.get("/shipments/SH-1/"))
    assert "Report short" in page and "/shipments/SH-1/refuse/" in page
    sent_in = {"day": "2026-11-21", "hour": "09:00", "reason": "", "reference": "RET-7"}
    late = as_otto.post("/shipments/SH-1/refuse/", sent_in)
    assert late.status_code == 422 and 'value="RET-7"' in text_of(late)
    done = as_otto.post("/shipments/SH-1/refuse/", sent_in | {"reason": "Wet."}, follow=True)
    page = text_of(done)
    assert (
        "Refused</span>" in page and "Refused: Wet." in page and 'href="/shipments/RET-7/"' in page
    )
    assert "Takes back" in text_of(as_otto.get("/shipments/RET-7/"))
    listed = as_otto.get("/shipments/?status=refused").context["table"].list_page.counted
    assert listed == 1
    assert "was refused by Store1" in text_of(as_otto.get("/batches/GRANOLA/L1/"))


def test_what_arrived_short_is_counted_by_batch_and_said(as_otto, made, sent):
    line = sent.lines.get()
    page = text_of(as_otto.get("/shipments/SH-1/short/"))
    assert "Arrived of L1" in page and "10 cases were shipped on pallet 106141412345678908." in page
    counted = {"day": "2026-11-21", "hour": "09:00", f"line_{line.pk}": "ten"}
    assert as_otto.post("/shipments/SH-1/short/", counted).status_code == 422
    counted[f"line_{line.pk}"] = "8,0"
    page = text_of(as_otto.post("/shipments/SH-1/short/", counted, follow=True))
    assert "Short</span>" in page and "-2 cases" in page.replace("\u2212", "-")
    assert Holding.objects.get(location__code="STORE1").quantity == 8
    assert as_otto.get("/shipments/?status=short").context["table"].list_page.counted == 1
    text = b"".join(as_otto.get("/shipments/SH-1/?export=csv").streaming_content).decode()
    assert "106141412345678908,GRANOLA,L1,PLANT1" in text
    assert "SH-1" in text_of(as_otto.get("/shipments/?status=received"))


def test_a_recalled_line_names_its_recall_and_an_empty_period_can_be_widened(
    as_otto, made, sent, quinn
):
    place_hold(batch=made, reason="Glass.", by=quinn, at=NOON, recall="RC-2026-0001")
    assert "/recalls/RC-2026-0001/" in text_of(as_otto.get("/shipments/SH-1/"))
    page = text_of(as_otto.get("/shipments/?left_after=2026-12-01&left_before=2026-12-05"))
    assert "No shipments in this period." in page
    wider = "?left_after=2026-11-01&amp;left_before=2027-01-04"
    assert f'href="{wider}">Widen it by a month each way' in page
    assert as_otto.get(f"/shipments/{wider.replace('&amp;', '&')}").context["is_empty"] is False
