"""Whose recall it is: the firm as reports name it."""

from dataclasses import dataclass

from django.conf import settings

from batches.models import Location


@dataclass(frozen=True)
class Firm:
    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""

    @property
    def address(self) -> str:
        town = f"{self.postcode} {self.city}".strip()
        return ", ".join(part for part in (self.street, town, self.country) if part)

    @property
    def contact(self) -> str:
        return ", ".join(part for part in (self.phone, self.email) if part)


def firm() -> Firm:
    """The location of the settings, else the first plant of ours, else the site alone."""
    code = settings.FIRM_LOCATION
    ours = Location.objects.filter(is_own=True, active=True, kind=Location.Kind.PLANT)
    place = Location.objects.filter(code=code).first() if code else ours.order_by("code").first()
    reach = {"phone": settings.SITE_PHONE, "email": settings.REPLY_TO_EMAIL}
    if place is None:
        return Firm(settings.SITE_NAME, **reach)
    # A plant is called after its town; the firm is called as the site is.
    name = place.name if code else settings.SITE_NAME
    return Firm(name, place.street, place.postcode, place.city, place.country, **reach)
