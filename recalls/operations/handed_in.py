"""Photos and certificates that come in with the answers."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from batches.operations.events import record
from recalls.message.papers import paper_of
from recalls.models import HandedIn, Recipient
from recalls.operations.responses import current, open_recall_of

MOST = 10


def keep_file(*, recipient: Recipient, upload, kind: str, at) -> HandedIn:
    """Keeps a photo or paper of a recipient; the same one again is the one that is there.

    Refuses what is no JPEG, PNG, WebP or PDF, what is too large or acts when it is opened,
    more than ten from one recipient, a withdrawn link and a recall that takes no answers.
    """
    # Drawn before the recall is locked: others answer meanwhile.
    return _keep(recipient, *paper_of(upload), kind, at)


@transaction.atomic
def _keep(recipient: Recipient, content: bytes, content_type: str, ending: str, kind: str, at):
    recall, recipient = open_recall_of(recipient.recall_id), current(recipient)
    sha256 = hashlib.sha256(content).hexdigest()
    own = recipient.handed_in.defer("content")
    if same := own.filter(sha256=sha256).first():
        return same
    if own.count() >= MOST:
        raise ValidationError(
            _("%(most)s files are kept. Tell us in the remark if you have more.") % {"most": MOST}
        )
    number = recall.handed_in.count() + 1
    file = HandedIn.objects.create(
        recall=recall,
        recipient=recipient,
        kind=kind if kind in HandedIn.Kind.values else HandedIn.Kind.OTHER,
        name=f"{recall.reference}-answer-{number}.{ending}".lower(),
        content_type=content_type,
        content=content,
        size=len(content),
        sha256=sha256,
        at=at,
    )
    after = {"recipient": recipient.pk, "name": file.name, "size": file.size, "sha256": sha256}
    record(verb="file received", obj=recall, by=None, at=at, after=after)
    return file
