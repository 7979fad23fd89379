"""Faults of the database, its triggers, its migrations and the chain of events."""

from collections.abc import Iterator

from django.conf import settings
from django.db.migrations.executor import MigrationExecutor

from batches import triggers, trigrams
from batches.models import Location, UnitSeries
from batches.operations.events import verify_chain
from batches.operations.units import key_mark
from traceability.doctor import Fault

# SQLite before this can, very rarely, damage a WAL database (the WAL-reset bug).
SOUND_WAL = (3, 51, 3)
OLDEST_SQLITE = (3, 35, 0)
LEAST_BUSY_SECONDS = 20
NEWEST_EVENTS = 1000


def faults(connection) -> list[Fault]:
    pending = list(migrations(connection))
    found = [*(sqlite if connection.vendor == "sqlite" else postgresql)(connection), *pending]
    if not pending:
        found += [*append_only(connection), *chain(), *searches(connection), *unit_codes(), *firm()]
    return found


def migrations(connection) -> Iterator[Fault]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(str(migration) for migration, _ in plan[:3])
        more = f" and {len(plan) - 3} more" if len(plan) > 3 else ""
        yield Fault("migrations", f"Not applied: {names}{more}. Run manage.py migrate.")


def append_only(connection) -> Iterator[Fault]:
    if names := triggers.missing(connection.alias):
        yield Fault(
            "triggers",
            f"Append-only triggers are missing: {', '.join(names)}. Run manage.py migrate.",
        )


def chain() -> Iterator[Fault]:
    if broken := verify_chain(newest=NEWEST_EVENTS):
        yield Fault("chain", f"The log was changed: {' '.join(broken[:3])} Run manage.py audit.")


def searches(connection) -> Iterator[Fault]:
    if names := trigrams.missing(connection.alias):
        yield Fault(
            "search-index",
            f"Searches look through whole tables, since {', '.join(names)} are missing. Run "
            "manage.py migrate, which puts them there or says what it needs for that.",
            is_warning=True,
        )


def unit_codes() -> Iterator[Fault]:
    issued = UnitSeries.objects.filter(voided_at=None).exclude(key_mark=key_mark())
    if issued.exists():
        yield Fault(
            "unit-code-key",
            "Unit codes were issued with another key: visitors are told that genuine packs are "
            "unknown. Set UNIT_CODE_KEY (or SECRET_KEY, if that is unset) to what it was.",
        )


def firm() -> Iterator[Fault]:
    code = settings.FIRM_LOCATION
    if code and not Location.objects.filter(code=code).exists():
        yield Fault("firm-location", f"FIRM_LOCATION is {code}, and there is no such location.")


def _pragma(connection, name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def sqlite(connection) -> Iterator[Fault]:
    version = connection.get_database_version()
    shown = ".".join(map(str, version))
    if version < OLDEST_SQLITE:
        yield Fault("sqlite-version", f"SQLite {shown} is too old; 3.35 or newer is needed.")
    elif version < SOUND_WAL:
        yield Fault(
            "sqlite-version",
            f"SQLite {shown} has the rare WAL-reset bug, mended in 3.51.3. Keep backups.",
            is_warning=True,
        )
    in_memory = connection.is_in_memory_db()
    if not in_memory and (mode := _pragma(connection, "journal_mode")) != "wal":
        yield Fault("journal-mode", f"journal_mode is {mode}, not wal: readers block writers.")
    if _pragma(connection, "synchronous") not in (2, 3):
        yield Fault("synchronous", "synchronous is not FULL: a power cut loses owed notices.")
    if _pragma(connection, "foreign_keys") != 1:
        yield Fault("foreign-keys", "foreign_keys is off: rows may point to nothing.")
    if connection.transaction_mode != "IMMEDIATE":
        yield Fault("transaction-mode", "transaction_mode is not IMMEDIATE: writes will fail.")
    if connection.settings_dict["OPTIONS"].get("timeout", 5) < LEAST_BUSY_SECONDS:
        yield Fault("busy-timeout", f"The busy timeout is under {LEAST_BUSY_SECONDS} s.")


def postgresql(connection) -> Iterator[Fault]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if (value := cursor.fetchone()[0]) == "off":
            yield Fault("synchronous-commit", f"synchronous_commit is {value}: set it to on.")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            yield Fault("superuser", "The site is connected as a superuser, who passes triggers.")
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE tableowner = current_user AND tablename = %s",
            ["batches_event"],
        )
        if cursor.fetchone()[0]:
            yield Fault(
                "owner",
                "The site is connected as the owner of its tables, who can drop triggers. "
                "docs/operations.md shows how to run it as another role.",
                is_warning=True,
            )
