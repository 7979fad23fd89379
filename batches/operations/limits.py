"""How often somebody may ask: a counter per key in the database, shared by all processes."""

from datetime import timedelta

from django.db import connection

from batches.models import RateWindow

WINDOW = timedelta(minutes=1)
_KEPT = timedelta(hours=1)

# Raw, because the ORM has no upsert that adds to what is there, and reading first would let
# 300 requests at once all read the same count. Both databases lock the row in this one
# statement and know `excluded` and RETURNING; the right-hand sides see the old row.
_COUNT = """
INSERT INTO {table} (key, since, count) VALUES (%(key)s, %(now)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN {table}.since <= %(over)s THEN 1 ELSE {table}.count + 1 END,
    since = CASE WHEN {table}.since <= %(over)s THEN %(now)s ELSE {table}.since END
RETURNING count
"""


def count(*, key, at) -> int:
    """Counts one more of `key` and returns how many there were, this one included, in the
    minute that began with its first one. No event is logged: a counter is no record."""
    now = _milliseconds(at)
    values = {"key": key[:80], "now": now, "over": now - WINDOW // timedelta(milliseconds=1)}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(table=RateWindow._meta.db_table), values)
        return cursor.fetchone()[0]


def forget(*, at) -> int:
    """Deletes the windows that are long over; returns how many."""
    over = RateWindow.objects.filter(since__lt=_milliseconds(at - _KEPT))
    return over.delete()[0]


def _milliseconds(at) -> int:
    return int(at.timestamp() * 1000)
