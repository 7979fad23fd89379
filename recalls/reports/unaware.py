"""Which places were told of goods that are out of the scope now, and do not know it. Reads only.

Who was told by mail is told of it by mail. A place that somebody called, wrote to or visited, one
whose link was withdrawn, and one whose mail about it came back hear of it on the telephone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from recalls.models import Notice, NoticeLine, Recall, Response, ScopeLine, ScopeVersion
from recalls.scope.narrowed import out_now

Kind, State = Notice.Kind, Notice.State


@dataclass
class TakenOut:
    """Lines as they stood before, and since when the last of them is out."""

    since: datetime
    lines: list[ScopeLine] = field(default_factory=list)


def unaware(recall: Recall, versions: Iterable[ScopeVersion]) -> dict[int, TakenOut]:
    """By location. `versions` are those of the recall: where none narrowed it, nobody is asked."""
    if not any(version.cause == ScopeVersion.Cause.NARROWING for version in versions):
        return {}
    told, aware = _mailed(recall)
    told |= set(Response.objects.filter(recall=recall).values_list("holding_id", flat=True))
    spoken = _spoken(recall)
    rows = out_now(recall).select_related("line", "narrowing__version__release")
    found: dict[int, TakenOut] = {}
    for row in rows.filter(line__role=ScopeLine.Role.RECIPIENT).defer("line__path"):
        place, out_at = row.line.location_id, row.narrowing.version.release.at
        is_told = row.holding_id in told or any(at < out_at for at in spoken[place])
        if not is_told or row.holding_id in aware or any(at >= out_at for at in spoken[place]):
            continue
        one = found.setdefault(place, TakenOut(out_at))
        one.since = max(one.since, out_at)
        one.lines.append(row.line)
    return found


def _mailed(recall: Recall) -> tuple[set[int], set[int]]:
    """The holdings that a notice told of, or may have; those whose end a mail tells, or will."""
    may_have = Q(notice__attempts__isnull=False, notice__attempts__outcome__isnull=True)
    rows = NoticeLine.objects.filter(notice__recall=recall).order_by()
    told = rows.filter(Q(notice__state=State.ACCEPTED) | may_have, notice__kind=Kind.NOTICE)
    aware = rows.filter(notice__kind=Kind.REMOVAL).exclude(notice__state__in=Notice.UNDELIVERED)
    return (
        set(told.values_list("line__holding_id", flat=True)),
        set(aware.values_list("line__holding_id", flat=True)),
    )


def _spoken(recall: Recall) -> dict[int, list[datetime]]:
    """By location, when somebody there was reached by hand."""
    spoken = defaultdict(list)
    for place, at in recall.contacted.filter(reached=True).values_list("location_id", "at"):
        spoken[place].append(at)
    return spoken
