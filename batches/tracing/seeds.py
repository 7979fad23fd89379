"""What a trace starts from: whole batches, places in a window of time, single holdings.

Times that are not known count as possible, so a window leaves a holding out only when it
is certain that it came later or had gone before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from batches.models import Adjustment, Holding, Link, Run, RunInput, RunOutput
from batches.tracing.graph import FORWARD, Seeds
from batches.tracing.sql import chunks


@dataclass(frozen=True)
class WholeBatch:
    """Every holding of the batch, since ever (backward: until now)."""

    batch_id: int


@dataclass(frozen=True)
class LocationWindow:
    """Every holding that was at the location at some moment from `from_` to `to`.

    Both are aware datetimes; None leaves that side of the window open.
    """

    location_id: int
    from_: datetime | None
    to: datetime | None


@dataclass(frozen=True)
class FromHolding:
    """One holding since a moment (backward: until it); None is since ever."""

    holding_id: int
    since: datetime | None = None


Seed = WholeBatch | LocationWindow | FromHolding


@dataclass
class Stay:
    """What is known about a holding's time at its place, in seconds; None is unknown."""

    holding: int
    arrived: int | None
    is_empty: bool
    left: list[int | None]

    def was_there(self, start: int | None, end: int | None) -> bool:
        came_later = end is not None and self.arrived is not None and self.arrived > end
        return not came_later and not (start is not None and self.had_gone(start))

    def had_gone(self, moment: int) -> bool:
        # Empty without any departure on record: when it went is not known.
        known = bool(self.left) and None not in self.left
        return self.is_empty and known and max(self.left) < moment

    def since(self, start: int | None) -> int | None:
        return self.arrived if start is None else max(start, self.arrived or start)

    def until(self, end: int | None) -> int | None:
        if not self.is_empty or not self.left or None in self.left:
            return end
        return max(self.left) if end is None else min(end, max(self.left))


def seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() // 1)


def seeds_of(seeds: Iterable[Seed], direction: str) -> Seeds:
    """The bounds of all seeds together, in a number of queries that does not depend on them.

    Where two seeds name one holding, the one that reaches more counts.
    """
    seeds = set(seeds)
    starts: dict[int, int | None] = {}
    others: set[int] = set()
    for holding, is_origin in _of_batches({s.batch_id for s in seeds if type(s) is WholeBatch}):
        if is_origin:
            starts[holding] = None
        else:
            others.add(holding)
    bounds = [(s.holding_id, seconds(s.since)) for s in seeds if type(s) is FromHolding]
    bounds += _in_windows([s for s in seeds if type(s) is LocationWindow], direction)
    reaches_more = min if direction == FORWARD else max
    for holding, bound in bounds:
        known = starts.get(holding, bound)
        starts[holding] = None if None in (known, bound) else reaches_more(known, bound)
    return Seeds(starts, others)


def _of_batches(batches: set[int]) -> list[tuple[int, bool]]:
    """(holding, whether it is at the batch's origin) of every holding of the batches."""
    rows = []
    for part in chunks(sorted(batches)):
        held = Holding.objects.filter(batch__in=part).order_by()
        rows += held.values_list("pk", "location_id", "batch__origin_id")
    return [(holding, place == origin) for holding, place, origin in rows]


def _in_windows(windows: list[LocationWindow], direction: str):
    if not windows:
        return []
    stays = _stays({window.location_id for window in windows})
    bounds = []
    for window in windows:
        start, end = seconds(window.from_), seconds(window.to)
        for stay in stays.get(window.location_id, ()):
            if stay.was_there(start, end):
                bound = stay.since(start) if direction == FORWARD else stay.until(end)
                bounds.append((stay.holding, bound))
    return bounds


def _stays(places: set[int]) -> dict[int, list[Stay]]:
    """The stays at the places, by place, in five queries."""
    arrivals, departures = _arrivals(places), _departures(places)
    rows = Holding.objects.filter(location__in=places).order_by("pk")
    rows = rows.values_list(
        "pk", "location_id", "quantity", "batch__origin_id", "batch__produced_at"
    )
    stays: dict[int, list[Stay]] = {}
    for holding, place, quantity, origin, produced_at in rows:
        arrived, was_made_by_run = arrivals.get(holding, (None, False))
        if place == origin and not was_made_by_run:
            # Made here without a recorded run; what came in later is a return.
            arrived = seconds(produced_at)
        stay = Stay(holding, arrived, quantity == 0, departures.get(holding, []))
        stays.setdefault(place, []).append(stay)
    return stays


def _arrivals(places: set[int]) -> dict[int, tuple[int | None, bool]]:
    """(earliest arrival or None if one is unknown, whether a run made it) by holding."""
    links = Link.objects.filter(voided=False, target__location__in=places).order_by()
    links = links.values("target").annotate(
        earliest=Min("arrived_from"),
        unknown=Count("pk", filter=Q(arrived_from=None)),
        runs=Count("run"),
    )
    return {
        row["target"]: (None if row["unknown"] else row["earliest"], row["runs"] > 0)
        for row in links
    }


def _departures(places: set[int]) -> dict[int, list[int | None]]:
    """The latest departure and every other loss of stock, of holdings that are empty now."""
    left: dict[int, list[int | None]] = {}
    links = Link.objects.filter(
        voided=False, source__location__in=places, source__quantity=0
    ).order_by()
    links = links.values("source").annotate(
        latest=Max("left_by"), unknown=Count("pk", filter=Q(left_by=None))
    )
    for row in links:
        left[row["source"]] = [None if row["unknown"] else row["latest"]]
    losses = Adjustment.objects.filter(
        voided_at=None, quantity__lt=0, holding__location__in=places, holding__quantity=0
    ).order_by()
    zone = F("holding__location__timezone")
    for holding, at, date_only, name in losses.values_list("holding", "at", "at_date_only", zone):
        left.setdefault(holding, []).append(_latest(at, date_only, name))
    for holding, at, date_only, name in _used_without_output(places):
        left.setdefault(holding, []).append(_latest(at, date_only, name))
    return left


def _used_without_output(places: set[int]):
    """What runs used that made nothing, so that no link tells of it, of empty holdings."""
    made = RunOutput.objects.filter(run=OuterRef("run")).exclude(batch=OuterRef("batch"))
    used = RunInput.objects.filter(
        ~Exists(made),
        run__status=Run.Status.POSTED,
        run__location__in=places,
        batch__holdings__location=F("run__location"),
        batch__holdings__quantity=0,
    ).order_by()
    return used.values_list(
        "batch__holdings", "run__ran_at", "run__ran_date_only", "run__location__timezone"
    )


def _latest(at: datetime | None, date_only: bool, zone: str) -> int | None:
    """The latest second that `at` may mean: of a bare date, the last of that day there."""
    if at is None or not date_only:
        return seconds(at)
    place = ZoneInfo(zone or settings.SITE_TIME_ZONE)
    next_day = at.astimezone(place).date() + timedelta(days=1)
    return seconds(datetime.combine(next_day, time.min, place).astimezone(UTC)) - 1
