"""What the desk does for one place: sends again, takes an answer by phone, ends a link."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.message.languages import of_place
from recalls.message.texts import Texts
from recalls.models import Notice, Recall, Recipient, Response, ScopeLine
from recalls.operations.letters import join, join_files, letter
from recalls.operations.responses import kept, open_recall_of
from recalls.scope import newest_released
from recalls.scope.contacts import address_key, is_usable

Kind, State, Status = Notice.Kind, Notice.State, Recall.Status


@transaction.atomic
def answer_for_location(*, recall, location, answers, name, reason, by, at) -> list[Response]:
    """Keeps what `name` told `by` of a place's lines; `reason` says how, such as on the phone.

    `answers` as in `responses.answer`. Refuses an answer without a name or a reason, to
    nothing, and about a line that the place is not asked of.
    """
    recall = open_recall_of(recall.pk)
    if not name.strip():
        raise ValidationError({"name": "Enter who told you, so that we know who counted."})
    if not reason.strip():
        raise ValidationError({"reason": "Say how you were told, such as: on the phone."})
    lines = _asked(recall, location)
    who = {"name": name.strip(), "remark": reason.strip(), "recorded_by": by, "at": at}
    made = kept(recall, {line.pk: line for line in lines}, answers, **who)
    record(
        verb="answer recorded",
        obj=recall,
        by=by,
        at=at,
        after={"location": location.pk, "code": location.code, "lines": len(made)},
        reason=reason.strip(),
    )
    return made


def _asked(recall: Recall, location) -> list[ScopeLine]:
    version = newest_released(recall)
    lines = version.lines.filter(role=ScopeLine.Role.RECIPIENT, location=location)
    if not lines:
        raise ValidationError(f"{location.name} is not asked for an answer in {recall}.")
    return list(lines.select_related("location").order_by("pk"))


@transaction.atomic
def send_again(*, notice, by, at) -> Notice:
    """Owes a failed or returned notice again: same mail, same Message-ID, attempts counted on.

    Refuses one that has not failed, and one whose link was withdrawn.
    """
    recall = open_recall_of(notice.recall_id)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.state not in Notice.UNDELIVERED:
        raise ValidationError(f"This mail is not a failed one: {notice.get_state_display()}.")
    if notice.recipient and notice.recipient.revoked_at:
        raise ValidationError("The link of this address was withdrawn. Use another address.")
    notice.state, notice.not_before, notice.again_at = State.PENDING, at, at
    notice.save(update_fields=["state", "not_before", "again_at"])
    record(verb="notice owed again", obj=recall, by=by, at=at, after={"notice": notice.pk})
    transaction.on_commit(doorbell.ring)
    return notice


@transaction.atomic
def tell_at(*, recall, location, address, by, at) -> Notice:
    """Owes a place its notice at another address: all its lines, and a link of its own.

    Refuses an address that no mail server takes, one that has it already, and one whose
    link was withdrawn.
    """
    recall = open_recall_of(recall.pk)
    address = address.strip()
    if not is_usable(address):
        raise ValidationError({"address": "This is not an e-mail address. Check it."})
    version, lines, key = newest_released(recall), _asked(recall, location), address_key(address)
    language = of_place(location, location.contacts.order_by("pk")[:1])
    recipient, _ = Recipient.objects.get_or_create(
        recall=recall, address_key=key, defaults={"address": address, "language": language}
    )
    if recipient.revoked_at:
        raise ValidationError({"address": "The link of this address was withdrawn."})
    notices = recall.notices.filter(kind=Kind.NOTICE, recipient=recipient)
    if notices.exclude(state__in=Notice.UNDELIVERED).filter(lines__location=location).exists():
        raise ValidationError({"address": "This address has the notice already. Remind it."})
    fields = {"recipient": recipient, "address": address, "address_key": key}
    turn = notices.filter(version=version).count()
    notice = letter(
        version,
        mail.notice(recall, version, lines, recipient.language, Texts(recall)),
        at=at,
        round=f"again {turn}" if turn else "",
        **fields,
    )
    notice.save(force_insert=True)
    join([notice], {key: lines})
    join_files([notice])
    after = {"location": location.pk, "code": location.code, "recipient": recipient.pk}
    record(verb="notice owed at another address", obj=recall, by=by, at=at, after=after)
    transaction.on_commit(doorbell.ring)
    return notice


@transaction.atomic
def revoke_link(*, recipient, reason, by, at) -> Recipient:
    """Ends a recipient's link at once. What waits for it is not sent: nobody could answer it.

    Its answers stay. Refuses an empty reason, and a link that was withdrawn before.
    """
    Recall.objects.select_for_update().get(pk=recipient.recall_id)
    recipient = Recipient.objects.select_related("recall").get(pk=recipient.pk)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the link is withdrawn."})
    if recipient.revoked_at:
        raise ValidationError("This link was withdrawn already.")
    recipient.revoked_at = at
    recipient.save(update_fields=["revoked_at"])
    waiting = recipient.notices.filter(state=State.PENDING)
    waiting.update(state=State.FAILED, last_reply="Not sent: the link was withdrawn.")
    after = {"recipient": recipient.pk}
    record(
        verb="link withdrawn",
        obj=recipient.recall,
        by=by,
        at=at,
        after=after,
        reason=reason.strip(),
    )
    return recipient
