"""Drains the notices without Celery."""

import signal
import threading
from time import monotonic

from django.core.management.base import BaseCommand
from django.utils import timezone

from batches.operations.workers import worker_seen
from recalls.tasks import deliver, worker_name

HEARTBEAT = 20


class Command(BaseCommand):
    help = "Sends the notices that are due, once or, with --loop, until it is stopped."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true", help="go on until stopped")
        parser.add_argument("--every", type=float, default=1, help="seconds between looks")

    def handle(self, *, loop, every, **options):
        stop, self.seen = threading.Event(), -HEARTBEAT
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        tried = self._round(stop)
        while loop and not stop.wait(every):
            tried += self._round(stop)
        self.stdout.write(f"{tried} notice{'s' * (tried != 1)} tried.")

    def _round(self, stop) -> int:
        if monotonic() - self.seen > HEARTBEAT:
            worker_seen(name=worker_name(), at=timezone.now())
            self.seen = monotonic()
        return deliver(until=stop.is_set)
