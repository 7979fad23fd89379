"""PostgreSQL: pg_dump and pg_restore, with the manifest counted in the dump's own snapshot."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from django.core.management import CommandError
from django.db import connection, transaction

from batches.operations.events import verify_chain
from traceability.backups.manifest import Manifest, sha256

_OF_SEARCHES = re.compile(r" EXTENSION (?:- )?pg_trgm\b| INDEX \S+ \w+_trigrams ")


def write(path: Path) -> Manifest:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        if faults := verify_chain():
            raise CommandError(f"The log is broken; nothing was written: {faults[0]}")
        manifest = Manifest.of("default")
        _run("pg_dump", "-Fc", "--no-owner", f"--snapshot={snapshot}", "-f", str(path), *_where())
    path.chmod(0o600)
    # Reads the whole archive, so that one cut short is found now and not on the bad day.
    _run("pg_restore", "-f", os.devnull, str(path))
    return replace(manifest, sha256=sha256(path))


def put_back(path: Path, manifest: Manifest) -> None:
    connection.close()
    one = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner"]
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted"
        wanted.write_text(_contents(path))
        _run("pg_restore", *one, f"--use-list={wanted}", *_where(), str(path))
    manifest.check_database("default")
    if faults := verify_chain():
        raise CommandError(f"The restored log is broken: {faults[0]}")


def _contents(path: Path) -> str:
    """What to restore, as pg_restore lists it: all but what searches go by. Its extension may
    belong to a superuser, or be missing where the copy goes to; migrating makes it anew."""
    lines = _run("pg_restore", "--list", str(path)).splitlines(keepends=True)
    return "".join(line for line in lines if not _OF_SEARCHES.search(line))


def _where() -> list[str]:
    return ["--dbname", connection.settings_dict["NAME"]]


def _environment() -> dict[str, str]:
    """Where the server is, told by environment: a password in arguments would be seen."""
    site = connection.settings_dict
    told = {
        "PGHOST": site["HOST"],
        "PGPORT": site["PORT"],
        "PGUSER": site["USER"],
        "PGPASSWORD": site["PASSWORD"],
        "PGSSLMODE": site.get("OPTIONS", {}).get("sslmode", ""),
    }
    return os.environ | {name: str(value) for name, value in told.items() if value}


def _run(tool: str, *arguments: str) -> str:
    """What the tool says."""
    if not (found := shutil.which(tool)):
        raise CommandError(
            f"{tool} is not on the PATH. Install PostgreSQL's client programs "
            "(Debian: apt-get install postgresql-client)."
        )
    done = subprocess.run(  # noqa: S603
        [found, *arguments], env=_environment(), capture_output=True, text=True
    )
    if done.returncode:
        raise CommandError(f"{tool} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
