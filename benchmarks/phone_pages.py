"""How the pages without a login fare in Lighthouse, on the phone and the line it imagines.

    python benchmarks/phone_pages.py [--rounds 3] [--chromium PATH] [--keep FOLDER]

Tells the demo's story on a fresh SQLite database, serves it with the site's own server, and goes
a store's way in Chromium (phone_pages.mjs): the notice, the count, the check of what was typed,
the receipt; then the public's pages. Each round answers another letter. Prints the medians of
the scores and of the bytes of each page, and what ever took points off. Exit code 1 when a
median is below 95. Needs Node 18 or newer, and installs Lighthouse 12 with npm into the folder.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from email import message_from_bytes, policy
from pathlib import Path

from verify import free_port, manage, serve

LEAST = 95
CATEGORIES = {
    "performance": "speed",
    "accessibility": "access",
    "best-practices": "practice",
    "seo": "search",
}
FLOW = Path(__file__).with_suffix(".mjs")


def letters(outbox: Path) -> list[str]:
    """The paths that recipients' letters lead to, the newest first, each place once."""
    found = {}
    for file in sorted(outbox.glob("*.eml"), reverse=True):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        if link := re.search(r"/r/[^/\s]+/", text):
            found[link[0]] = None
    return list(found)


def way(folder: Path, chromium: str, site: str, notice: str) -> list[dict]:
    """One round: each page with its scores."""
    words = ["node", str(FLOW), f"{folder}/node_modules", chromium, site, notice]
    done = subprocess.run(words, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(folder: Path, options, env) -> dict[str, list[dict]]:
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    subprocess.run([*install, "lighthouse@12"], check=True)
    manage("migrate", "-v0", env=env)
    manage("demo", env=env)
    port = free_port()
    server = serve(folder, env, port)
    pages = defaultdict(list)
    try:
        for notice in letters(folder / "data" / "outbox")[: options.rounds]:
            for page in way(folder, options.chromium, f"http://127.0.0.1:{port}", notice):
                pages[page["name"]].append(page)
    finally:
        server.terminate()
        server.wait(30)
    return pages


def report(pages: dict[str, list[dict]]) -> int:
    print(f"{'':16}" + "".join(f"{name:>10}" for name in CATEGORIES.values()) + f"{'bytes':>10}")
    missed = False
    for name, rounds in pages.items():
        print(f"{name:16}", end="")
        for category in CATEGORIES:
            scores = [page["scores"][category] for page in rounds if category in page["scores"]]
            middle = round(statistics.median(scores) * 100) if scores else None
            missed |= middle is not None and middle < LEAST
            print(f"{'' if middle is None else middle:>10}", end="")
        print(f"{statistics.median(page['bytes'] for page in rounds):10,.0f}", end="")
        print("  " + ", ".join(sorted({fault for page in rounds for fault in page["lost"]})))
    if missed:
        print(f"MISSED: a score is below {LEAST}.")
    return int(missed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chromium", default=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    parser.add_argument("--keep", type=Path, help="Put the database and Lighthouse here.")
    options = parser.parse_args()
    if not (shutil.which("node") and shutil.which("npm")):
        raise SystemExit("Node.js is not on the PATH: install nodejs and npm, then try again.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        env = os.environ | {"LOTLINE_DATA": str(folder / "data"), "LOTLINE_DEMO": "1"}
        return report(measure(folder, options, env))


if __name__ == "__main__":
    sys.exit(main())
