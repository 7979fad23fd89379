"""What people post to the timeline of a recall, and mail to those who get its reports."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import Notice, Recall
from recalls.operations.letters import letter
from recalls.operations.reporting import subscribers
from recalls.operations.states import locked
from recalls.scope import newest_released

MOST = 2000


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
            kind=Notice.Kind.REPORT,
            round=round,
            address=address,
            address_key=key,
        )
        for key, address in sorted(subscribers(recall).items())
    ]
    Notice.objects.bulk_create(rows)
    return len(rows)
