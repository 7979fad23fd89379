"""Draining notices: claim with a lease, attempt row, SMTP, outcome row.

    pending --claim--> sending --accepted--> accepted
       ^                  |-----refused----> failed
       '---try later------'   (a lease that ran out is claimed again)

A kill leaves at most one uncertain attempt per worker. Copies of a notice never exceed its
attempts, because the attempt is committed before the mail server hears of it.
"""

import logging
import re
import smtplib
import uuid
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import DatabaseError, connection, transaction

from recalls import mail
from recalls.models import Attempt, Notice, Outcome, SendStop
from recalls.operations.returns import show_at_contacts

State, Result = Notice.State, Outcome.Result
_log = logging.getLogger(__name__)

# Seconds until the next attempt; the last one repeats.
LADDER = [10, 30, 60, 120, 300, 600, 1800]
GIVE_UP_AFTER = timedelta(hours=48)

_TABLE = Notice._meta.db_table
# Raw because the claim must be one statement on both databases, and the ORM cannot return
# the rows of an UPDATE. Leases are in the database's time: workers' clocks differ.
_NOW = {
    "postgresql": "clock_timestamp()",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
}
_LEASE_END = {
    "postgresql": "clock_timestamp() + %s * interval '1 second'",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
}
_SKIP = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}
# What goes to the recall's own people is no notice; a stop does not keep it.
_TO_OUR_OWN = ", ".join(f"'{kind.value}'" for kind in Notice.TO_OUR_OWN)
_NOT_STOPPED = f"""(kind IN ({_TO_OUR_OWN}) OR NOT EXISTS (
    SELECT 1 FROM {SendStop._meta.db_table} s
    WHERE s.recall_id = {_TABLE}.recall_id AND s.resumed_at IS NULL))"""


def drain(*, worker, now, limit, on_attempt=None, until=lambda: False) -> int:
    """Claims up to `limit` due notices and tries each once; returns how many were tried.

    `on_attempt(notice)` is called between the attempt row and the mail server. When
    `until()` says so, or it is interrupted, the worker gives back what it did not try.
    """
    started, token = monotonic(), str(uuid.uuid4())
    left = _claim(token, now, limit)
    tried = 0
    post = _PostOffice()

    def clock():
        """`now`, moved on by what the mails before have taken."""
        return now + timedelta(seconds=monotonic() - started)

    try:
        while left and not until():
            notice_id = left.pop(0)
            tried += _deliver(notice_id, token, worker, clock, post, on_attempt)
    finally:
        post.close()
        _give_back(token, left)
    return tried


def _claim(token: str, now, limit: int) -> list[int]:
    vendor = connection.vendor
    sql = f"""
        UPDATE {_TABLE} SET state = 'sending', lease_token = %s, lease_until = {_LEASE_END[vendor]}
        WHERE id IN (
            SELECT id FROM {_TABLE}
            WHERE (state = 'pending' AND not_before <= %s
               OR state = 'sending' AND lease_until < {_NOW[vendor]})
              AND {_NOT_STOPPED}
            ORDER BY not_before, id LIMIT %s {_SKIP[vendor]})
        RETURNING id"""
    when = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [token, settings.NOTICE_LEASE_SECONDS, when, limit])
        return sorted(row[0] for row in cursor.fetchall())


def _give_back(token: str, ids: list[int]) -> None:
    if ids:
        Notice.objects.filter(pk__in=ids, lease_token=token, state=State.SENDING).update(
            state=State.PENDING, lease_token="", lease_until=None
        )


def _deliver(notice_id, token, worker, clock, post, on_attempt) -> int:
    """One attempt. Nothing that goes wrong with one notice may delay another."""
    attempt = _begin(notice_id, token, worker, clock())
    if attempt is None:
        # Stopped after it was claimed; of a notice that another has now, nothing changes.
        _give_back(token, [notice_id])
        return 0
    notice = attempt.notice
    if on_attempt:
        on_attempt(notice)
    is_refused = False
    try:
        post.send(mail.message_for(notice, _thread_of(notice), attempt.number))
        result, reply = Result.ACCEPTED, "Accepted"
    except Exception as error:
        post.close()
        result, reply = judge(error)
        is_refused = result == Result.FAILED and isinstance(error, smtplib.SMTPException)
        why = type(error).__name__
        _log.warning("Notice %s, attempt %s: %s, %s", notice.pk, attempt.number, result, why)
    if _finish(attempt, token, result, reply, clock()) and is_refused:
        _show_refusal(notice, reply, clock())
    return 1


def _show_refusal(notice: Notice, reply: str, at) -> None:
    """At the contact too; that the notice has failed stands already, whatever goes wrong here."""
    try:
        show_at_contacts(notice=notice, text=reply, at=at)
    except Exception:
        _log.exception("Notice %s is refused; its contact could not be marked.", notice.pk)


# Durable: an attempt inside somebody's transaction would be undone with it.
@transaction.atomic(durable=True)
def _begin(notice_id: int, token: str, worker: str, now) -> Attempt | None:
    """Renews the lease and writes the attempt; None when the notice is another worker's now,
    or was stopped since it was claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET lease_until = {_LEASE_END[connection.vendor]}, "
            "attempts_made = attempts_made + 1 "
            f"WHERE id = %s AND lease_token = %s AND state = 'sending' AND {_NOT_STOPPED}",
            [settings.NOTICE_LEASE_SECONDS, notice_id, token],
        )
        if cursor.rowcount != 1:
            return None
    notice = Notice.objects.select_related("recipient", "recall__lead").get(pk=notice_id)
    return Attempt.objects.create(
        notice=notice, number=notice.attempts_made, worker=worker[:100], started_at=now
    )


@transaction.atomic(durable=True)
def _finish(attempt: Attempt, token: str, result: str, reply: str, now) -> bool:
    """Writes how the attempt ended, unless its lease was lost to another worker meanwhile."""
    notice = attempt.notice
    if result == Result.RETRY and now - (notice.again_at or notice.created_at) > GIVE_UP_AFTER:
        result, reply = Result.FAILED, f"Given up after 48 hours. {reply}"
    values = {"last_reply": reply[:500], "lease_token": "", "lease_until": None}
    if result == Result.ACCEPTED:
        values |= {"state": State.ACCEPTED, "accepted_at": now}
    elif result == Result.FAILED:
        values |= {"state": State.FAILED}
    else:
        wait = LADDER[min(attempt.number, len(LADDER)) - 1]
        values |= {"state": State.PENDING, "not_before": now + timedelta(seconds=wait)}
    mine = Notice.objects.filter(pk=notice.pk, lease_token=token, state=State.SENDING)
    if not mine.update(**values):
        return False
    # An outcome is kept for ever, so it names no person: a server's reply often does.
    reply = re.sub(re.escape(notice.address), "the address", reply, flags=re.IGNORECASE)
    Outcome.objects.create(attempt=attempt, result=result, reply=reply[:500], at=now)
    return True


_ANSWERS_TO = {
    Notice.Kind.REMINDER: Notice.Kind.NOTICE,
    Notice.Kind.CUSTOMER: Notice.Kind.PASSED,
    Notice.Kind.WIDENED: Notice.Kind.PASSED,
}


def _thread_of(notice: Notice) -> str:
    """The Message-ID that a reminder answers to: that of its recipient's first notice."""
    if notice.kind not in _ANSWERS_TO:
        return ""
    first = Notice.objects.filter(recipient=notice.recipient_id, kind=_ANSWERS_TO[notice.kind])
    return first.order_by("pk").values_list("message_id", flat=True).first() or ""


_WORKERS_OWN = ImproperlyConfigured | ImportError | DatabaseError


def judge(error: Exception) -> tuple[str, str]:
    """What an error means for the notice, and what to show of it.

    Refused for good (5xx about this address or this mail) is failed at once. What is about
    the way there, the connection, the sender or the log-in, is tried again, and so is what
    ails this worker: its settings, its code, its database. Anything else is a fault in the
    mail itself, which trying again does not mend.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return (Result.FAILED if code >= 500 else Result.RETRY), _reply(code, text)
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPAuthenticationError):
        return Result.RETRY, _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPDataError):
        failed = error.smtp_code >= 500
        return (
            Result.FAILED if failed else Result.RETRY,
            _reply(error.smtp_code, error.smtp_error),
        )
    if isinstance(error, smtplib.SMTPException | OSError | _WORKERS_OWN):
        return Result.RETRY, f"{type(error).__name__}: {error}"
    return Result.FAILED, f"This mail cannot be sent. {type(error).__name__}: {error}"


def _reply(code: int, text) -> str:
    text = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return mail.one_line(f"{code} {text}")


class _PostOffice:
    """One connection for many mails, opened again after whatever went wrong."""

    def __init__(self):
        self.connection = None

    def send(self, message) -> None:
        if self.connection is None:
            self.connection = get_connection(fail_silently=False)
            self.connection.open()
        self.connection.send_messages([message])

    def close(self) -> None:
        if self.connection is not None:
            try:
                self.connection.close()
            except Exception:  # The connection is gone already; the next mail opens another.
                _log.debug("Closing the mail connection failed.", exc_info=True)
            self.connection = None


def check_lease(app_configs=None, **kwargs):
    """Refuses a lease that may run out while a mail is being sent: it would go out twice."""
    timeout, lease = settings.EMAIL_TIMEOUT, settings.NOTICE_LEASE_SECONDS
    if timeout and lease >= 3 * timeout:
        return []
    return [
        checks.Error(
            f"NOTICE_LEASE_SECONDS is {lease} and EMAIL_TIMEOUT is {timeout}.",
            hint="Set EMAIL_TIMEOUT, and a lease of at least three times as long.",
            id="lotline.E010",
        )
    ]
