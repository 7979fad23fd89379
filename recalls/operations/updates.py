"""What people post to the timeline of a recall, and mail to those who get its reports; and who is
reminded when nobody does."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import Notice, Recall
from recalls.operations.letters import letter
from recalls.operations.reporting import subscribers
from recalls.operations.states import locked
from recalls.reports.updates import update_due
from recalls.scope import newest_released
from recalls.scope.contacts import address_key, is_usable

MOST = 2000
Kind, State = Notice.Kind, Notice.State
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@transaction.atomic
def post_update(*, recall, text, by, at, by_mail=False) -> int:
    """Puts a note on the timeline, where it stays; returns how many mails are owed by it.

    Refuses an empty text, and a recall that is not under way.
    """
    recall = locked(recall, Recall.Status.ACTIVE, Recall.Status.COMPLETED, to="commented")
    text = text.strip()
    if not 1 <= len(text) <= MOST:
        raise ValidationError({"text": f"Write 1 to {MOST:,} characters."})
    mails = _tell(recall, text, by, at) if by_mail else 0
    if by_mail:
        _forget_reminders(recall)
    after = {"mails": mails, "by_mail": by_mail}
    record(verb="update posted", obj=recall, by=by, at=at, after=after, reason=text)
    if mails:
        doorbell.ring()
    return mails


def _tell(recall: Recall, text: str, by, at) -> int:
    version, round = newest_released(recall), f"update-{at:%m%d%H%M%S}"
    if recall.notices.filter(version=version, round=round).exists():
        raise ValidationError("An update went out just now. Wait a moment before the next.")
    who = by.get_full_name() or by.get_username()
    content = mail.update(recall, who, text)
    rows = [
        letter(
            version,
            content,
            at=at,
            kind=Kind.REPORT,
            round=round,
            address=address,
            address_key=key,
        )
        for key, address in sorted(subscribers(recall).items())
    ]
    Notice.objects.bulk_create(rows)
    return len(rows)


def remind_of_update(*, recall, at) -> int:
    """Owes the lead a mail about a status update that is overdue, once for each day on which one
    was due; returns how many mails.

    A clock that stood still says only the newest. Where the lead has no address, whoever may
    post one is told.
    """
    if not _missed(recall, at):
        return 0
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        mails = sum(_remind(recall, due, at) for due in _missed(recall, at))
    doorbell.ring()
    return mails


def _missed(recall: Recall, at) -> list:
    """What is overdue and was not said yet."""
    late = [due for due in update_due(recall, at) if due.is_late]
    return [due for due in late if not _about(recall).filter(round=_round(due)).exists()]


def _about(recall: Recall):
    return recall.notices.filter(kind=Kind.UPDATE_DUE)


def _round(due) -> str:
    return f"{due.newest:%y%m%d%H%M%S}"


def _remind(recall: Recall, due, at) -> int:
    version, content = newest_released(recall), mail.update_due(recall, due)
    fields = {"kind": Kind.UPDATE_DUE, "round": _round(due), "at": at}
    rows = Notice.objects.bulk_create(
        letter(version, content, address=address, address_key=key, **fields)
        for key, address in sorted(_readers(recall).items())
    )
    if rows:
        after = {"mails": len(rows), "due": due.newest}
        record(verb="reminded of an update", obj=recall, by=None, at=at, after=after)
    return len(rows)


def _readers(recall: Recall) -> dict[str, str]:
    """The lead; without an address of theirs all who may post an update."""
    lead = recall.lead
    found = [lead.email] if lead.is_active else []
    if not any(map(is_usable, found)):
        staff = get_user_model().objects.with_perm("recalls.change_recall", backend=_BACKEND)
        found = list(staff.order_by("pk").values_list("email", flat=True))
    return {address_key(address): address.strip() for address in found if is_usable(address)}


def _forget_reminders(recall: Recall) -> None:
    """What no worker has in hand yet is not sent: nobody is reminded of what is done."""
    waiting = _about(recall).filter(state=State.PENDING)
    waiting.update(state=State.WITHDRAWN, last_reply="Not sent: the update was posted.")
