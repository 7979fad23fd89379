"""What every admin page here shares: operations write, refusals come back to the form."""

from datetime import datetime, time

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from batches.models import Event
from batches.operations.changes import fingerprint


class BoundedPaginator(Paginator):
    """Looks at the first 5,000 rows and counts no further: searching is quicker than paging."""

    LIMIT = 5_000

    @cached_property
    def seen(self) -> int:
        return len(self.object_list.order_by().values_list("pk")[: self.LIMIT + 1])

    @property
    def count(self) -> int:
        return min(self.seen, self.LIMIT)

    @property
    def has_more(self) -> bool:
        return self.seen > self.LIMIT


class DayOrMoment(forms.SplitDateTimeField):
    """A day, and the hour if it is known. No shortcut “now”: that would be the server's now."""

    def __init__(self, **kwargs):
        kwargs["widget"] = forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": "Day"},
            time_attrs={"type": "time", "step": 1, "aria-label": "Hour"},
            date_format="%Y-%m-%d",
            time_format="%H:%M:%S",
        )
        super().__init__(require_all_fields=False, **kwargs)
        for field in self.fields:
            field.required = False

    def compress(self, data_list):
        if data_list and data_list[0] and not data_list[1]:
            data_list = [data_list[0], time.min]
        return super().compress(data_list)


class OperationForm(forms.ModelForm):
    """A form whose values an operation judges: what that refuses is shown where it was typed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    # Set by the admin on the class that it makes for one request.
    refusal: ValidationError | None = None
    lines: tuple[str, ...] = ()
    # Times that are typed and shown in the zone of a place: the field, where the place
    # stands, and the field that says that only the day is known.
    zoned: dict[str, tuple[str, str]] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rows = [getattr(self.instance, name).all() for name in self.lines]
            self.initial["seen"] = fingerprint(self.instance, *rows)
            self._show_local_times()

    def _show_local_times(self):
        for name, (place, _) in self.zoned.items():
            moment: datetime | None = getattr(self.instance, name)
            if moment is not None:
                zone = getattr(self.instance, place).zone
                self.initial[name] = moment.astimezone(zone).replace(tzinfo=None)

    def clean(self):
        values = super().clean()
        for name, (place, day_only) in self.zoned.items():
            where = values.get(place) or getattr(self.instance, place, None)
            if values.get(name) and where:
                typed = timezone.make_naive(values[name])
                values[name] = self._untouched(name, typed) or typed.replace(tzinfo=where.zone)
                if day_only and not self.data.get(f"{self.add_prefix(name)}_1"):
                    values[day_only] = True
        if self.refusal is not None:
            self._show(self.refusal)
        return values

    def _untouched(self, name: str, typed: datetime) -> datetime | None:
        """The stored moment if it comes back as it was shown: the page shows neither parts of a
        second nor which of two equal hours it is, and saving may not change them."""
        shown: datetime | None = self.initial.get(name)
        place, _ = self.zoned[name]
        if not self.instance.pk or shown is None or place in self.changed_data:
            return None
        return getattr(self.instance, name) if shown.replace(microsecond=0) == typed else None

    def _show(self, refusal: ValidationError) -> None:
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for field, errors in refusal.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)


class QuietAdmin(admin.ModelAdmin):
    """Nothing is deleted, nothing counts a big table, and the log is the event chain."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 200
    imports = False

    def has_delete_permission(self, request, obj=None):
        return False

    # Django's own log would keep the names of contacts where nobody can erase them.
    def construct_change_message(self, request, form, formsets, add=False):
        return []

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def changelist_view(self, request, extra_context=None):
        can = self.imports and request.user.has_perm("batches.import_data")
        return super().changelist_view(request, {"can_import": can} | (extra_context or {}))

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_view_permission(request, obj):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        of_object = {"object_type": obj._meta.label_lower, "object_id": str(obj.pk)}
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "object": obj,
            "opts": self.opts,
            "events": list(Event.objects.filter(**of_object).select_related("actor")[:200]),
        }
        return TemplateResponse(request, "admin/batches/object_history.html", context)


class ReadOnlyAdmin(QuietAdmin):
    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class OperationAdmin(QuietAdmin):
    """Saves through `write`, which calls one operation."""

    form = OperationForm
    lines: tuple[str, ...] = ()

    def write(self, request, obj, seen, formsets) -> None:
        raise NotImplementedError

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        zoned = getattr(self.form, "zoned", {})
        if db_field.name not in zoned:
            field = super().formfield_for_dbfield(db_field, request, **kwargs)
            if isinstance(db_field, models.DateTimeField):
                for part, word in zip(field.widget.widgets, ("Day", "Hour"), strict=True):
                    part.attrs["aria-label"] = word
            return field
        place, day_only = zoned[db_field.name]
        hint = f"In the time of the {place}."
        if day_only:
            hint += " Leave the hour empty if only the day is known."
        return DayOrMoment(
            label=capfirst(db_field.verbose_name), required=not db_field.blank, help_text=hint
        )

    def by_now(self, request) -> dict:
        return {"by": request.user, "at": timezone.now()}

    def save_model(self, request, obj, form, change):
        """Waits for `save_related`: a document is written together with its lines."""

    def save_related(self, request, form, formsets, change):
        self.write(request, form.instance, form.cleaned_data.get("seen", ""), formsets)

    def _changeform_view(self, request, object_id, form_url, extra_context):
        """A refusal undoes what was written and shows the form again, with what was typed."""
        try:
            with transaction.atomic():
                return super()._changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            request.refusal = refusal
            return super()._changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        form.lines = self.lines
        return form

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        # A page that is only looked at has no form, and so no field of the form's own.
        (title, options), *rest = fieldsets
        fields = [name for name in options["fields"] if name != "seen"]
        return [(title, options | {"fields": [*fields, "seen"]}), *rest]


def kept_rows(formset) -> list:
    """The lines that shall stay or be added, as typed."""
    return [
        form.instance
        for form in formset.forms
        if (form.instance.pk or form.has_changed()) and not form.cleaned_data.get("DELETE")
    ]
