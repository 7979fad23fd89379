"""What posting does to the graph: links, holdings and quantities, for many documents at once.

Nothing is refused here. One document that a person posts is checked by its own operation
first; history that a file reports has happened, and what contradicts it is found elsewhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from batches.models import Batch, Link, Location, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.operations.listeners import links_were_written
from batches.operations.stock import chunks, get_or_make_holdings, recompute
from batches.operations.times import run_times, shipment_times

_LINKS = 5_000


@dataclass
class Posted:
    """What was written: how many links, and the holdings that they leave and reach."""

    links: int = 0
    sources: set[int] = field(default_factory=set)
    targets: set[int] = field(default_factory=set)

    @property
    def holdings(self) -> set[int]:
        return self.sources | self.targets


@transaction.atomic
def post_lines_in_bulk(shipments: Iterable[Shipment], lines: Iterable[ShipmentLine]) -> Posted:
    """Writes the links of saved shipments that stand as posted or received, and recomputes.

    `lines` are all saved lines of those shipments. Neither status nor event is written:
    both are the caller's. Listeners are told once.
    """
    shipments = {shipment.pk: shipment for shipment in shipments}
    _with_locations(shipments.values(), "origin", "destination")
    times = {pk: shipment_times(shipment) for pk, shipment in shipments.items()}
    rows = []
    for line in lines:
        shipment = shipments[line.shipment_id]
        source = (line.batch_id, shipment.origin_id)
        target = (line.batch_id, shipment.destination_id)
        rows.append((source, target, times[shipment.pk], line.quantity, {"shipment_line": line}))
    return _write(rows)


@transaction.atomic
def post_runs_in_bulk(runs: Iterable[Run]) -> Posted:
    """Writes the links of saved runs that stand as posted, and recomputes.

    Every input is linked with every output. Neither status nor event is written: both
    are the caller's. Listeners are told once.
    """
    runs = {run.pk: run for run in runs}
    _with_locations(runs.values(), "location")
    inputs, outputs = _by_run(RunInput, runs), _by_run(RunOutput, runs)
    rows, places = [], set()
    for pk, run in runs.items():
        here, times = run.location_id, run_times(run)
        places |= {(line.batch_id, here) for line in inputs[pk] + outputs[pk]}
        rows += [
            ((used.batch_id, here), (made.batch_id, here), times, made.quantity, {"run": run})
            for used in inputs[pk]
            for made in outputs[pk]
            if used.batch_id != made.batch_id
        ]
    # A run that only uses or only makes has no link, and changes stock all the same. What a
    # run made no longer counts at the batch's origin, wherever that is.
    made = {line.batch_id for lines in outputs.values() for line in lines}
    return _write(rows, places | _origins(made))


def _origins(batches: Collection[int]) -> set[tuple[int, int]]:
    found = set()
    for part in chunks(sorted(batches)):
        found |= set(Batch.objects.order_by().filter(pk__in=part).values_list("pk", "origin_id"))
    return found


def _by_run(model, runs: Collection[int]) -> dict[int, list]:
    lines = defaultdict(list)
    for part in chunks(sorted(runs)):
        for line in model.objects.order_by("pk").filter(run__in=part):
            lines[line.run_id].append(line)
    return lines


def _with_locations(documents, *fields: str) -> None:
    """Gives the documents their locations in one query: their zones are needed for times."""
    documents = list(documents)
    ids = {getattr(document, f"{name}_id") for document in documents for name in fields}
    found = {}
    for part in chunks(sorted(ids)):
        found |= Location.objects.in_bulk(part)
    for document in documents:
        for name in fields:
            setattr(document, name, found[getattr(document, f"{name}_id")])


def _write(rows, more_places=()) -> Posted:
    places = {place for source, target, *_ in rows for place in (source, target)}
    holdings = get_or_make_holdings(places | set(more_places))
    posted = Posted(links=len(rows))
    links = []
    for source, target, times, quantity, document in rows:
        posted.sources.add(holdings[source])
        posted.targets.add(holdings[target])
        links.append(
            Link(
                source_id=holdings[source],
                target_id=holdings[target],
                left_by=times.left_by,
                arrived_from=times.arrived_from,
                quantity=quantity,
                **document,
            )
        )
    for part in chunks(links, _LINKS):
        Link.objects.bulk_create(part)
    recompute(holdings.values())
    links_were_written(posted.sources)
    return posted
