"""What follows when goods leave a scope: who was told is told again, what moves is watched."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import override

from batches.models import Finding
from batches.operations.findings import raise_finding
from recalls import mail
from recalls.message.languages import known
from recalls.message.texts import Texts
from recalls.models import (
    Narrowing,
    Notice,
    NoticeLine,
    PassedOn,
    Recall,
    Recipient,
    ScopeLine,
    ScopeVersion,
)
from recalls.operations.letters import join, letter
from recalls.operations.window import due_at
from recalls.scope.narrowed import moved_since
from recalls.scope.passed import for_mail

Kind, State = Notice.Kind, Notice.State
MOVED = "narrowed_moved"
# To whom a line was told: its place, the place above, customers of its place.
_CUSTOMERS = {Kind.PASSED, Kind.WIDENED}
_ASKS = (Kind.NOTICE, Kind.ESCALATION, *_CUSTOMERS)
_ABOUT = (*_ASKS, Kind.REMINDER, Kind.CUSTOMER)


def tell_of_removal(*, version: ScopeVersion, removed: list[ScopeLine], at) -> int:
    """Owes one mail to every address that was told of a line that is gone; returns how many.

    A notice that names nothing else and was never tried is not sent any more. What was tried,
    or names more, goes out as it is, and its address is told of the removal as well.
    """
    by_holding = {line.holding_id: line for line in removed}
    _withdraw(version.recall, by_holding)
    told = _told(version.recall, by_holding)
    keeping = _keeping(version, told)
    notices, lines, texts = [], {}, Texts(version.recall)
    for recipient, holdings in sorted(told.items(), key=lambda item: item[0].pk):
        lines[recipient.address_key] = [by_holding[pk] for pk in sorted(holdings)]
        with override(known(recipient.language)):
            own = [
                for_mail(PassedOn(line=by_holding[pk])) if kinds <= _CUSTOMERS else by_holding[pk]
                for pk, kinds in sorted(holdings.items())
            ]
        content = mail.removal(
            version.recall, version, own, recipient.pk in keeping, recipient.language, texts
        )
        address = {"address": recipient.address, "address_key": recipient.address_key}
        notices.append(
            letter(
                version,
                content,
                at=at,
                due=due_at(at, at_once=False),
                kind=Kind.REMOVAL,
                recipient=recipient,
                **address,
            )
        )
    join(Notice.objects.bulk_create(notices, batch_size=200), lines)
    return len(notices)


def _withdraw(recall: Recall, removed) -> None:
    other = NoticeLine.objects.filter(notice=OuterRef("pk")).exclude(line__holding__in=removed)
    waiting = recall.notices.filter(kind__in=_ABOUT, state=State.PENDING, attempts_made=0)
    waiting.filter(~Exists(other)).update(
        state=State.WITHDRAWN, last_reply="Not sent: what it is about was taken out of the scope."
    )


def _told(recall: Recall, removed) -> dict[Recipient, dict[int, set[str]]]:
    """By recipient, the holdings that mails have told it of, or may have, and their kinds."""
    unknown = Q(notice__attempts__isnull=False, notice__attempts__outcome__isnull=True)
    rows = NoticeLine.objects.filter(
        ~Q(notice__state__in=[*Notice.UNDELIVERED, State.WITHDRAWN]) | unknown,
        notice__recall=recall,
        notice__kind__in=_ASKS,
        notice__recipient__revoked_at__isnull=True,
        line__holding__in=removed,
    )
    told = defaultdict(lambda: defaultdict(set))
    for row in rows.select_related("notice__recipient", "line").order_by("pk"):
        told[row.notice.recipient][row.line.holding_id].add(row.notice.kind)
    return told


def _keeping(version: ScopeVersion, told) -> set[int]:
    """Which recipients are still asked about something in the version."""
    left = version.lines.filter(role=ScopeLine.Role.RECIPIENT).order_by().values("location")
    about = NoticeLine.objects.filter(notice__recipient__in=list(told)).order_by()
    places = about.filter(
        notice__kind__in=[Kind.NOTICE, Kind.ESCALATION], line__location__in=left
    ).values_list("notice__recipient_id", flat=True)
    passed = about.filter(
        notice__kind=Kind.PASSED, line__holding__in=version.lines.values("holding")
    ).values_list("notice__recipient_id", flat=True)
    return set(places) | set(passed)


@transaction.atomic
def watch_narrowed(*, recall: Recall, at) -> int:
    """Raises an alarm for what was taken out of the scope and has moved on since.

    Returns how many holdings that are. Whoever took them out decides whether they stay out.
    """
    moved = list(moved_since(recall).select_related("narrowing", "line"))
    by_narrowing: dict[Narrowing, list[ScopeLine]] = defaultdict(list)
    for row in moved:
        row.links_out = row.movements
        row.save(update_fields=["links_out"])
        by_narrowing[row.narrowing].append(row.line)
    for narrowing, lines in by_narrowing.items():
        names = [f"{line.batch_number} at {line.location_name}" for line in lines]
        named = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        raise_finding(
            kind=MOVED,
            severity=Finding.Severity.ALARM,
            obj=narrowing,
            label=recall.reference,
            text=f"Goods that were taken out of {recall} have moved on: {named}. "
            "Check that they are not affected; widen the scope if they are.",
            at=at,
        )
    return len(moved)
