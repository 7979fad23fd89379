"""What each person set for their own screen, and the views of lists that they keep, counted."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Preferences(models.Model):
    """One row per person who chose anything; nobody needs one."""

    class Theme(models.TextChoices):
        SYSTEM = "", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        AUTO = "", "Close on a desk, wide on a touch screen"
        COMPACT = "compact", "Close"
        COMFORTABLE = "comfortable", "Wide"

    SIZES = (25, 50, 100, 200)

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="preferences"
    )
    theme = models.CharField(max_length=12, choices=Theme, default=Theme.SYSTEM, blank=True)
    density = models.CharField(max_length=12, choices=Density, default=Density.AUTO, blank=True)
    zone = models.CharField(
        max_length=64, blank=True, help_text="An IANA time zone; empty is the site's."
    )
    keys = models.BooleanField("single keys", default=True)
    page_size = models.PositiveSmallIntegerField(
        choices=[(size, f"{size} rows") for size in SIZES], default=50
    )
    columns = models.JSONField(
        default=dict, blank=True, help_text="By list, the names of its columns in their order."
    )

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(
                condition=Q(theme__in=["", "light", "dark"]), name="preferences_theme_is_known"
            ),
            models.CheckConstraint(
                condition=Q(density__in=["", "compact", "comfortable"]),
                name="preferences_density_is_known",
            ),
            models.CheckConstraint(
                condition=Q(page_size__in=[25, 50, 100, 200]), name="preferences_size_is_known"
            ),
        ]

    def __str__(self):
        return f"Preferences of {self.user}"


class SavedViewQuerySet(models.QuerySet):
    def seen_by(self, user):
        """The person's own, and those that others share."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """A list as somebody left it: its filters, columns and order, which are its query string."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views")
    page = models.CharField(max_length=60, help_text="The name of the list's address.")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField("shared with everybody", default=False)
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["page", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_named_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]
        indexes = [models.Index(fields=["page", "is_shared"], name="saved_view_of_a_list")]

    def __str__(self):
        return self.name


class ViewCount(models.Model):
    """How many rows a tab of a list had, counted to a limit by the clock and never by a page."""

    page = models.CharField(max_length=60, help_text="The name of the list's address.")
    query = models.CharField(max_length=2000, blank=True)
    count = models.PositiveIntegerField(help_text="One more than the limit is: more than that.")
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["page", "query", "pk"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["page", "query"], name="view_counted_once")]

    def __str__(self):
        return f"{self.page}?{self.query}: {self.count}"
