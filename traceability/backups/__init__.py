"""Backups: a consistent copy, checked after writing, with a manifest that says what is in it."""

from pathlib import Path

from django.core.management import CommandError
from django.db import connection

from traceability.backups import postgresql, sqlite
from traceability.backups.manifest import Manifest, manifest_path


def _vendor():
    return postgresql if connection.vendor == "postgresql" else sqlite


def back_up(path: Path, *, force: bool) -> Manifest:
    """Writes the copy and its manifest, then checks the copy. Refuses to overwrite."""
    if path.exists() and not force:
        raise CommandError(f"{path} is there already. Take another path, or --force.")
    if not path.parent.is_dir():
        raise CommandError(f"The folder {path.parent} is not there.")
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        manifest = _vendor().write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    manifest.save(manifest_path(path))
    return manifest


def restore(path: Path, *, force: bool) -> Manifest:
    """Puts a copy in the database's place and checks it. Refuses over data without force."""
    if not path.is_file():
        raise CommandError(f"There is no backup at {path}.")
    manifest = Manifest.load(manifest_path(path))
    manifest.check_file(path)
    if manifest.vendor != connection.vendor:
        raise CommandError(
            f"This is a backup of {manifest.vendor}; the site runs on {connection.vendor}."
        )
    if not force and _has_data():
        raise CommandError(
            "This site has data. Stop its servers and workers, then restore with --force."
        )
    _vendor().put_back(path, manifest)
    return manifest


def _has_data() -> bool:
    with connection.cursor() as cursor:
        if "batches_event" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT 1 FROM batches_event LIMIT 1")
        return cursor.fetchone() is not None
