"""The embedded default's workers: threads in the server process, woken by a ring or by time.

The clock also wakes when the next notice falls due, so that a window of half a minute is one.
"""

import logging
import socket
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connections

from traceability import clock

_log = logging.getLogger(__name__)


class Loop(threading.Thread):
    """Calls `turn` when woken and every `seconds` in any case, until stopped.

    `rest()` may ask for a shorter pause.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[str], object],
        seconds: float,
        rest: Callable[[], float | None] = lambda: None,
    ):
        # A daemon: a mail server that hangs must not keep Ctrl-C from ending the process.
        super().__init__(name=name, daemon=True)
        self.turn, self.seconds, self.rest = turn, seconds, rest
        self.bell, self.ending = threading.Event(), threading.Event()

    def wake(self) -> None:
        self.bell.set()

    def stop(self) -> None:
        self.ending.set()
        self.bell.set()

    def run(self) -> None:
        worker = f"{self.name}@{socket.gethostname()}"
        while not self.ending.is_set():
            self.bell.clear()
            # Outside a request nobody else drops a connection that the server has cut.
            close_old_connections()
            rest = None
            try:
                self.turn(worker)
                rest = self.rest()
            except Exception:
                _log.exception("The %s loop stumbled; it goes on.", self.name)
            self.bell.wait(self.seconds if rest is None else min(rest, self.seconds))
        connections.close_all()


_running: list[Loop] = []


def start() -> None:
    """Starts the clock and the job loop. Call it after the fork: threads do not survive one."""
    seconds = settings.CLOCK_SECONDS
    for loop in (
        Loop("clock", clock.tick, seconds, rest=clock.rest),
        Loop("jobs", clock.work, seconds),
    ):
        _running.append(loop)
        loop.start()


def wake() -> None:
    """Wakes the loops of this process; where none runs, the clock of another finds the work."""
    for loop in _running:
        loop.wake()


def stop(patience: float = 4) -> None:
    """Asks the loops to end and waits a little; what they leave unfinished stays owed."""
    for loop in _running:
        loop.stop()
    for loop in _running:
        loop.join(patience)
    _running.clear()
