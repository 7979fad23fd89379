"""Tokens of the API: who may ask in whose name, kept as hashes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse


class ApiToken(models.Model):
    """One secret that another program shows instead of a password. The secret itself is with
    that program only; `prefix` is its visible beginning, by which it is found and named."""

    class Scope(models.TextChoices):
        CODES = "codes", "Codes only: what is this?"
        READ = "read", "Everything that the user may read"

    prefix = models.CharField(max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=60, help_text="Which program uses it, and where.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        help_text="Whose permissions apply.",
    )
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.READ)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="token_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["codes", "read"]), name="token_scope_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    def get_absolute_url(self):
        return reverse("api-tokens")

    def is_valid(self, at) -> bool:
        """Neither revoked nor expired, and its user is not disabled."""
        return self.revoked_at is None and at < self.expires_at and self.user.is_active
