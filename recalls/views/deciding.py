"""Activating alone, and what a second person makes of it: each a POST that calls one operation."""

from recalls.forms.decisions import BreakGlassForm, CountersignForm, ObjectForm
from recalls.operations import recalls as life
from recalls.views.acts import act, attempt


@act("recalls.break_glass")
def break_glass(request, recall):
    form = BreakGlassForm(request.POST, auto_id="glass_%s")
    return attempt(request, recall, _alone, life.break_glass, form=form, slot="glass")


def _alone(version) -> str:
    due = version.recall.countersign_due
    return f"Activated by you alone. Another person must countersign it by {due:%d %B, %H:%M} UTC."


@act("recalls.activate_recall")
def countersign(request, recall):
    form = CountersignForm(request.POST, auto_id="counter_%s")
    said = "Countersigned."
    return attempt(request, recall, said, life.countersign, form=form, slot="counter")


@act("recalls.activate_recall")
def object_to(request, recall):
    form = ObjectForm(request.POST, auto_id="object_%s")
    said = "Your objection is on record, and everybody who approves recalls is told."
    return attempt(request, recall, said, life.object_to, form=form, slot="object")
