"""What a recall covers: rules say it, versions freeze what they resolved to.

A version and its lines are append-only. A version whose release row is missing is a
draft: its holdings are held, its notices are not yet owed.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q


class ScopeRule(models.Model):
    class Kind(models.TextChoices):
        BATCHES = "batches", "These batches"
        PRODUCTION = "production", "Product made between two dates"
        SUPPLIER = "supplier", "A supplier's batch number"
        WINDOW = "window", "What was at a place"
        SHIPMENT = "shipment", "A shipment or pallet"
        COMPLAINT = "complaint", "What complaints are about"
        EXPIRY = "expiry", "Product that keeps until some days"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="rules")
    kind = models.CharField(max_length=16, choices=Kind)
    parameters = models.JSONField(
        help_text=(
            "batches: {batches: [id]}; production: {product: id, origin: id or null, "
            "from: ISO date or null, to: ISO date or null, line: text}; "
            "supplier: {number: text, supplier: id or null, product: id or null}; "
            "window: {location: id, product: id or null, from: ISO moment or null, to: the same}; "
            "shipment: {shipments: [id], sscc: text, left: true or false}; "
            "complaint: {complaints: [id]}; "
            "expiry: {product: id, spans: [[ISO date or null, ISO date or null]]}"
        )
    )
    source_text = models.TextField(
        blank=True, help_text="The wording that the rule was read out of, as it was pasted."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.recall})"


class ScopeExclusionQuerySet(models.QuerySet):
    def standing(self):
        """Exclusions that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class ScopeExclusion(models.Model):
    """A holding left out of the scope, with what had come to it when that was decided.

    More than that is something nobody has decided about: it is back in with the next look.
    """

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="exclusions")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    narrowing = models.ForeignKey(
        "recalls.Narrowing",
        models.PROTECT,
        null=True,
        related_name="exclusions",
        help_text="By which two people left it out of an active recall.",
    )
    links_in = models.PositiveIntegerField(
        null=True, help_text="Affected movements into it when that was decided; null: not looked."
    )
    received = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ScopeExclusionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "holding"],
                condition=Q(withdrawn_at__isnull=True),
                name="exclusion_once",
            )
        ]

    def __str__(self):
        return f"{self.holding} excluded from {self.recall}"


class ScopeVersion(models.Model):
    """What the rules resolved to at one moment, frozen. Append-only."""

    class Cause(models.TextChoices):
        ACTIVATION = "activation", "Activation"
        DRIFT = "drift", "New movements found"
        EXPANSION = "expansion", "Widened"
        NARROWING = "narrowing", "Narrowed by two people"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    cause = models.CharField(max_length=12, choices=Cause)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    complete = models.BooleanField()
    notes = models.JSONField(help_text="What the trace could not know: [{kind, count, text}].")
    rules = models.JSONField(help_text="The rules and exclusions as they stood.")
    sha256 = models.CharField(max_length=64)
    narrowing = models.OneToOneField(
        "recalls.Narrowing", models.PROTECT, null=True, related_name="version"
    )

    class Meta:
        ordering = ["recall", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "number"], name="scope_version_once"),
            models.CheckConstraint(
                condition=Q(cause="narrowing", narrowing__isnull=False)
                | ~Q(cause="narrowing") & Q(narrowing__isnull=True),
                name="scope_version_narrowed_by_a_narrowing",
            ),
        ]

    def __str__(self):
        return f"{self.recall} scope version {self.number}"

    @property
    def is_released(self) -> bool:
        return hasattr(self, "release")


class ScopeRelease(models.Model):
    """The decision to tell the recipients of a version. Append-only."""

    version = models.OneToOneField(ScopeVersion, models.PROTECT, related_name="release")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.version} released"


class ScopeLine(models.Model):
    """One affected holding with its values copied as they stood. Append-only.

    Quantities are in `unit`; null is unknown. `due` is what the place is asked
    to account for: what it got or made, less what the records say it passed on or used.
    """

    class Role(models.TextChoices):
        RECIPIENT = "recipient", "To be told"
        OWN_SITE = "own_site", "Held by us"
        SOURCE = "source", "Where it started"

    class Change(models.TextChoices):
        SAME = "same", "As before"
        NEW = "new", "New"
        CHANGED = "changed", "Changed"

    version = models.ForeignKey(ScopeVersion, models.PROTECT, related_name="lines")
    holding = models.ForeignKey("batches.Holding", models.PROTECT, related_name="+")
    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="+")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    change = models.CharField(max_length=8, choices=Change, default=Change.NEW)
    batch_number = models.CharField(max_length=60)
    origin_code = models.CharField(max_length=40)
    product_code = models.CharField(max_length=40)
    product_name = models.CharField(max_length=200)
    gtin = models.CharField(max_length=14, blank=True)
    expires_on = models.DateField(null=True)
    location_code = models.CharField(max_length=40)
    location_name = models.CharField(max_length=200)
    location_address = models.CharField(max_length=400, blank=True)
    unit = models.CharField(max_length=12)
    received = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    on_hand = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    due = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    links_in = models.PositiveIntegerField(
        null=True, help_text="Affected movements into the holding; null in lines from before."
    )
    since = models.DateTimeField(null=True, help_text="Affected since; null is since ever.")
    depth = models.PositiveIntegerField()
    path = models.JSONField(help_text="The evidence: steps from a starting point to here.")
    contacts = models.JSONField(help_text="Salted SHA-256 digests of the addresses told.")

    class Meta:
        ordering = ["version", "depth", "location_code", "product_code", "batch_number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "holding"], name="scope_line_once")
        ]
        indexes = [models.Index(fields=["version", "location"], name="scope_line_place")]

    def __str__(self):
        return f"{self.batch_number} at {self.location_name}"
