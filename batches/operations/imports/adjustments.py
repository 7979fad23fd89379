"""Importing adjustments: stock that changed without moving."""

from batches.models import Adjustment, Finding
from batches.operations.imports.conflicts import say_if_doubled
from batches.operations.imports.work import Work, in_parts
from batches.operations.stock import get_or_make_holdings, recompute

# What leaves stock for use or sale is alarmed when it is held; what is destroyed is not.
_USED = {Adjustment.Reason.SOLD}


def import_adjustments(work: Work) -> None:
    """Adds adjustments. One that agrees in place, batch, quantity, reason and time is there."""
    found = []
    for row in list(work.sheet.good()):
        batch, location = work.batch(row), work.location(row, "location")
        if not row.problems:
            found.append((row, batch, location))
    holdings = get_or_make_holdings((batch.pk, location.pk) for _, batch, location in found)
    there, lines, new = _known(set(holdings.values())), {}, []
    for row, batch, location in found:
        holding = holdings[batch.pk, location.pk]
        moment = row.get("at")
        at = moment.at(location.zone) if moment else None
        key = (holding, row.get("quantity"), row.get("reason"), at, bool(at and moment.is_date))
        if key in there:
            _say_if_doubled(row, lines.get(key), there[key])
            continue
        there[key], lines[key], row.is_added = False, row.line, True
        new.append((row, batch, location, _made(work, key)))
    Adjustment.objects.bulk_create([adjustment for *_, adjustment in new])
    recompute({adjustment.holding_id for *_, adjustment in new})
    for row, batch, location, adjustment in new:
        _look_at(work, row, batch, location, adjustment)


def _known(holding_ids: set[int]) -> dict[tuple, bool]:
    """The adjustments that are there, and whether each was voided."""
    rows = in_parts(Adjustment.objects.order_by("pk"), "holding_id", holding_ids)
    return {
        (a.holding_id, a.quantity, a.reason, a.at, a.at_date_only): bool(a.voided_at) for a in rows
    }


def _say_if_doubled(row, line: int | None, is_voided: bool) -> None:
    say_if_doubled(row, line, "If it happened twice, give each row its time.")
    if is_voided:
        row.warn("", "This adjustment was voided. It was not imported again.")


def _made(work: Work, key: tuple) -> Adjustment:
    holding, quantity, reason, at, is_date = key
    return Adjustment(
        holding_id=holding,
        quantity=quantity,
        reason=reason,
        at=at,
        at_date_only=is_date,
        created_by=work.by,
    )


def _look_at(work: Work, row, batch, location, adjustment: Adjustment) -> None:
    work.touched.add((batch.pk, location.pk))
    label = f"{batch} at {location.code}"
    if adjustment.at is None:
        text = f"When batch {batch} was adjusted at {location.code} is not known."
        work.find("time_unknown", Finding.Severity.GAP, adjustment, text, label)
    if adjustment.quantity < 0:
        about = adjustment if adjustment.reason in _USED else None
        work.taken_out.append((row, (batch.pk, location.pk), about))
