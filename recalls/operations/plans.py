"""The plans by which recalls of each class are followed up: set up once, changed by people."""

from django.core.exceptions import ValidationError
from django.db import transaction

from batches.operations.changes import changes, locked, refuse_if_changed
from batches.operations.events import record
from recalls.models import ReminderPlan
from recalls.models.following import MOST_DAYS, MOST_HOURS, MOST_REMINDERS

FIELDS = (
    "first_hours",
    "every_hours",
    "reminders",
    "escalate_hours",
    "to_parent",
    "to_call_list",
    "to_lead",
    "update_days",
)
# What nobody has classified yet may be of class I.
DEFAULTS = {
    "I": (4, 4, 3, 2),
    "II": (24, 24, 3, 24),
    "III": (72, 72, 2, 72),
    "unclassified": (4, 4, 3, 2),
}


def set_up_plans(apps) -> None:
    """Makes the plans that are not there yet. `apps` is a model registry."""
    rows = apps.get_model("recalls", "ReminderPlan").objects
    for classification, values in DEFAULTS.items():
        hours = dict(zip(FIELDS, values, strict=False))
        rows.get_or_create(classification=classification, defaults=hours)


@transaction.atomic
def save_plan(*, plan, by, at, seen="") -> ReminderPlan:
    """Changes when and how often recalls of a class remind, and whom they escalate to.

    It counts at once, also for recalls under way: what was sent stays counted. Refuses a
    change since `seen`, hours, days and reminders out of range, and a plan that neither reminds
    nor escalates.
    """
    stored = locked(plan)
    refuse_if_changed(seen, stored)
    _refuse_out_of_range(plan)
    before, after = changes(stored, plan, FIELDS)
    if after:
        plan.save(update_fields=list(after))
        record(verb="reminder plan changed", obj=plan, by=by, at=at, before=before, after=after)
    return plan


def _refuse_out_of_range(plan: ReminderPlan) -> None:
    faults = {
        name: f"Enter 1 to {MOST_HOURS:,} hours."
        for name in ("first_hours", "every_hours", "escalate_hours")
        if not 1 <= (getattr(plan, name) or 0) <= MOST_HOURS
    }
    if not 0 <= (-1 if plan.reminders is None else plan.reminders) <= MOST_REMINDERS:
        faults["reminders"] = f"Enter 0 to {MOST_REMINDERS} reminders."
    if not 1 <= (plan.update_days or 0) <= MOST_DAYS:
        faults["update_days"] = f"Enter 1 to {MOST_DAYS} days."
    if faults:
        raise ValidationError(faults)
    if not (plan.reminders or plan.to_parent or plan.to_call_list or plan.to_lead):
        raise ValidationError(
            {"reminders": "This plan would follow up nobody. Remind at least once, or escalate."}
        )
