"""Triggers that make tables append-only on both databases.

SQLite forgets triggers when Django remakes a table, so they are put back after every
migration and a system check looks for them. SQLite's REPLACE may delete without firing
DELETE triggers, so a third trigger refuses an INSERT over any existing key.
PostgreSQL's TRUNCATE fires no row trigger, so it has a statement trigger of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.core import checks
from django.db import connections

# Append-only tables by model label; an app that is not installed has none.
APPEND_ONLY = [
    "batches.Event",
    "batches.IssuedNumber",
    "batches.VoidedNumber",
    "batches.TraceSnapshot",
    "batches.SnapshotLine",
    "recalls.ScopeVersion",
    "recalls.ScopeRelease",
    "recalls.ScopeLine",
    "recalls.NoticeLine",
    "recalls.NoticeFile",
    "recalls.Contacted",
    "recalls.CustomerContacted",
    "recalls.Attempt",
    "recalls.Outcome",
    "recalls.Acknowledgement",
    "recalls.Response",
    "recalls.HandedIn",
    "recalls.PassedOn",
    "recalls.PassedAnswer",
    "recalls.Waiver",
    "recalls.Signature",
    "recalls.Escalation",
    "recalls.CustomerEscalation",
    "recalls.Bounce",
    "recalls.ContactTest",
    "recalls.ContactConfirmation",
    "recalls.Certificate",
    "recalls.Disposition",
    "recalls.DispositionDecision",
    "recalls.RecallFile",
    "recalls.TargetChange",
    "recalls.Handover",
    "recalls.RecordsSheet",
    "recalls.CheckSample",
    "recalls.CheckPlace",
    "recalls.CheckResult",
]

_FUNCTION = """
CREATE OR REPLACE FUNCTION lotline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: its rows are never changed or deleted', TG_TABLE_NAME;
END $$
"""


def tables() -> list[str]:
    models = (apps.get_model(label) for label in APPEND_ONLY)
    return [model._meta.db_table for model in models]


def statements(connection, table: str) -> list[str]:
    """SQL that puts the triggers of `table` in place, whether or not they are there."""
    if connection.vendor == "postgresql":
        return [
            f'CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION lotline_append_only()",
            f'CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION lotline_append_only()",
        ]
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only: its rows are never changed or deleted')"
    is_there = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{table}" WHERE '
        + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        + ")"
        for key in _keys(connection, table)
    )
    made = []
    for name, when in {
        "no_update": f'BEFORE UPDATE ON "{table}"',
        "no_delete": f'BEFORE DELETE ON "{table}"',
        "no_replace": f'BEFORE INSERT ON "{table}" WHEN {is_there}',
    }.items():
        made += [
            f"DROP TRIGGER IF EXISTS {table}_{name}",
            f"CREATE TRIGGER {table}_{name} {when} BEGIN {refuse}; END",
        ]
    return made


def _keys(connection, table: str) -> list[list[str]]:
    """The columns of each key of an SQLite table, as the table is at this migration."""
    keys = [["id"]]
    with connection.cursor() as cursor:
        cursor.execute(f'PRAGMA index_list("{table}")')
        for _, name, is_unique, _, is_partial in cursor.fetchall():
            cursor.execute(f'PRAGMA index_info("{name}")')
            columns = [column for _, _, column in cursor.fetchall()]
            if is_unique and not is_partial and None not in columns:
                keys.append(columns)
    return keys


def install(using: str = "default") -> None:
    connection = connections[using]
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table in tables():
            if table in present:
                for statement in statements(connection, table):
                    cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Takes the triggers away, for a test database that is about to be emptied."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in tables():
            for name in expected(connection.vendor, table):
                on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def expected(vendor: str, table: str) -> set[str]:
    names = ("append_only", "no_truncate")
    if vendor != "postgresql":
        names = ("no_update", "no_delete", "no_replace")
    return {f"{table}_{name}" for name in names}


def missing(using: str = "default") -> list[str]:
    """Names of triggers that should be there and are not, or are switched off."""
    connection = connections[using]
    present_tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    wanted = set()
    for table in tables():
        if table in present_tables:
            wanted |= expected(connection.vendor, table)
    return sorted(wanted - there)


def install_after_migrate(sender, using, **kwargs):
    install(using)


_ARE_PUT_BACK = ContextVar("triggers_are_put_back", default=False)


@contextmanager
def about_to_be_put_back() -> Iterator[None]:
    """Within it the check is content: what it would ask for is just being done."""
    token = _ARE_PUT_BACK.set(True)
    try:
        yield
    finally:
        _ARE_PUT_BACK.reset(token)


def check_installed(app_configs=None, databases=None, **kwargs):
    if _ARE_PUT_BACK.get():
        return []
    return [
        checks.Error(
            f"Append-only triggers are missing: {', '.join(names)}.",
            hint="Run manage.py migrate, which puts them back.",
            id="lotline.E001",
        )
        for using in databases or []
        if (names := missing(using))
    ]
