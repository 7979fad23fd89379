"""The pages on which files are uploaded and their reports are read."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from batches import filters, tables
from batches.forms.uploads import PROGRESS_FROM, ColumnsForm, UploadForm
from batches.intake.columns import KINDS
from batches.intake.rows import unread
from batches.intake.samples import sample
from batches.lists.access import needs
from batches.lists.pages import Empty, ListPage
from batches.models import ColumnName, ImportRun
from batches.operations.imports import (
    forget_column_name,
    import_for_real,
    is_clean_dry_run,
    more_columns,
    name_columns,
    names_by_kind,
    receive_upload,
)
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
        every = [(kind, [*kept, *more_columns(kind)]) for kind, kept in KINDS.items()]
        columns = [
            (kind, [c.name for c in kept if c.required], [c.name for c in kept if not c.required])
            for kind, kept in every
        ]
        names = ColumnName.objects.select_related("by")
        return super().context(filters, table) | {
            "form": form,
            "kinds": columns,
            "names": names,
            "progress_from": PROGRESS_FROM,
        }

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
    return _detail(request, report, _columns_form(report))


def _columns_form(report: ImportRun, data=None) -> ColumnsForm | None:
    """For the columns that were not read, if there are any and the kind is known."""
    if report.kind not in KINDS:
        return None
    known = names_by_kind().get(report.kind, {})
    headers, free = unread(report.kind, report.header, known, more_columns(report.kind))
    return ColumnsForm(data, headers=headers, free=free) if headers else None


def _detail(request, report: ImportRun, form: ColumnsForm | None, status=200):
    job = report.job
    context = {
        "form": form,
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
        return render(request, "batches/import_detail.html", context, status=status)
    if not context["is_over"]:
        return render(request, "batches/import_progress.html", context)
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


def _to_report(request, report, is_new):
    if not is_new:
        messages.info(request, "This very file was imported before. Nothing has changed.")
    if request.htmx:
        # A script that followed a redirect would read the message away before anybody sees it.
        return HttpResponseClientRedirect(report.get_absolute_url())
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
@require_POST
def import_columns(request, pk):
    """Says what headers of a file mean, for it and for those that come later."""
    report = get_object_or_404(ImportRun.objects.select_related("job", "by"), pk=pk)
    form = _columns_form(report, request.POST)
    if form is None:
        return redirect(report)
    if form.is_valid():
        try:
            name_columns(report=report, names=form.names(), by=request.user, at=timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "The columns are known from now on.")
            return redirect(report)
    return _detail(request, report, form, status=422)


@needs(PERMISSION)
@require_POST
def import_forget(request, pk):
    name = get_object_or_404(ColumnName, pk=pk)
    forget_column_name(name=name, by=request.user, at=timezone.now())
    messages.success(request, f"“{name.header}” is not known any more.")
    return redirect("import-list")


@needs(PERMISSION)
def import_refused(request, pk):
    """The refused rows as they stood, to mend and import again."""
    report = get_object_or_404(ImportRun, pk=pk)
    # Excel takes a file without the mark for Windows-1252.
    response = HttpResponse("\ufeff" + report.refused_rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{report.pk}.errors.csv"'
    return response


@needs(PERMISSION)
def import_sample(request, kind):
    """A small file of that kind, to begin with."""
    if kind not in KINDS:
        raise Http404(f"There is no file of {kind}. There are: {', '.join(KINDS)}.")
    response = HttpResponse("\ufeff" + sample(kind), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response


import_urls = [
    path("imports/", ImportList.as_view(), name="import-list"),
    path("imports/<int:pk>/", import_detail, name="import-detail"),
    path("imports/<int:pk>/real/", import_real, name="import-real"),
    path("imports/<int:pk>/columns/", import_columns, name="import-columns"),
    path("imports/samples/<str:kind>.csv", import_sample, name="import-sample"),
    path("imports/columns/<int:pk>/forget/", import_forget, name="import-forget"),
    path("imports/<int:pk>/refused.csv", import_refused, name="import-refused"),
]
