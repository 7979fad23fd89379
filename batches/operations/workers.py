"""Which workers were seen, and when.

A heartbeat is not a fact about goods, so it is the one write that makes no event.
"""

from datetime import timedelta

from batches.models import Worker

FORGET_AFTER = timedelta(days=1)


def worker_seen(*, name, at) -> None:
    """Notes that the worker `name` is alive; forgets those not seen for a day."""
    Worker.objects.update_or_create(name=name[:100], defaults={"seen_at": at})
    Worker.objects.filter(seen_at__lt=at - FORGET_AFTER).delete()
