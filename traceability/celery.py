"""Celery for production: the doorbell and the clock. What is owed stands in rows, not here."""

import logging
import os
import threading
from collections.abc import Callable

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceability.settings")

_log = logging.getLogger(__name__)
NOTICES_SECONDS = 10
app = Celery("lotline")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.on_after_finalize.connect
def keep_time(sender, **kwargs):
    """Rings both bells every CLOCK_SECONDS, whoever else rings: what was missed is found.

    Notices are looked for more often: their window is half a minute.
    """
    from django.conf import settings

    every = settings.CLOCK_SECONDS
    for bell in (clock, jobs):
        sender.add_periodic_task(every, bell.s(), name=bell.name, expires=every)
    often = min(every, NOTICES_SECONDS)
    sender.add_periodic_task(often, notices.s(), name=notices.name, expires=often)


@app.task(bind=True, name="lotline.clock")
def clock(self):
    from traceability.clock import tick

    tick(worker=self.request.hostname or "celery")


@app.task(bind=True, name="lotline.notices")
def notices(self):
    from recalls.tasks import deliver

    deliver(worker=self.request.hostname or "celery")


@app.task(bind=True, name="lotline.jobs")
def jobs(self):
    from traceability.clock import work

    work(worker=self.request.hostname or "celery")


class Ringer:
    """Publishes in a thread, so that nobody waits for a broker that is away.

    Rings that come while one is under way become one more.
    """

    def __init__(self, publish: Callable[[], object]):
        self.publish = publish
        self.lock = threading.Lock()
        self.is_wanted = self.is_running = False

    def ring(self) -> None:
        with self.lock:
            self.is_wanted = True
            if self.is_running:
                return
            self.is_running = True
        # No daemon: a short command ends only when its ring is out.
        threading.Thread(target=self._publish_all, name="ringer").start()

    def _publish_all(self) -> None:
        while self._is_owed():
            try:
                self.publish()
            except Exception:
                _log.warning("The broker is away; the clock will find the work.", exc_info=True)

    def _is_owed(self) -> bool:
        with self.lock:
            self.is_running, self.is_wanted = self.is_wanted, False
            return self.is_running


def _publish() -> None:
    for bell in (clock, jobs):
        bell.apply_async(retry=False)


ring = Ringer(_publish).ring
