"""Batches, what is where of them, and the holds on them."""

from django import forms
from django.contrib import admin
from django.urls import path
from django.utils.html import format_html_join

from batches.admin.acts import HoldForm, act
from batches.admin.base import OperationAdmin, OperationForm, ReadOnlyAdmin
from batches.admin.choosing import BatchSearch, named
from batches.codes.numbering import number_key
from batches.forms.acts import DeciderForm, ExtendForm
from batches.forms.quantities import IN_DATA_ENTRY
from batches.models import Batch, CustomField, CustomValue, Hold, Holding
from batches.operations.batches import NAMED_BY, add_batch, save_batch, void_batch
from batches.operations.custom import save_custom_field
from batches.operations.decisions import assign_hold, extend_hold, rework_hold, scrap_hold
from batches.operations.holds import place_hold, release_hold


class BatchForm(OperationForm):
    shift = forms.CharField(
        required=False, max_length=40, help_text="Only for numbers that have the shift in them."
    )

    zoned = {"produced_at": ("origin", "")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "number" in self.fields:
            self.fields["number"].required = False
            self.fields[
                "number"
            ].help_text = "As printed. Empty: the next number of the product's pattern."
        if self.instance.pk:
            for value in self.instance.custom_values.all():
                self.initial[_custom(value.field_id)] = value.text


def _custom(pk: int) -> str:
    return f"custom_{pk}"


def _fields_of(request) -> list[CustomField]:
    """Asked once in a request: a form and its parts must not have different ones."""
    if not hasattr(request, "custom_fields"):
        request.custom_fields = list(CustomField.objects.all())
    return request.custom_fields


def _form_with(fields: list[CustomField]) -> type[BatchForm]:
    """The form of a batch with an input for each custom field of the site."""
    longest = CustomValue._meta.get_field("text").max_length
    typed = {
        _custom(field.pk): forms.CharField(
            label=field.name,
            required=False,
            max_length=longest,
            widget=forms.TextInput(attrs={"class": "vTextField"}),
        )
        for field in fields
    }
    return type("BatchForm", (BatchForm,), typed)


@admin.register(Batch)
class BatchAdmin(OperationAdmin):
    imports = True
    form = BatchForm
    formfield_overrides = IN_DATA_ENTRY
    lines = ("custom_values",)
    list_display = ["number", "product", "origin", "produced_at", "expires_on", "status"]
    list_filter = ["status"]
    list_select_related = ["product", "origin"]
    search_fields = ["number_key__startswith", "supplier_number", "product__code", "product__name"]
    search_help_text = "Number, supplier's number or product."
    autocomplete_fields = ["product", "origin"]
    actions = [
        act(
            place_hold,
            "batch",
            label="Hold",
            done="held",
            permission="hold",
            form_class=HoldForm,
            is_grave=True,
            describe=named,
        ),
        act(void_batch, "batch", label="Void", done="voided", permission="change", is_grave=True),
    ]
    fieldsets = [
        (None, {"fields": ["product", "origin", "number", "supplier_number", "status"]}),
        ("Made", {"fields": ["produced_at", "expires_on", "quantity", "line"]}),
    ]

    def has_hold_permission(self, request):
        return request.user.has_perm("batches.add_hold")

    def has_change_permission(self, request, obj=None):
        is_voided = obj is not None and obj.status == Batch.Status.VOIDED
        return not is_voided and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return NAMED_BY if obj else []

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "status":
            # Voiding asks for the reason, and so it is an action.
            kwargs["choices"] = [choice for choice in Batch.Status.choices if choice[0] != "voided"]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if key := number_key(search_term):
            found |= queryset.filter(number_key__startswith=key)
        return found, may_repeat

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("product", "origin")

    def get_urls(self):
        search = BatchSearch.as_view(admin_site=self.admin_site)
        view = self.admin_site.admin_view(search)
        return [path("search/", view, name="batches_batch_search"), *super().get_urls()]

    def write(self, request, obj, seen, formsets):
        typed = {field: request.POST.get(_custom(field.pk)) for field in _fields_of(request)}
        custom = {field: text for field, text in typed.items() if text is not None}
        act = self.by_now(request) | {"custom": custom}
        if obj.pk:
            save_batch(batch=obj, seen=seen, **act)
        else:
            add_batch(batch=obj, shift=request.POST.get("shift", ""), **act)

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None or self.has_change_permission(request, obj):
            kwargs["form"] = _form_with(_fields_of(request))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            fieldsets = [*fieldsets, ("Number", {"fields": ["shift"]})]
        elif not self.has_change_permission(request, obj):
            return [*fieldsets, ("More facts", {"fields": ["more_facts"]})]
        names = [_custom(field.pk) for field in _fields_of(request)]
        return [*fieldsets, ("More facts", {"fields": names})] if names else fieldsets

    def more_facts(self, batch):
        """For who may look and not change."""
        rows = [(value.field.name, value.text) for value in batch.custom_values.for_page()]
        return format_html_join("\n", "<p>{}: {}</p>", rows) or "None"


@admin.register(CustomField)
class CustomFieldAdmin(OperationAdmin):
    list_display = ["name", "position", "is_promoted"]
    search_fields = ["name"]
    fieldsets = [(None, {"fields": ["name", "position", "is_promoted"]})]

    def write(self, request, obj, seen, formsets):
        save_custom_field(field=obj, seen=seen, **self.by_now(request))


@admin.register(Holding)
class HoldingAdmin(ReadOnlyAdmin):
    list_display = ["batch", "product", "location", "quantity"]
    list_select_related = ["batch__product", "location"]
    search_fields = ["batch__number_key__startswith", "location__code", "location__name"]

    @admin.display(ordering="batch__product__code")
    def product(self, holding):
        return holding.batch.product


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = [
        "batch", "location", "reason", "recall", "placed_at", "owner", "due_on", "decision",
        "released_at",
    ]  # fmt: skip
    list_filter = ["is_drill", "decision", ("released_at", admin.EmptyFieldListFilter)]
    list_select_related = ["batch", "location", "owner"]
    search_fields = ["batch__number_key__startswith", "recall", "reason"]
    date_hierarchy = "placed_at"
    actions = [
        act(release_hold, "hold", label="Release", done="released", permission="release"),
        act(
            scrap_hold,
            "hold",
            label="Scrap what is held",
            done="scrapped",
            permission="release",
            is_grave=True,
        ),
        act(rework_hold, "hold", label="Rework", done="held for rework", permission="release"),
        act(
            assign_hold,
            "hold",
            label="Assign",
            done="assigned",
            permission="assign",
            form_class=DeciderForm,
        ),
        act(
            extend_hold,
            "hold",
            label="Extend",
            done="extended",
            permission="assign",
            form_class=ExtendForm,
        ),
    ]

    def has_assign_permission(self, request):
        return request.user.has_perm("batches.change_hold")

    def has_release_permission(self, request):
        return request.user.has_perm("batches.release_hold")
