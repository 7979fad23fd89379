"""Testing contacts outside a recall: asking them from the locations, and the page they confirm on.

The link in the address is the whole right to confirm. Opening it changes nothing.
"""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation

from batches.lists.access import needs
from batches.lists.ticked import keys
from batches.models import Contact, Location
from batches.operations.contacts import keep_contact
from recalls.links import contact_test_for
from recalls.message.languages import known
from recalls.operations.contact_tests import (
    MOST,
    VALID_FOR,
    ask_contacts,
    confirm_test,
    contacts_of,
)
from recalls.views.public import public_page, render_public


@needs("recalls.add_contacttest")
def ask_at(request, code):
    """Asks everybody at one location who gets notices."""
    place = get_object_or_404(Location, code=code)
    if request.method == "POST":
        _ask(request, Contact.objects.told().filter(location=place))
    return redirect(place)


@needs("recalls.add_contacttest")
def ask_all(request):
    """Asks at the locations that were ticked; without a tick, whoever was not tested of late."""
    if request.method != "POST":
        context = {"count": _untested().count(), "most": MOST, "days": settings.CONTACT_TEST_DAYS}
        return render(request, "recalls/contact_tests.html", context)
    ticked = keys(request.POST.getlist("location"))
    _ask(request, Contact.objects.told().filter(location__in=ticked) if ticked else _first())
    return redirect("location-list")


def _untested():
    """Who would get a notice, and did not confirm of late that mail arrives."""
    tested = Contact.objects.tested(timezone.now())
    told = Contact.objects.told().filter(location__active=True)
    return told.exclude(pk__in=tested.values("pk"))


def _first():
    never_first = F("test_sent_at").asc(nulls_first=True)
    return _untested().order_by(never_first, "pk")[:MOST]


def _ask(request, contacts) -> None:
    try:
        asked = ask_contacts(contacts=contacts, by=request.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, asked.said)


@needs("batches.change_contact")
def keep(request, code, pk):
    """A person decides that the address stays, although mail came back."""
    contact = get_object_or_404(Contact, pk=pk, location__code=code)
    if request.method == "POST":
        try:
            reason = request.POST.get("reason", "")
            keep_contact(contact=contact, reason=reason, by=request.user, at=timezone.now())
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"{contact} goes on getting notices at this address.")
    return redirect(contact.location)


def _confirm_page(view):
    """In the language of the contact; a link that says nothing gets one answer for all reasons."""

    @public_page("GET", "HEAD", "OPTIONS", "POST")
    @wraps(view)
    def wrapped(request, token):
        notice = contact_test_for(token)
        contacts = contacts_of(notice) if notice else []
        with translation.override(known(contacts[0].language if contacts else "")):
            made = getattr(notice, "confirmation", None)
            is_old = notice and timezone.now() - notice.created_at > VALID_FOR
            if not contacts or (is_old and not made):
                return render_public("contact_gone", _context(), status=404)
            return view(request, token, notice, contacts)

    return wrapped


def _context(**more) -> dict:
    return {"lang": translation.get_language(), **more}


@_confirm_page
def confirm(request, token, notice, contacts):
    """Only a POST confirms; whoever loads the page again is thanked again."""
    if request.method == "POST":
        try:
            confirm_test(notice=notice, at=timezone.now())
        except ValidationError:
            return render_public("contact_gone", _context(), status=404)
        return redirect("contact-confirm", token)
    made = getattr(notice, "confirmation", None)
    named = sorted({contact.location for contact in contacts}, key=lambda place: place.code)
    return render_public("contact", _context(named=named, confirmed_at=made.at if made else None))
