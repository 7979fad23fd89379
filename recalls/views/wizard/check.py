"""The last step: everything once more, and the decisions on it."""

from batches.models import Event
from recalls.forms.decisions import BreakGlassForm
from recalls.forms.recalls import ApproveForm, ReasonForm
from recalls.models import Recall
from recalls.operations.activation import needs_two
from recalls.views.cases import Refusal
from recalls.views.timeline import entries_seen
from recalls.views.wizard.looking import moved
from recalls.views.wizard.message import checked
from recalls.views.wizard.scope import described
from recalls.views.wizard.steps import STEPS, address, done_steps

DRILL_APPROVAL = "I have checked scope, recipients and text of this drill."
APPROVAL = "I have checked scope, recipients and text. Send the notices."


def context(request, recall: Recall, refusal: Refusal | None, common: dict) -> dict:
    return {
        "forms": decision_forms(recall, refusal),
        "rules": described(recall),
        "left_out": recall.exclusions.standing().count(),
        "lacking": lacking(recall, common["seen"]),
        "texts": checked(recall, common["seen"]),
        "moved": moved(request, common),
        "is_submitter": recall.submitted_by_id == request.user.pk and needs_two(recall),
        "may_break_glass": may_break_glass(request.user, recall),
        "sent_back": sent_back(recall),
        "entries": entries_seen(request, recall),
        "milestones": "milestones" in request.GET,
        "urls": {key: address(recall, key) for key in STEPS},
    }


def may_break_glass(user, recall: Recall) -> bool:
    """What somebody else submitted is approved; drills can wait."""
    is_own = recall.submitted_by_id in (None, user.pk)
    return is_own and not recall.is_drill and user.has_perm("recalls.break_glass")


def sent_back(recall: Recall) -> Event | None:
    """Why a draft came back, until it is submitted again."""
    if recall.status != Recall.Status.DRAFT:
        return None
    events = Event.objects.filter(object_type="recalls.recall", object_id=str(recall.pk))
    return events.filter(verb="recall rejected").select_related("actor").order_by("-seq").first()


def decision_forms(recall: Recall, refusal: Refusal | None) -> dict:
    meaning = DRILL_APPROVAL if recall.is_drill else APPROVAL
    forms = {
        "reject": ReasonForm(auto_id="reject_%s"),
        "cancel": ReasonForm(auto_id="cancel_%s"),
        "sign": ApproveForm(auto_id="sign_%s", initial={"meaning": meaning}),
        "glass": BreakGlassForm(auto_id="glass_%s"),
    }
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    return forms


def lacking(recall: Recall, seen) -> list[tuple[str, str]]:
    """What must be said before it can be submitted, and the step where it is said."""
    texts = {
        "start": "Say what is wrong and what it can do to people.",
        "scope": "Say what is recalled: add a rule.",
    }
    done = done_steps(recall, seen)
    return [(text, address(recall, key)) for key, text in texts.items() if key not in done]
