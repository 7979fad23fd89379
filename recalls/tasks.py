"""What the clock does for recalls: look for drift, write what is owed, drain the notices.

Everything that is owed is in rows, so each function may run twice, at once or not at all.
"""

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from batches.operations.limits import forget
from recalls.bounces.mailboxes import read_unread
from recalls.models import Recall
from recalls.operations.checks import draw_more
from recalls.operations.drill_calendar import remind_of_duties
from recalls.operations.drills import remind_of_drills, start_due_drills
from recalls.operations.notices import drain, follow_up, reports_owed, write_reports
from recalls.operations.recalls import check_countersigned
from recalls.operations.records import check_requests
from recalls.operations.returns import Outcome, take_report
from recalls.operations.scope import check_drift
from recalls.operations.targets import check_targets
from recalls.operations.tasks import follow_tasks
from recalls.operations.updates import remind_of_update
from recalls.scope import newest_released

_log = logging.getLogger(__name__)

# Notices claimed at a time: few enough that a killed worker leaves little behind.
CLAIM = 20
REPORT_HOUR = 7
# Read from the mailbox at a time; what is more waits for the next minute.
MAILS_AT_A_TIME = 300


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def tick(now=None) -> None:
    """One round: what is owed already goes out first, then what the round itself adds.

    Last, the public check's counters that nobody needs any more are forgotten.
    """
    now = now or timezone.now()
    deliver(now)
    watch(now)
    _beside_recalls(now)
    deliver(now)
    forget(at=now)


def watch(now) -> None:
    """All that goes on by itself in live recalls; what fails delays no other."""
    live = [Recall.Status.ACTIVE, Recall.Status.COMPLETED]
    for recall in Recall.objects.filter(status__in=live).order_by("-drift_due", "pk"):
        for part in _PARTS:
            _safely(part, recall, now)


def _beside_recalls(now) -> None:
    """Drills that begin or are owed, and records that are late; a fault keeps no notice back."""
    for part in (start_due_drills, remind_of_duties, remind_of_drills, check_requests):
        try:
            part(at=now)
        except Exception:
            _log.exception("%s failed; the next round tries again", part.__name__)


def _safely(part: Callable, recall: Recall, now) -> None:
    try:
        part(recall, now)
    except Exception:
        _log.exception("%s of %s failed; the next round tries again", part.__name__, recall)


def _drift(recall: Recall, now) -> None:
    check_drift(recall=recall, at=now)


def _countersigned(recall: Recall, now) -> None:
    check_countersigned(recall=recall, at=now)


def _reports(recall: Recall, now) -> None:
    recall.refresh_from_db()
    version = newest_released(recall)
    for round in reports_owed(recall, _report_day(recall, now)):
        write_reports(version=version, round=round, at=now)


def _following(recall: Recall, now) -> None:
    recall.refresh_from_db()
    if recall.status == Recall.Status.ACTIVE:
        follow_up(recall=recall, at=now)


def _tasks(recall: Recall, now) -> None:
    recall.refresh_from_db()
    follow_tasks(recall=recall, at=now)


def _checks(recall: Recall, now) -> None:
    draw_more(recall=recall, at=now)


def _targets(recall: Recall, now) -> None:
    check_targets(recall=recall, at=now)


def _updates(recall: Recall, now) -> None:
    recall.refresh_from_db()
    remind_of_update(recall=recall, at=now)


_PARTS = (_drift, _reports, _following, _countersigned, _tasks, _checks, _targets, _updates)


class _Pace:
    """Lets something happen once in a while, however often the doorbell rings."""

    def __init__(self):
        self.next = 0.0

    def is_time(self) -> bool:
        if monotonic() < self.next:
            return False
        self.next = monotonic() + settings.CLOCK_SECONDS
        return True


_mailbox_pace = _Pace()


def fetch_returns(now=None) -> Counter:
    """Reads what came back to the mailbox, if the site has one; returns what it was."""
    if not settings.BOUNCE_MAILBOX or not _mailbox_pace.is_time():
        return Counter()
    return read_returns(at=now or timezone.now())


def read_returns(*, at) -> Counter:
    """One look into the mailbox: every unread mail, up to a few hundred."""
    seen: Counter = Counter()

    def take(content: bytes) -> None:
        seen[take_report(content=content, at=at)] += 1

    read_unread(settings.BOUNCE_MAILBOX, take, MAILS_AT_A_TIME)
    if seen[Outcome.FORGED]:
        _log.warning("%s mails with a forged return path were ignored.", seen[Outcome.FORGED])
    return seen


def _report_day(recall: Recall, now) -> str:
    """Today, once it is time for the daily report; the day of the activation has its own."""
    zone = ZoneInfo(settings.SITE_TIME_ZONE)
    here = now.astimezone(zone)
    is_due = here.hour >= REPORT_HOUR and here.date() > recall.activated_at.astimezone(zone).date()
    return here.date().isoformat() if is_due else ""


def deliver(now=None, worker="", until: Callable[[], bool] = lambda: False) -> int:
    """Drains until nothing is due, or until `until()`; returns how many were tried."""
    name, now = worker or worker_name(), now or timezone.now()
    started, tried = monotonic(), 0
    while not until():
        passed = timedelta(seconds=monotonic() - started)
        count = drain(worker=name, now=now + passed, limit=CLAIM, until=until)
        if not count:
            break
        tried += count
    return tried
