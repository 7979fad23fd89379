"""How fast long work is, and how long it may still take, as a page says it."""

from dataclasses import dataclass
from datetime import datetime

from batches.models import Job

# So much must be done before the rest is guessed from it.
TOLD_FROM = 0.1


@dataclass(frozen=True)
class Pace:
    """`rate` is pieces a second, None before the first; `left` minutes, rounded up, None while
    nobody can tell; `poll` is after how many seconds a page looks again."""

    rate: int | None
    left: int | None
    poll: int


def pace_of(job: Job, now: datetime) -> Pace:
    begun = job.started_at or job.created_at
    seconds = max((now - begun).total_seconds(), 1.0)
    rate = job.done / seconds
    left = None
    if rate and job.total and job.done >= TOLD_FROM * job.total:
        left = -int(-(job.total - job.done) / rate // 60)
    return Pace(round(rate) or None, left, 1 if seconds < 10 else 2 if seconds < 60 else 5)
