"""The life of a shipment: drafted, posted, received or refused, voided."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.codes.gs1.keys import SSCC_LENGTH, is_digits
from batches.models import Adjustment, Batch, Holding, Link, Shipment, ShipmentLine
from batches.operations.changes import amount, locked, need_reason, values
from batches.operations.documents import checks
from batches.operations.documents.adjustments import mark_voided, record_adjusted, record_voided
from batches.operations.documents.drafts import make_lines, save_draft
from batches.operations.events import record
from batches.operations.holds import holds_by_batch, place_holds
from batches.operations.listeners import links_were_written, recalls_that_hold
from batches.operations.posting import post_lines_in_bulk
from batches.operations.stock import get_or_make_holdings, recompute
from batches.operations.times import earliest, latest, shipment_times

FIELDS = [
    "reference",
    "origin",
    "destination",
    "purpose",
    "shipped_at",
    "shipped_date_only",
    "document",
    "vehicle",
    "remark",
]


def create_shipment(*, reference, origin, destination, lines, by, at, **fields) -> Shipment:
    """Drafts a shipment. `lines` are dicts: batch, quantity (None: unknown), sscc, unit.

    `fields`: purpose, shipped_at, shipped_date_only, document, vehicle, remark.
    """
    shipment = Shipment(reference=reference, origin=origin, destination=destination, **fields)
    return save_shipment(shipment=shipment, lines=make_lines(ShipmentLine, lines), by=by, at=at)


@transaction.atomic
def save_shipment(*, shipment, lines: list[ShipmentLine], by, at, seen="") -> Shipment:
    """Saves a new or changed draft with exactly these lines.

    Refuses a document that is no draft, one that changed since `seen`
    (`changes.fingerprint` of the shipment and its lines), and a pallet whose number is none.
    """
    checks.refuse(_no_pallets(lines))
    save_draft(document=shipment, lines={"lines": lines}, fields=FIELDS, by=by, at=at, seen=seen)
    return shipment


def _no_pallets(lines: list[ShipmentLine]) -> Iterable[str]:
    """A wrong check digit is not refused: the label on the pallet may have it."""
    for line in lines:
        if line.sscc and not (len(line.sscc) == SSCC_LENGTH and is_digits(line.sscc)):
            yield (
                f"“{line.sscc}” is no SSCC, which has {SSCC_LENGTH} digits. Enter what stands on "
                f"the pallet of {line.batch}, or nothing."
            )


@transaction.atomic
def post_shipment(*, shipment, by, at) -> Shipment:
    """Moves the goods: writes the links, takes from the origin, gives to the destination.

    Refuses a document that is no draft, has no lines, takes more than is known to be
    there, or takes a voided, held, rejected or expired batch. A return may take the last
    three, and they are held at its destination too. What a recall covers is held on arrival
    at a site of ours.
    """
    shipment = locked(shipment)
    _refuse_posted(shipment)
    lines = list(shipment.lines.order_by("pk"))
    if not lines:
        raise ValidationError(f"{shipment} has no lines. Add a batch before posting it.")
    batches = checks.batches_of(lines)
    sentences = list(checks.missing_stock(shipment, lines, batches, shipment.origin))
    held = holds_by_batch(batches, shipment.origin)
    if shipment.purpose != Shipment.Purpose.RETURN:
        sentences += _unfit(shipment, batches.values(), held, at)
    checks.refuse(sentences)
    shipment.status, shipment.posted_by, shipment.posted_at = Shipment.Status.POSTED, by, at
    shipment.save(update_fields=["status", "posted_by", "posted_at"])
    post_lines_in_bulk([shipment], lines)
    if shipment.purpose == Shipment.Purpose.RETURN:
        _hold_at_destination(shipment, batches, held, by, at)
    _hold_recalled(shipment, batches, by, at)
    moved = [values(line, ["batch", "quantity", "sscc"]) for line in lines]
    record(
        verb="shipment posted",
        obj=shipment,
        by=by,
        at=at,
        before={"status": "draft"},
        after={"status": "posted", "lines": moved},
    )
    return shipment


def _refuse_posted(shipment) -> None:
    if shipment.status == Shipment.Status.VOIDED:
        raise ValidationError(f"{shipment} was voided. Enter a new shipment.")
    if not shipment.is_draft:
        raise ValidationError(f"{shipment} is posted already. Nothing was posted twice.")


def _unfit(shipment, batches: Iterable[Batch], held, at) -> Iterable[str]:
    """Why a batch must not be delivered."""
    day = _departure_day(shipment, at)
    back = "send it as a return to quarantine"
    for batch in batches:
        for hold in held.get(batch.pk, [])[:1]:
            if hold.recall:
                yield f"{batch} is held by recall {hold.recall}. Take it off, or {back}."
            else:
                yield (
                    f"{batch} is on hold at {shipment.origin.code}: {hold.reason} "
                    f"Release the hold first, or {back}."
                )
        if batch.expires_on and batch.expires_on < day:
            yield f"{batch} expired on {batch.expires_on}. Take it off, or {back}."
        if batch.status == Batch.Status.REJECTED:
            yield f"{batch} was rejected. Take it off, or {back}."


def _departure_day(shipment, at) -> date:
    return (shipment.shipped_at or at).astimezone(shipment.origin.zone).date()


def _hold_at_destination(shipment, batches, held, by, at) -> None:
    """What was held where it came from is held where it goes, and so is what has expired."""
    here, day = shipment.destination_id, _departure_day(shipment, at)
    for pk, batch in batches.items():
        for hold in held.get(pk, []):
            if hold.location_id:
                place_holds(
                    places=[(pk, here)], reason=hold.reason, recall=hold.recall, by=by, at=at
                )
        if pk not in held and batch.expires_on and batch.expires_on < day:
            reason = f"Returned by {shipment} after it expired on {batch.expires_on}."
            place_holds(places=[(pk, here)], reason=reason, by=by, at=at)


def _hold_recalled(shipment, batches, by, at) -> None:
    """Recalled goods that come to a site of ours stay there, wherever they were until now."""
    if not shipment.destination.is_own:
        return
    here = shipment.destination_id
    holds = recalls_that_hold(
        batches=batches.keys(),
        origin=shipment.origin_id,
        destination=here,
        is_return=shipment.purpose == Shipment.Purpose.RETURN,
    )
    for batch, found in sorted(holds.items()):
        for hold in found:
            place_holds(places=[(batch, here)], by=by, at=at, **asdict(hold))


@transaction.atomic
def receive_shipment(
    *, shipment, by, at, received_at=None, received_date_only=False, received=None
) -> Shipment:
    """Completes the arrival (`at` if no `received_at` is given) and the links' times.

    `received`: counted quantity by line id; what differs becomes a count correction at
    the destination. Refuses what is not in transit, an arrival before the departure, and
    a count for a line whose quantity is not known.
    """
    shipment = _arriving(shipment, received_at or at, received_date_only)
    shipment.save(update_fields=["status", "received_at", "received_date_only"])
    differences = _count_differences(shipment, received or {}, by, at)
    _arrived(shipment, {adjustment.holding_id for adjustment in differences})
    for adjustment in differences:
        record_adjusted(adjustment, by=by, at=at)
    _record_arrival("shipment received", shipment, by=by, at=at)
    return shipment


@transaction.atomic
def refuse_shipment(
    *, shipment, reason, by, at, reference="", received_at=None, received_date_only=False
) -> Shipment:
    """Records that the receiver took nothing of it: it arrived, and turned round.

    Its links, times and quantities stay, for the goods were there. A return takes all of it
    back, `reference` (its own and -R unless given), and is in transit until its arrival is
    confirmed. Refuses an empty reason, what is not in transit, an arrival before the departure,
    and what a return is refused for.
    """
    reason = need_reason(reason, f"{shipment} was refused")
    shipment = _arriving(shipment, received_at or at, received_date_only)
    shipment.save(update_fields=["status", "received_at", "received_date_only"])
    _arrived(shipment, set())
    shipment.returned_with = _sent_back(shipment, reference or f"{shipment}-R", reason, by, at)
    shipment.refusal_reason = reason
    shipment.save(update_fields=["returned_with", "refusal_reason"])
    _record_arrival("shipment refused", shipment, by=by, at=at, reason=reason)
    return shipment


def _sent_back(shipment, reference: str, reason: str, by, at) -> Shipment:
    back = create_shipment(
        reference=reference,
        origin=shipment.destination,
        destination=shipment.origin,
        purpose=Shipment.Purpose.RETURN,
        lines=[
            {"batch": line.batch, "quantity": line.quantity, "sscc": line.sscc}
            for line in shipment.lines.select_related("batch__product").order_by("pk")
        ],
        shipped_at=shipment.received_at,
        shipped_date_only=shipment.received_date_only,
        document=shipment.document,
        vehicle=shipment.vehicle,
        remark=f"{shipment} was refused: {reason}",
        by=by,
        at=at,
    )
    return post_shipment(shipment=back, by=by, at=at)


def _arriving(shipment, received_at, received_date_only) -> Shipment:
    """The shipment, locked with its batches and with its arrival set, not yet saved."""
    shipment = locked(shipment)
    _refuse_unless_in_transit(shipment)
    shipment.received_at, shipment.received_date_only = received_at, received_date_only
    _refuse_early_arrival(shipment)
    checks.lock_batches(shipment.lines.values_list("batch_id", flat=True))
    shipment.status = Shipment.Status.RECEIVED
    return shipment


def _arrived(shipment, targets: set[int]) -> None:
    """Gives the links their times; `targets` are the holdings whose count differed."""
    times = shipment_times(shipment)
    links = Link.objects.filter(shipment_line__shipment=shipment, voided=False)
    links.update(left_by=times.left_by, arrived_from=times.arrived_from)
    was = dict(Holding.objects.filter(pk__in=targets).values_list("pk", "quantity"))
    recompute(targets)
    checks.refuse_if_moved_on(targets, was, by_run=False)
    links_were_written(set(links.values_list("source_id", flat=True)))


def _record_arrival(verb: str, shipment, *, by, at, reason="") -> None:
    after = values(shipment, ["status", "received_at", "received_date_only"])
    if shipment.returned_with_id:
        after["returned_with"] = shipment.returned_with_id
    record(
        verb=verb,
        obj=shipment,
        by=by,
        at=at,
        before={"status": "posted"},
        after=after,
        reason=reason,
    )


def _refuse_unless_in_transit(shipment) -> None:
    Status = Shipment.Status
    sentence = {
        Status.DRAFT: f"{shipment} is a draft. Post it before receiving it.",
        Status.RECEIVED: f"{shipment} was received already. Nothing was received twice.",
        Status.VOIDED: f"{shipment} was voided. Enter a new shipment.",
    }.get(shipment.status)
    if sentence:
        raise ValidationError(sentence)


def _refuse_early_arrival(shipment) -> None:
    left = earliest(shipment.shipped_at, shipment.shipped_date_only, shipment.origin.zone)
    zone = shipment.destination.zone
    arrived = latest(shipment.received_at, shipment.received_date_only, zone)
    if left is not None and arrived < left:
        raise ValidationError(
            f"{shipment} would arrive before it left. Check the time of arrival, or void the "
            "shipment and enter it with the right departure."
        )


def _count_differences(shipment, received: dict, by, at) -> list[Adjustment]:
    lines = {line.pk: line for line in shipment.lines.select_related("batch__product")}
    if unknown := set(received) - set(lines):
        raise ValidationError(f"{shipment} has no line {sorted(unknown)[0]}. Load the page again.")
    counted = {lines[pk]: count for pk, count in received.items() if count is not None}
    holdings = get_or_make_holdings((line.batch_id, shipment.destination_id) for line in counted)
    made = []
    for line, count in counted.items():
        unit = line.batch.product.unit
        if count < 0:
            raise ValidationError(f"Of {line.batch}, less than nothing cannot have arrived.")
        if line.quantity is None:
            raise ValidationError(
                f"How much of {line.batch} was shipped is not known, so nothing can be compared. "
                "Leave its count empty."
            )
        if count == line.quantity:
            continue
        made.append(
            Adjustment.objects.create(
                holding_id=holdings[line.batch_id, shipment.destination_id],
                shipment_line=line,
                quantity=count - line.quantity,
                reason=Adjustment.Reason.COUNT,
                at=shipment.received_at,
                at_date_only=shipment.received_date_only,
                remark=f"{shipment}: {amount(count, unit)} arrived, "
                f"{amount(line.quantity, unit)} were shipped.",
                created_by=by,
            )
        )
    return made


@transaction.atomic
def void_shipment(*, shipment, reason, by, at) -> Shipment:
    """Takes the movement back; links stay as voided. A draft is only marked as voided.

    Differences counted on arrival are voided with it. Refuses an empty reason, a shipment
    voided before, and goods that have moved on, naming what to void first.
    """
    reason = need_reason(reason, f"{shipment} is voided")
    shipment = locked(shipment)
    if shipment.status == Shipment.Status.VOIDED:
        raise ValidationError(f"{shipment} was voided already.")
    was_status = shipment.status
    shipment.status, shipment.voided_at, shipment.void_reason = Shipment.Status.VOIDED, at, reason
    links = Link.objects.filter(shipment_line__shipment=shipment, voided=False)
    sources, targets = checks.ends(links)
    checks.lock_batches(shipment.lines.values_list("batch_id", flat=True))
    was = dict(Holding.objects.filter(pk__in=targets).values_list("pk", "quantity"))
    shipment.save(update_fields=["status", "voided_at", "void_reason"])
    links.update(voided=True)
    counted = Adjustment.objects.filter(shipment_line__shipment=shipment, voided_at=None)
    counted = list(counted.order_by("pk").select_for_update(no_key=True))
    for adjustment in counted:
        mark_voided(adjustment, reason=f"{shipment} was voided: {reason}", at=at)
    recompute(sources | targets)
    checks.refuse_if_moved_on(targets, was, by_run=False)
    links_were_written(sources)
    for adjustment in counted:
        record_voided(adjustment, by=by, at=at)
    record(
        verb="shipment voided",
        obj=shipment,
        by=by,
        at=at,
        before={"status": was_status},
        after={"status": "voided"},
        reason=reason,
    )
    return shipment
