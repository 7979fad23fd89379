"""SQLite: VACUUM INTO takes a consistent copy while the site runs; cp would lose the WAL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.core.management import CommandError
from django.db import connection, connections
from django.utils import timezone

from batches.operations.events import verify_chain
from traceability.backups.manifest import Manifest, sha256

_COPY = "copy"


def write(path: Path) -> Manifest:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    path.chmod(0o600)
    with _opened(path):
        _check(path)
        manifest = Manifest.of(_COPY)
    return replace(manifest, sha256=sha256(path))


def put_back(path: Path, manifest: Manifest) -> None:
    """Copies the backup in, checked before it takes the place of what is there."""
    place = Path(connection.settings_dict["NAME"])
    fresh = place.with_name(place.name + ".restoring")
    fresh.unlink(missing_ok=True)
    with _opened(path), connections[_COPY].cursor() as cursor:
        _check(path)
        manifest.check_database(_COPY)
        cursor.execute("VACUUM INTO %s", [str(fresh)])
    connections.close_all()
    if place.exists():
        # Opening and closing it alone folds its WAL in, so that the old state is one file.
        stamp = timezone.now().strftime("%Y%m%dT%H%M%S")
        place.rename(place.with_name(f"{place.name}.before-{stamp}"))
    for ending in ("-wal", "-shm"):
        place.with_name(place.name + ending).unlink(missing_ok=True)
    fresh.replace(place)


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    """The copy as the database `copy`, read with none of the site's settings."""
    settings = connections.databases["default"] | {"NAME": str(path), "OPTIONS": {}}
    connections.databases[_COPY] = settings
    try:
        yield
    finally:
        connections[_COPY].close()
        del connections[_COPY]
        del connections.databases[_COPY]


def _check(path: Path) -> None:
    with connections[_COPY].cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        if (said := cursor.fetchone()[0]) != "ok":
            raise CommandError(f"The copy {path} is damaged: {said}")
        cursor.execute("PRAGMA foreign_key_check")
        if cursor.fetchone():
            raise CommandError(f"The copy {path} has rows that point to nothing.")
    if faults := verify_chain(using=_COPY):
        raise CommandError(f"The log in {path} is broken: {faults[0]}")
