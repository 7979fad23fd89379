"""The open recalls as the overview shows them: how far, and what is due next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, Q, Value, When

from batches.templatetags import wording
from recalls.models import Recall, ScopeLine
from recalls.reports.status import statuses

SHOWN = 8


@dataclass(frozen=True)
class Progress:
    """`part` of `whole` in `unit`; the colour says whether that is enough."""

    part: Decimal
    whole: Decimal
    key: str

    @property
    def width(self) -> str:
        return wording.percent(min(self.part, self.whole), self.whole) or "0"


@dataclass(frozen=True)
class OpenRecall:
    recall: Recall
    batches: int
    elapsed: timedelta | None
    target: str
    target_of: str
    is_late: bool
    notified: Progress | None
    acknowledged: Progress | None
    recovered: Progress | None
    places: int


def open_recalls(now: datetime) -> tuple[list[OpenRecall], dict[str, int]]:
    """The SHOWN most urgent ones, live before drills, and the counts for the headline."""
    rows = Recall.objects.open()
    counts = rows.aggregate(
        live=Count("pk", filter=Q(is_drill=False)), drills=Count("pk", filter=Q(is_drill=True))
    )
    active_first = Case(When(status=Recall.Status.ACTIVE, then=Value(0)), default=Value(1))
    first = rows.order_by("is_drill", active_first, "-opened_at", "-pk")[:SHOWN]
    first = list(first)
    states = statuses(recall for recall in first if recall.activated_at)
    batches = _batches([state.version for state in states.values() if state.version])
    return [_row(recall, states.get(recall.pk), batches, now) for recall in first], counts


def _batches(versions) -> dict[int, int]:
    """How many batches each version covers, by recall."""
    lines = ScopeLine.objects.filter(version__in=versions).order_by()
    return dict(lines.values_list("version__recall").annotate(Count("batch", distinct=True)))


def _row(recall: Recall, state, batches: dict[int, int], now: datetime) -> OpenRecall:
    whole = state.conservation if state else None
    target, of, is_late = _target(recall, state, now)
    return OpenRecall(
        recall=recall,
        batches=batches.get(recall.pk, 0),
        elapsed=(recall.completed_at or now) - recall.opened_at if _has_begun(recall) else None,
        target=target,
        target_of=of,
        is_late=is_late,
        notified=_progress(whole.acknowledged + whole.accepted, whole.total, True)
        if whole
        else None,
        acknowledged=_progress(whole.acknowledged, whole.total) if whole else None,
        recovered=_recovered(state),
        places=whole.total if whole else 0,
    )


def _has_begun(recall: Recall) -> bool:
    return not (recall.planned_at and recall.status == Recall.Status.DRAFT)


def _progress(part, whole, is_due=False) -> Progress | None:
    if not whole:
        return None
    done = "ok" if part >= whole else "hold" if is_due else "info"
    return Progress(part, whole, done)


def _recovered(state) -> Progress | None:
    """Only where one unit tells it all: unlike units are never added."""
    if state is None or len(state.totals) != 1:
        return None
    total = state.totals[0]
    progress = _progress(total.recovered, total.due)
    is_done = state.recall.status == Recall.Status.COMPLETED
    return replace(progress, key="ok") if progress and is_done else progress


def _target(recall: Recall, state, now: datetime) -> tuple[str, str, bool]:
    """What is due next, what it is for, and whether it is late."""
    if not _has_begun(recall):
        day = wording.moment(recall.planned_at, now)
        return day, "Planned start", recall.planned_at < now
    waiting = {
        Recall.Status.DRAFT: ("Scope", "to be settled and submitted"),
        Recall.Status.SUBMITTED: ("Approval", "by a second person"),
        Recall.Status.COMPLETED: ("Closing", "by a second person"),
    }.get(recall.status)
    if waiting:
        return *waiting, False
    if recall.deadline is None:
        return "No deadline", "for answers", False
    left = recall.deadline - now
    if left < timedelta(0):
        return f"Late by {wording.span(-left)}", "Answers due", True
    return f"{wording.span(left)} left", "Answers due", False
