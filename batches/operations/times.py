"""When goods may have left and arrived: the two times of a link, worked out from its document.

What is not known never excludes: `left_by` is the latest second at which the goods may
have left, `arrived_from` the earliest at which they may have arrived, null is unknown.
"""

import math
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from batches.models import Run, Shipment


class Times(NamedTuple):
    """Seconds since 1970, UTC."""

    left_by: int | None
    arrived_from: int | None


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` in `zone`: how a date without time of day is stored."""
    # Where the clock skips midnight, fold=0 is the moment of the skip; where midnight
    # comes twice, it is the first. Both are the start of the day.
    return datetime.combine(day, time.min, tzinfo=zone)


def _day_end(day: date, zone: ZoneInfo) -> int:
    """The last second of `day` in `zone`."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    ends = [int(midnight.replace(fold=fold).timestamp()) - 1 for fold in (0, 1)]
    # A midnight that comes twice may belong to the next day altogether.
    in_day = [end for end in ends if datetime.fromtimestamp(end, zone).date() == day]
    return max(in_day or ends)


def earliest(moment: datetime | None, date_only: bool, zone: ZoneInfo) -> int | None:
    if moment is None:
        return None
    if date_only:
        moment = day_start(moment.astimezone(zone).date(), zone)
    return math.floor(moment.timestamp())


def latest(moment: datetime | None, date_only: bool, zone: ZoneInfo) -> int | None:
    if moment is None:
        return None
    if date_only:
        return _day_end(moment.astimezone(zone).date(), zone)
    return math.ceil(moment.timestamp())


def shipment_times(shipment: Shipment) -> Times:
    """The times of every link of a shipment. A departure is in the origin's zone, an
    arrival in the destination's; each stands in for the other when that is not known."""
    departure = (shipment.shipped_at, shipment.shipped_date_only, shipment.origin.zone)
    arrival = (shipment.received_at, shipment.received_date_only, shipment.destination.zone)
    left_by, arrived_from = latest(*departure), earliest(*arrival)
    return Times(
        latest(*arrival) if left_by is None else left_by,
        earliest(*departure) if arrived_from is None else arrived_from,
    )


def run_times(run: Run) -> Times:
    """The times of every link of a run, in its location's zone."""
    when = (run.ran_at, run.ran_date_only, run.location.zone)
    return Times(latest(*when), earliest(*when))
