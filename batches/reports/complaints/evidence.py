"""The way from a candidate to each complaint that it explains, with documents and times."""

from collections.abc import Collection

from batches.models import Holding
from batches.reports.complaints.sources import LINE, CommonSource, Source
from batches.tracing import sql
from batches.tracing.graph import FAR, HERE, LINK, NEAR, QUANTITY, RUN, THERE, Trace
from batches.tracing.result import amount, moment

Way = list[tuple]


def paths_of(answer: CommonSource, sources: Collection[Source]) -> dict[tuple, dict[int, list]]:
    """Steps by candidate and complaint, from the candidate on, in four queries for all.

    A step has the form of the path of a scope line: kind, document, left_by, quantity, from
    and to. The path is empty where the complaint is about the candidate itself.
    """
    ways = {
        source.shared.key: {
            complaint: _way(answer, source, answer.traces[complaint])
            for complaint in sorted(source.shared.explains)
        }
        for source in sources
    }
    rows = [row for found in ways.values() for way in found.values() for row in way]
    names, documents = _names(rows), _documents(rows)
    return {
        key: {
            complaint: [_step(row, names, documents) for row in way]
            for complaint, way in found.items()
        }
        for key, found in ways.items()
    }


def _way(answer: CommonSource, source: Source, trace: Trace) -> Way:
    """The shortest one, as the goods went: the trace is walked the other way."""
    if source.run is None:
        wanted = {batch.pk for batch in source.batches}
        held = [h for h in trace.bound if answer.batch_of[h] in wanted]
        nearest = min(held, key=lambda holding: (trace.depth[holding], holding))
        return list(reversed(trace.way(nearest)))
    through = [row for row in trace.links if row[RUN] and _is_of(row[RUN], source, answer)]
    last = min(through, key=lambda row: (trace.depth[row[HERE]], row[LINK]))
    return [last, *reversed(trace.way(last[HERE]))]


def _is_of(run: int, source: Source, answer: CommonSource) -> bool:
    if source.kind == LINE:
        return answer.line_of.get(run) == source.shared.key[1:]
    return run == source.run.pk


def _names(rows: Way) -> dict[int, dict]:
    ids = {holding for row in rows for holding in (row[HERE], row[THERE])}
    found = {}
    for part in sql.chunks(sorted(ids)):
        held = Holding.objects.filter(pk__in=part).select_related("batch", "location")
        for row in held:
            found[row.pk] = {"batch": row.batch.number, "location": row.location.name}
    return found


def _documents(rows: Way) -> dict[int, str]:
    shipped = {row[LINK] for row in rows if row[RUN] is None}
    runs = dict(sql.rows_by_id(sql.RUN_REFERENCES, {row[RUN] for row in rows} - {None}))
    documents = {row[LINK]: runs[row[RUN]] for row in rows if row[RUN] is not None}
    return documents | dict(sql.rows_by_id(sql.REFERENCES, shipped))


def _step(row: tuple, names: dict[int, dict], documents: dict[int, str]) -> dict:
    left_by = None if row[FAR] is None else moment(-row[FAR])
    arrived = None if row[NEAR] is None else moment(-row[NEAR])
    return {
        "kind": "shipment" if row[RUN] is None else "run",
        "document": documents[row[LINK]],
        "left_by": left_by,
        "arrived_from": arrived,
        "quantity": amount(row[QUANTITY]),
        "from": names[row[THERE]],
        "to": names[row[HERE]],
    }
