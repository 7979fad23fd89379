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


class Site:
    """Runs manage.py on a fresh SQLite file or, when the tests are on it, PostgreSQL."""

    def __init__(self, folder: Path, *, like: "Site | None" = None, **environment: str):
        self.folder = folder
        self.template = like.database if like else "template1"
        if like and not like.database:
            shutil.copytree(like.folder, folder)
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
            cursor.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{self.template}"')
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
