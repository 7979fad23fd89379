"""The ways to trace that benchmarks/trace.py compares, and how it loads and measures them.

Each method gets {holding: since} and returns ({holding: since}, {holding: received}), in
seconds and millionths, so that all answers can be compared.
"""

import heapq
import json
import os
import time
from collections import deque
from pathlib import Path

from django.apps import apps
from django.db import connection
from trace_graphs import LINK, Graph

from batches.models import Link
from batches.tracing.graph import EVER, FORWARD, Seeds, walk
from batches.tracing.sql import links_of, one_snapshot

AT = "1970-01-01 00:00:00+00:00"
ON_POSTGRESQL = connection.vendor == "postgresql"


# --- the methods ------------------------------------------------------------------------------


def ours(starts):
    with one_snapshot():
        trace = walk(Seeds(starts), links_of(FORWARD), FORWARD)
    return trace.bound, trace.received()


def naive_orm(starts):
    """One ORM query per holding looked at; a queue, which is kinder to it than recursion."""
    since, links = dict(starts), {}
    queue = deque(starts)
    while queue:
        here = queue.popleft()
        for link in Link.objects.filter(source_id=here, voided=False):
            if link.left_by is None or link.left_by >= since[here]:
                links[link.pk] = link
                at = max(since[here], EVER if link.arrived_from is None else link.arrived_from)
                if at < since.get(link.target_id, at + 1):
                    since[link.target_id] = at
                    queue.append(link.target_id)
    rows = [(k.target_id, k.pk, k.run_id, int(k.quantity * 1_000_000)) for k in links.values()]
    return since, _received(rows)


def _received(rows):
    sums, seen = {}, set()
    for target, link, run, quantity in rows:
        part = (target, link) if run is None else (target, -run)
        if part not in seen:
            seen.add(part)
            sums[target] = sums.get(target, 0) + quantity
    return sums


# The state is the affected link, so that each quantity counts once; of the links that lead to
# a holding, the one that came first is its parent.
_RECURSIVE = """
WITH RECURSIVE reach(node, at, part, quantity, source) AS (
  SELECT {seeds}
  UNION
  SELECT l.target_id, {later}(r.at, coalesce(l.arrived_from, r.at)), coalesce(-l.run_id, l.id),
    {quantity}, r.node
  FROM reach r {join} batches_link l ON l.source_id = r.node
  WHERE {hint} NOT l.voided AND (l.left_by IS NULL OR l.left_by >= r.at)
), parts AS (
  SELECT node, min(at) AS at, part, max(quantity) AS quantity, min(source) AS source
  FROM reach GROUP BY node, part
)
SELECT node, min(at), {parent}, sum(quantity) FROM parts GROUP BY node
"""


def recursive_query(starts):
    if ON_POSTGRESQL:
        seeds = (
            "n, t, NULL::bigint, NULL::bigint, NULL::bigint"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS s(n, t)"
        )
        query = _RECURSIVE.format(
            seeds=seeds,
            later="greatest",
            hint="",
            join="JOIN",
            quantity="(l.quantity * 1000000)::bigint",
            parent="(array_agg(source ORDER BY at))[1]",
        )
        values = [list(starts), list(starts.values())]
    else:
        seeds = (
            "json_extract(value, '$[0]'), json_extract(value, '$[1]'), NULL, NULL, NULL"
            " FROM json_each(%s)"
        )
        query = _RECURSIVE.format(
            seeds=seeds,
            later="max",
            hint="likelihood(r.node > 0, 0.00001) AND",
            join="CROSS JOIN",
            quantity="CAST(round(l.quantity * 1000000) AS INTEGER)",
            parent="source",
        )
        values = [json.dumps(list(starts.items()))]
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    since = {node: at for node, at, _, _ in rows}
    return since, {node: int(sums) for node, _, _, sums in rows if sums is not None}


class InMemory:
    """networkx with a heap; the graph is loaded beforehand, which is not counted."""

    def __init__(self, links):
        import networkx

        self.graph = networkx.MultiDiGraph()
        for source, left_by, target, arrived_from, link, quantity, run in links:
            self.graph.add_edge(
                source, target, key=link, times=(left_by, arrived_from), quantity=quantity, run=run
            )

    def __call__(self, starts):
        since, done, parts = dict(starts), set(), []
        heap = [(at, node) for node, at in starts.items()]
        heapq.heapify(heap)
        while heap:
            now, here = heapq.heappop(heap)
            if here in done:
                continue
            done.add(here)
            for there, links in self.graph.adj[here].items() if here in self.graph else ():
                for link, facts in links.items():
                    left_by, arrived_from = facts["times"]
                    if left_by is None or left_by >= now:
                        parts.append((there, link, facts["run"], facts["quantity"]))
                        at = now if arrived_from is None else max(now, arrived_from)
                        if at < since.get(there, at + 1):
                            since[there] = at
                            heapq.heappush(heap, (at, there))
        return since, _received(parts)


# --- loading ----------------------------------------------------------------------------------


def load(graph: Graph) -> list[tuple]:
    """Writes the graph into the (empty) database; its links, by the ids given there."""
    links = [
        (s + 1, left, t + 1, arrived, link + 1, quantity, None if run is None else run + 1)
        for s, left, t, arrived, link, quantity, run in graph.links
    ]
    assert len(links[0]) == len(LINK)
    ran_at = {run: graph.holdings[t][1] + 1 for _, _, t, *_, run in graph.links if run is not None}
    sent = [(n, s, t) for n, (s, _, t, *_, run) in enumerate(graph.links, 1) if run is None]
    rest = ("delivery", False, False, "", "received")
    places = ((n, f"W{n}", f"Place {n}", kind) for n, kind in enumerate(graph.places, 1))
    batches = (
        (n, 1, place + 1, f"B{n}", f"B{n}", "", "", "released", "", AT)
        for n, place in enumerate(graph.origin, 1)
    )
    tables = {
        "batches_product": (
            "id code name unit brand category number_pattern picture active",
            [_product()],
        ),
        "batches_location": (
            "id code name kind is_own street postcode city country timezone active",
            ((*row, False, "", "", "", "", "", True) for row in places),
        ),
        "batches_batch": (
            "id product_id origin_id number number_key supplier_number line status void_reason"
            " created_at",
            batches,
        ),
        "batches_holding": (
            "id batch_id location_id quantity",
            ((n, b + 1, p + 1, 0) for n, (b, p) in enumerate(graph.holdings, 1)),
        ),
        "batches_run": (
            "id reference remark created_at void_reason location_id kind line ran_date_only status",
            (
                (n, f"R{n}", "", AT, "", ran_at[n - 1], "blend", "", False, "posted")
                for n in range(1, graph.runs + 1)
            ),
        ),
        "batches_shipment": (
            "id reference remark created_at void_reason origin_id destination_id purpose"
            " shipped_date_only received_date_only document status",
            (
                (n, f"S{n}", "", AT, "", graph.holdings[s][1] + 1, graph.holdings[t][1] + 1, *rest)
                for n, s, t in sent
            ),
        ),
        "batches_shipmentline": (
            "id shipment_id batch_id sscc",
            ((n, n, graph.holdings[s][0] + 1, "") for n, s, _ in sent),
        ),
        "batches_link": (
            "id source_id target_id left_by arrived_from quantity run_id shipment_line_id voided",
            (
                (link, s, t, left, arrived, q // 1_000_000, run, None if run else link, False)
                for s, left, t, arrived, link, q, run in links
            ),
        ),
    }
    with connection.cursor() as cursor:
        if ON_POSTGRESQL:
            cursor.execute("SET session_replication_role = replica")  # keys are right by design
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("BEGIN")
        for table, (columns, rows) in tables.items():
            _write(cursor, table, columns.split(), rows)
        cursor.execute("SET session_replication_role = DEFAULT" if ON_POSTGRESQL else "COMMIT")
        # Index only scans need the visibility map, the planner its statistics.
        cursor.execute("VACUUM ANALYZE" if ON_POSTGRESQL else "ANALYZE")
        if ON_POSTGRESQL:
            cursor.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
            cursor.execute("SET work_mem = '256MB'")
    return links


def _product() -> tuple:
    return (1, "P1", "Product", "kg", "", "", "", "", True)


def _write(cursor, table, columns, rows) -> None:
    """Writes the rows; columns that are not given get the default of the model."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    others = [f for f in model._meta.concrete_fields if f.column not in columns and not f.null]
    rest = tuple(field.get_default() for field in others)
    columns = [*columns, *(field.column for field in others)]
    names = ", ".join(columns)
    if ON_POSTGRESQL:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *rest))
    else:
        marks = ", ".join(["%s"] * len(columns))
        full = ((*row, *rest) for row in rows)
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", full)


# --- measuring --------------------------------------------------------------------------------


class Clock:
    """CPU seconds of this process and of the database's own process for this connection."""

    def __init__(self):
        self.backend = None
        if ON_POSTGRESQL:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                path = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
            if not path.exists():
                raise SystemExit("PostgreSQL must run on this machine: its CPU time counts too.")
            self.backend = os.open(path, os.O_RDONLY)

    def read(self) -> tuple[float, float]:
        """(CPU, wall) so far."""
        cpu = time.process_time()
        if self.backend is not None:
            cpu += int(os.pread(self.backend, 64, 0).split()[0]) / 1e9
        return cpu, time.perf_counter()
