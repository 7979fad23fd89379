"""What happened to one batch, and its next of kin one step each way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from batches.models import Adjustment, Batch, Event, RunInput, RunOutput, Shipment, ShipmentLine
from batches.templatetags.wording import quantity

MOVED = (Shipment.Status.POSTED, Shipment.Status.RECEIVED)
KIN_SHOWN = 6


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `key` and `icon` are those of `{% glyph %}`."""

    at: datetime
    key: str
    icon: str
    text: str
    detail: str = ""
    url: str = ""
    url_text: str = ""
    date_only: bool = False


@dataclass(frozen=True)
class Kin:
    """A batch or a place one step away; quantity in `unit`, None when unknown."""

    name: str
    detail: str
    url: str
    quantity: Decimal | None
    unit: str
    document: str
    document_url: str
    icon: str


@dataclass(frozen=True)
class Side:
    """Up to KIN_SHOWN next of kin, and how many more there are."""

    kin: list[Kin]
    more: int

    @classmethod
    def of(cls, rows, make) -> "Side":
        first = list(rows[: KIN_SHOWN + 1])
        more = rows.count() - KIN_SHOWN if len(first) > KIN_SHOWN else 0
        return cls([make(row) for row in first[:KIN_SHOWN]], more)

    def __add__(self, other: "Side") -> "Side":
        kin = self.kin + other.kin
        return Side(kin[:KIN_SHOWN], self.more + other.more + len(kin[KIN_SHOWN:]))


def _from_run(line) -> Kin:
    batch = line.batch
    return Kin(
        batch.number,
        batch.product.name,
        batch.get_absolute_url(),
        line.quantity,
        batch.product.unit,
        line.run.reference,
        line.run.get_absolute_url(),
        "box",
    )


def made_from(batch: Batch) -> Side:
    rows = RunInput.objects.filter(
        run__status="posted", run__in=batch.run_outputs.values("run")
    ).select_related("run", "batch__product", "batch__origin")
    return Side.of(rows.order_by("batch__number", "pk"), _from_run)


def went_into(batch: Batch) -> Side:
    rows = RunOutput.objects.filter(
        run__status="posted", run__in=batch.run_inputs.values("run")
    ).select_related("run", "batch__product", "batch__origin")
    return Side.of(rows.order_by("batch__number", "pk"), _from_run)


def _lines(batch: Batch):
    return ShipmentLine.objects.filter(batch=batch, shipment__status__in=MOVED).select_related(
        "shipment__origin", "shipment__destination"
    )


def came_from(batch: Batch) -> Side:
    """Shipments that brought it to our own sites from elsewhere."""
    rows = _lines(batch).filter(shipment__destination__is_own=True, shipment__origin__is_own=False)
    return Side.of(rows.order_by("shipment__shipped_at", "pk"), lambda x: _place(batch, x, True))


def sent_to(batch: Batch) -> Side:
    """The first step on its way from us, largest first: out of where it was made or arrived."""
    rows = _lines(batch).filter(shipment__origin__is_own=True)
    if batch.origin.is_own:
        rows = rows.filter(shipment__origin=batch.origin_id)
    return Side.of(rows.order_by("-quantity", "pk"), lambda x: _place(batch, x, False))


def _place(batch: Batch, line: ShipmentLine, is_source: bool) -> Kin:
    shipment = line.shipment
    place = shipment.origin if is_source else shipment.destination
    return Kin(
        place.name,
        place.get_kind_display(),
        place.get_absolute_url(),
        line.quantity,
        batch.product.unit,
        shipment.reference,
        shipment.get_absolute_url(),
        "supplier" if is_source else "store",
    )


def timeline(
    batch: Batch, holds, inspections, limit: int, with_log: bool, milestones: bool = False
) -> list[Entry]:
    """The newest `limit` entries; with `milestones` no departures and arrivals. The log's own
    events only for those who may read it."""
    entries = [
        *(() if milestones else _movements(batch, limit)),
        *_runs(batch, limit),
        *_adjustments(batch, limit),
        *_holds(holds),
        *_inspections(inspections),
        *(_log(batch, limit) if with_log else ()),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _movements(batch: Batch, limit: int) -> Iterator[Entry]:
    for line in _lines(batch).order_by("-shipment__shipped_at", "-pk")[:limit]:
        shipment, amount = line.shipment, quantity(line.quantity, batch.product.unit)
        link = (shipment.get_absolute_url(), shipment.reference)
        if shipment.shipped_at:
            text = f"{amount} left {shipment.origin.name} for {shipment.destination.name}"
            only = shipment.shipped_date_only
            yield Entry(shipment.shipped_at, "info", "truck", text, "", *link, only)
        if shipment.received_at:
            word = "was refused by" if shipment.refusal_reason else "arrived at"
            text = f"{amount} {word} {shipment.destination.name}"
            only = shipment.received_date_only
            reason = shipment.refusal_reason
            key, icon = ("hold", "back") if reason else ("ok", "dc")
            yield Entry(shipment.received_at, key, icon, text, reason, *link, only)


def _runs(batch: Batch, limit: int) -> Iterator[Entry]:
    unit = batch.product.unit
    for model, key, word in ((RunOutput, "ok", "Made"), (RunInput, "none", "Used")):
        rows = model.objects.filter(batch=batch, run__status="posted", run__ran_at__isnull=False)
        for line in rows.select_related("run__location").order_by("-run__ran_at")[:limit]:
            run = line.run
            text = f"{word} {quantity(line.quantity, unit)} at {run.location.name}"
            link = (run.get_absolute_url(), run.reference)
            yield Entry(run.ran_at, key, "factory", text, "", *link, run.ran_date_only)


def _adjustments(batch: Batch, limit: int) -> Iterator[Entry]:

    rows = Adjustment.objects.filter(
        holding__batch=batch, voided_at__isnull=True, at__isnull=False
    ).select_related("holding__location")
    for row in rows[:limit]:
        text = (
            f"{row.get_reason_display()}: {quantity(row.quantity, batch.product.unit)} "
            f"at {row.holding.location.name}"
        )
        yield Entry(row.at, "none", "scale", text, row.remark, date_only=row.at_date_only)


def _holds(holds) -> Iterator[Entry]:
    for hold in holds:
        where = f"at {hold.location.name}" if hold.location else "everywhere"
        key, word = ("drill", "Would be held") if hold.is_drill else ("hold", "Held")
        by = hold.placed_by.get_username() if hold.placed_by else "the system"
        yield Entry(hold.placed_at, key, "hold", f"{word} {where} by {by}", hold.reason)
        if hold.decision:
            by = hold.decided_by.get_username() if hold.decided_by else "the system"
            text = f"{hold.get_decision_display()}, decided by {by}"
            yield Entry(hold.decided_at, "hold", "hold", text, hold.decision_reason)
        if hold.released_at:
            by = hold.released_by.get_username() if hold.released_by else "the system"
            text = f"Hold released by {by}"
            yield Entry(hold.released_at, "ok", "okc", text, hold.release_reason)


def _inspections(inspections) -> Iterator[Entry]:
    keys = {"passed": ("ok", "okc"), "failed": ("crit", "recall"), "open": ("none", "clock")}
    for row in inspections:
        text = f"{row.kind}: {row.get_result_display().lower()}"
        yield Entry(row.at, *keys[row.result], text, row.remark)


def _log(batch: Batch, limit: int) -> Iterator[Entry]:
    rows = Event.objects.filter(object_type="batches.batch", object_id=str(batch.pk))
    for event in rows.select_related("actor")[:limit]:
        by = event.actor.get_username() if event.actor else "the system"
        text = f"{event.verb.capitalize()} by {by}"
        yield Entry(event.at, "none", "edit", text, event.reason)
