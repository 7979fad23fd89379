"""How the audit went over time: the last runs, and what each rule found in the newest two."""

from dataclasses import dataclass

from batches.models import AuditRun
from batches.reports.audit import kinds
from batches.reports.audit.shapes import Kind

SHOWN = 30


@dataclass(frozen=True)
class RuleCount:
    """`change` against the run before; None where that run did not count the rule."""

    kind: Kind
    now: int
    change: int | None


def last_runs(limit: int = SHOWN) -> list[AuditRun]:
    """Whole runs, oldest first."""
    newest = AuditRun.objects.whole().select_related("asked_by").order_by("-finished_at", "-pk")
    return list(newest[:limit])[::-1]


def rule_counts(runs: list[AuditRun]) -> list[RuleCount]:
    """Every rule that the newest run counted, most faults first."""
    if not runs:
        return []
    now, before = runs[-1].counts, runs[-2].counts if len(runs) > 1 else {}
    counted = [
        RuleCount(kind, now[name], now[name] - before[name] if name in before else None)
        for name, kind in kinds().items()
        if name in now
    ]
    return sorted(counted, key=lambda count: (-count.now, count.kind.word))
