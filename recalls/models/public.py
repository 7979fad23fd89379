"""What the public is told of a recall: published by a person, ended by one, never deleted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse


class PublicNotice(models.Model):
    """The notice of one recall. Its texts are kept as they were published; its batches are those
    of the newest released version, so that a batch that is added is told of at once."""

    recall = models.OneToOneField("recalls.Recall", models.PROTECT, related_name="public_notice")
    slug = models.SlugField(unique=True)
    texts = models.JSONField(help_text="What it says, by language.")
    revision = models.PositiveIntegerField(default=1)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(help_text="For the first time.")
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_because = models.TextField(blank=True)

    class Meta:
        ordering = ["-published_at", "-pk"]
        permissions = [("publish_notice", "Can publish a notice to the public, and end it")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(ended_by__isnull=False) & ~Q(ended_because=""),
                name="public_notice_ended_with_a_reason",
            )
        ]

    def __str__(self):
        return f"Public notice of {self.recall}"

    def get_absolute_url(self):
        return reverse("notice-page", args=[self.slug])
