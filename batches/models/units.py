"""Unit codes: the secrets on single packs, kept as keyed hashes, and how often each was checked."""

from django.conf import settings
from django.db import models


class UnitSeries(models.Model):
    """Unit codes issued to a batch at once. The codes themselves are with the printer only."""

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="unit_series")
    count = models.PositiveIntegerField()
    key_mark = models.CharField(
        max_length=16, help_text="Tells which key hashed the codes, without telling the key."
    )
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name_plural = "unit series"
        permissions = [
            ("issue_unit_codes", "Can issue unit codes"),
            ("void_unit_codes", "Can void unit codes"),
        ]

    def __str__(self):
        return f"{self.count} unit codes of {self.batch}"


class UnitCode(models.Model):
    """One code's keyed hash and its history: `checks` counts all, the rows only the first."""

    series = models.ForeignKey(UnitSeries, models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    checks = models.PositiveIntegerField(default=0)
    first_checked_at = models.DateTimeField(null=True)
    last_checked_at = models.DateTimeField(null=True)
    flagged_at = models.DateTimeField(null=True, help_text="Checked unusually often since.")

    class Meta:
        ordering = ["series", "pk"]

    def __str__(self):
        # Of the hash, so that staff can tell two codes apart that they never see.
        return f"Unit {self.digest[:8]}"


class UnitCheck(models.Model):
    """That somebody checked a code: when, a keyed hash of the network it came from, and the
    country where a proxy says it."""

    code = models.ForeignKey(UnitCode, models.PROTECT, related_name="history", db_index=False)
    at = models.DateTimeField()
    network = models.CharField(max_length=16)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        ordering = ["code", "at", "pk"]
        indexes = [models.Index(fields=["code", "at"], name="unit_check_of_code")]

    def __str__(self):
        return f"{self.code} checked"


class RateWindow(models.Model):
    """How often `key` came up since `since` (milliseconds, UTC). Counters, no records: a
    window that is over is forgotten. Written by one statement, `operations.limits.count`."""

    key = models.CharField(max_length=80, primary_key=True)
    since = models.BigIntegerField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["key"]

    def __str__(self):
        return f"{self.key}: {self.count}"
