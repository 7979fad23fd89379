"""The pages on which files are uploaded and their reports are read."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from batches import filters, tables
from batches.forms.uploads import UploadForm
from batches.intake.columns import KINDS
from batches.lists.access import needs
from batches.lists.pages import Empty, ListPage
from batches.models import ImportRun
from batches.operations.imports import import_for_real, is_clean_dry_run, receive_upload
from batches.reports.working import pace_of

PERMISSION = "batches.import_data"
_SHOWN = 100


class ImportList(ListPage):
    permission = PERMISSION
    table_class = tables.ImportTable
    filterset_class = filters.ImportFilter
    title = "Imports"
    empty = Empty("No file has been imported yet. Begin with products, then locations.")
    template_name = "batches/import_list.html"

    def rows(self):
        return ImportRun.objects.select_related("job", "by").defer(
            "errors", "warnings", "refused_rows"
        )

    def context(self, filters, table):
        form = getattr(self, "form", None) or UploadForm()
        columns = [
            (kind, [c.name for c in kept if c.required], [c.name for c in kept if not c.required])
            for kind, kept in KINDS.items()
        ]
        return super().context(filters, table) | {"form": form, "kinds": columns}

    def post(self, request):
        self.form = UploadForm(request.POST, request.FILES)
        if not self.form.is_valid():
            return self.refused(request)
        given = self.form.cleaned_data
        try:
            report, is_new = receive_upload(
                file_name=given["file"].name,
                chunks=given["file"].chunks(),
                kind=given["kind"],
                dry_run=given["dry_run"],
                by=request.user,
                at=timezone.now(),
            )
        except ValidationError as refusal:
            self.form.add_error(None, refusal)
            return self.refused(request)
        return _to_report(request, report, is_new)

    def refused(self, request):
        response = self.get(request)
        response.status_code = 422
        return response


@needs(PERMISSION)
def import_detail(request, pk):
    report = get_object_or_404(ImportRun.objects.select_related("job", "by"), pk=pk)
    job = report.job
    context = {
        "report": report,
        "job": job,
        "is_over": job is None or job.is_over,
        "pace": pace_of(job, timezone.now()) if job else None,
        "may_import": is_clean_dry_run(report),
        "errors": report.errors[:_SHOWN],
        "warnings": report.warnings[:_SHOWN],
        "more_errors": max(0, len(report.errors) - _SHOWN),
        "more_warnings": max(0, len(report.warnings) - _SHOWN),
    }
    if not request.htmx:
        return render(request, "batches/import_detail.html", context)
    if not context["is_over"]:
        return render(request, "batches/import_progress.html", context)
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


def _to_report(request, report, is_new):
    if not is_new:
        messages.info(request, "This very file was imported before. Nothing has changed.")
    return redirect(report)


@needs(PERMISSION)
@require_POST
def import_real(request, pk):
    """Imports what a clean dry run has tried, without another upload."""
    report = get_object_or_404(ImportRun, pk=pk)
    try:
        real, is_new = import_for_real(report=report, by=request.user, at=timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(report)
    return _to_report(request, real, is_new)


@needs(PERMISSION)
def import_refused(request, pk):
    """The refused rows as they stood, to mend and import again."""
    report = get_object_or_404(ImportRun, pk=pk)
    # Excel takes a file without the mark for Windows-1252.
    response = HttpResponse("\ufeff" + report.refused_rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{report.pk}.errors.csv"'
    return response


import_urls = [
    path("imports/", ImportList.as_view(), name="import-list"),
    path("imports/<int:pk>/", import_detail, name="import-detail"),
    path("imports/<int:pk>/real/", import_real, name="import-real"),
    path("imports/<int:pk>/refused.csv", import_refused, name="import-refused"),
]
