"""What people wrote for a recall: one text for each audience and language, and its pictures."""

from django.conf import settings
from django.db import models


class RecallMessage(models.Model):
    """A text as people changed it; where there is none, the template text is sent.

    `revision` counts the saves, so that nobody overwrites what he has not seen.
    """

    class Audience(models.TextChoices):
        TRADE = "trade", "Trade letter"
        STORE = "store", "Store"
        CONSUMER = "consumer", "Consumer notice"
        PRESS = "press", "Press"

    class Language(models.TextChoices):
        EN = "en", "English"
        DE = "de", "Deutsch"
        ES = "es", "Español"
        FR = "fr", "Français"
        AR = "ar", "العربية"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="messages")
    audience = models.CharField(max_length=8, choices=Audience)
    language = models.CharField(max_length=2, choices=Language)
    subject = models.CharField(max_length=120)
    order = models.CharField(max_length=300)
    wrong = models.TextField()
    todo = models.TextField()
    remedy = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    sold = models.TextField(blank=True)
    wording_reason = models.TextField(
        blank=True, help_text="Why words that soften a consumer notice stay."
    )
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["recall", "audience", "language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recall", "audience", "language"], name="recall_message_once"
            )
        ]

    def __str__(self):
        return f"{self.get_audience_display()} of {self.recall}, {self.get_language_display()}"


class MessageFile(models.Model):
    """A picture that goes out with the notices. Its content is never changed."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="message_files")
    name = models.CharField(max_length=60)
    caption = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, help_text="From then on it goes out no more.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "name"], name="message_file_name_once")
        ]

    def __str__(self):
        return f"{self.name} of {self.recall}"


class NoticeFile(models.Model):
    """A picture in a notice, as the notice was written. Append-only."""

    notice = models.ForeignKey("recalls.Notice", models.PROTECT, related_name="notice_files")
    file = models.ForeignKey(MessageFile, models.PROTECT, related_name="notice_files")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "file"], name="notice_file_once")]

    def __str__(self):
        return f"{self.file} in {self.notice}"


class ContactEntry(models.Model):
    """A call, letter or visit, reached or not."""

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone"
        LETTER = "letter", "Letter"
        VISIT = "visit", "Visit"

    channel = models.CharField(max_length=8, choices=Channel, default=Channel.PHONE)
    person = models.CharField(max_length=200, blank=True, help_text="Who was spoken to.")
    reached = models.BooleanField()
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["at", "pk"]


class Contacted(ContactEntry):
    """One to a place. Append-only."""

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="contacted")
    location = models.ForeignKey("batches.Location", models.PROTECT, related_name="+")

    class Meta(ContactEntry.Meta):
        indexes = [models.Index(fields=["recall", "location"], name="contacted_place")]

    def __str__(self):
        return f"{self.get_channel_display()} to {self.location} about {self.recall}"


class CustomerContacted(ContactEntry):
    """One to a customer whom a recipient named. Append-only."""

    customer = models.ForeignKey("recalls.Recipient", models.PROTECT, related_name="contacted")

    def __str__(self):
        return f"{self.get_channel_display()} to a customer, {self.customer}"
