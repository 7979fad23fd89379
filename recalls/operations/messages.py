"""What is written for a recall: texts by audience and language, pictures."""

import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.message.pictures import picture_of
from recalls.message.texts import FIELDS
from recalls.models import MessageFile, Recall, RecallMessage
from recalls.operations.states import locked

Status = Recall.Status
MAX_PICTURES = 3
_REQUIRED = {
    "subject": "Enter a subject.",
    "order": "Enter the first line: the one thing to do.",
    "wrong": "Say what is wrong and what it can do to people.",
    "todo": "Say what to do, one step in each line.",
}


@transaction.atomic
def save_message(*, recall, audience, language, revision, by, at, **text) -> RecallMessage:
    """Keeps a text; the notices written from now on say it. What was sent keeps its words.

    `revision` is that of the text that was changed, 0 for the template text. Refuses when
    somebody saved another one meanwhile, a text without subject, first line, hazard or steps,
    and a recall that is submitted or has ended: what is approved is what was submitted.
    """
    recall = locked(recall, Status.DRAFT, Status.ACTIVE, to="written for")
    if unknown := sorted(set(text) - set(FIELDS)):
        raise ValidationError(f"A text has no {', '.join(unknown)}.")
    values = {name: value.strip() for name, value in text.items()}
    if missing := {name: said for name, said in _REQUIRED.items() if not values.get(name)}:
        raise ValidationError(missing)
    key = {"recall": recall, "audience": audience, "language": language}
    before = RecallMessage.objects.filter(**key).first()
    if (before.revision if before else 0) != revision:
        raise ValidationError(
            "Somebody saved this text while you wrote. Yours is still here: "
            "open the page in another tab, compare, and save again there."
        )
    message = before or RecallMessage(**key, revision=0)
    was = {name: getattr(message, name) for name in values}
    changed = {name: value for name, value in values.items() if was[name] != value}
    if before and not changed:
        return message
    for name, value in values.items():
        setattr(message, name, value)
    message.revision, message.changed_by, message.changed_at = revision + 1, by, at
    message.full_clean()
    message.save()
    record(
        verb="text saved",
        obj=recall,
        by=by,
        at=at,
        before={name: was[name] for name in changed},
        after={"audience": audience, "language": language, **changed},
    )
    return message


@transaction.atomic
def add_picture(*, recall, upload, caption, by, at) -> MessageFile:
    """Keeps a picture that goes out with every notice written from now on.

    It is drawn anew, so that nothing but the picture is in it. Refuses what is no picture,
    one that is too large, an empty caption, and more than three.
    """
    recall = locked(recall, Status.DRAFT, Status.ACTIVE, to="written for")
    if not caption.strip():
        raise ValidationError({"caption": "Say what the picture shows, for who cannot see it."})
    if recall.message_files.filter(removed_at__isnull=True).count() >= MAX_PICTURES:
        raise ValidationError(f"{MAX_PICTURES} pictures are enough for a mail. Remove one first.")
    content, content_type, ending = picture_of(upload)
    number = recall.message_files.count() + 1
    file = MessageFile.objects.create(
        recall=recall,
        name=f"{recall.reference}-{number}.{ending}".lower(),
        caption=" ".join(caption.split())[:200],
        content_type=content_type,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by=by,
        added_at=at,
    )
    after = {"name": file.name, "size": file.size, "sha256": file.sha256}
    record(verb="picture added", obj=recall, by=by, at=at, after=after)
    return file


@transaction.atomic
def remove_picture(*, file, by, at) -> MessageFile:
    """Sends the picture no more. Who has got it keeps it, in the mail and on the page."""
    recall = locked(file.recall, Status.DRAFT, Status.ACTIVE, to="written for")
    file = MessageFile.objects.select_for_update().get(pk=file.pk)
    if file.removed_at:
        raise ValidationError("This picture was removed already.")
    file.removed_at = at
    file.save(update_fields=["removed_at"])
    record(verb="picture removed", obj=recall, by=by, at=at, after={"name": file.name})
    return file
