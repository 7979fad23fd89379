"""The everyday deliveries of eight days, as handhelds recorded them: what an hour usually is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from batches.intake import tables
from batches.intake.rows import check
from batches.models import Batch, Shipment
from batches.operations.imports import import_sheet
from batches.templatetags.wording import site_zone
from traceability.demo.pen import Pen

DAYS = 8
FIRST = 300001
# Deliveries that leave in each hour of a usual day, from midnight on.
USUAL = (1, 0, 1, 0, 1, 1, 3, 5, 7, 9, 10, 9, 8, 9, 9, 8, 6, 5, 3, 2, 2, 1, 1, 1)
GOODS = ("CRK-150", "CLU-500", "COA-400")
HEAD = "reference,origin,destination,product,batch,quantity,shipped_at,received_at"


def tell(pen: Pen, products: dict) -> None:
    if Shipment.objects.filter(reference=f"SH-{FIRST}").exists():
        return
    batches = _made(pen, products)
    lines = [
        _line(pen, FIRST + n, batches[n % len(batches)], at) for n, at in enumerate(_moments(pen))
    ]
    table = tables.read("handhelds.csv", "\n".join([HEAD, *lines]).encode())
    import_sheet(sheet=check("shipments", table), by=pen.by, at=pen.ago(minutes=5))


def _made(pen: Pen, products: dict) -> list[Batch]:
    """Six batches out of flour of their own, so that they lead to no recall of the story."""
    plant, brook = pen.places["PLANT1"], pen.places["BROOK"]
    flour = pen.batch(products["FLR"], brook, "BM-FL-0894", quantity=20000)
    at = pen.ago(days=20)
    pen.ship("RCV-BROOK-3", brook, plant, {flour: 20000}, at, arrives=at + timedelta(hours=8))
    at, expires = pen.ago(days=DAYS + 2), (pen.now + timedelta(days=95)).date()
    made = {
        pen.batch(
            products[GOODS[n % 3]], plant, f"L2630{n + 1}E", produced_at=at, line="Line 2",
            expires_on=expires,
        ): 1500
        for n in range(6)
    }  # fmt: skip
    pen.run("PO-7790", plant, {flour: 2 * sum(made.values())}, made, at, line="Line 2")
    return list(made)


def _moments(pen: Pen) -> Iterator[datetime]:
    """When each delivery left: an hour has a little more or less on one day than on the next."""
    first = pen.ago(days=DAYS).astimezone(site_zone())
    hour = first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour < pen.now:
        count = USUAL[hour.hour]
        count = max(count + (hour.day * (2 + hour.hour)) % 5 - 2, 0) if count > 2 else count
        for n in range(count):
            at = hour + timedelta(minutes=60 * n // count)
            if at < pen.now - timedelta(minutes=10):
                yield at
        hour += timedelta(hours=1)


def _line(pen: Pen, number: int, batch: Batch, at: datetime) -> str:
    places = [code for code in pen.places if code.startswith(("S0", "DC-"))]
    arrival = at + timedelta(minutes=90 + number * 7 % 200)
    arrives = arrival.isoformat() if arrival < pen.now - timedelta(minutes=5) else ""
    place = places[number * 11 % len(places)]
    made = [batch.product.code, batch.number, str(2 + number % 9)]
    return ",".join([f"SH-{number}", "PLANT1", place, *made, at.isoformat(), arrives])
