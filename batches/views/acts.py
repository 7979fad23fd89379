"""Pages that do one thing: hold, post, receive, void. Each calls one operation."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import View

from batches.forms.acts import (
    ConfirmForm,
    CountForm,
    HoldForm,
    OutcomeForm,
    ReasonForm,
    ReceiveForm,
    RefuseForm,
)
from batches.lists.access import Needs
from batches.models import Batch, Complaint, Finding, Run, Shipment
from batches.operations import documents, findings, holds, quality


class Act(Needs, View):
    """Shows a form, calls `act`, and goes back to the object. Subclasses give words and form."""

    form_class = ReasonForm
    title = button = says = done = ""
    template_name = "batches/act.html"

    def find(self):
        raise NotImplementedError

    def act(self, form) -> None:
        raise NotImplementedError

    def back(self) -> str:
        return self.object.get_absolute_url()

    def done_at(self) -> str:
        """Where the person goes on."""
        return self.back()

    def form(self, data=None):
        return self.form_class(data)

    def get(self, request, **kwargs):
        self.object = self.find()
        return self.page(self.form())

    def post(self, request, **kwargs):
        self.object = self.find()
        form = self.form(request.POST)
        if form.is_valid():
            try:
                self.act(form)
            except ValidationError as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, self.done.format(self.object))
                return redirect(self.done_at())
        return self.page(form, status=422)

    def page(self, form, status=200):
        context = {
            "form": form,
            "act": self,
            "title": self.title.format(self.object),
            "says": self.says.format(self.object),
            "back": self.back(),
            "details": self.details(),
        }
        return render(self.request, self.template_name, context, status=status)

    def details(self) -> list[tuple[str, str]]:
        return []

    @property
    def by_now(self) -> dict:
        return {"by": self.request.user, "at": timezone.now()}


def add_refusal(form, refusal: ValidationError) -> None:
    """Puts the operation's refusal at its field, or on top if the form has no such field."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)


class HoldBatch(Act):
    permission = "batches.add_hold"
    title, button = "Hold {}", "Hold the batch"
    says = "Nobody can ship or use {} while it is on hold. What is there stays there."
    done = "{} is on hold."

    def find(self):
        rows = Batch.objects.select_related("product", "origin")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def form(self, data=None):
        return HoldForm(data, batch=self.object)

    def act(self, form):
        holds.place_hold(batch=self.object, **form.cleaned_data, **self.by_now)


class OnShipment(Act):
    permission = "batches.change_shipment"

    def find(self):
        rows = Shipment.objects.select_related("origin", "destination")
        return get_object_or_404(rows, reference=self.kwargs["reference"])

    def details(self):
        return [("From", str(self.object.origin)), ("To", str(self.object.destination))]


class PostShipment(OnShipment):
    form_class = ConfirmForm
    title, button = "Post shipment {}", "Post the shipment"
    says = (
        "The goods leave the books of the origin and are in transit. "
        "A posted shipment is not edited any more; it is voided and entered again."
    )
    done = "Shipment {} is posted."

    def act(self, form):
        documents.post_shipment(shipment=self.object, **self.by_now)


class ReceiveShipment(OnShipment):
    title, button = "Confirm the arrival of {}", "Confirm the arrival"
    says = "Confirms that everything on {} has arrived, as the paper says. Else report it short."
    done = "Shipment {} has arrived."

    def form(self, data=None):
        zone = self.object.destination.zone
        now = timezone.now().astimezone(zone)
        return ReceiveForm(data, zone=zone, initial={"day": now.date(), "hour": now.time()})

    def act(self, form):
        at, date_only = form.arrival()
        documents.receive_shipment(
            shipment=self.object, received_at=at, received_date_only=date_only, **self.by_now
        )


class ReportShort(ReceiveShipment):
    title, button = "What arrived of {}", "Confirm what arrived"
    says = (
        "Enter what was counted. What differs from the paper becomes a correction at the place "
        "that counted it, and the shipment says so."
    )

    def form(self, data=None):
        lines = self.object.lines.select_related("batch__product").order_by("pk")
        zone = self.object.destination.zone
        now = timezone.now().astimezone(zone)
        initial = {"day": now.date(), "hour": now.time()}
        return CountForm(data, zone=zone, initial=initial, lines=lines)

    def act(self, form):
        at, date_only = form.arrival()
        documents.receive_shipment(
            shipment=self.object,
            received_at=at,
            received_date_only=date_only,
            received=form.counts(),
            **self.by_now,
        )


class RefuseShipment(ReceiveShipment):
    title, button = "{} was refused", "Record the refusal"
    says = (
        "The receiver took nothing of it. It stays on record that the goods were there, and a "
        "return takes them back. Had they kept a part, confirm what arrived instead."
    )
    done = "Shipment {} was refused. A return takes the goods back."

    def form(self, data=None):
        zone = self.object.destination.zone
        now = timezone.now().astimezone(zone)
        initial = {"day": now.date(), "hour": now.time(), "reference": f"{self.object}-R"}
        return RefuseForm(data, zone=zone, initial=initial)

    def act(self, form):
        at, date_only = form.arrival()
        documents.refuse_shipment(
            shipment=self.object,
            reason=form.cleaned_data["reason"],
            reference=form.cleaned_data["reference"],
            received_at=at,
            received_date_only=date_only,
            **self.by_now,
        )


class VoidShipment(OnShipment):
    title, button = "Void shipment {}", "Void the shipment"
    says = "Takes the movement back, as if {} had never left. The record and the reason stay."
    done = "Shipment {} is voided."

    def act(self, form):
        reason = form.cleaned_data["reason"]
        documents.void_shipment(shipment=self.object, reason=reason, **self.by_now)


class OnRun(Act):
    permission = "batches.change_run"

    def find(self):
        rows = Run.objects.select_related("location")
        return get_object_or_404(rows, reference=self.kwargs["reference"])

    def details(self):
        return [("At", str(self.object.location)), ("Kind", self.object.get_kind_display())]


class PostRun(OnRun):
    form_class = ConfirmForm
    title, button = "Post run {}", "Post the run"
    says = (
        "What went in is used up, what came out is on hand. "
        "A posted run is not edited any more; it is voided and entered again."
    )
    done = "Run {} is posted."

    def act(self, form):
        documents.post_run(run=self.object, **self.by_now)


class VoidRun(OnRun):
    title, button = "Void run {}", "Void the run"
    says = "Takes back what {} used and made. The record and the reason stay."
    done = "Run {} is voided."

    def act(self, form):
        documents.void_run(run=self.object, reason=form.cleaned_data["reason"], **self.by_now)


class CloseComplaint(Act):
    permission = "batches.change_complaint"
    form_class = OutcomeForm
    title, button = "Close {}", "Close the complaint"
    says = "{0.text}"
    done = "{} is closed."

    def find(self):
        rows = Complaint.objects.select_related("product", "batch", "location")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def details(self):
        named = [
            ("Product", self.object.product),
            ("Batch", self.object.batch),
            ("Place", self.object.location),
            ("Severity", self.object.get_severity_display()),
        ]
        return [(word, str(value)) for word, value in named if value]

    def act(self, form):
        outcome = form.cleaned_data["outcome"]
        quality.close_complaint(complaint=self.object, outcome=outcome, **self.by_now)


class CloseFinding(Act):
    permission = "batches.change_finding"
    title, button = "Close: {0.label}", "Close the finding"
    says = "{0.text}"
    done = "The finding about {0.label} is closed."

    def find(self):
        return get_object_or_404(Finding, pk=self.kwargs["pk"])

    def back(self):
        return "/"

    def details(self):
        return [("About", self.object.label), ("Kind", self.object.get_severity_display())]

    def act(self, form):
        findings.close_finding(
            finding=self.object, reason=form.cleaned_data["reason"], **self.by_now
        )
