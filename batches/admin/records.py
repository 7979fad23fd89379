"""What the system wrote down, to look at: events, findings, jobs and imports."""

from django.contrib import admin

from batches.admin.base import ReadOnlyAdmin
from batches.models import ApiToken, Event, Finding, ImportRun, Job


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["seq", "at", "actor", "verb", "label", "reason"]
    list_select_related = ["actor"]
    search_fields = ["label", "verb"]
    ordering = ["-seq"]


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ["label", "severity", "kind", "text", "found_at", "closed_at"]
    list_filter = ["severity", ("closed_at", admin.EmptyFieldListFilter)]
    search_fields = ["label", "text"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["pk", "kind", "state", "done", "total", "refused", "created_at", "finished_at"]
    list_filter = ["state", "kind"]


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    imports = True
    list_display = ["file_name", "kind", "rows", "added", "already_there", "refused", "by", "at"]
    list_filter = ["kind", "is_dry_run"]
    list_select_related = ["by"]
    search_fields = ["file_name", "sha256"]
    date_hierarchy = "at"
    # A file's refused rows may be megabytes; its own page has them.
    exclude = ["refused_rows", "errors", "warnings"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("errors", "warnings", "refused_rows")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """To look at; made and revoked on their own page."""

    list_display = ["name", "prefix", "user", "scope", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix"]
    # A hash is no secret of 256 bits, but nobody needs to see it.
    exclude = ["digest"]
