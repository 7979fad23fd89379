"""What can be stopped before it leaves, and what was stopped. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from recalls.models import Notice, Recall, SendStop


@dataclass(frozen=True)
class Sending:
    """Notices that have not left. `first_at` is when the first one may, if that lies ahead."""

    waiting: int
    first_at: datetime | None
    stop: SendStop | None


def sending(recall: Recall, now: datetime) -> Sending | None:
    """None when nothing waits and nothing is stopped; two queries."""
    stop = recall.send_stops.filter(resumed_at__isnull=True).select_related("by").first()
    S = Notice.State
    waiting = recall.notices.filter(state__in=[S.PENDING, S.SENDING])
    waiting = waiting.exclude(kind__in=Notice.TO_OUR_OWN)
    fresh = Q(state=S.PENDING, attempts_made=0, not_before__gt=now)
    found = waiting.aggregate(n=Count("pk"), first=Min("not_before", filter=fresh))
    if not stop and not found["n"]:
        return None
    return Sending(found["n"], found["first"], stop)
