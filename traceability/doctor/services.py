"""Faults of what runs beside the web: workers, Redis and the mail server."""

import imaplib
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError
from django.utils import timezone

from recalls.bounces.mailboxes import read_unread
from traceability import owed
from traceability.doctor import Check, Fault

OLDEST_REDIS = (6, 2)
PATIENCE_SECONDS = 3
NOTICE_LATE_SECONDS, JOB_LATE_SECONDS = 120, 600


def workers() -> Iterator[Fault]:
    try:
        ages = owed.ages(timezone.now())
    except DatabaseError:  # Named already: no answer, or migrations that are not applied.
        return
    seen = ages["worker_seen_seconds"]
    if seen is None or seen > owed.WORKER_MISSING_AFTER.total_seconds():
        when = "was ever seen" if seen is None else f"was seen for {seen} s"
        yield Fault("worker", f"No worker {when}. Start manage.py serve or Celery.")
    if (age := ages["oldest_due_notice_seconds"] or 0) > NOTICE_LATE_SECONDS:
        yield Fault("late-notice", f"A notice has been due for {age} s. Look at the workers.")
    if (age := ages["oldest_waiting_job_seconds"] or 0) > JOB_LATE_SECONDS:
        yield Fault("late-job", f"A job has waited for {age} s. Look at the workers.")


def redis() -> Iterator[Fault]:
    """Asks each Redis that the site uses; a broker must never throw messages away."""
    for use, url in {"broker": settings.CELERY_BROKER_URL, "cache": settings.CACHE_URL}.items():
        if url.startswith(("redis://", "rediss://")):
            yield from _redis(use, url)


def _redis(use: str, url: str) -> Iterator[Fault]:
    import redis as client

    link = client.Redis.from_url(
        url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )
    try:
        about = link.info()
    except client.RedisError as error:
        yield Fault("redis", f"The {use}'s Redis does not answer: {error}")
        return
    finally:
        link.close()
    version = tuple(int(part) for part in about["redis_version"].split(".")[:2])
    if version < OLDEST_REDIS:
        yield Fault("redis-version", f"Redis {about['redis_version']} is older than 6.2.")
    if use == "broker" and (policy := about.get("maxmemory_policy")) != "noeviction":
        yield Fault("eviction", f"The broker's Redis evicts ({policy}): set it to noeviction.")


def mail_server() -> Iterator[Fault]:
    if not settings.EMAIL_URL:
        return
    server = get_connection(timeout=PATIENCE_SECONDS)
    try:
        server.open()
    except OSError as error:  # smtplib's errors are OSErrors too.
        yield Fault("mail-server", f"The mail server does not take a connection: {error}")
    finally:
        server.close()


def bounce_mailbox() -> Iterator[Fault]:
    """Opens the mailbox and looks; reads and marks nothing."""
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        read_unread(settings.BOUNCE_MAILBOX, lambda content: None, limit=0)
    except (OSError, ValueError, imaplib.IMAP4.error) as error:
        yield Fault("bounce-mailbox", f"The mailbox of what comes back cannot be read: {error}")


CHECKS: list[Check] = [workers, redis, mail_server, bounce_mailbox]
