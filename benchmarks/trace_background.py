"""How long a trace too large for a page takes in the background, and how much memory.

    python benchmarks/trace_background.py [--database sqlite|postgres://…] [--links 1000000]

Loads the supply chain of benchmarks/trace.py into a database of its own and freezes the forward
traces of so many suppliers' batches that they come near 20,000 and 200,000 holdings, in one worker
as the job does it. Prints for each the seconds until it was resolved and until it was kept, the
largest size of the process and what the page shows of it. Exit code 1 when a snapshot has more than
150 cards or is not what its hash says.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from urllib.parse import urlencode

from databases import fresh_database, set_up

SIZES = (20_000, 200_000)
MOST_CARDS = 150


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--links", type=int, default=1_000_000)
    options = parser.parse_args()
    with fresh_database(options.database) as database:
        set_up(database)
        cases = prepare(options.links)
        from django.db import connections

        connections.close_all()
        # Each in a process of its own: its memory is then that of the job alone.
        found = [in_a_worker(database, seeds) for seeds in cases]
    return report(found)


def prepare(links: int) -> list[list[int]]:
    """For each size, the suppliers' batches whose trace comes near it."""
    import trace_methods as ways
    from trace_graphs import supply

    from batches.models import Batch, Location
    from batches.tracing import WholeBatch, resolve

    ways.load(supply(links))
    Location.objects.filter(kind="plant").update(is_own=True)
    supplied = list(Batch.objects.filter(origin__kind="supplier").values_list("pk", flat=True))
    random.Random(5).shuffle(supplied)
    cases = []
    for size in SIZES:
        count = 8
        while (
            count < len(supplied)
            and len(resolve(map(WholeBatch, supplied[:count])).holdings) < 0.8 * size
        ):
            count = int(count * 1.3) + 1
        cases.append(supplied[:count])
    return cases


def in_a_worker(database: str, seeds: list[int]) -> dict:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh, set_up, (database,)) as worker:
        return worker.submit(freeze, seeds).result()


def freeze(seeds: list[int]) -> dict:
    from batches.models import TraceSnapshot
    from batches.operations import jobs, snapshots
    from batches.reports.frozen import is_unchanged
    from batches.views.trace import asked

    asked.MOST_SEEDS = len(seeds)
    query = urlencode([("seed", seed) for seed in seeds])
    job = snapshots.ask_for_snapshot(query=query, title="Benchmark", by=None)
    kept, began = snapshots.freeze_trace, time.perf_counter()
    resolved = []

    def freeze_trace(**given):
        resolved.append(time.perf_counter() - began)
        return kept(**given)

    import batches.freezing

    batches.freezing.freeze_trace = freeze_trace
    jobs.run_due()
    whole = time.perf_counter() - began
    snapshot = TraceSnapshot.objects.get(job=job)
    return {
        "holdings": snapshot.counts["holdings"],
        "resolved": resolved[0],
        "kept": whole,
        "size": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cards": len(snapshot.graph["cards"]),
        "is_unchanged": is_unchanged(snapshot),
    }


def report(found: list[dict]) -> int:
    print(f"{'holdings':>9} {'resolved':>9} {'kept':>9} {'MB':>7} {'cards':>6}  (seconds)")
    for one in found:
        print(
            f"{one['holdings']:9,} {one['resolved']:9.1f} {one['kept']:9.1f} {one['size']:7,} "
            f"{one['cards']:6}"
        )
    is_good = all(one["is_unchanged"] and one["cards"] <= MOST_CARDS for one in found)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
