"""The batches that a recall covers, as its page lists them."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.utils.http import urlencode

from batches.models import Adjustment, Link
from recalls.models import ScopeLine, ScopeVersion
from recalls.reports.reconciliation import BatchSide

PARTS = ("made", "on_site", "shipped", "samples")
# An address of more seeds than this is too long for a browser.
SEEDS = 50


class Covered(NamedTuple):
    """A batch of a scope, and how far from its start."""

    batch_id: int
    batch_number: str
    product_code: str
    origin_code: str
    depth: int


def batches_of(version: ScopeVersion | None) -> list[Covered]:
    rows = version.lines.order_by().values_list(*Covered._fields).distinct() if version else []
    return [Covered(*row) for row in rows]


def covered(rows: Iterable[Covered | ScopeLine]) -> dict:
    """How many batches there are, and the one that all others were made with, if it is one."""
    rows = {Covered(*(getattr(row, name) for name in Covered._fields)) for row in rows}
    count = len({row.batch_id for row in rows})
    first = {row.batch_id: row for row in rows if row.depth == 0}
    if 1 < len(first) <= SEEDS:
        made = Link.objects.filter(
            run__isnull=False, voided=False, source__batch__in=first, target__batch__in=first
        )
        for batch in made.values_list("target__batch", flat=True).order_by():
            first.pop(batch, None)
    is_one = count > 1 and len(first) == 1
    return {"batch_count": count, "source": next(iter(first.values())) if is_one else None}


def batches_in(lines: list[ScopeLine], sides: Iterable[BatchSide]) -> list[dict]:
    """Per batch of the newest released version: made, on our sites, asked of recipients."""
    side_of = {side.batch_id: side for side in sides}
    by_batch: dict[int, list[ScopeLine]] = defaultdict(list)
    for line in lines:
        by_batch[line.batch_id].append(line)
    rows = [_batch(own, side_of[pk]) for pk, own in by_batch.items()]
    return sorted(rows, key=lambda row: (row["line"].product_code, row["line"].batch_number))


def _sum_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Unknown when one of them is."""
    amounts = list(amounts)
    return None if None in amounts else sum(filter(None, amounts), Decimal(0))


def by_unit(batches: list[dict]) -> list[tuple]:
    """Made, on our sites and with others, in each unit that more than one batch is counted in."""
    found: dict[str, list[dict]] = defaultdict(list)
    for row in batches:
        found[row["line"].unit].append(row)
    return [
        (unit, *(_sum_of(row[part] for row in own) for part in PARTS))
        for unit, own in found.items()
        if len(own) > 1
    ]


def seeds_of(lines: list[ScopeLine]) -> str:
    """What the trace of this scope begins with, for the address of the explorer; empty if that
    were too long."""
    first = dict.fromkeys(line.batch_id for line in lines if line.depth == 0)
    fits = 0 < len(first) <= SEEDS
    return urlencode({"seed": list(first), "dir": "fwd"}, doseq=True) if fits else ""


def _batch(own: list[ScopeLine], side: BatchSide) -> dict:
    on_site = [line.on_hand for line in own if line.role == ScopeLine.Role.OWN_SITE]
    told = [line for line in own if line.role == ScopeLine.Role.RECIPIENT]
    shipped = [line.due for line in told]
    return {
        "line": own[0],
        "made": side.made,
        "samples": side.left.get(Adjustment.Reason.SAMPLE, Decimal(0)),
        "on_site": sum(filter(None, on_site), Decimal(0)),
        "unknown_on_site": on_site.count(None),
        "shipped": sum(filter(None, shipped), Decimal(0)),
        "unknown_shipped": shipped.count(None),
        "places": len({line.location_id for line in told}),
    }
