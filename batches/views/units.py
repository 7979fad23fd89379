"""Pages of unit codes: issuing them, which answers with the printer's list, and voiding them."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify

from batches.forms.units import IssueForm
from batches.models import Batch, UnitSeries
from batches.operations import units
from batches.reports.units import printers_list, series_of
from batches.views.acts import Act


class IssueUnitCodes(Act):
    """The answer to the POST is the only copy of the codes."""

    permission = "batches.issue_unit_codes"
    form_class = IssueForm
    template_name = "batches/unit_codes.html"
    title, button = "Unit codes of {}", "Issue and download"
    says = (
        "Each pack gets a code of its own, with which a buyer can tell that it is genuine. "
        "The list is downloaded once, for the printer: it cannot be fetched again. "
        "If it is lost, void the series and issue another."
    )

    def find(self):
        rows = Batch.objects.select_related("product", "origin")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def details(self):
        return [("Product", self.object.product.name)]

    def post(self, request, **kwargs):
        self.object = self.find()
        form = self.form(request.POST)
        if form.is_valid():
            try:
                count = form.cleaned_data["count"]
                codes = units.issue_unit_codes(batch=self.object, count=count, **self.by_now)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                return self.download(codes)
        return self.page(form, status=422)

    def download(self, codes: list[str]) -> HttpResponse:
        file = HttpResponse(printers_list(self.object, codes), content_type="text/csv")
        name = f"unit-codes-{slugify(self.object.number) or self.object.pk}.csv"
        file["Content-Disposition"] = f'attachment; filename="{name}"'
        file["Cache-Control"] = "no-store, private"
        return file

    def page(self, form, status=200):
        self.series = list(series_of(self.object))
        return super().page(form, status)


class VoidUnitCodes(Act):
    permission = "batches.void_unit_codes"
    title, button = "Void {}", "Void the codes"
    says = "Whoever checks one of {0.count} codes is told that it is unknown. This stays so."
    done = "{} are void."

    def find(self):
        rows = UnitSeries.objects.select_related("batch__product", "batch__origin")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def back(self):
        return reverse("unit-codes", args=[self.object.batch_id])

    def act(self, form):
        reason = form.cleaned_data["reason"]
        units.void_unit_codes(series=self.object, reason=reason, **self.by_now)
