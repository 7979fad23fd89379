"""Papers that people of ours add to a recall; each is kept as it came."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.message.papers import paper_of
from recalls.models import Recall, RecallFile
from recalls.operations.states import locked

MOST = 50
_S = Recall.Status


def add_file(*, recall, upload, kind, title, by, at) -> RecallFile:
    """Keeps a JPEG, PNG, WebP or PDF, known by its content, under a name of ours.

    Refuses anything else, a file that is too large or acts when it is opened, one that is
    there already, the fifty-first, an empty title, and a recall that has ended.
    """
    title = " ".join(title.split())
    if not 1 <= len(title) <= 200:
        raise ValidationError({"title": "Say in 1 to 200 characters what it is."})
    # Read before the recall is locked: others work meanwhile.
    return _keep(recall, *paper_of(upload), kind, title, by, at)


@transaction.atomic
def _keep(recall, content: bytes, content_type: str, ending: str, kind, title, by, at):
    allowed = (_S.DRAFT, _S.SUBMITTED, _S.ACTIVE, _S.COMPLETED)
    recall = locked(recall, *allowed, to="given documents")
    sha256 = hashlib.sha256(content).hexdigest()
    there = recall.files.defer("content")
    if same := there.filter(sha256=sha256).first():
        raise ValidationError(f"This file is there already: {same.title}.")
    number = there.count() + 1
    if number > MOST:
        raise ValidationError(f"{MOST} files are kept with a recall. No more can be added.")
    file = RecallFile.objects.create(
        recall=recall,
        kind=kind,
        title=title,
        name=f"{recall.reference}-document-{number}.{ending}".lower(),
        content_type=content_type,
        content=content,
        size=len(content),
        sha256=sha256,
        by=by,
        at=at,
    )
    after = {"file": file.pk, "name": file.name, "title": title, "size": file.size}
    record(verb="file added", obj=recall, by=by, at=at, after={**after, "sha256": sha256})
    return file
