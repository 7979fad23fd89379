"""What is written for a recall: texts by audience and language, pictures, a test to oneself."""

import hashlib
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.message.languages import LANGUAGES
from recalls.message.linter import kept_back
from recalls.message.pictures import picture_of
from recalls.message.sample import public_batches, sample
from recalls.message.texts import FIELDS, PUBLIC, Texts
from recalls.models import MessageFile, Notice, Recall, RecallMessage
from recalls.operations.letters import join_files, letter
from recalls.operations.states import locked
from recalls.scope import preview
from recalls.scope.contacts import address_key, is_usable

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


def refuse_softening(recall: Recall) -> None:
    """Refuses a consumer notice whose words make the risk look smaller, unless somebody said
    why they stay (GPSR Art. 36)."""
    for language, words in kept_back(Texts(recall)).items():
        raise ValidationError(
            f"The consumer notice in {LANGUAGES[language]} says {', '.join(words)}. "
            "GPSR Art. 36 forbids it. Change the words, or say there why they stay."
        )


@transaction.atomic
def send_test(*, recall, audience, language, place, by, at) -> Notice:
    """Owes `by`, and nobody else, the mail as the place with this code would get it, marked TEST.

    Its link leads nowhere. Refuses a person without an address, and a scope without a place.
    """
    if not is_usable(by.email):
        raise ValidationError("You have no e-mail address here. An administrator can enter it.")
    content = _test_content(recall, audience, language, place)
    nowhere = f"{settings.SITE_URL}/r/test/"
    content = mail.Content(
        content.subject,
        content.text.replace(mail.LINK, nowhere),
        content.html.replace(mail.LINK, nowhere),
    )
    notice = letter(
        None,
        content,
        recall=recall,
        at=at,
        kind=Notice.Kind.TEST,
        round=uuid.uuid4().hex[:20],
        address=by.email.strip(),
        address_key=address_key(by.email),
    )
    notice.save(force_insert=True)
    join_files([notice])
    after = {"audience": audience, "language": language, "notice": notice.pk}
    record(verb="test sent to oneself", obj=recall, by=by, at=at, after=after)
    doorbell.ring()
    return notice


def _test_content(recall: Recall, audience: str, language: str, place: str) -> mail.Content:
    seen, texts = preview(recall), Texts(recall)
    if audience in PUBLIC:
        batches = public_batches(seen)
        return mail.public_notice(recall, batches, audience, language, texts, is_test=True)
    told = sample(recall, seen, place)
    if not told.lines:
        raise ValidationError("The scope reaches no place that is told. Add a rule first.")
    as_this = texts.only(audience, language)
    return mail.notice(recall, told.version, told.lines, language, as_this, is_test=True)
