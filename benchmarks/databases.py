"""An empty, migrated database for a benchmark, which is gone afterwards."""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def fresh_database(asked: str):
    """The address of an empty database: a file, or one beside that of a PostgreSQL address."""
    if asked == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/benchmark.sqlite3"
        return
    import psycopg

    name = f"lotline_benchmark_{os.getpid()}"
    with psycopg.connect(asked, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield asked.rsplit("/", 1)[0] + f"/{name}"
        finally:
            try:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            except psycopg.errors.InsufficientPrivilege:
                # Its autovacuum is another's; without force the server ends that itself.
                server.execute(f"DROP DATABASE {name}")


def set_up(database: str) -> None:
    """Makes it this process's database, with every table."""
    os.environ["DATABASE_URL"] = database
    os.environ.setdefault("LOTLINE_DATA", tempfile.mkdtemp())
    os.environ["DJANGO_SETTINGS_MODULE"] = "traceability.settings"
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
