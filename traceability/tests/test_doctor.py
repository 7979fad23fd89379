import json
import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from batches import triggers
from batches.models import Event, Job, Worker
from batches.operations.findings import raise_finding
from batches.operations.units import issue_unit_codes
from batches.operations.workers import worker_seen
from batches.tests import factory
from traceability.doctor import database, examine, services

LONG_KEY = "k3y-" + "abcdefghij0123456789" * 4


def names(faults):
    return {fault.name for fault in faults if not fault.is_warning}


@pytest.fixture
def healthy(settings, db):
    """A production site on which the doctor finds nothing but what the test plants."""
    settings.PRODUCTION, settings.DEBUG, settings.DEMO = True, False, False
    settings.SECRET_KEY, settings.SECRET_KEY_IS_OWN = LONG_KEY, False
    settings.ALLOWED_HOSTS = ["recall.example"]
    settings.SITE_URL = "https://recall.example"
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = "smtp://mail", "recalls@maker.test"
    settings.CELERY_BROKER_URL = settings.CACHE_URL = ""
    worker_seen(name="clock@here", at=timezone.now())
    return settings


def test_a_healthy_site_has_no_fault(healthy):
    assert names(examine()) <= {"superuser"}


def planted_debug(settings):
    settings.DEBUG = True


def planted_demo(settings):
    settings.DEMO = True


def planted_missing_key(settings):
    settings.SECRET_KEY_IS_OWN = True


def planted_weak_key(settings):
    settings.SECRET_KEY = "a" * 60


def planted_any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


def planted_foreign_link(settings):
    settings.SITE_URL = "https://elsewhere.example"


def planted_plain_http(settings):
    settings.SITE_URL = "http://recall.example"


def planted_no_mail(settings):
    settings.EMAIL_URL = ""


def planted_placeholder_sender(settings):
    settings.DEFAULT_FROM_EMAIL = "recalls@lotline.example"


def planted_short_lease(settings):
    settings.EMAIL_TIMEOUT, settings.NOTICE_LEASE_SECONDS = 60, 179


def planted_pattern_that_is_none(settings):
    settings.NUMBER_PATTERN = "{YY"


def planted_pattern_that_repeats(settings):
    settings.NUMBER_PATTERN = "{JJJ}{counter:3/day}"


def planted_country_without_proxy(settings):
    settings.COUNTRY_HEADER = "CF-IPCountry"


def planted_no_worker(settings):
    Worker.objects.all().delete()


def planted_deaf_worker(settings):
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=3))


def planted_late_job(settings):
    job = Job.objects.create(kind="import")
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=11))


def planted_pending_migration(settings):
    MigrationRecorder(connection).migration_qs.filter(app="recalls").delete()


def planted_missing_trigger(settings):
    name = sorted(triggers.expected(connection.vendor, "batches_event"))[0]
    on = ' ON "batches_event"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")


def planted_forged_event(settings):
    raise_finding(
        kind="x", severity="gap", obj=factory.product(), text="so it was", at=timezone.now()
    )
    triggers.remove()
    Event.objects.update(reason="forged")
    triggers.install()


def planted_unreachable_broker(settings):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port()}/0"


def planted_unreachable_cache(settings):
    settings.CACHE_URL = f"redis://127.0.0.1:{closed_port()}/0"


def planted_long_return_path(settings):
    settings.BOUNCE_ADDRESS = "what-comes-back-to-us@maker.test"


def planted_mailbox_without_a_return_path(settings):
    folder = settings.OUTBOX_DIR.parent / "back"
    for name in ("new", "cur"):
        (folder / name).mkdir(parents=True)
    settings.BOUNCE_MAILBOX = f"maildir:{folder}"


def planted_mailbox_that_is_away(settings):
    settings.BOUNCE_ADDRESS = "bounce@maker.test"
    settings.BOUNCE_MAILBOX = f"imap://recalls:secret@127.0.0.1:{closed_port()}/INBOX"


def planted_mailbox_that_is_none(settings):
    settings.BOUNCE_ADDRESS = "bounce@maker.test"
    settings.BOUNCE_MAILBOX = "maildir:/nowhere"


def planted_firm_that_is_nowhere(settings):
    settings.FIRM_LOCATION = "NOWHERE"


PLANTED = [
    ("debug", planted_debug, "DEBUG is on"),
    ("demo", planted_demo, "LOTLINE_DEMO is set"),
    ("secret-key", planted_missing_key, "SECRET_KEY is not set"),
    ("secret-key", planted_weak_key, "SECRET_KEY is weak"),
    ("allowed-hosts", planted_any_host, "ALLOWED_HOSTS has '*'"),
    ("site-url", planted_foreign_link, "lead to elsewhere.example"),
    ("site-url", planted_plain_http, "SITE_URL is not https"),
    ("mail", planted_no_mail, "EMAIL_URL is not set"),
    ("mail", planted_placeholder_sender, "the placeholder"),
    ("bounce-address", planted_long_return_path, "must be name@domain"),
    ("bounce-address", planted_mailbox_without_a_return_path, "set both"),
    ("bounce-mailbox", planted_mailbox_that_is_away, "cannot be read"),
    ("bounce-mailbox", planted_mailbox_that_is_none, "cannot be read"),
    ("lease", planted_short_lease, "it must be 180 or more"),
    ("number-pattern", planted_pattern_that_is_none, "NUMBER_PATTERN is none. At character 1"),
    ("number-pattern", planted_pattern_that_repeats, "NUMBER_PATTERN: The same number can come"),
    ("firm-location", planted_firm_that_is_nowhere, "there is no such location"),
    ("country-header", planted_country_without_proxy, "COUNTRY_HEADER is set and not believed"),
    ("worker", planted_no_worker, "No worker was ever seen"),
    ("worker", planted_deaf_worker, "No worker was seen for 18"),
    ("late-job", planted_late_job, "A job has waited for 66"),
    ("migrations", planted_pending_migration, "Not applied: recalls.0001_squashed"),
    ("triggers", planted_missing_trigger, "batches_event_"),
    ("chain", planted_forged_event, "Event 1 is not as it was written."),
    ("redis", planted_unreachable_broker, "The broker's Redis does not answer"),
    ("redis", planted_unreachable_cache, "The cache's Redis does not answer"),
]


@pytest.mark.parametrize(("name", "plant", "said"), PLANTED, ids=[p[1].__name__ for p in PLANTED])
def test_each_planted_fault_is_named(healthy, name, plant, said):
    plant(healthy)
    found = examine()
    assert names(found) - {"superuser"} == {name}
    assert any(said in fault.text for fault in found if fault.name == name)


WRONG = {
    "DATABASE_URL": "mysql://lotline:secret@db/lotline",
    "EMAIL_URL": "mail.example:secret",
    "EMAIL_TIMEOUT": "0",
    "TRUSTED_PROXIES": "-1",
    "RETENTION_DAYS": "five years",
    "SITE_TIME_ZONE": "Mars/Phobos",
    "PAPER_SIZE": "A9",
}


@pytest.mark.parametrize(("command", "code"), [("doctor", 2), ("import", 1)])
def test_settings_that_cannot_be_read_are_named_all_at_once(tmp_path, command, code):
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=site.BASE_DIR,
        env=os.environ | WRONG | {"LOTLINE_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code and done.stderr.startswith("FAULT settings: ")
    assert all(f"{name} must " in done.stderr for name in WRONG)
    assert "secret" not in done.stderr and "Traceback" not in done.stderr


def closed_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_searching_without_an_index_is_noted(healthy):
    what = "INDEX" if connection.vendor == "postgresql" else "TABLE"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP {what} batches_event_trigrams")
    note = next(fault for fault in examine() if fault.name == "search-index")
    assert note.is_warning and "since batches_event_trigrams are missing" in note.text


def test_a_mail_server_that_is_away_is_named(healthy):
    healthy.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    healthy.EMAIL_HOST, healthy.EMAIL_PORT = "127.0.0.1", closed_port()
    assert names(services.mail_server()) == {"mail-server"}


def test_another_key_than_that_of_the_unit_codes_is_named(healthy, otto):
    batch = factory.batch("L1")
    issue_unit_codes(batch=batch, count=1, by=otto, at=timezone.now())
    assert "unit-code-key" not in names(examine())
    healthy.UNIT_CODE_KEY = "another"
    assert "unit-code-key" in names(examine())


def test_a_late_notice_is_named(healthy, quinn):
    owe_a_notice(quinn, since=timezone.now() - timedelta(minutes=5))
    assert names(examine()) - {"superuser"} == {"late-notice"}


def owe_a_notice(lead, since):
    from recalls.models import Notice, Recall, ScopeVersion

    recall = Recall.objects.create(reference="RC-1", title="x", lead=lead, opened_at=since)
    version = ScopeVersion.objects.create(
        recall=recall,
        number=1,
        cause="activation",
        frozen_at=since,
        complete=True,
        notes=[],
        rules=[],
        sha256="0" * 64,
    )
    Notice.objects.create(
        recall=recall,
        version=version,
        address="a@b.test",
        address_key="a@b.test",
        message_id="<1@b.test>",
        subject="s",
        text="t",
        html="h",
        not_before=since,
        created_at=since,
    )


def opened(path, **changed):
    """A SQLite database of its own, with the options of the settings but for `changed`."""
    from django.conf import settings as site
    from django.db import connections

    whole = connections.configure_settings({"default": {"ENGINE": "django.db.backends.sqlite3"}})
    one = whole["default"] | {"NAME": str(path), "OPTIONS": site.SQLITE | changed}
    return DatabaseWrapper(one, alias="planted")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("journal-mode", {"init_command": "PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE"}),
        ("synchronous", {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}),
        ("transaction-mode", {"transaction_mode": None}),
        ("busy-timeout", {"timeout": 5}),
    ],
)
def test_each_planted_fault_of_sqlite_is_named(
    tmp_path, django_db_blocker, settings, name, changed
):
    with django_db_blocker.unblock():
        link = opened(tmp_path / "site.sqlite3", **changed)
        try:
            assert names(database.sqlite(link)) == {name}
        finally:
            link.close()


def test_foreign_keys_switched_off_are_named(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        link = opened(tmp_path / "site.sqlite3")
        try:
            assert names(database.sqlite(link)) == set()
            with link.cursor() as cursor:
                cursor.execute("PRAGMA foreign_keys=OFF")
            assert names(database.sqlite(link)) == {"foreign-keys"}
        finally:
            link.close()


@pytest.mark.postgres
def test_an_asynchronous_commit_is_named(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert "synchronous-commit" in names(database.postgresql(connection))


@pytest.mark.postgres
def test_a_superuser_is_named_and_an_owner_noted(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        is_super = cursor.fetchone()[0]
    found = {fault.name: fault.is_warning for fault in database.postgresql(connection)}
    assert found.get("superuser") == (False if is_super else None)
    assert found["owner"] is True


@pytest.mark.redis
def test_a_broker_that_evicts_is_named(healthy, redis):
    redis.start(maxmemory_policy="allkeys-lru")
    healthy.CELERY_BROKER_URL = redis.url
    assert names(services.redis()) == {"eviction"}


def test_the_command_ends_with_two_and_speaks_json(healthy, capsys):
    healthy.DEBUG = True
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", as_json=True)
    assert ended.value.code == 2
    assert "debug" in {fault["name"] for fault in json.loads(capsys.readouterr().out)}
