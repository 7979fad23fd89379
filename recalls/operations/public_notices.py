"""Telling the public: a person publishes the notice of a recall, and ends it again."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.message.languages import LANGUAGES
from recalls.models import PublicNotice, Recall
from recalls.operations.messages import refuse_softening
from recalls.operations.states import locked
from recalls.reports.published import batches_of, texts_of

Status = Recall.Status
_TOLD = (Status.ACTIVE, Status.COMPLETED, Status.CLOSED)


@transaction.atomic
def publish_notice(*, recall, by, at) -> PublicNotice:
    """Shows the consumer texts as they are now on the public pages and in the feeds.

    Again, it replaces the texts, and a notice that had ended is live again. Refuses a drill, a
    recall that was never activated, softening words, and one of which nothing left us.
    """
    recall = locked(recall, *_TOLD, to="published")
    if recall.is_drill:
        raise ValidationError(f"{recall} is a drill. The public is never told of one.")
    refuse_softening(recall)
    if not batches_of(recall):
        raise ValidationError("No batch of this recall has left us. There is nobody to tell.")
    notice = PublicNotice.objects.filter(recall=recall).first() or PublicNotice(
        recall=recall, slug=recall.reference.lower(), revision=0, published_by=by, published_at=at
    )
    notice.texts = {language: texts_of(recall, language) for language in LANGUAGES}
    notice.revision, notice.changed_at = notice.revision + 1, at
    notice.ended_at, notice.ended_by, notice.ended_because = None, None, ""
    notice.save()
    after = {"slug": notice.slug, "revision": notice.revision}
    record(verb="public notice published", obj=recall, by=by, at=at, after=after)
    return notice


@transaction.atomic
def end_notice(*, recall, reason, by, at) -> PublicNotice:
    """Marks the public notice as ended; it stays where it is. Refuses an empty reason, and a
    recall whose notice is not live."""
    notice = PublicNotice.objects.select_for_update().filter(recall=recall).first()
    if notice is None or notice.ended_at is not None:
        raise ValidationError(f"No public notice of {recall} is live. Load the page again.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why the notice ends; the public is not shown it."})
    notice.ended_at, notice.ended_by, notice.ended_because = at, by, reason.strip()
    notice.save(update_fields=["ended_at", "ended_by", "ended_because"])
    record(verb="public notice ended", obj=recall, by=by, at=at, reason=notice.ended_because)
    return notice
