"""Whether a recall could be told: contacts at the places that get goods, and whether they work."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q

from batches.models import Contact, Holding, Location
from batches.reports.audit.shapes import Check, Found, Kind, Look, Severity, about

MISSING = Kind("no_contact", "Place without a contact", fix="Add a contact", door="admin")
UNTESTED = Kind("contact_untested", "Contact not tested", Severity.GAP, "Test the contact")
TESTED_FOR = timedelta(days=365)


def _contacts(look: Look) -> Iterator[Found]:
    told = Contact.objects.filter(receives_notices=True).exclude(email="")
    stale = Q(contacts__tested_at=None) | Q(contacts__tested_at__lt=look.now - TESTED_FOR)
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
        text = f"{which} {'were' if old > 1 else 'was'} not tested within a year."
        yield about(UNTESTED, Location, pk, code, text)


CONTACTS = Check("contacts", _contacts, (MISSING, UNTESTED))
