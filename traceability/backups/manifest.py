"""What is in a backup: rows by table, the head of the log, and the file's digest."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.management import CommandError
from django.db import connections
from django.utils import timezone


def manifest_path(backup: Path) -> Path:
    return backup.with_name(backup.name + ".manifest.json")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Manifest:
    made_at: str
    vendor: str
    counts: dict[str, int]
    head_seq: int
    head_hash: str
    sha256: str = ""

    @classmethod
    def of(cls, alias: str) -> "Manifest":
        """Counts every table of the database `alias`, in the caller's snapshot."""
        link = connections[alias]
        with link.cursor() as cursor:
            counts = {}
            for table in sorted(link.introspection.table_names(cursor)):
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                counts[table] = cursor.fetchone()[0]
            cursor.execute("SELECT seq, hash FROM batches_event ORDER BY seq DESC LIMIT 1")
            seq, digest = cursor.fetchone() or (0, "")
        return cls(timezone.now().isoformat(), link.vendor, counts, seq, digest)

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError as error:
            raise CommandError(f"The backup's manifest, {path}, is missing.") from error
        except (TypeError, ValueError) as error:
            raise CommandError(f"The manifest {path} cannot be read: {error}") from error

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    def check_file(self, path: Path) -> None:
        if sha256(path) != self.sha256:
            raise CommandError(f"{path} is not the file that was written: its digest differs.")

    def check_database(self, alias: str) -> None:
        """Refuses when the database `alias` is not exactly what this manifest says."""
        found = Manifest.of(alias)
        for table in sorted(self.counts.keys() | found.counts.keys()):
            wanted, got = self.counts.get(table), found.counts.get(table)
            if wanted != got:
                raise CommandError(f"{table} has {got} rows where the manifest says {wanted}.")
        if (found.head_seq, found.head_hash) != (self.head_seq, self.head_hash):
            raise CommandError("The head of the log is not the one in the manifest.")
