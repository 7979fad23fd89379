"""A frozen trace as the bytes that were hashed, and whether it still gives that hash."""

import hashlib
from collections.abc import Iterable, Iterator

from batches.models import SnapshotLine, TraceSnapshot
from batches.operations.events import canonical, plain

_HEAD = (
    "title", "query", "asked", "known_at", "frozen_at", "frozen_by_id", "complete", "counts",
    "notes", "figures", "totals", "graph",
)  # fmt: skip
_LINE = [
    field.attname
    for field in SnapshotLine._meta.concrete_fields
    if field.name not in ("id", "snapshot")
]
_CHUNK = 2_000


def content(snapshot: TraceSnapshot) -> Iterator[bytes]:
    """Exactly what was hashed: a line of canonical JSON for the head, one for each holding."""
    return written(snapshot, snapshot.lines.order_by("place").iterator(chunk_size=_CHUNK))


def written(snapshot: TraceSnapshot, lines: Iterable[SnapshotLine]) -> Iterator[bytes]:
    yield canonical(plain({name: getattr(snapshot, name) for name in _HEAD})) + b"\n"
    for line in lines:
        yield canonical(plain({name: getattr(line, name) for name in _LINE})) + b"\n"


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256, in hex."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return made.hexdigest()


def is_unchanged(snapshot: TraceSnapshot) -> bool:
    """Whether what is stored still gives the hash that was taken of it."""
    return digest(content(snapshot)) == snapshot.sha256
