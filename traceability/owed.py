"""How long the oldest work has waited, and when a worker was last seen."""

from datetime import datetime, timedelta

from django.db.models import Max, Min

from batches.models import Job, Worker
from recalls.models import Notice

# Longer than this without a heartbeat, and staff are told.
WORKER_MISSING_AFTER = timedelta(minutes=2)


def is_missing(seen_at: datetime | None, now: datetime) -> bool:
    return seen_at is None or now - seen_at > WORKER_MISSING_AFTER


def ages(now: datetime) -> dict[str, int | None]:
    """Seconds since the oldest due notice, the oldest waiting job and the last heartbeat."""
    moments = {
        "oldest_due_notice_seconds": Notice.objects.due(now).aggregate(m=Min("not_before"))["m"],
        "oldest_waiting_job_seconds": Job.objects.filter(state=Job.State.QUEUED).aggregate(
            m=Min("created_at")
        )["m"],
        "worker_seen_seconds": Worker.objects.aggregate(m=Max("seen_at"))["m"],
    }
    return {
        name: None if moment is None else max(0, int((now - moment).total_seconds()))
        for name, moment in moments.items()
    }


def seconds_to_next_notice(now: datetime) -> float | None:
    """Until the next notice falls due after `now`; None when none waits for its time."""
    waiting = Notice.objects.filter(state=Notice.State.PENDING, not_before__gt=now)
    moment = waiting.aggregate(m=Min("not_before"))["m"]
    return None if moment is None else (moment - now).total_seconds()
