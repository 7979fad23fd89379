"""The movements inside a frozen scope: every affected link on record when it was frozen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from batches.models import Adjustment, Batch, Link, Run, RunInput, RunOutput, Shipment, ShipmentLine
from recalls.models import ScopeVersion
from recalls.scope.contacts import chunks


@dataclass(frozen=True)
class Sent:
    """A batch in a shipment. `came` is what was counted on arrival, None while under way."""

    shipment: Shipment
    line: ShipmentLine
    batch: Batch
    came: Decimal | None


@dataclass(frozen=True)
class Made:
    """One input of a run with one output of it."""

    run: Run
    used: RunInput
    made: RunOutput


@dataclass(frozen=True)
class Movements:
    sent: list[Sent]
    made: list[Made]


def movements(version: ScopeVersion) -> Movements:
    """A link counts as in the trace: it left not before its source was affected, or nobody knows.

    What was posted after the freeze belongs to the next version.
    """
    since = dict(version.lines.order_by().values_list("holding_id", "since"))
    links = [link for link in _links(version, since) if _counts(link, since)]
    return Movements(_sent(links), _made(links))


def _links(version: ScopeVersion, since: dict) -> Iterator[Link]:
    on_record = (
        Q(shipment_line__shipment__posted_at__isnull=True, run__isnull=True)
        | Q(shipment_line__shipment__posted_at__lte=version.frozen_at)
        | Q(run__isnull=False, run__posted_at__isnull=True)
        | Q(run__posted_at__lte=version.frozen_at)
    )
    for ids in chunks(since):
        rows = Link.objects.filter(on_record, source__in=ids, voided=False)
        yield from rows.select_related("source", "target").order_by("pk")


def _counts(link: Link, since: dict) -> bool:
    if link.target_id not in since:
        return False
    start = since[link.source_id]
    return start is None or link.left_by is None or link.left_by >= start.timestamp()


def _sent(links: list[Link]) -> list[Sent]:
    return sent({link.shipment_line_id for link in links if link.shipment_line_id})


def sent(wanted: set[int]) -> list[Sent]:
    """Shipment lines by id, oldest first as far as that is known."""
    differed = _differences(wanted)
    found = []
    for ids in chunks(wanted):
        lines = ShipmentLine.objects.filter(pk__in=ids).select_related(
            "shipment__origin", "shipment__destination", "batch__product", "batch__origin"
        )
        for line in lines.order_by("shipment__shipped_at", "shipment__reference", "pk"):
            is_here = line.shipment.status == Shipment.Status.RECEIVED
            known = line.quantity is not None
            came = line.quantity + differed.get(line.pk, 0) if is_here and known else None
            found.append(Sent(line.shipment, line, line.batch, came))
    return found


def _differences(lines: set[int]) -> dict[int, Decimal]:
    """By shipment line: what was counted more, or with a minus less, than was sent."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for ids in chunks(lines):
        rows = Adjustment.objects.filter(shipment_line__in=ids, voided_at__isnull=True)
        for line, quantity in rows.values_list("shipment_line_id", "quantity"):
            found[line] += quantity
    return found


def _made(links: list[Link]) -> list[Made]:
    pairs = [
        (link.run_id, link.source.batch_id, link.target.batch_id) for link in links if link.run_id
    ]
    runs = {run for run, _, _ in pairs}
    used, made = {}, {}
    for ids in chunks(runs):
        for rows, model in ((used, RunInput), (made, RunOutput)):
            for row in model.objects.filter(run__in=ids).select_related(
                "run__location", "batch__product", "batch__origin"
            ):
                rows[row.run_id, row.batch_id] = row
    return in_time(
        Made(used[run, source].run, used[run, source], made[run, target])
        for run, source, target in pairs
        if (run, source) in used and (run, target) in made
    )


def in_time(found: Iterable[Made]) -> list[Made]:
    return sorted(found, key=_in_time)


def _in_time(one: Made) -> tuple:
    """Oldest first; what has no time comes last."""
    ran_at = one.run.ran_at.timestamp() if one.run.ran_at else float("inf")
    return ran_at, one.run.pk, one.used.pk, one.made.pk
