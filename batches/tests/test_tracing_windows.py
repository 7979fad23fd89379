"""What was at a place in a window of time, as far as the records tell."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from batches.models import Run, RunInput, RunOutput
from batches.operations.posting import post_runs_in_bulk
from batches.tests import factory as build
from batches.tracing import LocationWindow, resolve

pytestmark = pytest.mark.django_db


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def made(**fields):
    """Five kilograms, made at PLANT1 on 1 November."""
    return build.batch("X1", quantity=Decimal(5), produced_at=day(1), **fields)


def used(batch, ran_at, **fields) -> Run:
    """A run that used all of it and of which no output is recorded, as imports allow."""
    run = Run.objects.create(
        reference="R", location=batch.origin, status="posted", ran_at=ran_at, **fields
    )
    RunInput.objects.create(run=run, batch=batch, quantity=Decimal(5))
    post_runs_in_bulk([run])
    return run


def there(start, end) -> list[str]:
    place = build.location("PLANT1")
    found = resolve([LocationWindow(place.pk, start, end)], direction="forward")
    return [holding.batch_number for holding in found.holdings]


def test_a_window_finds_what_a_run_without_outputs_used_up_later():
    used(made(), day(10))
    assert there(day(5), day(6)) == ["X1"]


def test_a_window_leaves_out_what_a_run_without_outputs_had_used_up():
    used(made(), day(10))
    assert there(day(11), day(12)) == []


def test_a_run_without_outputs_on_a_bare_date_may_have_used_it_until_that_day_was_over():
    used(made(), day(10), ran_date_only=True)
    assert there(day(10, 23), day(12)) == ["X1"]
    assert there(day(11), day(12)) == []


def test_a_window_finds_what_a_run_without_time_used_up():
    used(made(), None)
    assert there(day(15), day(16)) == ["X1"]


def test_a_window_finds_an_empty_holding_of_which_no_departure_is_known():
    build.batch("X1", quantity=Decimal(0), produced_at=day(1))
    assert there(day(5), day(6)) == ["X1"]


def test_a_run_that_gives_its_own_input_back_is_a_departure_too():
    batch = made()
    run = used(batch, day(10))
    RunOutput.objects.create(run=run, batch=batch, quantity=Decimal(5))
    post_runs_in_bulk([run])
    assert there(day(5), day(6)) == ["X1"]
