"""Products: what is made or sold."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse


class Product(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    brand = models.CharField(max_length=100, blank=True)
    gtin = models.CharField(
        "GTIN",
        max_length=14,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\d{14}$", "A GTIN is stored with 14 digits.")],
        help_text="8, 12, 13 or 14 digits; kept as 14 with leading zeros.",
    )
    category = models.CharField(max_length=100, blank=True)
    unit = models.CharField(max_length=12, default="piece", help_text="For example kg, l, case.")
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    number_pattern = models.CharField(
        max_length=100,
        blank=True,
        help_text="How its batch numbers are made, such as {YY}{JJJ}{counter:3/day}{check}. "
        "Empty: the site's pattern.",
    )
    numbers_gap_free = models.BooleanField(
        "numbers without gaps",
        default=True,
        help_text="A number that comes to nothing is given back. Otherwise it stays unused, and "
        "two lines need not wait for each other.",
    )
    picture = models.CharField(max_length=200, blank=True, help_text="Address of a picture.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code", "pk"]

    def __str__(self):
        return f"{self.code} {self.name}"

    def get_absolute_url(self):
        return reverse("product-detail", args=[self.code])
