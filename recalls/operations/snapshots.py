"""A transaction that sees one moment of the database, tried again when another got in first."""

from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps

from django.db import connection, transaction
from django.db.utils import IntegrityError, OperationalError

from batches.operations.events import CHAIN_LOCK

_TRIES = 6
_POLITE_TRIES = 3
# serialization_failure, deadlock_detected; unique_violation is another event with our number.
_AGAIN = {"40001", "40P01", "23505"}


def in_one_snapshot(act: Callable) -> Callable:
    """Runs `act` in a transaction of its own in which nothing moves while it looks.

    PostgreSQL: REPEATABLE READ; on a conflict the whole act is done again. An event that
    someone else wrote meanwhile is a conflict too, so the last tries keep everybody else's
    events waiting. SQLite: one writer at a time is enough. Inside an outer transaction the
    act simply takes part in it.
    """

    @wraps(act)
    def wrapped(**kwargs):
        if connection.in_atomic_block or connection.vendor != "postgresql":
            with transaction.atomic():
                return act(**kwargs)
        for attempt in range(_TRIES):
            try:
                with _alone(attempt >= _POLITE_TRIES), transaction.atomic():
                    _see_one_moment()
                    return act(**kwargs)
            except (OperationalError, IntegrityError) as error:
                state = getattr(error.__cause__, "sqlstate", None)
                if state not in _AGAIN or attempt == _TRIES - 1:
                    raise

    return wrapped


def _see_one_moment() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@contextmanager
def _alone(wanted: bool):
    """Holds the event chain from before the transaction begins, so that it cannot move."""
    if not wanted:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [CHAIN_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [CHAIN_LOCK])
