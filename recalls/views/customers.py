"""The customers that recipients of a recall sent goods on to: who they are, and who may be told."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from batches.lists.access import needs
from recalls.forms.recalls import ReasonForm
from recalls.models import Recall, Recipient
from recalls.operations.customers import approve_customer
from recalls.operations.desk import revoke_link
from recalls.reports.customers import counted, customers
from recalls.views.cases import Refusal, find
from recalls.views.own_pages import act_on, attempt_on


@needs("recalls.view_recipient")
def customer_list(request, reference):
    return _page(request, find(reference))


def _page(request, recall: Recall, refusal: Refusal | None = None):
    found = customers(recall)
    # Those about whom somebody must decide come first.
    found.sort(key=lambda one: one.state != "waiting")
    context = {
        "recall": recall,
        "customers": [(one, _reason_form(one.recipient, refusal)) for one in found],
        "counts": counted(found),
        "faults": refusal.faults if refusal else [],
        "is_open": recall.status in {Recall.Status.ACTIVE, Recall.Status.COMPLETED},
    }
    return render(request, "recalls/customers.html", context, status=422 if refusal else 200)


def _reason_form(recipient: Recipient, refusal: Refusal | None) -> ReasonForm:
    """Its form; the one that was refused as it was typed."""
    if refusal and refusal.slot == f"stop{recipient.pk}":
        return refusal.form
    return ReasonForm(auto_id=f"stop{recipient.pk}_%s")


@act_on("recalls.remind_recipients", "recall-customers")
def approve(request, recall, pk):
    recipient = _customer(recall, pk)

    def do(by, at):
        return approve_customer(recipient=recipient, by=by, at=at)

    said = f"The notice to {recipient.name} is on its way."
    return attempt_on(request, recall, _page, said, do, to=_address(recall))


@act_on("recalls.change_recall", "recall-customers")
def stop(request, recall, pk):
    recipient = _customer(recall, pk)
    form = ReasonForm(request.POST, auto_id=f"stop{pk}_%s")

    def do(**values):
        return revoke_link(recipient=recipient, **values)

    said, slot = f"{recipient.name} is told no more.", f"stop{pk}"
    to = _address(recall)
    return attempt_on(request, recall, _page, said, do, form=form, slot=slot, to=to)


def _customer(recall: Recall, pk: int) -> Recipient:
    """One that a recipient named; who is told by us as well is stopped on the page of its place."""
    named = recall.recipients.filter(pk=pk, received_on__isnull=False)
    recipient = named.exclude(notices__kind="notice").distinct().first()
    if recipient is None:
        raise Http404("No customer of this recall.")
    return recipient


def _address(recall: Recall) -> str:
    return reverse("recall-customers", args=[recall.reference])
