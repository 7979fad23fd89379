"""Mail that came back: kept as it was said, and the notice and the contact that it shows."""

from enum import StrEnum

from django.db import IntegrityError, transaction

from batches.models import Contact
from batches.operations import doorbell
from batches.operations.contacts import mail_came_back
from batches.operations.events import record
from recalls.bounces.report import RETURNED, Report, read_report
from recalls.models import Attempt, Bounce, Notice, Recall
from recalls.scope.contacts import address_key

State = Notice.State
_OVER = (Recall.Status.CLOSED, Recall.Status.CANCELLED)


class Outcome(StrEnum):
    RETURNED = "returned"
    DELAYED = "delayed"
    KNOWN = "known already"
    FORGED = "forged"
    UNREADABLE = "unreadable"
    IGNORED = "no report of ours"


def take_report(*, content: bytes, at) -> Outcome:
    """Keeps what a mail to the signed return path says about the attempt that it names.

    However late. A returned notice is not delivered any more: its place is called, and its
    contact is shown as one whose mail came back. No contact is switched off; a person
    decides. A forged, unreadable or other mail changes nothing, and none raises.
    """
    report = read_report(content)
    if report.is_unreadable:
        return Outcome.UNREADABLE
    if report.is_forged:
        return Outcome.FORGED
    if report.attempt is None or not report.kind:
        return Outcome.IGNORED
    try:
        return _keep(report, at)
    except IntegrityError:  # Two workers fetched the same mail.
        return Outcome.KNOWN


@transaction.atomic
def _keep(report: Report, at) -> Outcome:
    pk, number = report.attempt
    notice = Notice.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    attempt = Attempt.objects.filter(notice=notice, number=number).first() if notice else None
    if attempt is None:
        return Outcome.IGNORED
    if Bounce.objects.filter(sha256=report.sha256).exists():
        return Outcome.KNOWN
    Bounce.objects.create(
        notice=notice,
        attempt=attempt,
        kind=report.kind,
        code=report.code,
        text=report.text,
        sha256=report.sha256,
        at=at,
    )
    if report.kind == RETURNED:
        _show_as_returned(notice, attempt, report, at)
    about = notice.recall or notice
    after = {"notice": notice.pk, "attempt": number, "code": report.code, "kind": report.kind}
    record(verb=f"mail {report.kind}", obj=about, by=None, at=at, after=after, label=_label(about))
    doorbell.ring()
    return Outcome(report.kind)


def _label(about) -> str:
    return str(about) if isinstance(about, Recall) else "Contact test"


def _show_as_returned(notice: Notice, attempt: Attempt, report: Report, at) -> None:
    """A recall that has ended stays as it was; of what was sent again since, the new try counts."""
    is_old = notice.again_at is not None and attempt.started_at < notice.again_at
    is_over = notice.recall is not None and notice.recall.status in _OVER
    if not (is_old or is_over or notice.state in Notice.UNDELIVERED):
        notice.state, notice.last_reply = State.BOUNCED, _reply(report)
        notice.lease_token, notice.lease_until = "", None
        notice.save(update_fields=["state", "last_reply", "lease_token", "lease_until"])
    if not is_old:
        show_at_contacts(notice=notice, text=_reply(report), at=at)


def _reply(report: Report) -> str:
    said = report.text if report.code in report.text else f"{report.code} {report.text}".strip()
    return said or "The mail came back without a reason."


def show_at_contacts(*, notice: Notice, text: str, at) -> int:
    """Marks every contact of the mailbox, wherever it is one; returns how many.

    The mail of a drill goes to the team: what comes back of it says nothing about a contact.
    """
    if notice.recall is not None and notice.recall.is_drill:
        return 0
    same = Contact.objects.filter(email__iexact=notice.address) | Contact.objects.filter(
        tests__notice=notice
    )
    found = [row for row in same.distinct() if address_key(row.email) == notice.address_key]
    for contact in sorted(found, key=lambda row: row.pk):
        mail_came_back(contact=contact, text=text, at=at)
    return len(found)
