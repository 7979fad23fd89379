"""Frozen versions stay as they were, and movements after the freeze become the next one."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from batches.models import (
    Adjustment,
    Batch,
    Contact,
    Finding,
    Hold,
    Location,
    Product,
    Run,
    RunOutput,
    ShipmentLine,
)
from batches.tests import factory as batches
from recalls.models import Notice, ScopeVersion
from recalls.operations import notices, recalls, scope
from recalls.reports.status import status
from recalls.scope import canonical_scope, preview
from recalls.tests import factory
from recalls.tests.factory import NOON, move

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def test_a_frozen_version_is_not_touched_by_later_changes_of_what_it_copied(active, nodes):
    version = active.versions.get()
    before = canonical_scope(version, version.lines.all())
    assert hashlib.sha256(before).hexdigest() == version.sha256

    Location.objects.update(name="Renamed", street="Elsewhere 1")
    Contact.objects.update(email="changed@store.example")
    Contact.objects.first().delete()
    Batch.objects.update(expires_on="2030-01-01")
    Product.objects.update(name="Other")
    factory.stock(nodes["BAR@STORE1"], 7)

    version = ScopeVersion.objects.get(pk=version.pk)
    assert canonical_scope(version, version.lines.all()) == before


def test_a_frozen_version_holds_no_address_but_its_digest(active):
    frozen = canonical_scope(active.versions.get(), active.versions.get().lines.all()).decode()
    assert "store.example" not in frozen.lower()
    told = [line for line in json.loads(frozen)["lines"] if line["role"] == "recipient"]
    assert all(len(digest) == 64 for line in told for digest in line["contacts"])


def test_frozen_rows_refuse_every_change(active):
    version = active.versions.get()
    for change in (
        lambda: version.lines.update(due=0),
        lambda: version.lines.all()._raw_delete("default"),
        lambda: ScopeVersion.objects.update(sha256=""),
        lambda: active.signatures.update(meaning=""),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_nothing_new_makes_no_version(active):
    assert scope.check_drift(recall=active, at=NOON) is None
    assert active.versions.count() == 1


def test_a_movement_after_the_freeze_is_in_the_next_version_and_held_at_once(active, nodes, paula):
    notices.drain(worker="w", now=NOON, limit=50)
    batches.location("DEPOT", kind="warehouse", is_own=True)
    batches.location("STORE3", kind="store", name="Store 3")
    factory.contact("STORE3", "three@store.example")
    move(nodes, "BAR@PLANT1", "BAR@DEPOT")
    move(nodes, "BAR@DC", "BAR@STORE3")
    active.refresh_from_db()
    assert active.drift_due

    version = scope.check_drift(recall=active, at=NOON)

    assert (version.number, version.cause, version.is_released) == (2, "drift", False)
    marks = {line.location_code: line.change for line in version.lines.all()}
    assert marks == {
        "SIERRA": "same", "PLANT1": "same", "DC": "same", "STORE1": "same", "STORE2": "same",
        "DEPOT": "new", "STORE3": "new",
    }  # fmt: skip
    assert Hold.objects.active().filter(location__code="DEPOT", recall=active.reference).exists()
    assert Finding.objects.open().get(kind="scope_drift").severity == "alarm"
    now = status(active)
    assert (now.version.number, now.draft, now.conservation.total) == (1, version, 3)
    assert not Notice.objects.filter(version=version).exists()
    assert scope.check_drift(recall=active, at=NOON) is None

    scope.release_version(version=version, by=paula, at=NOON)

    told = Notice.objects.filter(version=version, kind="notice")
    assert [notice.address for notice in told] == ["three@store.example"]
    assert "This adds to what you were told before" not in told[0].text, "it is told first now"
    assert not Finding.objects.open().filter(kind="scope_drift").exists()
    now = status(active)
    assert (now.version.number, now.draft, now.conservation.total) == (2, None, 4)
    assert (now.conservation.accepted, now.conservation.pending) == (3, 1)
    with pytest.raises(ValidationError, match="released already"):
        scope.release_version(version=version, by=paula, at=NOON)


def test_a_place_whose_stock_no_movement_explains_is_told_and_a_supplier_is_not(quinn, nodes):
    store = batches.location("STORE9", kind="store")
    nodes["BAR@DC"].batch.holdings.create(location=store, quantity=3)
    seen = preview(factory.draft(quinn, nodes["BAR@DC"]))
    roles = {place.code: place.role for place in seen.places}
    assert roles["STORE9"] == "recipient"
    assert [place.code for place in seen.unreachable] == ["STORE9"]
    assert "unexplained" in {note["kind"] for note in seen.notes}


def test_the_preview_counts_and_compares_with_the_last_look(quinn, nodes):
    recall = factory.draft(quinn, nodes["BAR@PLANT1"])
    first = preview(recall)
    assert first.delta is None
    assert first.look == {"batches": 1, "holdings": 4, "locations": 4, "recipients": 3}
    [cases] = first.quantities
    assert (cases.unit, cases.on_site, cases.shipped) == ("case", 10, 90)
    parameters = {"batches": [nodes["ALM@SIERRA"].batch_id]}
    scope.add_rule(recall=recall, kind="batches", parameters=parameters, by=quinn, at=NOON)
    assert preview(recall, first.look).delta == {
        "batches": 1, "holdings": 2, "locations": 1, "recipients": 0,
    }  # fmt: skip


def test_a_place_is_asked_for_what_it_took_out_but_not_for_what_never_arrived(quinn, nodes):
    store = nodes["BAR@STORE1"]
    line = ShipmentLine.objects.get(links__target=store)
    for quantity, fields in ((-4, {"shipment_line": line}), (-6, {})):
        Adjustment.objects.create(holding=store, quantity=quantity, reason="count", **fields)
    factory.stock(store, 30)
    lines = preview(factory.draft(quinn, store)).lines
    assert {x.location_code: x.due for x in lines}["STORE1"] == 36


def test_an_excluded_holding_is_left_out_and_stays_named(quinn, paula, nodes):
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    scope.exclude_holding(
        recall=recall, holding=nodes["BAR@STORE1"], reason="Never left the van.", by=quinn, at=NOON
    )
    recalls.submit_recall(recall=recall, by=quinn, at=NOON)
    version = factory.activate(recall, paula)
    assert not version.lines.filter(location__code="STORE1").exists()
    assert version.rules[-1]["reason"] == "Never left the van."


def test_a_production_window_takes_what_was_made_then_and_what_may_have_been(quinn):
    def made(number, hour, day=20, **fields):
        at = datetime(2026, 11, day, hour, tzinfo=UTC)
        return batches.batch(number, produced_at=at, **fields)

    batches.location("PLANT1", timezone="America/New_York", is_own=True)
    made("EARLY", 3, line="2")  # still the 19th in New York
    made("IN", 12, line="2")
    made("OTHER-LINE", 12, line="3")
    made("LATE", 6, day=22)
    batches.batch("UNDATED")
    recall = factory.draft(quinn)
    parameters = {
        "product": batches.product().pk,
        "from": "2026-11-20",
        "to": "2026-11-21",
        "line": "2",
    }
    scope.add_rule(recall=recall, kind="production", parameters=parameters, by=quinn, at=NOON)
    seen = preview(recall)
    assert [batch.number for batch in seen.batches] == ["IN", "UNDATED"]
    assert seen.notes[0]["kind"] == "unknown_production"


def test_a_preview_says_what_runs_made_of_a_batch_that_was_entered_without_a_quantity(quinn, nodes):
    place = nodes["BAR@PLANT1"].location
    for quantity in (60, 40):
        run = Run.objects.create(reference=f"PO-{quantity}", location=place, status="posted")
        RunOutput.objects.create(run=run, batch=nodes["BAR@PLANT1"].batch, quantity=quantity)
    seen = preview(factory.draft(quinn, nodes["ALM@SIERRA"]))
    assert {batch.number: batch.made for batch in seen.batches} == {"ALM": None, "BAR": 100}


def test_a_rule_added_while_active_widens_with_the_next_look(quinn, active):
    batches.location("SHOP", kind="store")
    other = batches.batch("L9", of="OATS", at="SHOP")
    scope.add_rule(
        recall=active, kind="batches", parameters={"batches": [other.pk]}, by=quinn, at=NOON
    )
    active.refresh_from_db()
    assert active.drift_due
    version = scope.check_drift(recall=active, at=NOON)
    assert version.lines.filter(batch=other).exists()
