"""One page for each step; a refused act comes back to the step that it belongs to."""

from django.shortcuts import redirect, render

from batches.lists.access import needs
from recalls.models import Recall, ScopeRule
from recalls.views.cases import Refusal, find
from recalls.views.wizard import check, message, scope
from recalls.views.wizard.looking import look_context
from recalls.views.wizard.steps import PREPARED, STEPS, address, neighbours, steps

# Slots of forms that are not on the last page.
_STEP_OF_SLOT = dict.fromkeys([*ScopeRule.Kind.values, "scope"], "scope")
_CONTEXTS = {"scope": scope.context, "message": message.context, "check": check.context}


def step_page(request, recall: Recall, key: str, refusal: Refusal | None = None):
    """A step as it stands; with a refusal it is 422 and shows the summary on top."""
    context = step_context(request, recall, key)
    context["faults"] = refusal.faults if refusal else []
    context |= _CONTEXTS[key](request, recall, refusal, context)
    status = 422 if refusal else 200
    return render(request, f"recalls/wizard/{key}.html", context, status=status)


def step_context(request, recall: Recall, key: str) -> dict:
    """What every step has: the recall, the steps, the ways back and on, the look at the scope."""
    before, after = neighbours(key)
    look = look_context(request, recall)
    may_change = recall.status == Recall.Status.DRAFT and request.user.has_perm(
        "recalls.change_recall"
    )
    return {
        "recall": recall,
        "steps": steps(recall, key, look["seen"]),
        "before": (STEPS[before][0], address(recall, before)) if before else None,
        "after": (STEPS[after][0], address(recall, after)) if after else None,
        "may_change": may_change,
        # Its reason is asked where everything is decided.
        "cancel_url": f"{address(recall, 'check')}#cancel" if may_change and after else "",
        **look,
    }


def refused_page(request, recall: Recall, refusal: Refusal):
    return step_page(request, recall, _STEP_OF_SLOT.get(refusal.slot, "check"), refusal)


@needs("recalls.view_recall")
def scope_step(request, reference):
    """The rules while they can be changed, afterwards the newest version they were frozen in."""
    recall = find(reference)
    if recall.status in PREPARED:
        return step_page(request, recall, "scope")
    version = recall.versions.order_by("-number").first()
    if version is None:
        return redirect(recall)
    return redirect("recall-scope", recall.reference, version.number)


@needs("recalls.view_recall")
def message_step(request, reference):
    """Of a recall under way too: what later versions say is written here."""
    recall = find(reference)
    if recall.status not in (*PREPARED, Recall.Status.ACTIVE):
        return redirect(recall)
    return step_page(request, recall, "message")


@needs("recalls.view_recall")
def check_step(request, reference):
    return _step(request, reference, "check")


def _step(request, reference: str, key: str):
    recall = find(reference)
    if recall.status not in PREPARED:
        return redirect(recall)
    return step_page(request, recall, key)
