"""Mail to the customers that recipients named: the notice, reminders, and what changes later.

Through the same outbox as all notices; in a drill that writes to the team alone.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import override

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.message.languages import known
from recalls.message.texts import Texts
from recalls.models import Notice, NoticeLine, PassedOn, Recall, Recipient, ScopeLine, ScopeVersion
from recalls.operations.letters import join_files, letter
from recalls.operations.responses import current, open_recall_of
from recalls.reports.customers import Customer, customers
from recalls.scope import newest_released
from recalls.scope.passed import Passed, PassedLine, for_mail, passed_in

Kind = Notice.Kind


def tell_customer(recall: Recall, to: Recipient, rows: list[PassedOn], at, due=None) -> Notice:
    """Owes a customer the notice about what was passed on to it."""
    turn = to.notices.filter(kind=Kind.PASSED).count()
    with override(known(to.language)):
        lines = [for_mail(row) for row in rows]
    version = newest_released(recall)
    content = mail.notice(recall, version, lines, to.language, Texts(recall), adds=bool(turn))
    round = f"passed {turn}" if turn else ""
    lines = [row.line for row in rows]
    notice = _owe(version, content, to, lines, at, kind=Kind.PASSED, round=round, due=due)
    join_files([notice])
    transaction.on_commit(doorbell.ring)
    return notice


def _owe(version, content, to: Recipient, lines: list[ScopeLine], at, **fields) -> Notice:
    whose = {"recipient": to, "address": to.address, "address_key": to.address_key}
    notice = letter(version, content, at=at, **whose, **fields)
    notice.save(force_insert=True)
    ids = sorted({line.pk for line in lines})
    NoticeLine.objects.bulk_create(NoticeLine(notice=notice, line_id=pk) for pk in ids)
    return notice


@transaction.atomic
def approve_customer(*, recipient, by, at) -> Notice:
    """Has a customer told that waited for it (PASS_ON_NEEDS_APPROVAL).

    Refuses one that was told already, one whose link was withdrawn, one without an address, and
    one to whom nothing is passed on any more.
    """
    recall, recipient = open_recall_of(recipient.recall_id), current(recipient)
    if not recipient.address:
        raise ValidationError(f"{recipient.name} has no e-mail address. Call it instead.")
    if recipient.notices.filter(kind=Kind.PASSED).exists():
        raise ValidationError(f"{recipient.name} was told already. Load the page again.")
    passed = [one for one in passed_in(recall) if one.row.to_id == recipient.pk and not one.is_out]
    if not passed:
        raise ValidationError(f"Nothing is passed on to {recipient.name} any more.")
    notice = tell_customer(recall, recipient, [one.row for one in passed], at)
    after = {"recipient": recipient.pk, "lines": len(passed)}
    record(verb="customer approved", obj=recall, by=by, at=at, after=after)
    return notice


def remind_customers(*, recall, at) -> int:
    """Reminds, by the plan of the class, customers who say nothing; returns how many.

    Of a recall that is not active, nobody. Two clocks at once remind once.
    """
    if not any(one.is_due(at) for one in customers(recall)):
        return 0
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        if recall.status != Recall.Status.ACTIVE:
            return 0
        due = [one for one in customers(recall) if one.is_due(at)]
        version, texts = newest_released(recall), Texts(recall)
        for one in due:
            _remind(version, one, texts, at)
        if due:
            record(verb="customers reminded", obj=recall, by=None, at=at, after={"count": len(due)})
    doorbell.ring()
    return len(due)


def _remind(version: ScopeVersion, one: Customer, texts: Texts, at) -> None:
    to = one.recipient
    turn = to.notices.filter(kind=Kind.CUSTOMER).count() + 1
    with override(known(to.language)):
        lines = [for_mail(passed.row) for passed in one.open]
    told_at = to.notices.filter(kind=Kind.PASSED, accepted_at__isnull=False).earliest("pk")
    content = mail.reminder(
        version.recall, version, lines, turn, told_at.accepted_at, to.language, texts
    )
    about = [passed.line for passed in one.open]
    _owe(version, content, to, about, at, kind=Kind.CUSTOMER, round=str(turn))


def tell_customers_of_more(*, version: ScopeVersion, at, due) -> int:
    """Owes mail to customers of places that a version brings something new to; returns how many.

    What went on and is back in the recall is told as it was at first. New batches of a product
    that they were sent are named without amounts: how much of them went on, only the place knows.
    """
    if not version.recall.passed_on.exists():
        return 0
    new = version.lines.filter(role=ScopeLine.Role.RECIPIENT, change=ScopeLine.Change.NEW)
    new = list(new.select_related("location").defer("path").order_by("pk"))
    count, texts = 0, Texts(version.recall)
    for to, passed in _told_customers(version.recall).items():
        back, more = _news(new, passed)
        if back:
            tell_customer(version.recall, to, back, at, due)
        if more:
            said = _without_amounts(more, to)
            content = mail.widened(version.recall, version, said, to.language, texts)
            _owe(version, content, to, more, at, kind=Kind.WIDENED, due=due)
        count += bool(back) + bool(more)
    return count


def _news(new: list[ScopeLine], passed: list[Passed]) -> tuple[list[PassedOn], list[ScopeLine]]:
    """What was passed on and is back in, and what else of the same products may have been."""
    holdings = {line.holding_id for line in new}
    known_ones = {one.row.holding_id for one in passed}
    ways = {(one.line.location_id, one.line.product_code) for one in passed}
    back = [one.row for one in passed if one.row.holding_id in holdings]
    more = [
        line
        for line in new
        if line.holding_id not in known_ones and (line.location_id, line.product_code) in ways
    ]
    return back, more


def _told_customers(recall: Recall) -> dict[Recipient, list[Passed]]:
    """Who was told of goods that were passed on and stand in the recall, with those."""
    told = set(recall.notices.filter(kind=Kind.PASSED).values_list("recipient_id", flat=True))
    found = defaultdict(list)
    for one in passed_in(recall):
        if one.row.to_id in told and not one.row.to.revoked_at:
            found[one.row.to].append(one)
    return found


def _without_amounts(lines: list[ScopeLine], to: Recipient) -> list[PassedLine]:
    with override(known(to.language)):
        return [for_mail(PassedOn(line=line, quantity=None)) for line in lines]
