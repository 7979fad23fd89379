"""Locations, places that can have stock, and the contacts there who are told of recalls."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from batches.codes.patterns import production_day

# Looked up on the disk once: each look takes longer than saving a place.
_ZONES = available_timezones()


def check_zone(name: str) -> None:
    if name not in _ZONES:
        raise ValidationError(
            f"“{name}” is not a time zone. Use a name such as Europe/Berlin or America/New_York."
        )


class LocationQuerySet(models.QuerySet):
    def own(self):
        return self.filter(is_own=True)


class Location(models.Model):
    class Kind(models.TextChoices):
        SUPPLIER = "supplier", "Supplier"
        PLANT = "plant", "Plant"
        WAREHOUSE = "warehouse", "Warehouse"
        DISTRIBUTION_CENTRE = "distribution_centre", "Distribution centre"
        STORE = "store", "Store"
        CUSTOMER = "customer", "Customer"

    # Stock there is ours to hold, unless the record says otherwise.
    OWN_KINDS = frozenset({Kind.PLANT, Kind.WAREHOUSE})

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=24, choices=Kind, default=Kind.CUSTOMER)
    is_own = models.BooleanField(
        "own site", default=False, help_text="Stock here is ours: a recall holds it at once."
    )
    gln = models.CharField(
        "GLN",
        max_length=13,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^\d{13}$", "A GLN has 13 digits.")],
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code, such as DE.")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    timezone = models.CharField(
        max_length=40, blank=True, validators=[check_zone], help_text="Empty: the site's zone."
    )
    day_begins_hour = models.PositiveSmallIntegerField(
        "production day begins at",
        default=0,
        blank=True,
        validators=[MaxValueValidator(23)],
        help_text="Hour on the clock there. What is made before it counts to the day before.",
    )
    opening_hours = models.CharField(
        max_length=200,
        blank=True,
        help_text="As people say them, such as Mon to Fri 6:00 to 14:00.",
    )
    active = models.BooleanField(default=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["code", "pk"]

    def __str__(self):
        return f"{self.code} {self.name}"

    def get_absolute_url(self):
        return reverse("location-detail", args=[self.code])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone or settings.SITE_TIME_ZONE)

    def production_day(self, moment: datetime) -> date:
        """The day that what is made here at `moment` counts to."""
        return production_day(moment, self.zone, self.day_begins_hour)

    def gaps(self, told: int | None, returned: int | None) -> list[str]:
        """What is missing of the place, given how many there are told of recalls and of how many
        mail came back; None is not known or not to be said."""
        is_ours = self.is_own or self.kind == self.Kind.SUPPLIER
        lacks = {
            "No GLN": not self.gln,
            "No position": self.latitude is None,
            "Nobody to tell": told == 0 and not is_ours,
            "Mail came back": bool(returned),
        }
        return [word for word, is_missing in lacks.items() if is_missing]

    @property
    def address(self) -> str:
        town = " ".join(part for part in (self.postcode, self.city) if part)
        return ", ".join(part for part in (self.street, town, self.country) if part)


class ContactQuerySet(models.QuerySet):
    def told(self):
        """Who a notice is written to."""
        return self.filter(receives_notices=True).exclude(email="")

    def tested(self, now: datetime):
        """Confirmed within CONTACT_TEST_DAYS, and nothing came back since."""
        since = now - timedelta(days=settings.CONTACT_TEST_DAYS)
        return self.filter(tested_at__gte=since, returned_at__isnull=True)


class Contact(models.Model):
    location = models.ForeignKey(Location, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, default="en")
    receives_notices = models.BooleanField(default=True)
    tested_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody there last confirmed that mail arrives."
    )
    test_sent_at = models.DateTimeField(null=True, blank=True, help_text="When last asked to.")
    returned_at = models.DateTimeField(
        null=True, blank=True, help_text="When mail last came back, until one is confirmed."
    )
    returned_text = models.CharField(max_length=300, blank=True, help_text="The server's words.")

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["location__code", "email", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "email"],
                condition=~models.Q(email=""),
                name="contact_once_per_location",
                violation_error_message="This address is already a contact of the location.",
            )
        ]

    def __str__(self):
        return self.name or self.email

    def is_tested(self, now: datetime) -> bool:
        """As `tested` in the database says it."""
        days = timedelta(days=settings.CONTACT_TEST_DAYS)
        return bool(self.tested_at and self.tested_at >= now - days and not self.returned_at)

    @property
    def mail_look(self) -> tuple[str, str, str]:
        """Colour key, word and glyph of what is known of its address, for a status tag."""
        if self.returned_at:
            return "crit", "Mail came back", "bounce"
        if not self.receives_notices:
            return "none", "No notices", "dash"
        if self.is_tested(timezone.now()):
            return "ok", "Tested", "okc"
        if self.test_sent_at and (not self.tested_at or self.test_sent_at > self.tested_at):
            return "hold", "Not confirmed", "clock"
        if self.tested_at:
            return "hold", "Test is old", "clock"
        return "none", "Not tested", "dash"
