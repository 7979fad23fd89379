"""Papers and pictures that recipients hand in with their answers."""

from django.db import models


class HandedIn(models.Model):
    """A photo or a certificate from a recipient, under a name of ours. Append-only.

    It lies in the database: no server ever hands it out by itself.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", "Photo of the goods"
        CERTIFICATE = "certificate", "Certificate of destruction"
        OTHER = "other", "Another paper"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="handed_in")
    recipient = models.ForeignKey("recalls.Recipient", models.PROTECT, related_name="handed_in")
    kind = models.CharField(max_length=11, choices=Kind)
    name = models.CharField(max_length=60)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "name"], name="handed_in_name_once"),
            models.UniqueConstraint(fields=["recipient", "sha256"], name="handed_in_once"),
        ]

    def __str__(self):
        return f"{self.name} from {self.recipient}"
