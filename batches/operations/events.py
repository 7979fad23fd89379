"""The one way to write the log: `record`, called last in every operation's transaction."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Model

from batches.models import Event

# Any constant will do, as long as nothing else in the database takes the same one.
CHAIN_LOCK = 4_701_823_331
GENESIS = "0" * 64


def plain(value):
    """`value` as it goes into an event: JSON types, decimals and times as text."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value


def canonical(value) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def digest(event: Event) -> str:
    """SHA-256, in hex, of the previous hash and everything else the event says."""
    body = {
        "seq": event.seq,
        "at": plain(event.at),
        "actor": event.actor_id,
        "verb": event.verb,
        "object": [event.object_type, event.object_id, event.label],
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
    }
    return hashlib.sha256(event.previous_hash.encode() + canonical(body)).hexdigest()


def record(*, verb, obj, by, at, before=None, after=None, reason="", label="") -> Event:
    """Appends one event about `obj` to the chain.

    Call it last in the operation's transaction: it holds the chain's lock until commit.
    `before` and `after` are dicts of the fields that changed; they carry ids, never
    names or addresses of people. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written in the transaction of what it reports.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = Event.objects.order_by("-seq").values_list("seq", "hash").first() or (0, GENESIS)
    event = Event(
        seq=last[0] + 1,
        at=at,
        actor=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        label=(label or str(obj))[:200],
        before=plain(before),
        after=plain(after),
        reason=reason,
        previous_hash=last[1],
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def verify_chain(newest: int | None = None, using: str = "default") -> list[str]:
    """What is wrong with the chain, oldest first; empty when every event is as written.

    With `newest`, looks at that many events at the head only.
    """
    events = Event.objects.using(using).order_by("seq")
    previous, expected = GENESIS, 1
    if newest and (head := events.reverse()[newest : newest + 1].first()):
        events, previous, expected = events.filter(seq__gt=head.seq), head.hash, head.seq + 1
    faults = []
    for event in events.iterator(chunk_size=2000):
        if event.seq != expected:
            faults.append(f"Event {expected} is missing.")
        if event.previous_hash != previous or digest(event) != event.hash:
            faults.append(f"Event {event.seq} is not as it was written.")
        previous, expected = event.hash, event.seq + 1
    return faults
