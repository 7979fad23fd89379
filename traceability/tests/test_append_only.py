"""Rows of the append-only tables are changed, deleted, replaced and emptied by no statement."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from batches.tests.factory import NOON
from batches.triggers import APPEND_ONLY

pytestmark = pytest.mark.django_db

SAMPLES = {
    models.BooleanField: False,
    models.DateTimeField: NOON,
    models.DateField: date(2026, 11, 22),
    models.DecimalField: Decimal(1),
    models.IntegerField: 1,
    models.BinaryField: b"",
    models.JSONField: {},
    models.CharField: "x",
    models.TextField: "x",
    models.UUIDField: UUID(int=1),
}


# What a check of the table demands beside the samples.
GIVEN = {
    "recalls.PassedOn": {"to_id": 2},
    "recalls.Escalation": {"told_id": 1},
    "recalls.Disposition": {"happened_on": date(2026, 11, 22)},
    "recalls.CheckResult": {"told": True, "controlled": True, "instructed": True},
}


def sample(field):
    if field.null:
        return None
    if field.is_relation:
        return 1
    if field.choices:
        return field.choices[0][0]
    return next(value for kind, value in SAMPLES.items() if isinstance(field, kind))


@pytest.fixture(params=APPEND_ONLY)
def table(request):
    """A table with one row. What it refers to is not there: keys are checked on commit only,
    and this is never committed."""
    model = apps.get_model(request.param)
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = {field.attname: sample(field) for field in fields} | GIVEN.get(request.param, {})
    with transaction.atomic():
        model.objects.bulk_create([model(pk=1, **values)])
        yield model._meta.db_table
        transaction.set_rollback(True)


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)


def columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in found if column.name != "id")


def test_a_row_is_neither_updated_nor_deleted(table):
    refused(f'UPDATE "{table}" SET id = id')
    refused(f'DELETE FROM "{table}"')
    refused(f'DELETE FROM "{table}" WHERE id = 1')


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("label", APPEND_ONLY)
def test_a_table_is_not_emptied(label):
    refused(f'TRUNCATE "{apps.get_model(label)._meta.db_table}" CASCADE')


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no REPLACE")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_row_is_not_replaced_by_one_with_any_of_its_keys(table, recursive):
    cursor, named = connection.cursor(), columns(table)
    # Without them, REPLACE deletes and fires no trigger of DELETE.
    cursor.execute(f"PRAGMA recursive_triggers = {recursive}")
    try:
        refused(f'REPLACE INTO "{table}" SELECT * FROM "{table}"')
        twin = f'REPLACE INTO "{table}" (id, {named}) SELECT 2, {named} FROM "{table}"'
        try:
            with transaction.atomic():
                cursor.execute(twin)
        except DatabaseError as error:
            assert "append-only" in str(error)
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE id = 1')
        assert cursor.fetchone() == (1,)
    finally:
        cursor.execute("PRAGMA recursive_triggers = ON")
