"""What the lines of a scope come to: by batch, and in each unit. Unlike units are never added."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from batches.models import Run, RunInput
from batches.tracing.balance import quantities_made
from recalls.models import ScopeLine
from recalls.scope.contacts import chunks
from recalls.scope.reasons import Reason
from recalls.scope.shapes import Line, Quantity, ScopeBatch

Role = ScopeLine.Role


def batches_of(lines: list[Line], reasons: Mapping[int, list[Reason]]) -> list[ScopeBatch]:
    by_batch = defaultdict(list)
    for line in lines:
        by_batch[line.batch_id].append(line)
    made = quantities_made(by_batch)
    used = _used({(line.batch_id, line.location_id) for line in lines})
    batches = [
        ScopeBatch(
            batch_id=pk,
            number=own[0].batch_number,
            product_code=own[0].product_code,
            product_name=own[0].product_name,
            origin_code=own[0].origin_code,
            unit=own[0].unit,
            made=made[pk],
            on_site=total(line.on_hand for line in own if line.role == Role.OWN_SITE),
            shipped=total(line.due for line in own if line.role == Role.RECIPIENT),
            used=used.get(pk, Decimal(0)),
            places=len({line.location_id for line in own}),
            reasons=sorted(reasons.get(pk, [])),
        )
        for pk, own in by_batch.items()
    ]
    return sorted(batches, key=lambda b: (b.product_code, b.number, b.origin_code))


def _used(held: set[tuple[int, int]]) -> dict[int, Decimal | None]:
    """What runs took of each batch at its affected places, into other batches."""
    taken = defaultdict(list)
    for ids in chunks({batch for batch, _ in held}):
        rows = RunInput.objects.filter(batch__in=ids, run__status=Run.Status.POSTED).order_by()
        for batch, place, quantity in rows.values_list("batch", "run__location", "quantity"):
            if (batch, place) in held:
                taken[batch].append(quantity)
    return {batch: total(parts) for batch, parts in taken.items()}


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None when one of the values is not known."""
    values = list(values)
    return None if None in values else sum(values, Decimal(0))


def quantities_of(lines: list[Line], batches: list[ScopeBatch]) -> list[Quantity]:
    found = []
    for unit in sorted({line.unit for line in lines}):
        on_site = [x.on_hand for x in lines if x.unit == unit and x.role == Role.OWN_SITE]
        shipped = [x.due for x in lines if x.unit == unit and x.role == Role.RECIPIENT]
        own = [batch for batch in batches if batch.unit == unit]
        parts = (on_site, shipped, [b.made for b in own], [b.used for b in own])
        known = [sum(filter(None, part), Decimal(0)) for part in parts]
        found.append(
            Quantity(
                unit,
                *known[:2],
                unknown=[*on_site, *shipped].count(None),
                made=known[2],
                used=known[3],
                unknown_made=parts[2].count(None),
            )
        )
    return found


def in_scope(rows: Iterable[tuple[str, str, Decimal | None, Decimal | None]]) -> dict[str, Decimal]:
    """(role, unit, on hand, due) of lines: what is there to be brought back, by unit."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for role, unit, on_hand, due in rows:
        there = {Role.OWN_SITE: on_hand, Role.RECIPIENT: due}.get(role)
        amounts[unit] += there or 0
    return dict(amounts)
