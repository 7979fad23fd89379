"""How long an import takes: makes a file of shipment lines and times `manage.py import`.

    python benchmarks/intake.py [--lines 100000] [--keep FOLDER]

Uses a fresh SQLite database in a temporary folder, or DATABASE_URL when that is set (the
database must then be empty and migrated). Prints seconds and lines per second for the first
import and for the second one, which must change nothing.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS, PLACES, LINES_PER_BATCH, LINES_PER_SHIPMENT = 200, 2_000, 20, 5


def write(path: Path, header: str, rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)


def make_files(folder: Path, lines: int) -> None:
    batches = max(lines // LINES_PER_BATCH, LINES_PER_SHIPMENT)
    write(
        folder / "products.csv",
        "code name unit",
        ([f"P{i}", f"Product {i}", "kg"] for i in range(PRODUCTS)),
    )
    write(
        folder / "locations.csv",
        "code name kind timezone",
        (
            [f"L{i}", f"Place {i}", "plant" if i < 10 else "store", "Europe/Berlin"]
            for i in range(PLACES)
        ),
    )
    write(
        folder / "batches.csv",
        "product batch origin produced_at quantity",
        (
            [f"P{i % PRODUCTS}", f"B{i}", f"L{i % 10}", f"2026-01-{1 + i % 28:02}", "10000"]
            for i in range(batches)
        ),
    )
    write(
        folder / "shipments.csv",
        "reference origin destination product batch quantity shipped_at received_at",
        (shipment_line(i, batches) for i in range(lines)),
    )


def shipment_line(i: int, batches: int) -> list[str]:
    """Line i: a shipment's lines are batches of one origin, which are ten numbers apart."""
    shipment, place = divmod(i, LINES_PER_SHIPMENT)
    origin = shipment % 10
    batch = (origin + 10 * (shipment // 10 * LINES_PER_SHIPMENT + place)) % batches
    to = 10 + shipment * 7 % (PLACES - 10)
    day = f"2026-0{2 + shipment % 8}-{1 + shipment % 28:02}"
    return [
        f"S{shipment}",
        f"L{batch % 10}" if batches % 10 else f"L{origin}",
        f"L{to}",
        f"P{batch % PRODUCTS}",
        f"B{batch}",
        f"{1 + i % 90}.5",
        f"{day}T08:00",
        f"{day}T15:30",
    ]


def manage(*arguments: str, env) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=env,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return time.perf_counter() - began, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="Put the files and the database here.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        env = os.environ | {"LOTLINE_DATA": str(folder / "data")}
        make_files(folder, options.lines)
        if "DATABASE_URL" not in env:
            manage("migrate", "-v0", env=env)
        for kind in ("products", "locations", "batches"):
            seconds, _ = manage("import", kind, str(folder / f"{kind}.csv"), env=env)
            print(f"{kind}: {seconds:.1f} s")
        for which in ("first", "second"):
            seconds, said = manage("import", "shipments", str(folder / "shipments.csv"), env=env)
            rate = options.lines / seconds
            print(f"shipments, {which} import: {seconds:.1f} s, {rate:,.0f} lines/s")
            print(f"  {said.splitlines()[0]}")


if __name__ == "__main__":
    main()
