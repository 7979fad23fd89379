import json
import shutil

import pytest
from django.db import connection

MAKE = """
from django.utils import timezone
from batches.tests import factory
from batches.operations.findings import raise_finding
for number in range({count}):
    raise_finding(kind=f"k{{number}}", severity="gap", obj=factory.product(),
                  text="so it was", at=timezone.now())
"""
COUNT = "from batches.models import Event; print(Event.objects.count())"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="needs pg_dump on the PATH",
    ),
]


def test_a_backup_brings_back_what_was_there(site, tmp_path):
    copy = tmp_path / "copy"
    site.do(MAKE.format(count=5))
    assert "log up to event 5" in site.run("backup", str(copy))
    manifest = json.loads((tmp_path / "copy.manifest.json").read_text())
    assert manifest["counts"]["batches_event"] == 5
    site.do(MAKE.format(count=8))
    assert site.do(COUNT) == "8"

    assert "This site has data" in site.run("restore", str(copy), code=1)
    assert site.do(COUNT) == "8"
    site.run("restore", str(copy), "--force")
    assert site.do(COUNT) == "5"
    assert "triggers are missing" not in site.run("doctor", code=2)
    site.run("migrate")
    assert "search" not in site.run("doctor", code=2)


def test_a_backup_is_not_overwritten_without_force(site, tmp_path):
    copy = tmp_path / "copy"
    site.run("backup", str(copy))
    assert "is there already" in site.run("backup", str(copy), code=1)
    site.run("backup", str(copy), "--force")


def test_a_backup_that_was_touched_is_refused(site, tmp_path):
    copy = tmp_path / "copy"
    site.run("backup", str(copy))
    with copy.open("ab") as file:
        file.write(b"x")
    assert "its digest differs" in site.run("restore", str(copy), code=1)


def test_a_log_that_was_forged_is_not_backed_up_as_sound(site, tmp_path):
    site.do(MAKE.format(count=3))
    site.do(
        "from batches import triggers; from batches.models import Event\n"
        "triggers.remove(); Event.objects.filter(seq=2).update(reason='forged'); triggers.install()"
    )
    said = site.run("backup", str(tmp_path / "copy"), code=1)
    assert "Event 2 is not as it was written." in said
    assert not (tmp_path / "copy").exists()


def test_without_a_manifest_nothing_is_restored(site, tmp_path):
    (tmp_path / "copy").write_bytes(b"")
    assert "manifest" in site.run("restore", str(tmp_path / "copy"), code=1)


@pytest.mark.postgres
def test_a_missing_pg_dump_is_named(site, tmp_path):
    site.environment["PATH"] = str(tmp_path)
    said = site.run("backup", str(tmp_path / "copy"), code=1)
    assert "pg_dump is not on the PATH" in said
