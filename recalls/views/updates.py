"""The page on which somebody posts to the timeline of a recall."""

from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import needs
from recalls.forms.updates import UpdateForm
from recalls.models import Recall
from recalls.operations.updates import post_update
from recalls.reports.updates import update_due
from recalls.views.cases import Refusal, find
from recalls.views.own_pages import attempt_on

_UNDER_WAY = (Recall.Status.ACTIVE, Recall.Status.COMPLETED)


@needs("recalls.change_recall")
def update(request, reference):
    recall = find(reference)
    if recall.status not in _UNDER_WAY:
        return redirect(recall)
    if request.method != "POST":
        return _page(request, recall)

    def do(**values):
        return post_update(recall=recall, **values)

    form = UpdateForm(request.POST)
    return attempt_on(request, recall, _page, _said, do, form=form, slot="update")


def _said(mails: int) -> str:
    how_many = "1 mail is" if mails == 1 else f"{mails} mails are"
    return f"Posted. {how_many} on the way." if mails else "Posted to the timeline."


def _page(request, recall: Recall, refusal: Refusal | None = None):
    context = {
        "recall": recall,
        "form": refusal.form if refusal and refusal.form else UpdateForm(),
        "due": update_due(recall, timezone.now()),
        "faults": refusal.faults if refusal else [],
    }
    return render(request, "recalls/update.html", context, status=422 if refusal else 200)
