"""Papers that people of ours add to a recall: a lab result, a letter of the authority."""

from django.conf import settings
from django.db import models


class RecallFile(models.Model):
    """A file under a name of ours, as it was read by its content. Append-only.

    It lies in the database: no server ever hands it out by itself.
    """

    class Kind(models.TextChoices):
        LAB = "lab", "Lab result"
        AUTHORITY = "authority", "Letter of an authority"
        REPORT = "report", "Report as filed"
        OTHER = "other", "Another paper"

    recall = models.ForeignKey("recalls.Recall", models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    name = models.CharField(max_length=60)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "name"], name="recall_file_name_once"),
            models.UniqueConstraint(fields=["recall", "sha256"], name="recall_file_once"),
        ]

    def __str__(self):
        return f"{self.title} ({self.recall})"
