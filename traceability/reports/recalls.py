"""The open recalls as the overview shows them: how far, and what is due next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, Q, Value, When

from batches.templatetags import wording
from recalls.models import Recall, ScopeLine
from recalls.reports.status import statuses
from traceability.reports.due import Due, has_begun, next_dues, planned_start

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
    target: Due
    notified: Progress | None
    acknowledged: Progress | None
    recovered: Progress | None
    places: int


def open_recalls(now: datetime) -> tuple[list[OpenRecall], dict[str, int]]:
    """The SHOWN most urgent ones, live before drills, and the counts for the headline."""
    rows = Recall.objects.open()
    planned = Q(is_drill=True, status=Recall.Status.DRAFT, planned_at__gt=now)
    counts = rows.aggregate(
        live=Count("pk", filter=Q(is_drill=False)),
        planned=Count("pk", filter=planned),
        drills=Count("pk", filter=Q(is_drill=True) & ~planned),
    )
    active_first = Case(When(status=Recall.Status.ACTIVE, then=Value(0)), default=Value(1))
    first = rows.order_by("is_drill", active_first, "-opened_at", "-pk")[:SHOWN]
    first = list(first)
    states = statuses(recall for recall in first if has_begun(recall))
    batches = _batches([state.version for state in states.values() if state.version])
    dues = {recall.pk: planned_start(recall, now) for recall in first if not has_begun(recall)}
    dues |= next_dues(states, now)
    return [
        _row(recall, states.get(recall.pk), batches, dues[recall.pk], now) for recall in first
    ], counts


def _batches(versions) -> dict[int, int]:
    """How many batches each version covers, by recall."""
    lines = ScopeLine.objects.filter(version__in=versions).order_by()
    return dict(lines.values_list("version__recall").annotate(Count("batch", distinct=True)))


def _row(recall: Recall, state, batches: dict[int, int], due: Due, now: datetime) -> OpenRecall:
    whole = state.conservation if state and recall.activated_at else None
    return OpenRecall(
        recall=recall,
        batches=batches.get(recall.pk, 0),
        elapsed=(recall.completed_at or now) - recall.opened_at if has_begun(recall) else None,
        target=due,
        notified=_progress(whole.acknowledged + whole.accepted, whole.total, True)
        if whole
        else None,
        acknowledged=_progress(whole.acknowledged, whole.total) if whole else None,
        recovered=_recovered(state),
        places=whole.total if whole else 0,
    )


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
