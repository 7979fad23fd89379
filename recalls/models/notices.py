"""Notices: e-mails owed. The row is the debt; workers pay it, attempt by attempt.

Recipient (one address in one recall) 1--n Notice n--m ScopeLine
Notice 1--n Attempt 1--1 Outcome
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q


class Recipient(models.Model):
    """One address that a recall writes to; its uuid, signed, is the response link."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="recipients")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    address = models.EmailField(blank=True, help_text="Empty: reached by telephone alone.")
    address_key = models.CharField(
        max_length=254, help_text="Normalised for comparison; without an address, the number."
    )
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="en")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["recall", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "address_key"], name="recipient_once")
        ]

    def __str__(self):
        return f"Recipient {self.pk} of {self.recall}"


class NoticeQuerySet(models.QuerySet):
    def due(self, now):
        """Notices that a worker may claim: due, not leased to another, and not stopped."""
        S = Notice.State
        stopped = SendStop.objects.filter(recall=OuterRef("recall"), resumed_at__isnull=True)
        return self.filter(
            Q(state=S.PENDING, not_before__lte=now) | Q(state=S.SENDING, lease_until__lt=now)
        ).filter(Q(kind__in=Notice.TO_OUR_OWN) | ~Exists(stopped))


class Notice(models.Model):
    """One e-mail owed to one address about one scope version; content fixed when written.

    A contact test and the reminder of a drill that is owed belong to no recall.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", "Recall notice"
        REMINDER = "reminder", "Reminder"
        REPORT = "report", "Status report"
        ESCALATION = "escalation", "Escalation"
        CONTACT = "contact", "Contact test"
        REMOVAL = "removal", "No longer part of it"
        ALARM = "alarm", "Alarm"
        TEST = "test", "Test to oneself"
        DRILL = "drill", "A drill has begun"
        DRILL_DUE = "drill_due", "A drill is due"
        PASSED = "passed", "Notice passed on"
        CUSTOMER = "customer", "Reminder to a customer"
        WIDENED = "widened", "More batches, to a customer"
        UPDATE_DUE = "update_due", "A status update is overdue"

    class State(models.TextChoices):
        PENDING = "pending", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        ACCEPTED = "accepted", "Accepted by the mail server"
        FAILED = "failed", "Not delivered"
        BOUNCED = "bounced", "Returned: not delivered"
        WITHDRAWN = "withdrawn", "Not sent: no longer true"

    # What a mail server refused, or took and gave back.
    UNDELIVERED = (State.FAILED, State.BOUNCED)
    # What goes to the recall's own people; no stop keeps it back.
    TO_OUR_OWN = (Kind.REPORT, Kind.ALARM, Kind.TEST, Kind.DRILL, Kind.DRILL_DUE, Kind.UPDATE_DUE)

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, null=True, related_name="notices")
    version = models.ForeignKey(
        "recalls.ScopeVersion", models.PROTECT, null=True, related_name="notices"
    )
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOTICE)
    round = models.CharField(
        max_length=20,
        default="",
        blank=True,
        help_text="Which reminder or report this is; empty for the notice itself.",
    )
    lines = models.ManyToManyField(
        "recalls.ScopeLine", through="NoticeLine", related_name="notices"
    )
    address = models.EmailField()
    address_key = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    attachment_name = models.CharField(max_length=100, blank=True)
    attachment = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=36, blank=True)
    attempts_made = models.PositiveIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    last_reply = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    again_at = models.DateTimeField(
        null=True, help_text="When somebody had it sent again after it had failed."
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "round", "address_key"], name="notice_once"
            ),
            models.UniqueConstraint(
                fields=["address_key", "round"],
                condition=Q(kind="contact"),
                name="contact_test_mail_once",
            ),
            models.UniqueConstraint(
                fields=["address_key", "round"],
                condition=Q(kind="drill_due"),
                name="drill_reminder_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["contact", "drill_due"],
                    recall__isnull=True,
                    version__isnull=True,
                    recipient__isnull=True,
                )
                # A test goes to whom wrote the text, before there is a version.
                | Q(kind="test", recall__isnull=False, recipient__isnull=True)
                # That one has begun: nothing is frozen yet.
                | Q(kind="drill", recall__isnull=False, recipient__isnull=True)
                | ~Q(kind__in=["contact", "test", "drill", "drill_due"])
                & Q(recall__isnull=False, version__isnull=False),
                name="notice_belongs_to_a_recall",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["pending", "sending"]),
                name="notice_owed",
            )
        ]

    def __str__(self):
        whose = f" of {self.recall}" if self.recall_id else ""
        return f"{self.get_kind_display()} {self.pk}{whose}"

    @property
    def is_undelivered(self) -> bool:
        return self.state in self.UNDELIVERED


class NoticeLine(models.Model):
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="notice_lines")
    line = models.ForeignKey("recalls.ScopeLine", models.PROTECT, related_name="notice_lines")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "line"], name="notice_line_once")]

    def __str__(self):
        return f"{self.line} in {self.notice}"


class Attempt(models.Model):
    """A send that was begun. Append-only: copies of a notice never exceed its attempts."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=100)
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["notice", "number", "pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "number"], name="attempt_once")]

    def __str__(self):
        return f"Attempt {self.number} at {self.notice}"


class Outcome(models.Model):
    """How an attempt ended. Append-only; an attempt without one is uncertain."""

    class Result(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        RETRY = "retry", "Try again later"
        FAILED = "failed", "Refused"

    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="outcome")
    result = models.CharField(max_length=10, choices=Result)
    reply = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_result_display()}: {self.reply}"


class SendStop(models.Model):
    """Somebody stopped the notices of a recall; nothing goes out until it is resumed."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="send_stops")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    resumed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall"], condition=Q(resumed_at__isnull=True), name="send_stop_once"
            )
        ]

    def __str__(self):
        return f"Notices of {self.recall} stopped"


class Subscription(models.Model):
    """Who gets status reports: of one recall, or by default of every new one (recall null)."""

    recall = models.ForeignKey(
        "recalls.Recall", models.PROTECT, null=True, blank=True, related_name="subscriptions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    email = models.EmailField(blank=True, help_text="Empty: the user's own address.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(email=""), name="subscription_has_address"
            )
        ]

    def __str__(self):
        return self.address

    @property
    def address(self) -> str:
        return self.email or (self.user.email if self.user else "")
