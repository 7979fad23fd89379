"""The window after an activation or a release in which the notices can still be stopped.

The window is the moment at which each notice falls due; a stop is a row that every claim asks
for. Nothing is lost by either: what is stopped stays owed, and counts as pending.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls.models import Notice, Recall, SendStop

_S = Notice.State


def due_at(at, at_once: bool):
    """When notices written at `at` fall due."""
    return at if at_once else at + timedelta(seconds=settings.NOTICE_WINDOW_SECONDS)


@transaction.atomic
def stop_sending(*, recall, by, at) -> SendStop:
    """Lets no further notice of the recall go out. What a mail server took stays sent.

    Refuses when nothing waits any more, and when it is stopped already.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.send_stops.filter(resumed_at__isnull=True).exists():
        raise ValidationError("The notices are stopped already.")
    waiting = _waiting(recall).count()
    if not waiting:
        raise ValidationError("Nothing waits any more: every notice has left.")
    stop = SendStop.objects.create(recall=recall, by=by, at=at)
    record(verb="sending stopped", obj=recall, by=by, at=at, after={"waiting": waiting})
    return stop


@transaction.atomic
def send_now(*, recall, by, at) -> int:
    """Ends a stop and the window: what waits for them is due now. Returns how many wait.

    A notice that a mail server postponed keeps its own time. Refuses when nothing waits.
    """
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    stopped = recall.send_stops.filter(resumed_at__isnull=True)
    waiting = _waiting(recall).count()
    if not waiting and not stopped.exists():
        raise ValidationError("Nothing waits any more: every notice has left.")
    stopped.update(resumed_by=by, resumed_at=at)
    fresh = _waiting(recall).filter(state=_S.PENDING, attempts_made=0)
    fresh.filter(not_before__gt=at).update(not_before=at)
    record(verb="sending released", obj=recall, by=by, at=at, after={"waiting": waiting})
    doorbell.ring()
    return waiting


def _waiting(recall: Recall):
    """What a worker has claimed and not begun is given back by a stop, so it waits too."""
    waiting = recall.notices.filter(state__in=[_S.PENDING, _S.SENDING])
    return waiting.exclude(kind__in=Notice.TO_OUR_OWN)
