"""Traces too large for a page: asked for as a job, frozen as rows that nothing changes."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from batches.models import Job, SnapshotLine, TraceSnapshot
from batches.operations import jobs
from batches.operations.events import record
from batches.reports.frozen import digest, written

JOB = "trace"
_BATCH = 1_000
_FIELDS = [field for field in SnapshotLine._meta.concrete_fields if not field.primary_key]


@dataclass(frozen=True)
class Frozen:
    """What a job resolved: the values of a snapshot, and of each of its lines in their order."""

    head: dict
    lines: list[dict]


@transaction.atomic
def ask_for_snapshot(*, query: str, title: str, by) -> Job:
    """Owes a snapshot of the trace that `query`, an address without its path, asks for.

    `title` is what people call it. What the same person asked for and still waits for is given
    back instead. Refuses nothing.
    """
    parameters = {"query": query, "title": title}
    owed = Job.objects.filter(
        kind=JOB,
        created_by=by,
        parameters=parameters,
        state__in=[Job.State.QUEUED, Job.State.RUNNING],
    )
    return owed.first() or jobs.enqueue(kind=JOB, parameters=parameters, by=by)


def freeze_trace(*, job: Job, frozen: Frozen, at: datetime, tell: jobs.Tell) -> TraceSnapshot:
    """Keeps what `job` resolved with its SHA-256, as one act and one event.

    Of a job that somebody stopped meanwhile nothing is kept.
    """
    snapshot = TraceSnapshot(job=job, frozen_at=at, frozen_by=job.created_by, **frozen.head)
    lines = [SnapshotLine(place=n, **values) for n, values in enumerate(frozen.lines, 1)]
    snapshot.sha256 = digest(written(snapshot, lines))
    return _keep(snapshot, [_prepared(line) for line in lines], tell)


def _prepared(line: SnapshotLine) -> list:
    """The line as the database takes it. All of them are made before the transaction, since on
    SQLite nobody else can write while it lasts."""
    return [field.get_db_prep_save(getattr(line, field.attname), connection) for field in _FIELDS]


@transaction.atomic
def _keep(snapshot: TraceSnapshot, lines: list[list], tell: jobs.Tell) -> TraceSnapshot:
    jobs.keep(job=snapshot.job)
    snapshot.save(force_insert=True)
    of = _FIELDS.index(SnapshotLine._meta.get_field("snapshot"))
    for line in lines:
        line[of] = snapshot.pk
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _FIELDS)
    marks = ", ".join(["%s"] * len(_FIELDS))
    insert = f"INSERT INTO {quote(SnapshotLine._meta.db_table)} ({columns}) VALUES ({marks})"
    with connection.cursor() as cursor:
        for start in range(0, len(lines), _BATCH):
            cursor.executemany(insert, lines[start : start + _BATCH])
            tell(done=min(start + _BATCH, len(lines)), total=len(lines))
    after = {"code": str(snapshot.code), "sha256": snapshot.sha256, "counts": snapshot.counts}
    record(
        verb="trace frozen", obj=snapshot, by=snapshot.frozen_by, at=snapshot.frozen_at, after=after
    )
    return snapshot
