"""Customers of recipients that no mail moves: put on the call list, told to the lead, and answered
for by phone."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations import doorbell
from batches.operations.events import record
from recalls import mail
from recalls.models import CustomerEscalation, Notice, PassedAnswer, Recall
from recalls.operations.escalation import GATHER
from recalls.operations.letters import letter
from recalls.operations.responses import keep_passed, open_recall_of
from recalls.reports.customers import Customer, customers, customers_to_call
from recalls.scope import newest_released
from recalls.scope.contacts import address_key, is_usable

ESCALATION, ROUND = Notice.Kind.ESCALATION, "customers"


def call_customers(*, recall, at) -> int:
    """Puts on the call list, by the plan of the class, customers whom reminders did not move.

    Returns how many. Whom no mail reaches is there without it. Once for each silence; of a
    recall that is not active, nobody.
    """
    if not any(one.is_to_be_listed(at) for one in customers(recall)):
        return 0
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        if recall.status != Recall.Status.ACTIVE:
            return 0
        due = [one for one in customers(recall) if one.is_to_be_listed(at)]
        CustomerEscalation.objects.bulk_create(
            CustomerEscalation(
                customer=one.recipient, because=one.because, since=one.silent_since, at=at
            )
            for one in due
        )
        if due:
            after = {"count": len(due)}
            record(verb="customers to be called", obj=recall, by=None, at=at, after=after)
    return len(due)


def tell_lead_of_customers(*, recall, at) -> int:
    """Owes the lead one mail about the customers whom the clock has put on the call list since the
    last one; returns how many mails.

    Of whom has answered or was spoken to meanwhile, nothing. Who is put there soon after one mail
    is in the next. A lead without an address has the page and the call list.
    """
    if not is_usable(recall.lead.email) or not _untold(recall, at):
        return 0
    with transaction.atomic():
        recall = Recall.objects.select_for_update().get(pk=recall.pk)
        silent = _untold(recall, at)
        if recall.status != Recall.Status.ACTIVE or not silent:
            return 0
        turn = _to_lead(recall).count() + 1
        notice = letter(
            newest_released(recall),
            mail.silent_customers(recall, silent),
            at=at,
            kind=ESCALATION,
            round=f"{ROUND} {turn}",
            address=recall.lead.email,
            address_key=address_key(recall.lead.email),
        )
        notice.save(force_insert=True)
        after = {"count": len(silent)}
        record(verb="customers escalated", obj=recall, by=None, at=at, after=after)
    doorbell.ring()
    return 1


def _to_lead(recall: Recall):
    return recall.notices.filter(kind=ESCALATION, recipient=None, round__startswith=ROUND)


def _untold(recall: Recall, at) -> list[Customer]:
    """The silent ones of whom the lead has not heard, once the last mail is not just written."""
    listed = CustomerEscalation.objects.filter(customer__recall=recall)
    if last := _to_lead(recall).order_by("-pk").first():
        listed = listed.filter(at__gt=last.created_at)
    if (last and last.created_at > at - GATHER) or not listed.exists():
        return []
    new = set(listed.values_list("customer_id", flat=True))
    called = customers_to_call(customers(recall))
    return [one for one in called if one.recipient.pk in new and not one.is_told]


@transaction.atomic
def answer_for_customer(*, recipient, answers, name, reason, by, at) -> list[PassedAnswer]:
    """Keeps what `name` told `by` of goods that were passed on; `reason` says how.

    `answers` by `p` and the id of what was passed on, as in `responses.answer`. Refuses an
    answer without a name or a reason, to nothing, and about goods that did not go on to it or
    were taken out.
    """
    open_recall_of(recipient.recall_id)
    if not name.strip():
        raise ValidationError({"name": "Enter who told you, so that we know who counted."})
    if not reason.strip():
        raise ValidationError({"reason": "Say how you were told, such as: on the phone."})
    if not answers:
        raise ValidationError("Nothing is filled in. Count, and enter 0 if nothing was found.")
    who = {"name": name.strip(), "remark": reason.strip(), "recorded_by": by, "at": at}
    return keep_passed(recipient, answers, who)
