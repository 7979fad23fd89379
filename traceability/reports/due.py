"""What an open recall owes next: the first of its targets that is not met, or what is left then."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from batches.templatetags import wording
from recalls.models import CheckPlace, CheckResult, Recall, Target
from recalls.reports.status import RecallStatus
from recalls.reports.targets import TargetRow, targets_of

Status = Recall.Status
# Until the second person has agreed, nothing else can be done.
STEPS = {Status.DRAFT: "Scope to be submitted", Status.SUBMITTED: "Approval by a second person"}


@dataclass(frozen=True)
class Due:
    """How long is left or over, what it is for, and how bad that is: hold, crit or nothing."""

    text: str
    of: str
    key: str = ""


def has_begun(recall: Recall) -> bool:
    return not (recall.planned_at and recall.status == Status.DRAFT)


def planned_start(recall: Recall, now: datetime) -> Due:
    key = "hold" if recall.planned_at < now else ""
    return Due(wording.moment(recall.planned_at, now), "Planned start", key)


def next_dues(states: dict[int, RecallStatus], now: datetime) -> dict[int, Due]:
    """By recall. As many queries for several as for one."""
    rows = targets_of(states.values(), now)
    dues = {
        pk: _first(state.recall, [row for row in rows[pk] if row.met_at is None], now)
        for pk, state in states.items()
        if any(row.met_at is None for row in rows[pk])
    }
    left = _checks_left({pk: state for pk, state in states.items() if pk not in dues})
    return dues | {pk: _last(states[pk].recall, count) for pk, count in left.items()}


def _first(recall: Recall, rows: list[TargetRow], now: datetime) -> Due:
    waiting = [(row.due, row.word, row.state) for row in rows] + _deadline(recall, rows)
    due, word, how = min(waiting)
    step = STEPS.get(recall.status, word)
    if due < now:
        return Due(f"Late by {wording.span(now - due)}", step, "crit")
    return Due(f"{wording.span(due - now)} left", step, "hold" if how == "stuck" else "")


def _deadline(recall: Recall, rows: list[TargetRow]) -> list[tuple[datetime, str, str]]:
    """The one that the places were given, while some have not answered."""
    is_open = any(row.target == Target.ANSWERS for row in rows)
    if recall.deadline is None or not is_open or recall.status != Status.ACTIVE:
        return []
    return [(recall.deadline, "Answers due", "")]


def _last(recall: Recall, checks_left: int) -> Due:
    if checks_left:
        word = "check" if checks_left == 1 else "checks"
        return Due("Checking", f"{checks_left:,} effectiveness {word} left")
    if recall.status == Status.COMPLETED:
        return Due("Closing", "by a second person")
    return Due("Completing", "every place has answered")


def _checks_left(states: dict[int, RecallStatus]) -> dict[int, int]:
    """By recall, how many places that were drawn and still belong to it wait for their check."""
    newest = CheckResult.objects.filter(place=OuterRef("pk")).order_by("-pk")
    rows = CheckPlace.objects.filter(recall__in=states).order_by()
    rows = rows.annotate(newest=Subquery(newest.values("result")[:1]))
    waiting = rows.filter(Q(newest=None) | Q(newest=CheckResult.Result.NOT_REACHED))
    left = dict.fromkeys(states, 0)
    told = {pk: {place.location_id for place in state.places} for pk, state in states.items()}
    for pk, location in waiting.values_list("recall", "location"):
        left[pk] += location in told[pk]
    return left
