"""How long the pages of big lists take: a thousand rows against a million, in one run.

    python benchmarks/list_pages.py [--large 1000000] [--events 10000000] [--rounds 7]
        [--database sqlite|postgres://…] [--by clock|cpu]

Fills two databases with SQL, outside the application: so many batches, holdings, shipments of one
line, and events, of which the large one may have more. A process of its own asks each for the same
pages, in turns, through the site's middleware, views and templates; the first round fills caches
and is not counted. Prints medians in ms, the ratio large to small, and of the large one the least,
the most, and the median of the CPU time of Python and of the database's process together. Exit
code 1 when a page of it takes longer than GOAL_MS on the clock or, with --by cpu, by CPU: that
is for a machine on which others are at work, where also the smallest page waits for its turn.
"""

import argparse
import multiprocessing
import statistics
import sys

from databases import fresh_database, set_up
from list_rows import fill

GOAL_MS = 200
SMALL = 1_000
# {deep} is a row two thirds down, {code} a number that is there.
PAGES = {
    "/shipments/": {
        "first page": "",
        "deep page": "after={deep}",
        "filter of many": "status=received",
        "filter of few": "status=draft",
        "to one place": "destination=L77",
        "search": "q=SH-{code}",
        "search, thousands": "q=777",
        "search, nothing": "q=absent",
    },
    "/batches/": {
        "first page": "",
        "deep page": "after={deep}",
        "filter of many": "status=released",
        "filter of few": "status=held",
        "of one product": "product=P7",
        "search": "q=B{code}",
        "search, thousands": "q=777",
        "search, nothing": "q=absent",
    },
    "/audit/log/": {
        "first page": "",
        "deep page": "after={deep}",
        "filter of many": "verb=posted",
        "filter of none": "verb=hold",
        "search": "q=SH-{event}",
        "search, thousands": "q={part}",
        "search, nothing": "q=absent",
    },
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, help="of the large one; as many as it has rows")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--by", choices=["clock", "cpu"], default="clock")
    options = parser.parse_args()
    sizes = ((SMALL, SMALL), (options.large, options.events or options.large))
    sites = [Site(options.database, *size) for size in sizes]
    try:
        for site in sites:
            site.wait()
        cases = [(page, name) for page, names in PAGES.items() for name in names]
        taken: dict = {case: ([], []) for case in cases}
        for turn in range(options.rounds + 1):
            for case in cases:
                for site, times in zip(sites, taken[case], strict=True):
                    taken_now = site.ask(*case)
                    if turn:
                        times.append(taken_now)
    finally:
        for site in sites:
            site.end()
    return report(taken, options.by)


class Site:
    """A process with a database of its own, which answers how long a page took."""

    def __init__(self, database: str, rows: int, events: int):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, database, rows, events))
        self.process.start()

    def wait(self) -> None:
        self.pipe.recv()

    def ask(self, page: str, name: str) -> tuple[float, float]:
        """Milliseconds of CPU and on the clock."""
        self.pipe.send((page, name))
        return self.pipe.recv()

    def end(self) -> None:
        if self.process.is_alive():
            self.pipe.send(None)
        self.process.join()


def serve(pipe, asked: str, rows: int, events: int) -> None:
    with fresh_database(asked) as database:
        set_up(database)
        fill(rows, events)
        from django.contrib.auth.models import User
        from django.db import connection
        from django.test import Client
        from trace_methods import Clock

        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # The CPU time of other processes would not be seen.
                cursor.execute("SET max_parallel_workers_per_gather = 0")
        clock = Clock()
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.create_superuser("bench"))
        pipe.send("ready")
        of_rows = {"deep": rows * 2 // 3, "code": f"{rows // 2:08}"}
        # What a few thousand of them have.
        part = "777" if events <= 1_000_000 else "7777"
        of_events = {"deep": events * 2 // 3, "event": f"{events // 2:08}", "part": part}
        while asked_for := pipe.recv():
            page, name = asked_for
            values = of_events if page == "/audit/log/" else of_rows
            query = PAGES[page][name].format(**values)
            began = clock.read()
            answer = client.get(f"{page}?{query}")
            pipe.send(
                tuple(1000 * (now - then) for now, then in zip(clock.read(), began, strict=True))
            )
            assert answer.status_code == 200, answer.status_code
            is_filled = b"data-href" in answer.content
            assert is_filled or page == "/audit/log/" or "absent" in query, f"{page}?{query}"
        connection.close()


def report(taken: dict, by: str) -> int:
    heads = ("small", "large", "ratio", "least", "most", "CPU")
    print(f"{'page':<34}" + "".join(f"{head:>8}" for head in heads))
    missed = []
    for (page, name), (few, many) in taken.items():
        walls = [wall for _, wall in many]
        small, large = statistics.median(wall for _, wall in few), statistics.median(walls)
        cpu = statistics.median(cpu for cpu, _ in many)
        figures = f"{small:8.0f}{large:8.0f}{large / small:8.2f}{min(walls):8.0f}{max(walls):8.0f}"
        print(f"{page} {name:<{33 - len(page)}}{figures}{cpu:8.0f}")
        if (judged := cpu if by == "cpu" else large) > GOAL_MS:
            missed.append(f"{page} {name}: {judged:.0f} ms")
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
