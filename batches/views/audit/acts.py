"""Settling one finding: giving it to somebody, or saying why it may stay."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from batches.forms.acts import OwnerForm
from batches.models import Finding
from batches.operations.findings import accept_finding, assign_finding
from batches.reports import audit
from batches.views.acts import Act


class OnFinding(Act):
    permission = "batches.change_finding"

    def find(self):
        rows = Finding.objects.select_related("owner", "accepted_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def back(self):
        return reverse("audit")

    def details(self):
        finding = self.object
        named = [
            ("Rule", audit.word_of(finding.kind)),
            ("About", finding.label),
            ("Severity", finding.get_severity_display()),
            ("State", finding.state.label),
            ("Owner", finding.owner),
            ("Accepted because", finding.accept_reason),
        ]
        return [(word, str(value)) for word, value in named if value]


class AssignFinding(OnFinding):
    form_class = OwnerForm
    title, button = "Assign: {0.label}", "Assign the finding"
    says = "{0.text}"
    done = "The finding about {0.label} is assigned."

    def form(self, data=None):
        return OwnerForm(data, initial={"owner": self.object.owner or self.request.user})

    def act(self, form):
        assign_finding(finding=self.object, owner=form.cleaned_data["owner"], **self.by_now)


class AcceptFinding(OnFinding):
    title, button = "Accept: {0.label}", "Accept the finding"
    says = "{0.text} Accepted, it is asked of nobody any more; it closes once it is mended."
    done = "The finding about {0.label} is accepted."

    def act(self, form):
        accept_finding(finding=self.object, reason=form.cleaned_data["reason"], **self.by_now)
