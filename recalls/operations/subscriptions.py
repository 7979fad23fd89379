"""Who gets the status reports of a recall."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.events import record
from recalls.models import Recall, Subscription


@transaction.atomic
def subscribe(*, recall, email, by, at) -> Subscription:
    """Adds an address to the reports of a recall. Refuses one that gets them already."""
    recall = _locked(recall)
    address = email.strip()
    for row in recall.subscriptions.filter(active=True).select_related("user"):
        if row.address.lower() == address.lower():
            raise ValidationError({"email": f"{row.address} gets the reports already."})
    user = by if by and by.email.lower() == address.lower() else None
    row = Subscription.objects.create(recall=recall, user=user, email="" if user else address)
    record(verb="reports subscribed", obj=recall, by=by, at=at, after={"subscription": row.pk})
    return row


@transaction.atomic
def unsubscribe(*, subscription, by, at) -> Subscription:
    """Ends a subscription. Refuses one that has ended, and those that hold for every recall."""
    if subscription.recall_id is None:
        raise ValidationError(
            "This address gets the reports of every recall. Ask an administrator."
        )
    recall = _locked(subscription.recall)
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if not row.active:
        raise ValidationError("This address was taken away already.")
    row.active = False
    row.save(update_fields=["active"])
    record(verb="reports unsubscribed", obj=recall, by=by, at=at, before={"subscription": row.pk})
    return row


def _locked(recall: Recall) -> Recall:
    recall = Recall.objects.select_for_update().get(pk=recall.pk)
    if recall.status in {Recall.Status.CLOSED, Recall.Status.CANCELLED}:
        raise ValidationError(f"{recall} has ended; nobody gets reports any more.")
    return recall


@transaction.atomic
def save_default(*, subscription, by, at) -> Subscription:
    """Adds or changes who gets the reports of every new recall; running ones stay as they are."""
    check_default(user=subscription.user, email=subscription.email, row=subscription)
    is_new = subscription.pk is None
    subscription.recall = None
    subscription.email = subscription.email.strip()
    subscription.save()
    after = {"user": subscription.user_id, "active": subscription.active}
    verb = "default subscriber added" if is_new else "default subscriber changed"
    # The label is not the address: events name no people.
    label = f"Default subscription {subscription.pk}"
    record(verb=verb, obj=subscription, by=by, at=at, after=after, label=label)
    return subscription


def check_default(*, user, email: str, row: Subscription) -> None:
    """Refuses a subscriber without an address, and one that is there already."""
    address = email.strip() or (user.email if user else "")
    if not address:
        raise ValidationError("Choose a person who has an e-mail address, or enter one.")
    others = Subscription.objects.filter(recall=None, active=True).exclude(pk=row.pk)
    for other in others.select_related("user"):
        if other.address.lower() == address.lower():
            raise ValidationError(f"{other.address} gets the reports of every recall already.")
