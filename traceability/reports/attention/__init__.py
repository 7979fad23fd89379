"""One queue over everything that waits for a person, worst first, then oldest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Value

from traceability.reports.attention.complaints import complaint_items, open_complaints
from traceability.reports.attention.item import Item
from traceability.reports.attention.jobs import failed_jobs, job_items
from traceability.reports.attention.notices import failed_notices, notice_items
from traceability.reports.attention.quality import (
    finding_items,
    hold_items,
    open_alarms,
    open_gaps,
    undecided_holds,
)

SHOWN = 8
KINDS = {
    "notices": "Notices",
    "alarms": "Alarms",
    "holds": "Holds",
    "jobs": "Failed jobs",
    "gaps": "Data gaps",
    "complaints": "Complaints",
}


@dataclass(frozen=True)
class Queue:
    """`shown` of what waits stands in `items`, `more` does not."""

    kind: str
    items: list[Item]
    counts: dict[str, int]
    more: int
    is_mine: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def shown(self) -> int:
        return sum(item.count for item in self.items)


class Source(NamedTuple):
    """Rows that wait, how they become items, and which field names whose they are."""

    rows: Callable[[], QuerySet]
    items: Callable[[QuerySet, int | None], Iterator[Item]]
    owner: str = ""

    def owned_by(self, person: User | None) -> QuerySet:
        """All of them, or those of one person. What has no owner yet is nobody's."""
        if person is None:
            return self.rows()
        return self.rows().filter(**{self.owner: person.pk}) if self.owner else self.rows().none()


SOURCES = {
    "notices": Source(failed_notices, notice_items, "recall__lead"),
    "alarms": Source(open_alarms, finding_items, "owner"),
    "holds": Source(undecided_holds, hold_items, "whose"),
    "jobs": Source(failed_jobs, job_items, "created_by"),
    "gaps": Source(open_gaps, finding_items, "owner"),
    "complaints": Source(open_complaints, complaint_items),
}


def queue(kind: str, now: datetime, limit: int | None = SHOWN, owner: User | None = None) -> Queue:
    """The queue of one kind, or of all for an empty `kind`; with `owner` what is that person's."""
    rows = {name: source.owned_by(owner) for name, source in SOURCES.items()}
    counts = _counted(rows)
    wanted = [name for name in SOURCES if counts[name] and kind in ("", name)]
    items = [item for name in wanted for item in SOURCES[name].items(rows[name], limit)]
    items.sort(key=lambda item: (item.rank, item.since))
    shown = items[:limit]
    more = sum(counts[name] for name in wanted) - sum(item.count for item in shown)
    return Queue(kind, shown, counts, more, owner is not None)


def _counted(rows: dict[str, QuerySet]) -> dict[str, int]:
    """By name; one query for all."""
    first, *others = (
        found.order_by().values(name=Value(name)).annotate(n=Count("pk"))
        for name, found in rows.items()
    )
    counts = dict(first.union(*others, all=True).values_list("name", "n"))
    return {name: counts.get(name, 0) for name in rows}
