"""What every test needs: fast passwords, the cast, triggers that let a database be emptied."""

import gc
import os
import shutil
import uuid
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import TransactionTestCase

# Modules and tests make many objects that stay; at Python's own pace, looking for garbage among
# them takes a sixth of the time.
gc.set_threshold(50_000, 20, 20)

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def _absent() -> dict[str, str]:
    """By marker, what this run lacks."""
    from django.conf import settings

    lacking = {}
    if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
        lacking["alike"] = "SQLite: this is alike on any database"
    else:
        lacking["postgres"] = "PostgreSQL: set DATABASE_URL=postgres://user@host/name"
    if not shutil.which("redis-server"):
        lacking["redis"] = "Redis: put redis-server on the PATH"
    if not Path(CHROMIUM).exists():
        lacking["browser"] = "Chromium: set CHROMIUM to its path"
    if not shutil.which("zbarimg"):
        lacking["zbar"] = "zbarimg: put zbar-tools on the PATH"
    if not shutil.which("dmtxread"):
        lacking["dmtx"] = "dmtxread: put dmtx-utils on the PATH"
    return lacking


def pytest_sessionstart(session):
    lacking = [text for marker, text in _absent().items() if marker != "alike"]
    if os.environ.get("LOTLINE_TEST_ALL") == "1" and lacking:
        raise pytest.UsageError("Every test was asked for. Missing " + "; ".join(lacking))


# Whoever asks for one of these needs a database; so does who is marked `django_db`.
WITH_DATABASE = {"db", "transactional_db", "live_server", "make_site", "site"}


def pytest_collection_modifyitems(items):
    lacking = _absent()
    for item in items:
        if item.get_closest_marker("django_db") or WITH_DATABASE & set(item.fixturenames):
            item.add_marker("database")
        for marker in item.iter_markers():
            if marker.name in lacking:
                item.add_marker(pytest.mark.skip(reason=f"needs {lacking[marker.name]}"))


def pytest_collection_finish():
    """What is loaded stays, as in the server: no look for garbage goes through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def chromium() -> str:
    return CHROMIUM


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file: in memory, threads share one cache, whose locks nobody waits for."""
    from django.db import connection

    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Keeps a copy of the empty database, for tests that need a whole site in other processes."""
    from traceability.tests.site import drop_fresh, keep_fresh

    with django_db_blocker.unblock():
        _count_no_rows()
        keep_fresh()
    yield
    with django_db_blocker.unblock():
        drop_fresh()


def _count_no_rows():
    """PostgreSQL counts no rows by itself: after tests that were rolled back it would take a
    table of a thousand rows for empty, and walk it once for each row of another."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")


@pytest.fixture(autouse=True)
def _quick_and_local(settings, tmp_path_factory):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Made when the first letter comes: a `tmp_path` for each test would be thousands of folders.
    settings.OUTBOX_DIR = tmp_path_factory.getbasetemp() / "sites" / uuid.uuid4().hex / "outbox"
    settings.AXES_ENABLED = False
    # Notices are due at once; the tests of the window set one.
    settings.NOTICE_WINDOW_SECONDS = 0


_flush = TransactionTestCase._fixture_teardown


def _flush_append_only_tables(self):
    from batches import triggers
    from recalls.operations.plans import set_up_plans
    from recalls.operations.targets import set_up_targets
    from traceability.roles import set_up_roles

    # One transaction: five hundred would each wait for the disk.
    with transaction.atomic():
        triggers.remove()
        _flush(self)  # Puts the triggers back, as a migration does.
        set_up_roles(apps)
        set_up_plans(apps)
        set_up_targets(apps)
    assert triggers.missing() == []


TransactionTestCase._fixture_teardown = _flush_append_only_tables


def _member(role):
    @pytest.fixture(name=role[0])
    def person(db):
        from batches.tests.factory import user

        return user(*role)

    return person


quinn = _member(("quinn", "Quality"))
paula = _member(("paula", "Approver"))
otto = _member(("otto", "Operator"))
vera = _member(("vera", "Viewer"))
ada = _member(("ada", "Auditor"))
