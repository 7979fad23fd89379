"""Targets of one recall, with what met them."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.targets import HandoverForm, TargetChangeForm
from recalls.models import Recall
from recalls.operations import targets as acts
from recalls.reports.status import status
from recalls.reports.targets import targets
from recalls.views.cases import Refusal, find
from recalls.views.own_pages import act_on, attempt_on

PAGE = "recall-targets"


@needs("recalls.view_recall")
def recall_targets(request, reference):
    return targets_page(request, find(reference))


def targets_page(request, recall: Recall, refusal: Refusal | None = None):
    now = timezone.now()
    forms = {
        "change": TargetChangeForm(auto_id="change_%s"),
        "handover": HandoverForm(auto_id="handover_%s", initial={"handed_at": now}),
    }
    if refusal and refusal.slot:
        forms[refusal.slot] = refusal.form
    context = {
        "recall": recall,
        "rows": targets(recall, status(recall), now),
        "changes": recall.target_changes.select_related("by").order_by("-pk"),
        "handovers": recall.handovers.select_related("by"),
        "forms": forms,
        "faults": refusal.faults if refusal else [],
        "is_active": recall.status == Recall.Status.ACTIVE,
        "was_active": recall.activated_at is not None,
    }
    code = 422 if refusal else 200
    return render(request, "recalls/targets/recall.html", context, status=code)


@act_on("recalls.add_targetchange", PAGE)
def change_target(request, recall):
    form = TargetChangeForm(request.POST, auto_id="change_%s")

    def do(**values):
        return acts.change_target(recall=recall, **values)

    said, to = "The target is changed, with your reason.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, targets_page, said, do, form=form, slot="change", to=to)


@act_on("recalls.add_handover", PAGE)
def hand_over(request, recall):
    form = HandoverForm(request.POST, auto_id="handover_%s")

    def do(**values):
        return acts.hand_over_records(recall=recall, **values)

    said, to = "The handover is on record.", reverse(PAGE, args=[recall.reference])
    return attempt_on(request, recall, targets_page, said, do, form=form, slot="handover", to=to)
