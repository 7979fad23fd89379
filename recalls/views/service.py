"""Customer service: from what the customer reads out to the batch, its recall and a complaint."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.lists.ticked import keys
from batches.operations.quality import log_complaint
from recalls.forms.service import ComplaintForm
from recalls.reports.service import case_of, deliveries, reached, shops
from recalls.views.public import site_zone

UNCLEAR = "Choose which shop is meant, or take it out."
UNKNOWN = "No such shop is recorded. Take it out, and write it into what the customer says."


@needs("batches.add_complaint")
def service(request):
    """`q` is what was read out, `batch` the one chosen of several, `shop` where it was bought."""
    context = _context(request)
    form = ComplaintForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _logged(request, form, context):
        return redirect("complaint-list")
    status = 422 if request.method == "POST" else 200
    return render(request, "recalls/service.html", context | {"form": form}, status=status)


def _context(request) -> dict:
    asked = {
        name: request.GET.get(name, "").replace("\0", "").strip()[:300]
        for name in ("q", "shop", "batch")
    }
    context = {**asked, "case": None, "shop_found": [], "place": None}
    if asked["q"]:
        today = timezone.now().astimezone(site_zone()).date()
        chosen = next(iter(keys([asked["batch"]])), None)
        context["case"] = case_of(asked["q"], user=request.user, today=today, batch_pk=chosen)
    if asked["shop"]:
        context["shop_found"] = shops(asked["shop"])
        if len(context["shop_found"]) == 1:
            context["place"] = context["shop_found"][0]
    case = context["case"]
    if case and case.batch:
        context["reached"] = reached(case.batch)
        if context["place"]:
            context["deliveries"] = deliveries(case.batch, context["place"])
    return context


def _logged(request, form, context) -> bool:
    case = context["case"]
    if context["shop"] and not context["place"]:
        # Else the complaint would be kept without the place that was typed.
        form.add_error(None, UNCLEAR if context["shop_found"] else UNKNOWN)
        return False
    try:
        log_complaint(
            by=request.user,
            at=timezone.now(),
            batch=case and case.batch,
            product=case and case.product,
            location=context["place"],
            **form.cleaned_data,
        )
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return False
    messages.success(request, "The complaint is logged.")
    return True
