"""Figures over days and hours for the overview: what expires, and how much moves."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.db.models.functions import TruncHour

from batches.models import Hold, Holding, Run, Shipment
from batches.templatetags.wording import site_zone


@dataclass(frozen=True)
class Day:
    """Batches on our sites with stock that expire on `day`; quantities by unit."""

    day: date
    batches: int
    amounts: dict[str, Decimal] = field(default_factory=dict)


def expiring(today: date, days: int = 14) -> list[Day]:
    """One entry for each day from `today` on. Unknown quantities count as stock of nothing."""
    last = today + timedelta(days=days - 1)
    rows = Holding.objects.filter(
        Q(quantity__gt=0) | Q(quantity__isnull=True),
        location__is_own=True,
        batch__expires_on__range=(today, last),
    ).values_list("batch__expires_on", "batch", "batch__product__unit", "quantity")
    found: dict[date, set[int]] = defaultdict(set)
    amounts: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, batch, unit, amount in rows.order_by():
        found[day].add(batch)
        amounts[day][unit] += amount or 0
    wanted = [today + timedelta(days=n) for n in range(days)]
    return [Day(day, len(found[day]), dict(amounts[day])) for day in wanted]


def amounts_of(days: list[Day]) -> dict[str, Decimal]:
    """The quantities of several days, one sum per unit."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for day in days:
        for unit, amount in day.amounts.items():
            sums[unit] += amount
    return dict(sums)


@dataclass(frozen=True)
class Hour:
    """`moves` shipments that left and runs; `low` to `high`, means of hours, is usual then."""

    start: datetime
    moves: int
    held: int
    low: float
    high: float


def movements(now: datetime, hours: int = 24, days: int = 7) -> list[Hour]:
    """The last `hours`; usual is what that hour and its neighbours had in the `days` before."""
    local = now.astimezone(site_zone())
    end = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    since = end - timedelta(hours=hours + 1, days=days)
    moved: dict[datetime, int] = defaultdict(int)
    for rows, moment in (
        (Shipment.objects.filter(shipped_date_only=False), "shipped_at"),
        (Run.objects.filter(ran_date_only=False), "ran_at"),
    ):
        for hour, count in _per_hour(rows.exclude(status="voided"), moment, since, end):
            moved[hour] += count
    held = dict(_per_hour(Hold.objects.filter(is_drill=False), "placed_at", since, end))
    found = []
    for start in (end - timedelta(hours=back) for back in range(hours, 0, -1)):
        usual = [_around(moved, start - timedelta(days=n)) for n in range(1, days + 1)]
        found.append(Hour(start, moved[start], held.get(start, 0), min(usual), max(usual)))
    return found


def _around(moved: dict[datetime, int], hour: datetime) -> float:
    """The mean of three hours: what moves at 9:58 one day moves at 10:03 the next."""
    return sum(moved[hour + timedelta(hours=n)] for n in (-1, 0, 1)) / 3


def _per_hour(rows, moment: str, since: datetime, end: datetime):
    inside = rows.filter(**{f"{moment}__gte": since, f"{moment}__lt": end}).order_by()
    hours = inside.annotate(hour=TruncHour(moment, tzinfo=site_zone())).values_list("hour")
    return hours.annotate(n=Count("pk"))
