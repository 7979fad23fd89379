"""What comes back: mail that was returned, and addresses that were confirmed."""

from django.db import models


class Bounce(models.Model):
    """A report that a mail was returned or is late, from its signed return path. Append-only."""

    class Kind(models.TextChoices):
        RETURNED = "returned", "Returned"
        DELAYED = "delayed", "Late, still being tried"

    notice = models.ForeignKey("recalls.Notice", models.PROTECT, related_name="bounces")
    attempt = models.ForeignKey("recalls.Attempt", models.PROTECT, related_name="bounces")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=12, blank=True, help_text="RFC 3463 status, such as 5.1.1.")
    text = models.CharField(max_length=300, blank=True, help_text="The server's words, no address.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of the report as it came.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.notice}"


class ContactTest(models.Model):
    """A mail that asks a contact whether it arrives. Contacts of one mailbox share it.

    Append-only.
    """

    notice = models.ForeignKey("recalls.Notice", models.PROTECT, related_name="contact_tests")
    contact = models.ForeignKey("batches.Contact", models.PROTECT, related_name="tests")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "contact"], name="contact_test_once")
        ]

    def __str__(self):
        return f"Test {self.notice_id} of contact {self.contact_id}"


class ContactConfirmation(models.Model):
    """Somebody pressed “This reaches me” behind the link of a contact test. Append-only."""

    notice = models.OneToOneField("recalls.Notice", models.PROTECT, related_name="confirmation")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"Mail {self.notice_id} was confirmed"
