"""What came with shipments, or on a pallet.

Each line starts at the place where it arrived, since it arrived. What has not left yet is
still at its origin, and what stayed there is asked for with `left` only: the records know
no moment at which that would have become affected, so it counts since ever.
"""

from django.core.exceptions import ValidationError
from django.db.models import Q

from batches.codes.gs1.keys import has_right_check_digit, is_digits
from batches.models import Holding, Link, Shipment, ShipmentLine
from recalls.scope.contacts import chunks
from recalls.scope.rules.found import Found
from recalls.scope.rules.given import some
from recalls.scope.rules.names import Names, listed

Status = Shipment.Status


def checked(given: dict) -> dict:
    sscc = "".join((given.get("sscc") or "").split())
    if not given.get("shipments") and not sscc:
        raise ValidationError({"shipments": "Name a shipment, or the SSCC of a pallet."})
    shipments: list[int] = []
    if given.get("shipments"):
        sentence = "Choose a shipment that is recorded here."
        shipments = some(Shipment, given, "shipments", sentence)
    if sscc:
        _check_sscc(sscc)
    return {"shipments": shipments, "sscc": sscc, "left": bool(given.get("left"))}


def _check_sscc(sscc: str) -> None:
    if len(sscc) != 18 or not is_digits(sscc):
        raise ValidationError({"sscc": "An SSCC has 18 digits. Check the label."})
    if not ShipmentLine.objects.filter(sscc=sscc).exists():
        wrong = "" if has_right_check_digit(sscc) else " Its check digit is wrong."
        raise ValidationError({"sscc": f"No pallet has the SSCC {sscc}.{wrong} Check the label."})


def found(parameters: dict) -> Found:
    result, lines = Found(), _lines(parameters)
    by_status: dict[str, list[ShipmentLine]] = {}
    for line in lines:
        by_status.setdefault(line.shipment.status, []).append(line)
    drafts, voided = by_status.pop(Status.DRAFT, []), by_status.pop(Status.VOIDED, [])
    gone = [line.pk for own in by_status.values() for line in own]
    result.add_holdings(_arrived(gone, parameters.get("left", False)))
    result.add_holdings(_still_there(drafts))
    result.note("unsent", len(drafts), f"{_have(drafts)} not left yet; its stock is taken in")
    result.note("voided", len(voided), f"{_have(voided)} been voided and never went")
    return result


def _lines(parameters: dict) -> list[ShipmentLine]:
    wanted = Q()
    if parameters["shipments"]:
        wanted &= Q(shipment__in=parameters["shipments"])
    if parameters.get("sscc"):
        wanted &= Q(sscc=parameters["sscc"])
    return list(ShipmentLine.objects.filter(wanted).select_related("shipment").order_by("pk"))


def _arrived(lines: list[int], with_left: bool) -> dict[int, int | None]:
    since: dict[int, int | None] = {}
    for ids in chunks(lines):
        links = Link.objects.filter(shipment_line__in=ids, voided=False).order_by("pk")
        for source, target, second in links.values_list("source", "target", "arrived_from"):
            known = since.get(target, second)
            since[target] = None if None in (known, second) else min(known, second)
            if with_left:
                since[source] = None
    return since


def _still_there(lines: list[ShipmentLine]) -> dict[int, int | None]:
    wanted = {(line.batch_id, line.shipment.origin_id) for line in lines}
    held = Holding.objects.filter(batch__in={batch for batch, _ in wanted}).order_by()
    rows = held.values_list("pk", "batch", "location")
    return {pk: None for pk, batch, place in rows if (batch, place) in wanted}


def _have(lines: list) -> str:
    return (
        "1 line of a shipment has" if len(lines) == 1 else f"{len(lines)} lines of shipments have"
    )


def sentence(parameters: dict, names: Names) -> str:
    rows = names.rows("shipments", parameters["shipments"])
    parts = []
    if parameters.get("sscc"):
        parts.append(f"on pallet {parameters['sscc']}")
    if rows:
        many = "shipment" if len(rows) == 1 else "shipments"
        parts.append(f"in {many} {listed(sorted(row.reference for row in rows))}")
    stayed = ", and what stayed where it left from" if parameters.get("left") else ""
    return "What came " + " ".join(parts) + stayed
