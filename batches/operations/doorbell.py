"""Telling the workers, once a transaction has committed, that something new is owed.

What is owed is in rows (notices, jobs) and found by the clock in any case, so a ring that is
lost only delays. The composition root says what ringing means: an event in one process, or a
message through the broker.
"""

import logging
from collections.abc import Callable

from django.db import transaction

_bells: list[Callable[[], None]] = []
_log = logging.getLogger(__name__)


def when_rung(bell: Callable[[], None]) -> None:
    """Registers a function that wakes a worker."""
    if bell not in _bells:
        _bells.append(bell)


def ring() -> None:
    """Wakes the workers after the commit, or at once outside a transaction; never raises."""
    transaction.on_commit(_ring_all, robust=True)


def _ring_all() -> None:
    for bell in _bells:
        try:
            bell()
        except Exception:  # A broker that is away must not turn a committed act into an error.
            _log.warning("Nobody could be woken; the clock will find the work.", exc_info=True)
