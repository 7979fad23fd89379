"""How long the trace page takes: the server's part, and Chromium's until all cards are seen.

    python benchmarks/trace_page.py [--rounds 5] [--chromium PATH]

Loads the supply chain of benchmarks/trace.py (100,000 links) into a fresh SQLite database,
serves it with the site's own server, and opens the forward traces of suppliers' batches that
come near 50, 500 and 5,000 holdings (for 5,000 it takes several batches), in turns, in a window
of 1440 by 900. Prints medians: the server's time (request sent to first byte), the time from the
last byte to the first frame that holds every card, the size of the graph and of the page, both
compressed, what was drawn, and the ratios of both times to those of the smallest. Style sheets
and scripts are in the browser's cache. Exit code 1 when a goal is missed.
"""

import argparse
import gzip
import os
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from databases import set_up
from verify import free_port, serve

SIZES = (50, 500, 5_000)
SERVER_MS, DRAW_MS, GRAPH_KB = 1_000, 300, 60
# A frame with a complete document has all cards; the one after it says that it was painted.
WATCH = """
const look = () => document.readyState === "loading"
  ? requestAnimationFrame(look)
  : requestAnimationFrame(() => { window.drawnAt = performance.now(); });
requestAnimationFrame(look);
"""
TAKEN = """async () => {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
  while (!window.drawnAt || !painted()) await new Promise(requestAnimationFrame);
  const [load] = performance.getEntriesByType("navigation");
  const paint = painted().startTime;
  return {server: load.responseStart - load.requestStart,
    draw: Math.max(window.drawnAt, paint) - load.responseEnd,
    cards: document.querySelectorAll("[data-card]").length,
    lines: document.querySelectorAll(".tg .edges path").length};
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--settle", type=int, default=25, help="Seconds before the first page.")
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LOTLINE_DATA"] = folder
        database = f"sqlite:///{folder}/benchmark.sqlite3"
        set_up(database)
        cases, cookie = prepare()
        port = free_port()
        server = serve(Path(folder), os.environ | {"DATABASE_URL": database}, port)
        try:
            # The clock of a server that begins looks through all records once, in its process.
            time.sleep(options.settle)
            samples = browse(options, f"http://127.0.0.1:{port}", cases, cookie)
        finally:
            server.terminate()
            server.wait(30)
    return report(cases, samples)


def prepare() -> tuple[dict[int, tuple[list[int], int]], str]:
    """By size, the batches to start from and how many holdings its trace has; a session."""
    import trace_methods as ways
    from django.contrib.auth.models import User
    from django.db import connections
    from django.test import Client
    from trace_graphs import supply

    from batches.models import Location
    from batches.tracing.graph import Seeds, among, walk

    graph = supply(100_000)
    links = among(ways.load(graph))
    Location.objects.filter(kind="plant").update(is_own=True)
    held: dict[int, list[int]] = {}
    for number, (batch, _) in enumerate(graph.holdings, 1):
        held.setdefault(batch + 1, []).append(number)
    supplied = [b for b in held if graph.places[graph.origin[b - 1]] == "supplier"]
    random.Random(5).shuffle(supplied)

    def found(batches) -> int:
        return len(walk(Seeds({n: 0 for b in batches for n in held[b]}), links).bound)

    cases = {}
    for size in SIZES:
        # One batch while one can reach as far, then more of them.
        seeds = [min(supplied[:200], key=lambda batch: abs(found([batch]) - size))]
        for batch in supplied:
            if found(seeds) < 0.9 * size and found([*seeds, batch]) < 1.1 * size:
                seeds.append(batch)
        cases[size] = (seeds, found(seeds))
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    connections.close_all()
    return cases, client.cookies["sessionid"].value


def browse(options, site: str, cases, cookie: str) -> dict[int, list[dict]]:
    from playwright.sync_api import sync_playwright

    samples = {size: [] for size in cases}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": site}])
        context.add_init_script(WATCH)
        page = context.new_page()
        for turn in range(options.rounds + 1):
            for size, (batches, _) in cases.items():
                asked = urlencode([("seed", batch) for batch in batches])
                body = page.goto(f"{site}/trace/?{asked}").body()
                taken = page.evaluate(TAKEN)
                graph = re.search(rb'<svg class="tg".*?</svg></div>', body, re.DOTALL)[0]
                taken |= {"graph": kilobytes(graph), "page": kilobytes(body)}
                if turn:  # the first one fills the caches
                    samples[size].append(taken)
        browser.close()
    return samples


def kilobytes(text: bytes) -> float:
    return len(gzip.compress(text)) / 1000


def report(cases, samples) -> int:
    names = ("server", "draw", "graph", "page", "cards", "lines")
    print(f"{'holdings':>9}" + "".join(f"{name:>9}" for name in names) + "  (ms, ms, KB, KB)")
    missed, first = [], None
    for size, taken in samples.items():
        middle = {name: statistics.median(one[name] for one in taken) for name in names}
        first = first or middle
        print(f"{cases[size][1]:9,}" + "".join(f"{middle[name]:9.0f}" for name in names), end="")
        print("  {:.2f} {:.2f}".format(*(middle[n] / first[n] for n in ("server", "draw"))))
        goals = {"server": SERVER_MS, "draw": DRAW_MS, "graph": GRAPH_KB}
        missed += [
            f"{n} {middle[n]:.0f} > {g} at {size:,}" for n, g in goals.items() if middle[n] > g
        ]
    for sentence in missed:
        print(f"MISSED: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
