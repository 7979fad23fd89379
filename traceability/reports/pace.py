"""How quick a trace is for people: from the start of a drill or a recall to its frozen scope."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Min

from recalls.models import Drill, Recall

WITHIN = timedelta(days=365)
LATEST = 50


@dataclass(frozen=True)
class LastDrill:
    """`found` is the share of what was planted that its scope covered, in %; empty if unknown."""

    recall: Recall
    took: timedelta
    found: str = ""


@dataclass(frozen=True)
class Pace:
    """The median time to the frozen scope, and of how many drills and recalls it is."""

    middle: timedelta
    count: int


def last_drill() -> LastDrill | None:
    drills = Recall.objects.filter(is_drill=True, completed_at__isnull=False)
    recall = drills.select_related("drill").order_by("-completed_at", "-pk").first()
    if recall is None:
        return None
    score = _score(recall)
    return LastDrill(
        recall, recall.completed_at - recall.opened_at, score.get("found_percent") or ""
    )


def _score(recall: Recall) -> dict:
    try:
        return recall.drill.score or {}
    except Drill.DoesNotExist:
        return {}


def pace(now: datetime) -> Pace | None:
    """Of the latest ones of a year; None while no scope was frozen.

    A drill counts from its start: what was prepared before took no time.
    """
    rows = Recall.objects.filter(opened_at__gte=now - WITHIN).annotate(
        frozen=Min("versions__frozen_at")
    )
    frozen = rows.filter(frozen__isnull=False).order_by("-opened_at", "-pk")
    moments = frozen.values_list("opened_at", "drill__started_at", "frozen")[:LATEST]
    took = [max(done - (start or opened), timedelta(0)) for opened, start, done in moments]
    return Pace(median(took), len(took)) if took else None
