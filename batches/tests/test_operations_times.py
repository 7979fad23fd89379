"""The two times of a link are never narrower than what is known."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from batches.models import Location, Run, Shipment
from batches.operations.times import day_start, run_times, shipment_times


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp())


def shipment(shipped=None, received=None, *, day_out=False, day_in=False, zones=("", "")):
    def moment(text):
        return datetime.fromisoformat(text) if text else None

    return Shipment(
        origin=Location(code="A", timezone=zones[0]),
        destination=Location(code="B", timezone=zones[1]),
        shipped_at=moment(shipped),
        shipped_date_only=day_out,
        received_at=moment(received),
        received_date_only=day_in,
    )


LEFT, ARRIVED = "2026-11-20T10:00:00+00:00", "2026-11-21T08:30:00+00:00"


def test_exact_times_are_taken_as_they_are():
    assert shipment_times(shipment(LEFT, ARRIVED)) == (seconds(LEFT), seconds(ARRIVED))


def test_a_fraction_of_a_second_widens_and_never_narrows():
    times = shipment_times(
        shipment("2026-11-20T10:00:00.400+00:00", "2026-11-21T08:30:00.900+00:00")
    )
    assert times == (seconds(LEFT) + 1, seconds(ARRIVED))


def test_bare_dates_are_whole_days_in_the_zone_of_each_place():
    made = shipment(
        "2026-11-20T00:00:00-05:00",
        "2026-11-21T00:00:00+01:00",
        day_out=True,
        day_in=True,
        zones=("America/New_York", "Europe/Berlin"),
    )
    assert shipment_times(made) == (
        seconds("2026-11-20T23:59:59-05:00"),
        seconds("2026-11-21T00:00:00+01:00"),
    )


@pytest.mark.parametrize(
    ("shipped", "received", "expected"),
    [
        (None, ARRIVED, (ARRIVED, ARRIVED)),
        (LEFT, None, (LEFT, LEFT)),
        (None, None, (None, None)),
    ],
)
def test_an_unknown_time_is_bounded_by_the_other_one(shipped, received, expected):
    expected = tuple(text and seconds(text) for text in expected)
    assert shipment_times(shipment(shipped, received)) == expected


def test_goods_in_transit_since_a_bare_date_may_have_arrived_at_its_start():
    made = shipment("2026-11-20T00:00:00+00:00", day_out=True)
    assert shipment_times(made) == (
        seconds("2026-11-20T23:59:59+00:00"),
        seconds("2026-11-20T00:00:00+00:00"),
    )


def test_an_unknown_departure_lasts_to_the_end_of_the_day_of_arrival():
    made = shipment(None, "2026-11-21T00:00:00+00:00", day_in=True)
    assert shipment_times(made) == (
        seconds("2026-11-21T23:59:59+00:00"),
        seconds("2026-11-21T00:00:00+00:00"),
    )


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        # 25 hours, 23 hours, a midnight that is skipped, midnights that come twice.
        ("Europe/Berlin", "2026-10-25", "00:00:00+02:00", "23:59:59+01:00"),
        ("Europe/Berlin", "2026-03-29", "00:00:00+01:00", "23:59:59+02:00"),
        ("America/Sao_Paulo", "2018-11-04", "01:00:00-02:00", "23:59:59-02:00"),
        ("America/Sao_Paulo", "2018-11-03", "00:00:00-03:00", "23:59:59-03:00"),
        ("America/Havana", "2026-11-01", "00:00:00-04:00", "23:59:59-05:00"),
        ("America/Havana", "2026-10-31", "00:00:00-04:00", "23:59:59-04:00"),
        ("America/St_Johns", "2005-10-29", "00:00:00-02:30", "23:59:59-03:30"),
    ],
)
def test_a_day_is_whole_when_the_clock_changes(zone, day, first, last):
    run = Run(
        location=Location(code="A", timezone=zone),
        ran_at=day_start(date.fromisoformat(day), ZoneInfo(zone)),
        ran_date_only=True,
    )
    assert run_times(run) == (seconds(f"{day}T{last}"), seconds(f"{day}T{first}"))


def test_a_run_has_its_own_time_twice():
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    run = Run(location=Location(code="A"), ran_at=at)
    assert run_times(run) == (int(at.timestamp()), int(at.timestamp()))
    assert run_times(Run(location=Location(code="A"))) == (None, None)
