"""Importing shipments: history that has happened, line by line."""

from dataclasses import dataclass, field

from batches.codes.numbering import SHIPPED
from batches.models import Batch, Finding, Shipment, ShipmentLine
from batches.operations.imports.conflicts import refuse_conflict, say_if_doubled
from batches.operations.imports.unnamed import (
    Unnamed,
    note_unnamed,
    refuse_named_later,
    save_unnamed,
)
from batches.operations.imports.work import Work, in_parts
from batches.operations.posting import post_lines_in_bulk
from batches.operations.times import earliest, latest

_TWICE = "If there were two, give each its SSCC, or write one row with the sum."
_LINE = ("shipment_id", "batch_id", "sscc", "quantity")


@dataclass
class _Delivery:
    """One reference: what its rows say of it, and its lines by batch and SSCC."""

    head: dict
    shipment: Shipment | None = None
    line: int | None = None
    quantities: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    unnamed: Unnamed = field(default_factory=Unnamed)
    new: list = field(default_factory=list)


def import_shipments(work: Work) -> None:
    """Adds shipments by reference, posted, and received when an arrival is known.

    A line is known by its batch and SSCC within its shipment; one that is missing is added.
    One that names no batch becomes a batch of its own, from where the goods left.
    Refuses what contradicts the shipment as it stands, and a shipment to where it starts.
    """
    deliveries = _known({row.get("reference") for row in work.sheet.good()})
    for row in list(work.sheet.good()):
        goods = work.goods(row)
        origin, destination = work.location(row, "origin"), work.location(row, "destination")
        if row.problems:
            continue
        if origin == destination:
            row.refuse("destination", "Origin and destination are the same place.")
            continue
        _take(row, goods, _head(row, origin, destination), deliveries)
    changed = [delivery for delivery in deliveries.values() if delivery.new]
    _write(work, changed)
    for delivery in changed:
        _look_at(work, delivery)


def _head(row, origin, destination) -> dict:
    said = {"origin": origin, "destination": destination}
    said |= {name: row.get(name) for name in ("document", "vehicle")}
    for column, place in (("shipped_at", origin), ("received_at", destination)):
        moment = row.get(column)
        said[column] = (moment.at(place.zone), moment.is_date) if moment else None
    return said


def _known(references: set[str]) -> dict[str, _Delivery]:
    """The shipments that are there already, with their lines."""
    there, by_id = {}, {}
    queryset = Shipment.objects.order_by().select_related("origin", "destination")
    for shipment in in_parts(queryset, "reference", references):
        head = {
            "origin": shipment.origin,
            "destination": shipment.destination,
            "document": shipment.document,
            "vehicle": shipment.vehicle,
            "shipped_at": _moment(shipment.shipped_at, shipment.shipped_date_only),
            "received_at": _moment(shipment.received_at, shipment.received_date_only),
        }
        there[shipment.reference] = by_id[shipment.pk] = _Delivery(head, shipment)
    lines = ShipmentLine.objects.order_by().select_related("batch")
    lines = lines.only(*_LINE, "batch__product_id", "batch__is_unidentified")
    for line in in_parts(lines, "shipment_id", by_id):
        _note_line(by_id[line.shipment_id], line.batch_id, line.sscc, line.quantity)
        if line.batch.is_unidentified:
            said = (line.batch.product_id, line.sscc, line.quantity)
            by_id[line.shipment_id].unnamed.note(said)
    return there


def _moment(moment, is_date):
    return (moment, is_date) if moment else None


def _note_line(delivery: _Delivery, batch_id: int, sscc: str, quantity, line=None) -> None:
    delivery.quantities[batch_id, sscc] = quantity
    delivery.lines[batch_id, sscc] = line
    delivery.codes.setdefault(batch_id, sscc)


def _take(row, goods, head: dict, deliveries: dict) -> None:
    """Adds the row to its delivery, or finds it there, or refuses it."""
    reference = row.get("reference")
    delivery = deliveries.setdefault(reference, _Delivery({}, line=row.line))
    known = {name: value for name, value in head.items() if delivery.head.get(name) is not None}
    # A file fills its own gaps from line to line; a shipment that is there is not filled up.
    said = head if delivery.shipment else known
    if _is_not_open(row, delivery.shipment):
        return
    if refuse_conflict(row, f"Shipment {reference}", said, delivery.head, delivery.line):
        return
    if _is_there(row, goods, delivery):
        return
    for name, value in head.items():
        if delivery.head.get(name) is None:
            delivery.head[name] = value
    sscc = row.get("sscc") or ""
    if isinstance(goods, Batch):
        batch = goods
        _note_line(delivery, batch.pk, sscc, row.get("quantity"), row.line)
    else:
        batch = delivery.unnamed.made(row, goods, head["origin"], reference, SHIPPED)
    line = ShipmentLine(batch=batch, quantity=row.get("quantity"), sscc=sscc)
    delivery.new.append((row, line))
    row.is_added = True


def _is_not_open(row, shipment: Shipment | None) -> bool:
    if shipment is None or shipment.status in (Shipment.Status.POSTED, Shipment.Status.RECEIVED):
        return False
    if shipment.status == Shipment.Status.VOIDED:
        row.warn("reference", f"Shipment {shipment} was voided. It was not imported again.")
    else:
        row.refuse("reference", f"Shipment {shipment} is a draft here. Post it, or take it away.")
    return True


def _is_there(row, goods, delivery: _Delivery) -> bool:
    """Whether the delivery has the row's line already; refuses the row if with other content."""
    sscc, reference = row.get("sscc") or "", row.get("reference")
    if not isinstance(goods, Batch):
        return delivery.unnamed.meets((goods.pk, sscc, row.get("quantity")))
    batch = goods
    what = f"Batch {batch} in shipment {reference}"
    if (batch.pk, sscc) in delivery.quantities:
        there = {"quantity": delivery.quantities[batch.pk, sscc]}
        line = delivery.lines[batch.pk, sscc]
        if not refuse_conflict(row, what, {"quantity": row.get("quantity")}, there, line):
            say_if_doubled(row, line, _TWICE)
        return True
    other = delivery.codes.get(batch.pk)
    if other is not None and bool(other) != bool(sscc):
        row.refuse(
            "sscc",
            f"{what} is there {'with' if other else 'without'} an SSCC, and this row is "
            f"{'with' if sscc else 'without'} one. Give each of its lines an SSCC, or none.",
        )
        return True
    said = (batch.product_id, sscc, row.get("quantity"))
    return refuse_named_later(row, delivery.unnamed, said, f"Shipment {reference}")


def _write(work: Work, deliveries: list[_Delivery]) -> None:
    fresh = [delivery for delivery in deliveries if delivery.shipment is None]
    for delivery in fresh:
        delivery.shipment = _made(work, delivery)
    Shipment.objects.bulk_create([delivery.shipment for delivery in fresh])
    lines = []
    for delivery in deliveries:
        for _, line in delivery.new:
            line.shipment = delivery.shipment
            lines.append(line)
    save_unnamed(line.batch for line in lines)
    ShipmentLine.objects.bulk_create(lines)
    post_lines_in_bulk([delivery.shipment for delivery in deliveries], lines)


def _made(work: Work, delivery: _Delivery) -> Shipment:
    head = delivery.head
    shipped, received = head.get("shipped_at"), head.get("received_at")
    return Shipment(
        reference=delivery.new[0][0].get("reference"),
        origin=head["origin"],
        destination=head["destination"],
        document=head.get("document") or "",
        vehicle=head.get("vehicle") or "",
        shipped_at=shipped and shipped[0],
        shipped_date_only=bool(shipped and shipped[1]),
        received_at=received and received[0],
        received_date_only=bool(received and received[1]),
        status=Shipment.Status.RECEIVED if received else Shipment.Status.POSTED,
        created_by=work.by,
        posted_by=work.by,
        posted_at=work.at,
    )


def _look_at(work: Work, delivery: _Delivery) -> None:
    """Notes gaps and contradictions of what was added."""
    shipment = delivery.shipment
    left, arrived = _outer_times(shipment)
    gap, warning = Finding.Severity.GAP, Finding.Severity.WARNING
    if left is None and arrived is None:
        text = "Neither departure nor arrival is known: a trace takes it as possible."
        work.find("time_unknown", gap, shipment, text)
    if left is not None and arrived is not None and arrived < left:
        text = f"Shipment {shipment} arrived before it left."
        work.find("arrived_before_left", warning, shipment, text)
        delivery.new[0][0].warn("received_at", text)
    for row, line in delivery.new:
        work.touched |= {
            (line.batch_id, shipment.origin_id),
            (line.batch_id, shipment.destination_id),
        }
        work.taken_out.append((row, (line.batch_id, shipment.origin_id), shipment))
        if line.batch.is_unidentified:
            note_unnamed(work, shipment, line.batch)
        if line.quantity is None:
            text = f"The quantity of batch {line.batch} is not known."
            work.find("quantity_unknown", gap, shipment, text)
        made = line.batch.produced_at
        gone = _latest(shipment)
        if made and gone is not None and gone < made.timestamp():
            text = f"Batch {line.batch} was shipped before it was made."
            work.find("shipped_before_made", warning, shipment, text)
            row.warn("shipped_at", text)


def _outer_times(shipment: Shipment) -> tuple[int | None, int | None]:
    """The earliest departure and the latest arrival: only a certain contradiction counts."""
    return (
        earliest(shipment.shipped_at, shipment.shipped_date_only, shipment.origin.zone),
        latest(shipment.received_at, shipment.received_date_only, shipment.destination.zone),
    )


def _latest(shipment: Shipment) -> int | None:
    return latest(shipment.shipped_at, shipment.shipped_date_only, shipment.origin.zone)
