"""What happens again and again: heartbeat, due jobs, and the recalls' own tick.

Each part is on its own: one that fails is logged, and the others still run.
"""

import logging
from collections.abc import Callable

from django.utils import timezone

from batches import tasks as batches_tasks
from batches.operations.workers import worker_seen
from recalls import tasks as recalls_tasks
from traceability.counting import count_views
from traceability.owed import seconds_to_next_notice

_log = logging.getLogger(__name__)


def tick(worker: str) -> list[str]:
    """One round of the clock: notices and recalls, and the nightly audit once a day.

    Returns the names of the parts that failed.
    """
    return _each(worker, {"recalls": recalls_tasks.tick, "audit": batches_tasks.owe_audit})


def work(worker: str) -> list[str]:
    """One round of long work, of looking into the mailbox for what came back, and of counts.

    Kept apart from `tick`, so that neither an import nor a slow mailbox delays a notice.
    """
    jobs = {"jobs": lambda: batches_tasks.run_due_jobs(worker=worker)}
    counts = {"counts of views": lambda: count_views(timezone.now())}
    return _each(worker, {"returned mail": recalls_tasks.fetch_returns, **jobs, **counts})


def rest() -> float | None:
    """Seconds until a notice falls due that is not due yet; None when there is none."""
    return seconds_to_next_notice(timezone.now())


def _each(worker: str, parts: dict[str, Callable[[], object]]) -> list[str]:
    failed = []
    parts = {"heartbeat": lambda: worker_seen(name=worker, at=timezone.now())} | parts
    for name, part in parts.items():
        try:
            part()
        except Exception:
            _log.exception("The clock's part %r failed; it is tried again next time.", name)
            failed.append(name)
    return failed
