"""Products, and locations with their contacts."""

from django.contrib import admin

from batches.admin.base import OperationAdmin, kept_rows
from batches.models import Contact, Location, Product
from batches.operations.master import save_contact, save_location, save_product


@admin.register(Product)
class ProductAdmin(OperationAdmin):
    imports = True
    list_display = ["code", "name", "brand", "gtin", "category", "unit", "active"]
    list_filter = ["active", "category"]
    search_fields = ["code", "name", "brand", "gtin"]
    fieldsets = [
        (None, {"fields": ["code", "name", "brand", "gtin", "category", "active"]}),
        (
            "Batches",
            {
                "fields": [
                    "unit",
                    "shelf_life_days",
                    "number_pattern",
                    "numbers_gap_free",
                    "picture",
                ]
            },
        ),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "gtin":
            # The operation fills short ones up; only then have they their 14 digits.
            field.clean = _short_or_long(field.clean)
        return field

    def write(self, request, obj, seen, formsets):
        save_product(product=obj, seen=seen, **self.by_now(request))


def _short_or_long(clean):
    def padded(value):
        digits = (value or "").strip()
        return clean(digits.zfill(14) if len(digits) in {8, 12, 13} else digits)

    return padded


class ContactInline(admin.StackedInline):
    model = Contact
    extra = 0
    fields = [("name", "email", "phone"), ("language", "receives_notices")]

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Location)
class LocationAdmin(OperationAdmin):
    imports = True
    lines = ("contacts",)
    list_display = ["code", "name", "kind", "is_own", "city", "country", "parent", "active"]
    list_filter = ["kind", "is_own", "active"]
    list_select_related = ["parent"]
    search_fields = ["code", "name", "city", "gln"]
    autocomplete_fields = ["parent"]
    inlines = [ContactInline]
    fieldsets = [
        (None, {"fields": ["code", "name", "kind", "is_own", "parent", "gln", "active"]}),
        (
            "Address",
            {
                "fields": [
                    "street",
                    ("postcode", "city", "country"),
                    ("latitude", "longitude"),
                    ("timezone", "day_begins_hour"),
                    "opening_hours",
                ]
            },
        ),
    ]

    def write(self, request, obj, seen, formsets):
        save_location(location=obj, seen=seen, **self.by_now(request))
        for contact in [contact for formset in formsets for contact in kept_rows(formset)]:
            contact.location = obj
            save_contact(contact=contact, **self.by_now(request))
