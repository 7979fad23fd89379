"""What moved last: the newest departures, arrivals, runs and holds, newest first."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from heapq import nlargest

from batches.models import Hold, Holding, Run, RunOutput, Shipment, ShipmentLine
from batches.templatetags.wording import quantity

SHOWN = 7
ZERO = Decimal(0)


@dataclass(frozen=True)
class Move:
    at: datetime
    date_only: bool
    key: str
    icon: str
    word: str
    code: str
    url: str
    to: str
    amount: str


def feed() -> list[Move]:
    moves = [*_departures(), *_arrivals(), *_runs(), *_holds()]
    return nlargest(SHOWN, moves, key=lambda move: move.at)


def _departures():
    rows = Shipment.objects.filter(status="posted", shipped_at__isnull=False)
    found = list(rows.select_related("destination").order_by("-shipped_at", "-pk")[:SHOWN])
    yield from _shipped(found, "shipped_at", "shipped_date_only", "none", "truck", "Shipped")


def _arrivals():
    rows = Shipment.objects.filter(status="received", received_at__isnull=False)
    found = list(rows.select_related("destination").order_by("-shipped_at", "-pk")[:SHOWN])
    yield from _shipped(found, "received_at", "received_date_only", "ok", "dc", "Received")


def _shipped(shipments, moment, date_only, key, icon, word):
    lines: dict[int, list[ShipmentLine]] = {}
    rows = ShipmentLine.objects.filter(shipment__in=shipments)
    for line in rows.select_related("batch__product", "batch__origin").order_by("pk"):
        lines.setdefault(line.shipment_id, []).append(line)
    for shipment in shipments:
        code, url, amount = _named(lines.get(shipment.pk, []), shipment)
        yield Move(
            getattr(shipment, moment),
            getattr(shipment, date_only),
            key,
            icon,
            word,
            code,
            url,
            shipment.destination.name,
            amount,
        )


def _named(lines, document) -> tuple[str, str, str]:
    """The one batch that moved with its quantity, else the document and how many batches."""
    if len(lines) != 1:
        return document.reference, document.get_absolute_url(), f"{len(lines)} batches"
    line = lines[0]
    amount = quantity(line.quantity, line.batch.product.unit)
    return line.batch.number, line.batch.get_absolute_url(), amount


def _runs():
    rows = Run.objects.filter(status="posted", ran_at__isnull=False)
    runs = list(rows.select_related("location").order_by("-ran_at", "-pk")[:SHOWN])
    lines: dict[int, list[RunOutput]] = {}
    made = RunOutput.objects.filter(run__in=runs)
    for line in made.select_related("batch__product", "batch__origin").order_by("pk"):
        lines.setdefault(line.run_id, []).append(line)
    for run in runs:
        code, url, amount = _named(lines.get(run.pk, []), run)
        place = run.line or run.location.name
        yield Move(
            run.ran_at, run.ran_date_only, "info", "factory", "Made", code, url, place, amount
        )


def _holds():
    rows = Hold.objects.active().select_related("batch__product", "batch__origin", "location")
    holds = list(rows.order_by("-placed_at", "-pk")[:SHOWN])
    stocks = _stocks(holds)
    for hold in holds:
        yield Move(
            hold.placed_at,
            False,
            "hold",
            "hold",
            "Held",
            hold.batch.number,
            hold.batch.get_absolute_url(),
            hold.location.name if hold.location else "everywhere",
            quantity(_held(hold, stocks), hold.batch.product.unit),
        )


def _stocks(holds: list[Hold]) -> dict[int, dict[int, Decimal | None]]:
    """What is there of each held batch, by location."""
    found: dict[int, dict[int, Decimal | None]] = {hold.batch_id: {} for hold in holds}
    rows = Holding.objects.filter(batch__in=found).order_by()
    for batch, location, amount in rows.values_list("batch", "location", "quantity"):
        found[batch][location] = amount
    return found


def _held(hold: Hold, stocks) -> Decimal | None:
    """Where it is held, or everywhere; not known if a part of it is not."""
    there = stocks[hold.batch_id]
    amounts = [there.get(hold.location_id, ZERO)] if hold.location_id else list(there.values())
    return None if None in amounts else sum(amounts, ZERO)
