"""Inspections and complaints."""

from django import forms
from django.contrib import admin
from django.utils import timezone

from batches.admin.acts import act
from batches.admin.base import OperationAdmin
from batches.admin.choosing import ChoosesBatch
from batches.models import Complaint, Inspection
from batches.operations.quality import close_complaint, save_complaint, save_inspection


class DatedAdmin(ChoosesBatch, OperationAdmin):
    """What happened at a moment that is now unless somebody says otherwise."""

    date_hierarchy = "at"

    def get_changeform_initial_data(self, request):
        return {"at": timezone.now()} | super().get_changeform_initial_data(request)


@admin.register(Inspection)
class InspectionAdmin(DatedAdmin):
    list_display = ["kind", "batch", "value", "unit", "result", "by", "at"]
    list_filter = ["result"]
    list_select_related = ["batch", "by"]
    search_fields = ["kind", "batch__number_key__startswith"]
    autocomplete_fields = ["batch"]
    fields = [
        "batch",
        "kind",
        ("value", "lower_limit", "upper_limit", "unit"),
        "result",
        "at",
        "remark",
    ]

    def has_change_permission(self, request, obj=None):
        is_known = obj is not None and obj.pk and obj.result != Inspection.Result.OPEN
        return not is_known and super().has_change_permission(request, obj)

    def write(self, request, obj, seen, formsets):
        save_inspection(inspection=obj, seen=seen, **self.by_now(request))


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what came of it."},
    )


@admin.register(Complaint)
class ComplaintAdmin(DatedAdmin):
    list_display = ["pk", "product", "batch", "location", "severity", "status", "at"]
    list_filter = ["status", "severity"]
    list_select_related = ["product", "batch", "location"]
    search_fields = ["text", "product__code", "batch__number_key__startswith"]
    autocomplete_fields = ["product", "batch", "location"]
    fields = ["product", "batch", "location", "at", "severity", "text"]
    actions = [
        act(
            close_complaint,
            "complaint",
            label="Close",
            done="closed",
            permission="change",
            form_class=OutcomeForm,
        ),
    ]

    def has_change_permission(self, request, obj=None):
        is_closed = obj is not None and obj.status == Complaint.Status.CLOSED
        return not is_closed and super().has_change_permission(request, obj)

    def write(self, request, obj, seen, formsets):
        save_complaint(complaint=obj, seen=seen, **self.by_now(request))
