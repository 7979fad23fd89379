"""The links of a frontier, out of the database, in one snapshot.

Raw SQL with a cursor, because the ORM costs three to five times as much for the same rows
(benchmarks/trace.py). A frontier goes in as arrays on PostgreSQL and as a temporary table
on SQLite; both read one of the two covering indexes of Link and nothing else.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from batches.tracing.graph import FORWARD, UNSEEN, Frontier

# Above this many holdings PostgreSQL's estimate tips over to reading the whole index.
CHUNK = 20_000

# Quantities travel as whole millionths: exact, and cheaper than a Decimal per link. Without
# the rounding SQLite, which keeps 0.29 as a float, would cut it to 289,999.
MILLION = 1_000_000
_MILLIONTHS = {
    "postgresql": "({} * 1000000)::bigint",
    "sqlite": "CAST(round({} * 1000000) AS INTEGER)",
}

_COLUMNS = {
    True: "l.source_id, l.left_by, l.target_id, l.arrived_from",
    False: "l.target_id, -l.arrived_from, l.source_id, -l.left_by",
}
# The rule of `graph.matters`, for holdings never seen before and for all.
_FIRST = {
    True: "(l.left_by IS NULL OR l.left_by >= f.bound)",
    False: "(l.arrived_from IS NULL OR -l.arrived_from >= f.bound)",
}
_AGAIN = {
    True: "(l.left_by < f.seen AND l.left_by >= f.bound"
    " OR (l.left_by IS NULL OR l.left_by >= f.seen)"
    " AND (l.arrived_from IS NULL OR l.arrived_from < f.seen))",
    False: "(-l.arrived_from < f.seen AND -l.arrived_from >= f.bound"
    " OR (l.arrived_from IS NULL OR -l.arrived_from >= f.seen)"
    " AND (l.left_by IS NULL OR -l.left_by < f.seen))",
}

# OFFSET 0 keeps the planner from turning the loop inside out: one index scan per holding,
# whatever the statistics say, and links in the order of the frontier.
_POSTGRESQL = """
SELECT l.* FROM unnest({arrays}) AS f({names})
CROSS JOIN LATERAL (
  SELECT {columns}, l.id, {quantity}, l.run_id
  FROM batches_link l WHERE l.{here} = f.node AND NOT l.voided AND {rule} OFFSET 0
) l
"""
# CROSS JOIN is SQLite's word for "in this order". Without the likelihood it takes the
# temporary table for a million rows, and reads all links into a Bloom filter at each level.
_SQLITE = """
SELECT {columns}, l.id, {quantity}, l.run_id
FROM temp.trace_frontier f CROSS JOIN batches_link l
WHERE likelihood(f.seen IS NOT NULL, 0.0000001) AND l.{here} = f.node AND NOT l.voided AND {rule}
"""


def statement(vendor: str, direction: str, again: bool) -> str:
    """The query of one chunk; `again` when it holds bounds that fell."""
    forward = direction == FORWARD
    names = ["node", "bound", "seen"] if again else ["node", "bound"]
    return (_POSTGRESQL if vendor == "postgresql" else _SQLITE).format(
        arrays=", ".join(["%s::bigint[]"] * len(names)),
        names=", ".join(names),
        columns=_COLUMNS[forward],
        quantity=_MILLIONTHS[vendor].format("l.quantity"),
        here="source_id" if forward else "target_id",
        rule=(_AGAIN if again else _FIRST)[forward],
    )


def links_of(direction: str) -> Callable[[Frontier], list[tuple]]:
    """What `graph.walk` asks for the links of a frontier; one query per 20,000 holdings."""
    fetch = _fetch_postgresql if connection.vendor == "postgresql" else _fetch_sqlite

    def fetch_all(frontier: Frontier) -> list[tuple]:
        if len(frontier) <= CHUNK:
            return fetch(frontier, direction)
        return [row for part in chunks(frontier) for row in fetch(part, direction)]

    return fetch_all


def _fetch_postgresql(frontier: Frontier, direction: str) -> list[tuple]:
    again = any(seen != UNSEEN for _, _, seen in frontier)
    columns = list(zip(*frontier, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            statement("postgresql", direction, again),
            [_array(column) for column in (columns if again else columns[:2])],
        )
        return cursor.fetchall()


def _array(numbers: Iterable[int]) -> str:
    """An array as text: psycopg takes four times as long over a list of numbers."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _fetch_sqlite(frontier: Frontier, direction: str) -> list[tuple]:
    again = any(seen != UNSEEN for _, _, seen in frontier)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS trace_frontier"
            " (node INTEGER PRIMARY KEY, bound INTEGER, seen INTEGER)"
        )
        cursor.execute("DELETE FROM temp.trace_frontier")
        cursor.executemany("INSERT INTO temp.trace_frontier VALUES (%s, %s, %s)", frontier)
        cursor.execute(statement("sqlite", direction, again))
        return cursor.fetchall()


def chunks(items: Sequence, size: int = CHUNK) -> Iterator[Sequence]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


_BY_ID = {"postgresql": "= ANY(%s::bigint[])", "sqlite": "IN (SELECT value FROM json_each(%s))"}

HOLDINGS = """
SELECT h.id, h.batch_id, h.location_id, {millionths} FROM batches_holding h WHERE h.id {ids}
"""
LINES = "SELECT l.id, l.shipment_line_id FROM batches_link l WHERE l.id {ids}"
REFERENCES = """
SELECT l.id, s.reference FROM batches_link l
JOIN batches_shipmentline sl ON sl.id = l.shipment_line_id
JOIN batches_shipment s ON s.id = sl.shipment_id WHERE l.id {ids}
"""
RUN_REFERENCES = "SELECT r.id, r.reference FROM batches_run r WHERE r.id {ids}"
IN_TRANSIT = REFERENCES + "AND s.status = 'posted'"

# A link's document is the shipment of its line, or its run.
_DOCUMENT = """
FROM batches_link l LEFT JOIN batches_run r ON r.id = l.run_id
LEFT JOIN batches_shipmentline sl ON sl.id = l.shipment_line_id
LEFT JOIN batches_shipment s ON s.id = sl.shipment_id
"""
_POSTED_AT = "coalesce(s.posted_at, r.posted_at, s.created_at, r.created_at)"
_POSTED_AFTER = f"SELECT l.id {_DOCUMENT} WHERE l.id {{ids}} AND {_POSTED_AT} > %s"
_VOIDED_SINCE = f"""
SELECT l.source_id, l.left_by, l.target_id, l.arrived_from, l.id, {{millionths}}, l.run_id
{_DOCUMENT} WHERE l.voided AND coalesce(s.voided_at, r.voided_at) > %s AND {_POSTED_AT} <= %s
"""


def posted_after(moment: datetime, links: Collection[int]) -> set[int]:
    """Those of the links whose document was posted after `moment`."""
    vendor, found = connection.vendor, set()
    when = connection.ops.adapt_datetimefield_value(moment)
    query = _POSTED_AFTER.format(ids=_BY_ID[vendor])
    with connection.cursor() as cursor:
        for part in chunks(sorted(links)):
            ids = _array(part) if vendor == "postgresql" else json.dumps(part)
            cursor.execute(query, [ids, when])
            found |= {pk for (pk,) in cursor.fetchall()}
    return found


def voided_since(moment: datetime) -> list[tuple]:
    """The links that were on record at `moment` and are voided now, as `graph.among` takes them."""
    when = connection.ops.adapt_datetimefield_value(moment)
    millionths = _MILLIONTHS[connection.vendor].format("l.quantity")
    with connection.cursor() as cursor:
        cursor.execute(_VOIDED_SINCE.format(millionths=millionths), [when, when])
        return cursor.fetchall()


def rows_by_id(query: str, ids: Collection[int]) -> list[tuple]:
    """Rows of one of the queries above, for any number of ids."""
    vendor, rows = connection.vendor, []
    query = query.format(ids=_BY_ID[vendor], millionths=_MILLIONTHS[vendor].format("h.quantity"))
    with connection.cursor() as cursor:
        for part in chunks(sorted(ids)):
            cursor.execute(query, [_array(part) if vendor == "postgresql" else json.dumps(part)])
            rows += cursor.fetchall()
    return rows


@contextmanager
def one_snapshot():
    """Everything read inside sees the same moment.

    Inside a transaction it is that transaction's. Otherwise REPEATABLE READ on PostgreSQL,
    and on SQLite a plain BEGIN: Django's own would take the write lock for a read.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or has_begun():
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            # Nothing was written; a ROLLBACK would drop the temporary table, and SQLite would
            # read its whole schema again, which takes longer than a small trace.
            with connection.cursor() as cursor:
                cursor.execute("COMMIT")


def has_begun() -> bool:
    """Whether a read transaction of this module is open already, unknown to Django."""
    return connection.vendor == "sqlite" and connection.connection.in_transaction
