"""How long the page of a trace takes: on the server, and from the answer to the drawn picture.

    python benchmarks/explorer.py [--holdings 50 500 5000] [--rounds 7]
                                  [--database sqlite|postgres://user@host:port/name]
                                  [--chromium PATH]

For each size a database of its own, and one batch of a supplier that reaches so many holdings.
The server's time is that of the whole page in this process, wall and CPU; drawn is from the last
byte of the answer to the second frame after the page was read, in headless Chromium, which asks
the site's own server. Medians, and their ratios to the smallest size. Exit code 1 when 5,000
holdings take the server more than 1 s, or the browser more than 300 ms.
"""

import argparse
import gzip
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from databases import ROOT, fresh_database, set_up

LIMIT_MS = {"server": 1000, "drawn": 300}
# The second frame after the page was read: the first has been painted by then.
WATCH = """addEventListener("DOMContentLoaded", () => requestAnimationFrame(() =>
  requestAnimationFrame(() => {
    window.drawnAt = performance.now() - performance.getEntriesByType("navigation")[0].responseEnd;
  })));"""


def main() -> int:
    options = _options()
    if len(options.holdings) > 1:
        return _each_apart(options)
    with fresh_database(options.database) as database:
        set_up(database)
        return measure(options)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--holdings", type=int, nargs="+", default=[50, 500, 5000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--database", default="sqlite", metavar="sqlite|postgres://…")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    return parser.parse_args()


def _each_apart(options) -> int:
    """Each size in a process of its own, because a process has one database."""
    print(
        f"{'holdings':>9} {'drawn as':>9} {'KB gz':>6} {'server ms':>10} {'CPU ms':>7}"
        f" {'drawn ms':>9}"
    )
    worst = 0
    for size in options.holdings:
        words = ["--holdings", str(size), "--rounds", str(options.rounds)]
        words += ["--database", options.database, "--chromium", options.chromium]
        worst = max(worst, subprocess.run([sys.executable, __file__, *words]).returncode)
    return worst


def measure(options) -> int:
    import trace_methods as ways
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import setup_test_environment, teardown_test_environment
    from trace_graphs import tree

    ways.load(tree(options.holdings[0]))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("bench"))
    url = "/trace/?seed=1&dir=fwd"
    setup_test_environment()
    page = client.get(url)
    teardown_test_environment()
    found = page.context["found"]
    wall, cpu = [], []
    for _ in range(options.rounds):
        began, spent = time.perf_counter(), time.process_time()
        client.get(url)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
    drawn = _drawn(url, client.cookies["sessionid"].value, options)
    server, shown = statistics.median(wall), statistics.median(drawn)
    print(
        f"{len(found.holdings):>9,} {len(found.drawing.boxes):>9} {_weight(page):>6.0f}"
        f" {server:>10.0f} {statistics.median(cpu):>7.0f} {shown:>9.0f}"
    )
    return int(server > LIMIT_MS["server"] or shown > LIMIT_MS["drawn"])


def _weight(page) -> float:
    return len(gzip.compress(page.content)) / 1024


def _drawn(url: str, session: str, options) -> list[float]:
    from playwright.sync_api import sync_playwright

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    words = ["serve", "--no-migrate", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env=os.environ | {"SITE_URL": base},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(base)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
            context.add_init_script(WATCH)
            page, times = context.new_page(), []
            for _ in range(options.rounds + 1):
                page.goto(base + url)
                page.wait_for_function("window.drawnAt !== undefined")
                times.append(page.evaluate("window.drawnAt"))
            return times[1:]  # The first one fetched styles and fonts.
    finally:
        server.terminate()
        server.wait()


def _wait_for(base: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{base}/health/live", timeout=1).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    sys.exit(main())
