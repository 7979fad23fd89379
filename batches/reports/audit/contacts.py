"""Whether a recall could be told: contacts at the places that get goods, and whether they work."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from batches.models import Contact, Holding, Location
from batches.operations.contacts import RETURNED, returned_text
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about

MISSING = Kind("no_contact", "Place without a contact", fix="Add a contact", door="admin")
UNTESTED = Kind("contact_untested", "Contact not tested", Severity.GAP, "Test the contact")
CAME_BACK = Kind(RETURNED, "Mail to a contact came back", fix="Look at the contact")


def _contacts(look: Look) -> Iterator[Found]:
    told = Contact.objects.told()
    since = look.now - timedelta(days=settings.CONTACT_TEST_DAYS)
    stale = Q(contacts__tested_at=None) | Q(contacts__tested_at__lt=since)
    usable = Q(contacts__receives_notices=True) & ~Q(contacts__email="")
    places = (
        Location.objects.filter(Exists(Holding.objects.filter(location=OuterRef("pk"))))
        .filter(active=True, is_own=False)
        .exclude(kind=Location.Kind.SUPPLIER)
    )
    for pk, code, name in places.exclude(Exists(told.filter(location=OuterRef("pk")))).values_list(
        "pk", "code", "name"
    ):
        text = f"{name} gets goods, and nobody there would be told of a recall."
        yield about(MISSING, Location, pk, code, text)
    counted = places.annotate(n=Count("contacts", usable), old=Count("contacts", usable & stale))
    for pk, code, n, old in counted.filter(old__gt=0).values_list("pk", "code", "n", "old"):
        which = f"{old} of its {n} contacts" if n > 1 else "Its contact"
        was = "were" if old > 1 else "was"
        text = f"{which} {was} not tested within {settings.CONTACT_TEST_DAYS} days."
        yield about(UNTESTED, Location, pk, code, text)
    returned = Location.objects.annotate(
        n=Count("contacts", filter=Q(contacts__returned_at__isnull=False))
    )
    for pk, code, name, n in returned.filter(n__gt=0).values_list("pk", "code", "name", "n"):
        yield about(CAME_BACK, Location, pk, code, returned_text(name, n))


CONTACTS = Check("contacts", _contacts, (MISSING, UNTESTED, CAME_BACK))
