"""The calendar of drills as pages show it: who owes one, until when, and how soon. Reads only."""

from dataclasses import dataclass
from datetime import date

from recalls.models import DrillDuty

SOON = 30


@dataclass(frozen=True)
class Row:
    """One that is owed; `key` and `word` are its state, `late` its days since the due day."""

    duty: DrillDuty
    late: int
    key: str
    word: str


def calendar(today: date) -> list[Row]:
    """All that is owed, what is due first before the rest."""
    related = ("site", "owner", "last_drill__recall")
    owed = DrillDuty.objects.filter(ended_at=None).select_related(*related)
    return [_row(duty, (today - duty.due_on).days) for duty in owed]


def _row(duty: DrillDuty, late: int) -> Row:
    if late > 0:
        return Row(duty, late, "crit", f"Overdue by {late} day{'' if late == 1 else 's'}")
    if late == 0:
        return Row(duty, late, "hold", "Due today")
    if late >= -SOON:
        return Row(duty, late, "hold", f"Due in {-late} day{'' if late == -1 else 's'}")
    return Row(duty, late, "ok", "In time")
