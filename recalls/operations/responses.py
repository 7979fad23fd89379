"""What recipients say: acknowledged, counted, or no longer waited for."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from batches.operations.events import record
from recalls.message.words import batch_word
from recalls.models import (
    Acknowledgement,
    PassedAnswer,
    Recall,
    Recipient,
    Response,
    ScopeLine,
    Waiver,
)
from recalls.scope import asked_in, lines_of, newest_released
from recalls.scope.passed import passed_to

Status = Recall.Status
RENEWED = "renewed"
PARTS = ("quarantined", "returned", "destroyed", "sold")


def open_recall_of(recall_id: int) -> Recall:
    """The recall with its row locked, if it takes answers."""
    recall = Recall.objects.select_for_update().get(pk=recall_id)
    if recall.status not in (Status.ACTIVE, Status.COMPLETED):
        said = _("%(recall)s takes no answers any more. Please call us.")
        raise ValidationError(said % {"recall": recall})
    return recall


def current(recipient: Recipient) -> Recipient:
    """The recipient as it is now, if its link was not withdrawn."""
    recipient = Recipient.objects.select_related("recall").get(pk=recipient.pk)
    if recipient.revoked_at:
        raise ValidationError(_("This link is not valid any more. Please call us."))
    return recipient


def _refuse_unseen(recipient: Recipient, seen: int | None) -> None:
    """Nobody says anything about what was asked after the version on their page."""
    lines = lines_of(recipient)
    asked = asked_in(recipient.recall, lines) if seen is not None else {}
    if any(number > seen for number in asked.values()):
        raise ValidationError(
            _("The list was renewed after you opened it. What is new is marked."), code=RENEWED
        )


@transaction.atomic
def acknowledge(*, recipient, at, seen=None) -> Acknowledgement:
    """Notes that the newest version was read. Doing it again changes nothing.

    `seen` is the number of the version that was shown, None for the newest: refused if
    something was asked since.
    """
    recall, recipient = open_recall_of(recipient.recall_id), current(recipient)
    _refuse_unseen(recipient, seen)
    return _acknowledge(recall, recipient, at)


def _acknowledge(recall: Recall, recipient: Recipient, at) -> Acknowledgement:
    version = newest_released(recall)
    made, is_new = Acknowledgement.objects.get_or_create(
        recipient=recipient, version=version, defaults={"at": at}
    )
    if is_new:
        after = {"recipient": recipient.pk, "version": version.number}
        record(verb="notice acknowledged", obj=recall, by=None, at=at, after=after)
    return made


@transaction.atomic
def answer(*, recipient, answers, name, phone, remark, at, seen=None, after=None):
    """Keeps what was found of each line: {line id: {quarantined, returned, destroyed, sold}}.

    A key such as `p7` names goods that somebody passed on. Counts as acknowledging too. More
    than was due is kept as it is said. Sending the same twice keeps it once: `after` is the
    newest answer that the page knew of, and what came since and says the same is this.
    Refuses a line that is not the recipient's, negative figures, an answer to nothing, and
    one to a version (`seen`) after which something was asked.
    """
    recall, recipient = open_recall_of(recipient.recall_id), current(recipient)
    _refuse_unseen(recipient, seen)
    who = {"name": name.strip(), "phone": phone.strip(), "remark": remark.strip(), "at": at}
    passed = {key: found for key, found in answers.items() if isinstance(key, str)}
    answers = {key: found for key, found in answers.items() if key not in passed}
    keep_passed(recipient, passed, who)
    if passed and not answers:
        _acknowledge(recall, recipient, at)
        return []
    own = {line.pk: line for line in lines_of(recipient)}
    if after is not None and (same := _sent_before(recipient, answers, who, after)):
        return same
    made = kept(recall, own, answers, recipient=recipient, **who)
    _acknowledge(recall, recipient, at)
    record(
        verb="answer received",
        obj=recall,
        by=None,
        at=at,
        after={"recipient": recipient.pk, "lines": {r.line_id: _said(r) for r in made}},
    )
    return made


def keep_passed(recipient: Recipient, answers: dict[str, dict], who: dict) -> list[PassedAnswer]:
    """What was found of goods that somebody passed on to the recipient, by `p` and row id.

    Part of another act. What says the same as the last answer is not kept again.
    """
    if not answers:
        return []
    own = {f"p{one.row.pk}": one for one in passed_to(recipient)}
    if set(answers) - set(own):
        raise ValidationError(_("The list was renewed while you counted. Load the page again."))
    made = []
    for key, found in answers.items():
        amounts, last = _amounts(own[key].line, found), own[key].answer
        row = PassedAnswer(passed=own[key].row, **amounts, **who)
        same = (*PARTS, "name", "phone", "remark", "recorded_by_id")
        if last is None or any(getattr(row, part) != getattr(last, part) for part in same):
            made.append(row)
    PassedAnswer.objects.bulk_create(made)
    if made:
        lines = {row.passed_id: _said(row) for row in made}
        after, by = {"recipient": recipient.pk, "passed": lines}, who.get("recorded_by")
        verb = "answer recorded" if by else "answer received"
        record(verb=verb, obj=recipient.recall, by=by, at=who["at"], after=after)
    return made


def _sent_before(recipient: Recipient, answers, who: dict, after: int) -> list[Response]:
    """The rows of the same answer, if they came after the answer with the id `after`."""
    said = {key: who[key] for key in ("name", "phone", "remark")}
    rows = recipient.responses.filter(pk__gt=after, line__in=answers, **said).order_by("pk")
    found = {row.line_id: row for row in rows}
    same = all(
        pk in found
        and all(getattr(found[pk], part) == Decimal(told.get(part) or 0) for part in PARTS)
        for pk, told in answers.items()
    )
    return list(found.values()) if found and same else []


def kept(recall: Recall, own: dict[int, ScopeLine], answers, **who) -> list[Response]:
    """The answers as rows. Refuses none at all, and one about a line that is not in `own`."""
    if not answers:
        raise ValidationError(_("Nothing is filled in. Count, and enter 0 if you found none."))
    if set(answers) - set(own):
        raise ValidationError(_("The list was renewed while you counted. Load the page again."))
    made = [
        _response(own[pk], found, recall=recall, **who) for pk, found in sorted(answers.items())
    ]
    Response.objects.bulk_create(made)
    return made


def _response(line: ScopeLine, found: dict, **fields) -> Response:
    return Response(line=line, holding_id=line.holding_id, **_amounts(line, found), **fields)


def _amounts(line: ScopeLine, found: dict) -> dict[str, Decimal]:
    amounts = {part: Decimal(found.get(part) or 0) for part in PARTS}
    if any(amount < 0 or not amount.is_finite() for amount in amounts.values()):
        said = _("%(batch)s: enter 0 or more.")
        raise ValidationError(said % {"batch": batch_word(line.batch_number)})
    return amounts


def _said(response: Response) -> dict:
    return {part: getattr(response, part) for part in PARTS if getattr(response, part)}


@transaction.atomic
def waive_location(*, recall, location, reason, by, at) -> Waiver:
    """Waits no longer for what a place was asked until now.

    Refuses an empty reason, and a second waiver unless something was asked since the first.
    """
    recall = open_recall_of(recall.pk)
    if not reason.strip():
        raise ValidationError({"reason": f"Say why {location.name} need not answer."})
    version = newest_released(recall)
    lines = version.lines.filter(role=ScopeLine.Role.RECIPIENT, location=location)
    if not lines.exists():
        raise ValidationError(f"{location.name} is not asked for an answer in {recall}.")
    newest = recall.waivers.filter(location=location).select_related("version").last()
    if newest and newest.covers(max(asked_in(recall, lines).values(), default=1)):
        raise ValidationError(f"{location.name} was waived already.")
    waiver = Waiver.objects.create(
        recall=recall, location=location, version=version, reason=reason.strip(), by=by, at=at
    )
    record(
        verb="location waived",
        obj=recall,
        by=by,
        at=at,
        after={"location": location.pk, "code": location.code, "version": version.number},
        reason=reason.strip(),
    )
    return waiver
