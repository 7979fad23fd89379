"""How long the pages of big lists take: a thousand rows against a million, in one run.

    python benchmarks/list_pages.py [--large 1000000] [--rounds 7] [--database sqlite|postgres://…]

Fills two databases with SQL, outside the application: so many batches, holdings, shipments of one
line, and events. A process of its own asks each for the same pages, in turns, through the site's
middleware, views and templates; the first round fills caches and is not counted. Prints medians
in ms and the ratio large to small. Exit code 1 when a page of the large one takes longer than
GOAL_MS.
"""

import argparse
import multiprocessing
import statistics
import sys
import time

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
    },
    "/batches/": {
        "first page": "",
        "deep page": "after={deep}",
        "filter of many": "status=released",
        "filter of few": "status=held",
        "of one product": "product=P7",
        "search": "q=B{code}",
    },
    "/audit/log/": {
        "first page": "",
        "deep page": "after={deep}",
        "filter of many": "verb=posted",
        "search": "q=SH-{code}",
    },
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", default="sqlite")
    options = parser.parse_args()
    sites = [Site(options.database, rows) for rows in (SMALL, options.large)]
    try:
        for site in sites:
            site.wait()
        cases = [(page, name) for page, names in PAGES.items() for name in names]
        taken: dict = {case: ([], []) for case in cases}
        for turn in range(options.rounds + 1):
            for case in cases:
                for site, times in zip(sites, taken[case], strict=True):
                    milliseconds = site.ask(*case)
                    if turn:
                        times.append(milliseconds)
    finally:
        for site in sites:
            site.end()
    return report(taken)


class Site:
    """A process with a database of its own, which answers how long a page took."""

    def __init__(self, database: str, rows: int):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, database, rows))
        self.process.start()

    def wait(self) -> None:
        self.pipe.recv()

    def ask(self, page: str, name: str) -> float:
        self.pipe.send((page, name))
        return self.pipe.recv()

    def end(self) -> None:
        if self.process.is_alive():
            self.pipe.send(None)
        self.process.join()


def serve(pipe, asked: str, rows: int) -> None:
    with fresh_database(asked) as database:
        set_up(database)
        fill(rows)
        from django.contrib.auth.models import User
        from django.db import connection
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.create_superuser("bench"))
        pipe.send("ready")
        values = {"deep": rows * 2 // 3, "code": f"{rows // 2:08}"}
        while asked_for := pipe.recv():
            page, name = asked_for
            query = PAGES[page][name].format(**values)
            began = time.perf_counter()
            answer = client.get(f"{page}?{query}")
            pipe.send(1000 * (time.perf_counter() - began))
            assert answer.status_code == 200, answer.status_code
            assert b"data-href" in answer.content or page == "/audit/log/", f"{page}?{query}"
        connection.close()


def report(taken: dict) -> int:
    print(f"{'page':<34}{'small':>8}{'large':>8}{'ratio':>8}")
    missed = []
    for (page, name), times in taken.items():
        small, large = (statistics.median(one) for one in times)
        print(f"{page} {name:<{33 - len(page)}}{small:8.0f}{large:8.0f}{large / small:8.2f}")
        if large > GOAL_MS:
            missed.append(f"{page} {name}: {large:.0f} ms")
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
