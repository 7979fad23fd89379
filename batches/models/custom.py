"""What a site wants to know of its batches beyond the columns that every batch has."""

from django.db import models
from django.db.models import Q


class CustomField(models.Model):
    """A fact that administrators add to the batches of their site. `key` is the name as headers of
    files are compared."""

    name = models.CharField(
        max_length=40, help_text="As the page of a batch says it, and as files head its column."
    )
    key = models.CharField(max_length=120, editable=False)
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Low numbers stand first, equal ones by name."
    )
    is_promoted = models.BooleanField(
        "among the facts",
        default=False,
        help_text="Shown at once on the page of a batch; else under “More facts”.",
    )

    class Meta:
        ordering = ["position", "name", "pk"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="custom_field_named_once"),
            models.CheckConstraint(condition=~Q(key=""), name="custom_field_has_a_name"),
        ]

    def __str__(self):
        return self.name


class CustomValueQuerySet(models.QuerySet):
    def for_page(self):
        """With their fields, in the order in which administrators want them."""
        ordered = self.order_by("field__position", "field__name", "pk")
        return ordered.select_related("field")


class CustomValue(models.Model):
    """What is said of one batch in one custom field. Nothing said: no row."""

    batch = models.ForeignKey("batches.Batch", models.PROTECT, related_name="custom_values")
    field = models.ForeignKey(CustomField, models.PROTECT, related_name="+")
    text = models.CharField(max_length=200)

    objects = CustomValueQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "field_id", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["batch", "field"], name="custom_value_once"),
            models.CheckConstraint(condition=~Q(text=""), name="custom_value_says_something"),
        ]

    def __str__(self):
        return self.text
