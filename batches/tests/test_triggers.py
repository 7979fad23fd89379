"""Append-only tables refuse every way of changing a row."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction

from batches import triggers
from batches.models import Event
from batches.operations.events import record, verify_chain
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(quinn):
    return record(verb="made", obj=factory.product(), by=quinn, at=NOON)


def test_no_trigger_is_missing():
    assert triggers.missing() == []


def test_a_removed_trigger_is_found_by_the_system_check():
    triggers.remove()
    assert "lotline.E001" in [e.id for e in triggers.check_installed(databases=["default"])]
    triggers.install()
    assert triggers.check_installed(databases=["default"]) == []


def test_migrating_puts_back_what_a_migration_that_failed_has_left_missing():
    triggers.remove()
    call_command("migrate", verbosity=0, skip_checks=False)
    assert triggers.missing() == []
    triggers.remove()
    with pytest.raises(SystemCheckError, match=r"lotline\.E001"):
        call_command("check", databases=["default"])
    triggers.install()


@pytest.mark.parametrize(
    "change",
    [
        lambda e: Event.objects.update(verb="forged"),
        lambda e: Event.objects.filter(pk=e.pk).delete(),
        lambda e: Event.objects.bulk_update([e], ["verb"]),
        lambda e: Event.objects.filter(pk=e.pk)._raw_delete("default"),
    ],
)
def test_an_event_cannot_be_changed_through_the_orm(event, change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(event)


def test_an_event_cannot_be_replaced_or_truncated(event):
    table = Event._meta.db_table
    if connection.vendor == "sqlite":
        sql = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    else:
        connection.check_constraints()
        sql = f"TRUNCATE {table} CASCADE"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_chain_names_the_first_event_that_was_changed(event, quinn):
    record(verb="sold", obj=factory.product(), by=quinn, at=NOON)
    assert verify_chain() == []
    triggers.remove()
    Event.objects.filter(pk=event.pk).update(verb="forged")
    assert verify_chain() == ["Event 1 is not as it was written."]
