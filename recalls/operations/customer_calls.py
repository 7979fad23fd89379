"""Customers of recipients that no mail moves: put on the call list, and answered for by phone."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import CustomerEscalation, PassedAnswer, Recall
from recalls.operations.responses import keep_passed, open_recall_of
from recalls.reports.customers import customers


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
