"""A site of its own in other processes: own database, own folder, own environment."""

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

from django.conf import settings
from django.db import ProgrammingError, connection

ROOT = Path(settings.BASE_DIR)


def _fresh() -> str:
    """The copy of the test database as it was before the first test: its path, or its name."""
    name = connection.settings_dict["NAME"]
    return f"{name}_fresh" if connection.vendor == "postgresql" else f"{name}.fresh"


def keep_fresh() -> None:
    """Called once, when the test database is migrated and empty."""
    if connection.vendor == "postgresql":
        drop_fresh()
        name = connection.settings_dict["NAME"]
        connection.close()  # PostgreSQL copies nothing that somebody is in.
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{_fresh()}" TEMPLATE "{name}"')
    else:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [_fresh()])


def drop_fresh() -> None:
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{_fresh()}"')


class Site:
    """Runs manage.py on a copy of the migrated database: an SQLite file or, when the tests are
    on it, one in PostgreSQL."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        folder.mkdir(parents=True)
        if connection.vendor != "postgresql":
            shutil.copyfile(_fresh(), folder / "lotline.sqlite3")
        drop = {"DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "EMAIL_URL", "LOTLINE_DEMO"}
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        self.database = ""
        if connection.vendor == "postgresql":
            environment.setdefault("DATABASE_URL", self._own_database())
        self.environment = kept | {"LOTLINE_DATA": str(folder), **environment}

    def _own_database(self) -> str:
        site = connection.settings_dict
        self.database = f"lotline_site_{uuid.uuid4().hex[:12]}"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{_fresh()}"')
        password = f":{site['PASSWORD']}" if site["PASSWORD"] else ""
        return f"postgres://{site['USER']}{password}@{site['HOST']}:{site['PORT']}/{self.database}"

    def run(self, *words: str, code: int = 0) -> str:
        """The output of `manage.py words`; fails the test on another exit code."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def do(self, lines: str) -> str:
        """Runs Python lines in the site, as a shell would."""
        return self.run("shell", "--verbosity", "0", "--command", lines).strip()

    def start(self, *words: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def close(self) -> None:
        if not self.database:
            return
        for tries_left in reversed(range(10)):
            try:
                with connection._nodb_cursor() as cursor:
                    cursor.execute(f'DROP DATABASE "{self.database}" WITH (FORCE)')
                return
            except ProgrammingError:
                # PostgreSQL was vacuuming it, and only a superuser may stop that.
                if not tries_left:
                    raise
                time.sleep(1)
