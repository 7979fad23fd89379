"""The append-only, hash-chained log, and the findings that ask a person to look."""

from django.conf import settings
from django.db import connections, models
from django.db.models import Q


class EventQuerySet(models.QuerySet):
    def verbs(self) -> list[str]:
        """Every verb there is, in order: from one to the next by the index. To read a log of ten
        million for it takes seconds."""
        table = self.model._meta.db_table
        following = f'(SELECT MIN("verb") FROM "{table}" WHERE "verb" > found.verb)'
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                f'WITH RECURSIVE found(verb) AS (SELECT MIN("verb") FROM "{table}" UNION ALL '
                f"SELECT {following} FROM found WHERE found.verb IS NOT NULL) "
                "SELECT verb FROM found WHERE verb IS NOT NULL"
            )
            return [verb for (verb,) in cursor.fetchall()]


class Event(models.Model):
    """One change of one object. Written by `operations.events.record` only; never changed.

    `hash` is the SHA-256, in hex, of the previous hash and the canonical JSON of the
    other fields, so that a changed, missing or inserted row breaks the chain.
    """

    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    label = models.CharField(max_length=200, help_text="How the object was called then.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-seq", "-pk"]
        indexes = [
            models.Index(fields=["verb", "-seq"], name="event_verb"),
            models.Index(fields=["object_type", "object_id", "-seq"], name="event_of_object"),
            models.Index(fields=["-at"], name="event_at"),
        ]

    def __str__(self):
        return f"{self.seq} {self.verb} {self.label}"


class FindingQuerySet(models.QuerySet):
    def open(self):
        """Not closed: the fault is there, whether or not somebody accepted it."""
        return self.filter(closed_at__isnull=True)

    def unsettled(self):
        """Open, and accepted by nobody: what waits for a person."""
        return self.open().filter(accepted_at__isnull=True)

    def in_state(self, state: str):
        match state:
            case Finding.State.CLOSED:
                return self.filter(closed_at__isnull=False)
            case Finding.State.ACCEPTED:
                return self.open().filter(accepted_at__isnull=False)
            case Finding.State.ASSIGNED:
                return self.unsettled().filter(owner__isnull=False)
            case Finding.State.OPEN:
                return self.unsettled().filter(owner__isnull=True)
        return self


class Finding(models.Model):
    """Something the system noticed that a person should see: an alarm, a gap, a contradiction.

    It is open until it has an owner, accepted when somebody says why it may stay, and closed when
    the fault is gone: one that is accepted is still there, and closes as any other.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ASSIGNED = "assigned", "Assigned"
        ACCEPTED = "accepted", "Accepted"
        CLOSED = "closed", "Closed"

    class Severity(models.TextChoices):
        ALARM = "alarm", "Alarm"
        WARNING = "warning", "Warning"
        GAP = "gap", "Data gap"

    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    text = models.TextField()
    found_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="findings"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    accept_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    close_reason = models.TextField(blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_type", "object_id"],
                condition=Q(closed_at__isnull=True),
                name="finding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | ~Q(accept_reason=""),
                name="finding_accepted_with_reason",
            ),
        ]

    def __str__(self):
        return f"{self.label}: {self.text}"

    @property
    def state(self) -> "Finding.State":
        if self.closed_at:
            return self.State.CLOSED
        if self.accepted_at:
            return self.State.ACCEPTED
        return self.State.ASSIGNED if self.owner_id else self.State.OPEN
