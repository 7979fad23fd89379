"""What the page of a recall says of decisions: one made alone, and what was taken out."""

from datetime import datetime

from recalls.forms.decisions import CountersignForm, ObjectForm
from recalls.forms.recalls import ReasonForm
from recalls.models import Narrowing, Recall
from recalls.views.cases import Refusal


def flag_of(recall: Recall, now: datetime) -> dict | None:
    """How it stands with a recall that one person activated alone; None with two people."""
    if not recall.is_break_glass:
        return None
    return {"is_open": recall.is_uncountersigned, "is_late": now >= recall.countersign_due}


def flag_forms(refusal: Refusal | None) -> dict:
    forms = {
        "counter": CountersignForm(auto_id="counter_%s"),
        "object": ObjectForm(auto_id="object_%s"),
    }
    if refusal and refusal.slot in forms:
        forms[refusal.slot] = refusal.form
    return forms


def narrowings_of(recall: Recall) -> dict:
    """What is left out now, and every proposal to take something out, newest first."""
    # What a narrowing left out stands on the narrowing's own page.
    left_out = recall.exclusions.standing().filter(narrowing=None)
    left_out = left_out.select_related("holding__batch", "holding__location", "by")
    rows = recall.narrowings.select_related("proposed_by", "decided_by", "version")
    narrowings = list(rows.order_by("-number"))
    return {
        "left_out": [(row, ReasonForm(auto_id=f"back{row.pk}_%s")) for row in left_out],
        "narrowings": narrowings,
        "waiting": next((row for row in narrowings if row.state == Narrowing.State.OPEN), None),
    }
