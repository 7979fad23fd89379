"""Shipments and runs, edited as drafts, and adjustments."""

from django.contrib import admin, messages
from django.utils.text import capfirst

from batches.admin.acts import act
from batches.admin.base import OperationAdmin, OperationForm, kept_rows
from batches.admin.choosing import ChoosesBatch
from batches.forms.acts import ConfirmForm
from batches.forms.quantities import IN_DATA_ENTRY
from batches.models import Adjustment, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.operations import documents
from batches.reports.usual import unusual


class LineInline(ChoosesBatch, admin.TabularInline):
    """Lines of a draft; those of any other document are only shown."""

    extra = 1
    autocomplete_fields = ["batch"]
    formfield_overrides = IN_DATA_ENTRY

    def has_add_permission(self, request, obj=None):
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return _is_open(obj) and super().has_delete_permission(request, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("batch__product", "batch__origin")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # The head of a column is no label of what stands below it.
        field.widget.attrs["aria-label"] = capfirst(db_field.verbose_name)
        return field


def _is_open(document) -> bool:
    return document is None or document.pk is None or document.is_draft


class DocumentAdmin(OperationAdmin):
    """A draft is edited with its lines; what is posted or voided is only looked at."""

    imports = True
    drafted: list[str] = []
    afterwards = ["status", "posted_by", "posted_at", "voided_at", "void_reason"]

    def has_change_permission(self, request, obj=None):
        return _is_open(obj) and super().has_change_permission(request, obj)

    def get_fields(self, request, obj=None):
        return self.drafted if _is_open(obj) else [*self.drafted, *self.afterwards]

    def save_related(self, request, form, formsets, change):
        # What is usual is what was there before.
        odd = unusual(row for formset in formsets for row in kept_rows(formset))
        super().save_related(request, form, formsets, change)
        for said in filter(None, odd):
            messages.warning(request, f"{said} Check it before it is posted.")


class ShipmentForm(OperationForm):
    zoned = {"shipped_at": ("origin", "shipped_date_only")}


class ShipmentLineInline(LineInline):
    model = ShipmentLine
    fields = ["batch", "quantity", "sscc"]


@admin.register(Shipment)
class ShipmentAdmin(DocumentAdmin):
    form = ShipmentForm
    lines = ("lines",)
    list_display = ["reference", "origin", "destination", "shipped_at", "purpose", "status"]
    list_filter = ["status", "purpose"]
    list_select_related = ["origin", "destination"]
    search_fields = ["reference", "document", "origin__code", "destination__code"]
    autocomplete_fields = ["origin", "destination"]
    inlines = [ShipmentLineInline]
    drafted = [
        "reference",
        "origin",
        "destination",
        "purpose",
        "shipped_at",
        "shipped_date_only",
        "document",
        "vehicle",
        "remark",
    ]
    afterwards = [
        "received_at",
        "received_date_only",
        "refusal_reason",
        "returned_with",
        *DocumentAdmin.afterwards,
    ]
    actions = [
        act(
            documents.post_shipment,
            "shipment",
            label="Post",
            done="posted",
            permission="change",
            form_class=ConfirmForm,
        ),
        act(
            documents.receive_shipment,
            "shipment",
            label="Confirm arrival now",
            done="received",
            permission="change",
            form_class=ConfirmForm,
        ),
        act(
            documents.refuse_shipment,
            "shipment",
            label="Refused by the receiver",
            done="refused",
            permission="change",
        ),
        act(
            documents.void_shipment,
            "shipment",
            label="Void",
            done="voided",
            permission="change",
            is_grave=True,
        ),
    ]

    def write(self, request, obj, seen, formsets):
        lines = kept_rows(formsets[0]) if formsets else list(obj.lines.all())
        documents.save_shipment(shipment=obj, lines=lines, seen=seen, **self.by_now(request))


class RunForm(OperationForm):
    zoned = {"ran_at": ("location", "ran_date_only")}


class RunInputInline(LineInline):
    model = RunInput
    fields = ["batch", "quantity"]


class RunOutputInline(LineInline):
    model = RunOutput
    fields = ["batch", "quantity"]


@admin.register(Run)
class RunAdmin(DocumentAdmin):
    form = RunForm
    lines = ("inputs", "outputs")
    list_display = ["reference", "location", "kind", "line", "ran_at", "status"]
    list_filter = ["status", "kind"]
    list_select_related = ["location"]
    search_fields = ["reference", "location__code", "line"]
    autocomplete_fields = ["location"]
    inlines = [RunInputInline, RunOutputInline]
    drafted = ["reference", "location", "kind", "line", "ran_at", "ran_date_only", "remark"]
    actions = [
        act(
            documents.post_run,
            "run",
            label="Post",
            done="posted",
            permission="change",
            form_class=ConfirmForm,
        ),
        act(
            documents.void_run,
            "run",
            label="Void",
            done="voided",
            permission="change",
            is_grave=True,
        ),
    ]

    def write(self, request, obj, seen, formsets):
        rows = {formset.model: kept_rows(formset) for formset in formsets}
        documents.save_run(
            run=obj,
            inputs=rows.get(RunInput, []),
            outputs=rows.get(RunOutput, []),
            seen=seen,
            **self.by_now(request),
        )


@admin.register(Adjustment)
class AdjustmentAdmin(OperationAdmin):
    imports = True
    formfield_overrides = IN_DATA_ENTRY
    list_display = ["holding", "quantity", "reason", "at", "voided_at"]
    list_filter = ["reason"]
    list_select_related = ["holding__batch", "holding__location"]
    search_fields = ["holding__batch__number_key__startswith", "holding__location__code"]
    autocomplete_fields = ["holding"]
    fields = ["holding", "quantity", "reason", "at", "remark"]
    actions = [
        act(
            documents.void_adjustment,
            "adjustment",
            label="Void",
            done="voided",
            permission="void",
            is_grave=True,
        ),
    ]

    def has_change_permission(self, request, obj=None):
        return False

    def has_void_permission(self, request):
        return request.user.has_perm("batches.change_adjustment")

    def write(self, request, obj, seen, formsets):
        made = documents.adjust_stock(
            holding=obj.holding,
            quantity=obj.quantity,
            reason=obj.reason,
            happened_at=obj.at,
            remark=obj.remark,
            **self.by_now(request),
        )
        obj.pk = made.pk
