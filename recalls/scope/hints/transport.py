"""What travelled in one shipment with batches of the scope."""

from collections import defaultdict

from batches.models import Shipment, ShipmentLine
from recalls.models import ScopeRule
from recalls.scope.contacts import chunks
from recalls.scope.hints.hint import Hint, batches_in, numbers

_GONE = [Shipment.Status.POSTED, Shipment.Status.RECEIVED]


def travelled_together(scope: set[int]) -> list[Hint]:
    """Shipments that carried batches of the scope and others, the earliest first."""
    carried = _carried(scope)
    others = _others(carried, scope)
    rows = batches_in(scope.union(*others.values()))
    shipments = Shipment.objects.select_related("origin", "destination").in_bulk(others)
    ordered = sorted(
        shipments.values(),
        key=lambda one: (one.shipped_at is None, one.shipped_at or one.created_at, one.pk),
    )
    return [_hint(one, carried[one.pk], others[one.pk], rows) for one in ordered]


def _carried(scope: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(scope):
        rows = ShipmentLine.objects.filter(batch__in=ids, shipment__status__in=_GONE).order_by()
        for shipment, batch in rows.values_list("shipment", "batch"):
            found[shipment].add(batch)
    return found


def _others(carried: dict[int, set[int]], scope: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for ids in chunks(carried):
        rows = ShipmentLine.objects.filter(shipment__in=ids).order_by()
        for shipment, batch in rows.values_list("shipment", "batch"):
            if batch not in scope:
                found[shipment].add(batch)
    return found


def _hint(shipment: Shipment, carried, others, rows) -> Hint:
    count = "1 other batch" if len(others) == 1 else f"{len(others)} other batches"
    beside = numbers(rows[pk] for pk in carried if pk in rows)
    return Hint(
        key=f"shipment-{shipment.pk}",
        kind="shipment",
        word="Same shipment",
        title=f"{shipment.reference}, {shipment.origin.name} to {shipment.destination.name}",
        evidence=f"Carried {count} beside {beside}: "
        f"{numbers(rows[pk] for pk in others if pk in rows)}.",
        rule=ScopeRule.Kind.SHIPMENT,
        parameters={"shipments": [shipment.pk], "sscc": "", "left": False},
    )
