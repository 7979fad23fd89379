"""Choosing a batch by typing: a number alone may be two batches, so product and origin show."""

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect


def named(batch) -> str:
    return f"{batch.number} · {batch.product} · from {batch.origin.code}"


class BatchSearch(AutocompleteJsonView):
    def serialize_result(self, obj, to_field_name):
        return super().serialize_result(obj, to_field_name) | {"text": named(obj)}


class BatchSelect(AutocompleteSelect):
    url_name = "%s:batches_batch_search"


class BatchField(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        return named(obj)


class ChoosesBatch:
    """For an admin or inline with a foreign key `batch` among its `autocomplete_fields`."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "batch":
            kwargs |= {
                "form_class": BatchField,
                "widget": BatchSelect(db_field, self.admin_site),
                "queryset": db_field.related_model.objects.select_related("product", "origin"),
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
