"""The balance of a batch: made or received against where it is and what became of it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.models import Adjustment, Holding, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.tests.factory import batch, location, product
from batches.tracing.balance import balances, totals

pytestmark = pytest.mark.django_db


def shipped(made, origin, destination, quantity, status="received"):
    count = Shipment.objects.count()
    shipment = Shipment.objects.create(
        reference=f"SH-{count}",
        origin=location(origin),
        destination=location(destination),
        status=status,
    )
    ShipmentLine.objects.create(shipment=shipment, batch=made, quantity=quantity)


def ran(place, inputs=(), outputs=(), status="posted"):
    run = Run.objects.create(
        reference=f"RUN-{Run.objects.count()}", location=location(place), status=status
    )
    for made, quantity in inputs:
        RunInput.objects.create(run=run, batch=made, quantity=quantity)
    for made, quantity in outputs:
        RunOutput.objects.create(run=run, batch=made, quantity=quantity)


def stock(made, place, quantity):
    return Holding.objects.update_or_create(
        batch=made, location=location(place), defaults={"quantity": quantity}
    )[0]


def almonds():
    """2,400 kg from the supplier: 1,000 used, 50 destroyed, 1.5 sampled, 3 found again."""
    made = batch("ALM", of=product("ALM", unit="kg").code, at="SIERRA", quantity=2400)
    mix = batch("MIX", quantity=None)
    shipped(made, "SIERRA", "PLANT1", 2000)
    shipped(made, "SIERRA", "PLANT1", 100, status="posted")
    shipped(made, "SIERRA", "PLANT1", 7, status="draft")
    shipped(made, "SIERRA", "PLANT1", 9, status="voided")
    ran("PLANT1", [(made, 1000)], [(mix, 300)])
    ran("PLANT1", [(made, 5)], [(mix, 1)], status="voided")
    stock(made, "SIERRA", 300)
    plant = stock(made, "PLANT1", Decimal("1051.5"))
    for quantity, reason in [("-50", "destroyed"), ("-1.5", "sample"), ("3", "count")]:
        Adjustment.objects.create(holding=plant, quantity=Decimal(quantity), reason=reason)
    Adjustment.objects.create(
        holding=plant, quantity=-9, reason="scrap", voided_at="2026-11-20T00:00Z"
    )
    stock(mix, "PLANT1", 300)
    return made, mix


def test_each_place_adds_up():
    made, _ = almonds()
    (balance,) = balances([made.pk])
    places = {place.code: figures for place, figures in balance.places.items()}
    farm, plant = places["SIERRA"], places["PLANT1"]
    assert (farm.made, farm.received, farm.shipped, farm.on_hand) == (2400, 0, 2100, 300)
    assert farm.unexplained == 0
    assert (plant.received, plant.on_hand, plant.used) == (2100, Decimal("1051.5"), 1000)
    assert plant.adjusted == {"destroyed": 50, "sample": Decimal("1.5"), "count": -3}
    assert plant.unexplained == 0


def test_overall_what_moved_between_places_cancels_out():
    made, _ = almonds()
    overall = balances([made.pk])[0].overall
    assert (overall.made, overall.received, overall.shipped) == (2400, 0, 0)
    assert (overall.on_hand, overall.used) == (Decimal("1351.5"), 1000)
    assert overall.unexplained == 0


def test_what_is_missing_is_unexplained():
    made, _ = almonds()
    stock(made, "PLANT1", 1000)
    assert balances([made.pk])[0].overall.unexplained == Decimal("51.5")


def test_what_is_not_known_leaves_the_rest_unknown():
    _, mix = almonds()
    shipped(mix, "PLANT1", "SHOP", None)
    stock(mix, "SHOP", None)
    (balance,) = balances([mix.pk])
    places = {place.code: figures for place, figures in balance.places.items()}
    assert places["PLANT1"].shipped is None
    assert places["PLANT1"].unexplained is None
    assert balance.overall.unexplained is None


def test_what_runs_made_counts_and_not_the_entered_quantity():
    _, mix = almonds()
    mix.quantity = 999
    mix.save()
    assert balances([mix.pk])[0].overall.made == 300


def test_unlike_units_are_never_added():
    made, mix = almonds()
    sums = totals(balances([made.pk, mix.pk]))
    assert {unit: figures.made for unit, figures in sums.items()} == {"kg": 2400, "case": 300}


def test_many_batches_cost_as_many_queries_as_one():
    made, mix = almonds()
    counts = []
    for ids in ([made.pk], [made.pk, mix.pk]):
        with CaptureQueriesContext(connection) as caught:
            balances(ids)
        counts.append(len(caught))
    assert counts[0] == counts[1]
