"""Long work as rows: putting it in the queue, taking it out exactly once, saying how far it is.

The row is the truth. A worker takes one by a conditional update, shows with a heartbeat that
it lives, and ends it only while it is still its own. A ring only makes things quicker.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from batches.models import Job
from batches.operations import doorbell
from batches.tracing.sql import has_begun

STALE_AFTER = timedelta(seconds=60)
BEAT_SECONDS = 10
MOST_ATTEMPTS = 3

Tell = Callable[..., None]
JOB_KINDS: dict[str, Callable[[Job, Tell], dict]] = {}
_log = logging.getLogger(__name__)


class JobRefused(Exception):
    """The work cannot be done, and trying again would not help; the message says why."""


class JobStopped(Exception):
    """Somebody stopped the work, or another worker has it: what was begun is to be left."""


def register(kind: str, function: Callable[[Job, Tell], dict]) -> None:
    """Says what runs jobs of `kind`: a function of the job and `tell`, which returns a result.

    It may run more than once for one job, after a worker died, and must bear that.
    """
    JOB_KINDS[kind] = function


@transaction.atomic
def enqueue(*, kind: str, parameters: dict, by) -> Job:
    """Puts a job in the queue and wakes a worker after the commit."""
    job = Job.objects.create(kind=kind, parameters=parameters, created_by=by)
    doorbell.ring()
    return job


def stop(*, job: Job, by, at: datetime) -> None:
    """Ends work that waits or runs; what runs notices it within seconds and keeps nothing.

    Refuses work that is over, and anybody but who asked for it.
    """
    if job.created_by_id != by.pk and not by.is_superuser:
        raise ValidationError("Only who asked for it can stop it.")
    said = "It was stopped, and nothing of it was kept."
    owed = Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING])
    # With another token its worker has lost the claim.
    if not owed.update(state=Job.State.STOPPED, token="", error=said, finished_at=at):
        raise ValidationError("This was over before it could be stopped.")


def keep(*, job: Job) -> None:
    """For the transaction that keeps what the work made: with it the job is done, and nobody
    stops it any more. Raises JobStopped when it is not this worker's any more."""
    mine = Job.objects.filter(pk=job.pk, token=job.token)
    owed = mine.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    if not owed.update(state=Job.State.DONE, finished_at=timezone.now()):
        raise JobStopped


def run_due(*, worker: str = "") -> int:
    """Runs the jobs that wait, one after the other, until none is left; returns how many."""
    count = 0
    while job := claim(at=timezone.now()):
        _log.info("Job %s is run by %s.", job, worker or "this process")
        run(job)
        count += 1
    return count


def claim(*, at: datetime) -> Job | None:
    """Takes the oldest job that waits, or whose worker has been silent for a minute."""
    silent = Q(heartbeat_at__lt=at - STALE_AFTER)
    due = Q(state=Job.State.QUEUED, heartbeat_at=None) | (
        Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]) & silent
    )
    waiting = Job.objects.filter(due, kind__in=list(JOB_KINDS)).order_by("pk")
    for pk, token, attempts in waiting.values_list("pk", "token", "attempts")[:10]:
        mine = Job.objects.filter(due, pk=pk, token=token)
        if attempts >= MOST_ATTEMPTS:
            said = "Its worker died several times. Check the server's log, then start it again."
            mine.update(state=Job.State.FAILED, error=said, finished_at=at)
        elif mine.update(
            state=Job.State.RUNNING,
            token=str(uuid4()),
            heartbeat_at=at,
            started_at=at,
            attempts=F("attempts") + 1,
        ):
            return Job.objects.get(pk=pk)
    return None


def run(job: Job) -> None:
    """Runs a claimed job and writes how it ended; never raises."""
    pulse = _Pulse(job)
    pulse.start()
    try:
        result = JOB_KINDS[job.kind](job, pulse.tell)
        end = {"state": Job.State.DONE, "result": result, "error": ""}
    except JobStopped:
        return
    except JobRefused as refusal:
        end = {"state": Job.State.FAILED, "error": str(refusal)}
    except Exception as error:
        _log.exception("Job %s stumbled.", job)
        end = _stumbled(job, error)
    finally:
        pulse.stop()
    _finish(job, pulse, **end)


def _stumbled(job: Job, error: Exception) -> dict:
    """What becomes of a job after an error that was not foreseen: another try, a minute later."""
    name = type(error).__name__
    if job.attempts < MOST_ATTEMPTS:
        said = f"It stumbled ({name}) and is tried again in a minute."
        return {"state": Job.State.QUEUED, "error": said}
    said = f"It stumbled {job.attempts} times ({name}). Check the server's log."
    return {"state": Job.State.FAILED, "error": said}


def _finish(job: Job, pulse: "_Pulse", **fields) -> None:
    now = timezone.now()
    if fields["state"] != Job.State.QUEUED:
        fields["finished_at"] = now
    # Who lost the claim has nothing to say about the job any more.
    Job.objects.filter(pk=job.pk, token=job.token).update(
        heartbeat_at=now, **pulse.progress, **fields
    )
    job.refresh_from_db()


class _Pulse(threading.Thread):
    """Shows that the worker lives while its main thread is inside one long transaction.

    It has a connection of its own. On SQLite it cannot write while the other does; then
    nobody else can take the job either.
    """

    def __init__(self, job: Job):
        super().__init__(name=f"pulse-{job.pk}", daemon=True)
        self.job, self.ending = job, threading.Event()
        self.is_lost = False
        self.progress: dict = {}

    def tell(self, *, done: int, total: int | None = None, refused: int = 0) -> None:
        """Notes how far the work is; written at once unless a transaction is open. Raises
        JobStopped once the job is not this worker's any more."""
        self.progress = {"done": done, "total": total, "refused": refused}
        if not (connection.in_atomic_block or has_begun()):
            self._beat()
        if self.is_lost:
            raise JobStopped

    def stop(self) -> None:
        self.ending.set()
        self.join(BEAT_SECONDS)

    def run(self) -> None:
        while not self.ending.wait(BEAT_SECONDS):
            try:
                self._beat()
            except DatabaseError:
                _log.debug("The database is busy; the heartbeat comes later.")
            finally:
                connection.close()

    def _beat(self) -> None:
        mine = Job.objects.filter(pk=self.job.pk, token=self.job.token)
        self.is_lost = not mine.update(heartbeat_at=timezone.now(), **self.progress)
