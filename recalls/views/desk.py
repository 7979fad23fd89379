"""What people do on the page of one place: each a POST that calls one operation."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.answers import PhoneForm
from recalls.forms.calls import ContactedForm
from recalls.forms.recalls import AddressForm, ReasonForm
from recalls.models import Notice, Recipient
from recalls.operations import desk
from recalls.operations.calls import log_contacts
from recalls.operations.notices import remind
from recalls.operations.responses import waive_location
from recalls.views.acts import refusal_of, refused, reminded
from recalls.views.asked import asked_at
from recalls.views.cases import find
from recalls.views.recipients import place_of, recipient_page


def act_at(permission: str, *, back_to_room: bool = False):
    """A POST about a place; the view gives what to say, what to do, a form and its slot.

    Anything but a POST, such as a reload, leads back to the page.
    """

    def decorate(view):
        @needs(permission)
        @wraps(view)
        def guarded(request, reference, code, **kwargs):
            recall = find(reference)
            place = place_of(recall, code)
            page = redirect("recall-recipient", recall.reference, place.code)
            if request.method != "POST":
                return page
            said, do, form, slot = view(request, recall, place, **kwargs)
            refusal = _attempt(request, said, do, form, slot)
            if refusal:
                return recipient_page(request, find(reference), place, refusal)
            return redirect(recall) if back_to_room else page

        return guarded

    return decorate


def _attempt(request, said, do, form, slot):
    """Calls `do` and says so; or gives back why not."""
    if form is not None and not form.is_valid():
        return refusal_of(form, slot)
    try:
        result = do(by=request.user, at=timezone.now())
    except ValidationError as error:
        return refused(error, form, slot)
    messages.success(request, said(result) if callable(said) else said)
    return None


@act_at("recalls.remind_recipients", back_to_room=True)
def remind_place(request, recall, place):
    def do(**who):
        return remind(recall=recall, locations=[place], **who)

    return reminded, do, None, ""


@act_at("recalls.remind_recipients")
def note_call(request, recall, place):
    form = ContactedForm(request.POST, auto_id="call_%s")

    def do(**who):
        return log_contacts(recall=recall, locations=[place], **form.cleaned_data, **who)

    return f"Noted for {place.name}.", do, form, "call"


@act_at("recalls.waive_location", back_to_room=True)
def waive_place(request, recall, place):
    form = ReasonForm(request.POST, auto_id="waive_%s")

    def do(**who):
        return waive_location(recall=recall, location=place, **form.cleaned_data, **who)

    return f"{place.name} is not waited for any more.", do, form, "waive"


@act_at("recalls.change_recall")
def answer_place(request, recall, place):
    form = PhoneForm(request.POST, asked=asked_at(recall, place), auto_id="answer_%s")

    def do(**who):
        told = {name: form.cleaned_data[name] for name in ("name", "reason")}
        given = {"recall": recall, "location": place, "answers": form.answers}
        return desk.answer_for_location(**given, **told, **who)

    return f"The answer of {place.name} is kept.", do, form, "answer"


@act_at("recalls.remind_recipients")
def send_again(request, recall, place, pk):
    notices = Notice.objects.filter(recall=recall, lines__location=place).distinct()
    notice = get_object_or_404(notices, pk=pk)

    def do(**who):
        return desk.send_again(notice=notice, **who)

    return f"The mail to {notice.address} is on its way again.", do, None, ""


@act_at("recalls.remind_recipients")
def tell_place(request, recall, place):
    form = AddressForm(request.POST, auto_id="address_%s")

    def do(**who):
        return desk.tell_at(recall=recall, location=place, **form.cleaned_data, **who)

    return "The notice to this address is on its way.", do, form, "address"


@act_at("recalls.change_recall")
def withdraw_link(request, recall, place, pk):
    recipients = Recipient.objects.filter(recall=recall, notices__lines__location=place).distinct()
    recipient = get_object_or_404(recipients, pk=pk)
    form = ReasonForm(request.POST, auto_id=f"withdraw_{pk}_%s")

    def do(**who):
        return desk.revoke_link(recipient=recipient, **form.cleaned_data, **who)

    return f"The link of {recipient.address} works no more.", do, form, "withdraw"
