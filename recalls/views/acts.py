"""What people do on the page of a recall: each a POST that calls one operation."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.recalls import ApproveForm, CloseForm, ReasonForm, SubscribeForm
from recalls.models import Subscription
from recalls.operations import recalls as life
from recalls.operations.notices import remind
from recalls.operations.public_notices import end_notice, publish_notice
from recalls.operations.scope import release_version
from recalls.operations.subscriptions import subscribe, unsubscribe
from recalls.views.cases import Refusal, find
from recalls.views.recipients import places_named
from recalls.views.room import recall_page


def act(permission: str):
    """A POST on a recall. Anything else, such as a reload, leads back to the page."""

    def decorate(view):
        @needs(permission)
        @wraps(view)
        def guarded(request, reference, **kwargs):
            recall = find(reference)
            if request.method != "POST":
                return redirect(recall)
            return view(request, recall, **kwargs)

        return guarded

    return decorate


def attempt(request, recall, said, do, *, form=None, slot=""):
    """Calls `do`, with the form's values if it has a form, and says so; or says why not."""
    if form is not None and not form.is_valid():
        return recall_page(request, find(recall.reference), refusal_of(form, slot))
    values = form.cleaned_data if form is not None else {}
    try:
        result = do(recall=recall, by=request.user, at=timezone.now(), **values)
    except ValidationError as error:
        refusal = refused(error, form, slot)
        return recall_page(request, find(recall.reference), refusal)
    messages.success(request, said(result) if callable(said) else said)
    return redirect(recall)


def refused(error: ValidationError, form=None, slot="") -> Refusal:
    """An operation's refusal, put beside the field that it is about."""
    if form is None:
        return Refusal([("", text) for text in error.messages], slot)
    named = getattr(error, "error_dict", {})
    for name, faults in named.items():
        form.add_error(name if name in form.fields else None, faults)
    if not named:
        form.add_error(None, error)
    return refusal_of(form, slot)


def refusal_of(form, slot: str) -> Refusal:
    faults = [("", text) for text in form.non_field_errors()]
    faults += [(bound.id_for_label, text) for bound in form for text in bound.errors]
    return Refusal(faults, slot, form)


@act("recalls.submit_recall")
def submit(request, recall):
    said = "Submitted. A second person must now check and approve it."
    return attempt(request, recall, said, life.submit_recall)


@act("recalls.activate_recall")
def approve(request, recall):
    form = ApproveForm(request.POST, auto_id="sign_%s")
    return attempt(request, recall, _activated, life.activate_recall, form=form, slot="sign")


def _activated(version) -> str:
    places = version.lines.filter(role="recipient").values("location").distinct().count()
    what = "1 place is" if places == 1 else f"{places} places are"
    return f"Scope version {version.number} is frozen. {what} being told."


@act("recalls.activate_recall")
def reject(request, recall):
    form = ReasonForm(request.POST, auto_id="reject_%s")
    said = "Sent back to draft, with your reason."
    return attempt(request, recall, said, life.reject_recall, form=form, slot="reject")


@act("recalls.change_recall")
def cancel(request, recall):
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    return attempt(request, recall, "Cancelled.", life.cancel_recall, form=form, slot="cancel")


@act("recalls.publish_notice")
def publish(request, recall):
    said = "Published. The public page and the feeds say it now."
    return attempt(request, recall, said, publish_notice)


@act("recalls.publish_notice")
def end_public(request, recall):
    form = ReasonForm(request.POST, auto_id="public_%s")
    said = "Ended. The public page stays, and says so."
    return attempt(request, recall, said, end_notice, form=form, slot="public")


@act("recalls.remind_recipients")
def remind_all(request, recall):
    return attempt(request, recall, reminded, remind)


@act("recalls.remind_recipients")
def remind_selected(request, recall):
    """Reminds the ticked places; whoever answered or cannot be reached by mail is left out."""

    def do(recall, by, at):
        codes = request.POST.getlist("place")
        if not codes:
            raise ValidationError("Tick the places that are to be reminded.")
        return remind(recall=recall, locations=places_named(recall, codes), by=by, at=at)

    return attempt(request, recall, reminded, do)


def reminded(count: int) -> str:
    if not count:
        return "Nobody had to be reminded: all have answered, or were reminded just now."
    return f"{count} {'reminder is' if count == 1 else 'reminders are'} on the way."


@act("recalls.submit_recall")
def release(request, recall, number):
    """Tells the places that a drift pass found: one click, for the version that was shown."""
    version = get_object_or_404(recall.versions, number=number)

    def do(recall, by, at):
        at_once = "at_once" in request.POST
        return release_version(version=version, by=by, at=at, at_once=at_once)

    return attempt(request, recall, f"The places of version {number} are being told.", do)


@act("recalls.complete_recall")
def complete(request, recall):
    said = "Completed. A second person can now close it."
    return attempt(request, recall, said, life.complete_recall)


@act("recalls.close_recall")
def close(request, recall):
    form = CloseForm(request.POST, auto_id="close_%s")
    said = "Closed. The record can no longer be changed."
    return attempt(request, recall, said, life.close_recall, form=form, slot="close")


@act("recalls.add_subscription")
def add_subscription(request, recall):
    form = SubscribeForm(request.POST, auto_id="sub_%s")

    def said(row):
        return f"{row.address} gets the status reports."

    return attempt(request, recall, said, subscribe, form=form, slot="subscribe")


@act("recalls.change_subscription")
def remove_subscription(request, recall, pk):
    row = get_object_or_404(Subscription, pk=pk, recall=recall)

    def do(recall, by, at):
        return unsubscribe(subscription=row, by=by, at=at)

    return attempt(request, recall, f"{row.address} gets no more status reports.", do)
