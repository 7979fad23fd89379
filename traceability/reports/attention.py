"""One queue over everything that waits for a person, worst first, then oldest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Max, QuerySet
from django.urls import NoReverseMatch, reverse

from batches.models import Complaint, Finding, Hold
from batches.operations.listeners import for_people_to_decide
from batches.reports.audit import word_of
from batches.reports.findings import addresses
from recalls.models import Notice

SHOWN = 8
KINDS = {
    "notices": "Notices",
    "alarms": "Alarms",
    "holds": "Holds",
    "gaps": "Data gaps",
    "complaints": "Complaints",
}
FINDINGS = {
    "alarm": (0, "crit", "warn"),
    "warning": (3, "info", "scale"),
    "gap": (5, "none", "link"),
}


@dataclass(frozen=True)
class Item:
    """One row of the queue. Smaller `rank` is worse; `permission` is what the action needs."""

    rank: int
    since: datetime
    key: str
    icon: str
    title: str
    detail: str
    record: str
    record_url: str
    record_detail: str
    owner: str
    action: str
    action_url: str
    permission: str = ""


@dataclass(frozen=True)
class Queue:
    kind: str
    items: list[Item]
    counts: dict[str, int]
    more: int
    is_mine: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def queue(kind: str, now: datetime, limit: int | None = SHOWN, owner: User | None = None) -> Queue:
    """The queue of one kind, or of all for an empty `kind`; with `owner` what is that person's."""
    rows = {name: source.owned_by(owner) for name, source in SOURCES.items()}
    counts = {name: found.count() for name, found in rows.items()}
    wanted = [name for name in SOURCES if counts[name] and kind in ("", name)]
    items = [item for name in wanted for item in SOURCES[name].items(rows[name], limit)]
    items.sort(key=lambda item: (item.rank, item.since))
    total = sum(counts[name] for name in wanted)
    shown = items[:limit]
    return Queue(kind, shown, counts, total - len(shown), owner is not None)


def _name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _failed_notices():
    failed = Notice.objects.filter(state__in=Notice.UNDELIVERED, kind=Notice.Kind.NOTICE)
    return failed.exclude(recall__status__in=["closed", "cancelled"])


def _notices(rows, limit):
    grouped = rows.order_by().values("recall__reference", "recall__title", "recall__lead")
    found = list(grouped.annotate(n=Count("pk"), since=Max("created_at"))[:limit])
    leads = User.objects.in_bulk({row["recall__lead"] for row in found})
    for row in found:
        reference = row["recall__reference"]
        url = address("recall-detail", reference)
        yield Item(
            rank=0,
            since=row["since"],
            key="crit",
            icon="bounce",
            title="Recall notice not delivered",
            detail=f"{row['n']} not reached: {row['recall__title']}",
            record=reference,
            record_url=url,
            record_detail="",
            owner=_name(leads.get(row["recall__lead"])),
            action="Open",
            action_url=url,
        )


def _undecided_holds():
    return Hold.objects.active().filter(for_people_to_decide())


def _holds(rows, limit):
    related = ("batch__product", "batch__origin", "placed_by")
    for hold in rows.select_related(*related).order_by("placed_at", "pk")[:limit]:
        yield Item(
            rank=2,
            since=hold.placed_at,
            key="hold",
            icon="hold",
            title="Hold without decision",
            detail=hold.reason,
            record=hold.batch.number,
            record_url=hold.batch.get_absolute_url(),
            record_detail=hold.batch.product.name,
            owner=_name(hold.placed_by),
            action="Decide",
            action_url=address("hold-release", hold.pk),
            permission="batches.release_hold",
        )


def _open_alarms():
    return Finding.objects.unsettled().exclude(severity=Finding.Severity.GAP)


def _open_gaps():
    return Finding.objects.unsettled().filter(severity=Finding.Severity.GAP)


def _findings(rows, limit):
    rows = rows.select_related("owner").order_by("severity", "found_at", "pk")
    found = list(rows[:limit])
    urls = addresses(found)
    for finding in found:
        rank, key, icon = FINDINGS[finding.severity]
        yield Item(
            rank=rank,
            since=finding.found_at,
            key=key,
            icon=icon,
            title=word_of(finding.kind),
            detail=finding.text,
            record=finding.label,
            record_url=urls.get((finding.object_type, finding.object_id), ""),
            record_detail="",
            owner=_name(finding.owner),
            action="Settle",
            action_url=address("finding-close", finding.pk),
            permission="batches.change_finding",
        )


def _open_complaints():
    return Complaint.objects.filter(status=Complaint.Status.OPEN)


def _complaints(rows, limit):
    related = ("batch__product", "batch__origin", "product", "location")
    for row in rows.select_related(*related).order_by("at", "pk")[:limit]:
        about = row.batch or row.product
        product = row.product or (row.batch and row.batch.product)
        yield Item(
            rank={"critical": 1, "major": 3, "minor": 4}[row.severity],
            since=row.at,
            key="crit" if row.severity == Complaint.Severity.CRITICAL else "info",
            icon="chat",
            title=f"{row.get_severity_display()} complaint",
            detail=row.text,
            record=(row.batch.number if row.batch else row.product.code) if about else "not named",
            record_url=about.get_absolute_url() if about else "",
            record_detail=product.name if product else "",
            owner="",
            action="Review",
            action_url=address("complaint-close", row.pk),
            permission="batches.change_complaint",
        )


def address(name: str, *args) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


class Source(NamedTuple):
    """Rows that wait, how they become items, and which field names whose they are."""

    rows: Callable[[], QuerySet]
    items: Callable[[QuerySet, int | None], Iterator[Item]]
    owner: str = ""

    def owned_by(self, person: User | None) -> QuerySet:
        """All of them, or those of one person. What has no owner yet is nobody's."""
        if person is None:
            return self.rows()
        return self.rows().filter(**{self.owner: person}) if self.owner else self.rows().none()


SOURCES = {
    "notices": Source(_failed_notices, _notices, "recall__lead"),
    "alarms": Source(_open_alarms, _findings, "owner"),
    "holds": Source(_undecided_holds, _holds, "placed_by"),
    "gaps": Source(_open_gaps, _findings, "owner"),
    "complaints": Source(_open_complaints, _complaints),
}
