"""The commands: what they print, what they write, and how they end."""

import io
import json
from contextlib import redirect_stdout

import pytest
from django.core.management import CommandError, call_command

from batches import triggers
from batches.models import Finding
from batches.operations.findings import raise_finding
from batches.tests.factory import NOON
from recalls.models import Notice, ScopeVersion
from recalls.tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def active(quinn, paula):
    nodes = factory.granola()
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def run(*words):
    out = io.StringIO()
    with redirect_stdout(out):
        call_command(*words, stdout=out)
    return out.getvalue()


def audited(*words):
    """Exit code and output of `audit`."""
    out = io.StringIO()
    try:
        call_command("audit", *words, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_deliver_sends_what_is_due_and_ends(active):
    Notice.objects.update(not_before=NOON.replace(year=2020))
    assert run("deliver") == "3 notices tried.\n"


def test_recall_lists_shows_and_resolves(active):
    assert run("recall", "list").split() == "RC-2026-0001 Recovering Undeclared peanut".split()
    shown = json.loads(run("recall", "show", "rc-2026-0001"))
    assert (shown["status"], shown["places"]["total"]) == ("active", 3)
    assert "recipients: 3 (+0 since the last version)" in run("recall", "resolve", "RC-2026-0001")


def test_an_unknown_recall_is_refused_with_what_to_do(db):
    with pytest.raises(CommandError, match=r"There is no recall RC-1\. See `recall list`"):
        run("recall", "show", "RC-1")


@pytest.mark.parametrize(("format", "start"), [("xlsx", b"PK"), ("json", b"{")])
def test_report_writes_the_file_that_was_asked_for(active, tmp_path, format, start):
    path = tmp_path / f"report.{format}"
    run("recall", "report", "RC-2026-0001", "--format", format, "-o", str(path))
    assert path.read_bytes().startswith(start)


def test_a_report_that_cannot_be_written_is_said_in_a_sentence(active, tmp_path):
    nowhere = tmp_path / "nowhere" / "report.xlsx"
    with pytest.raises(CommandError, match=r"report\.xlsx cannot be written: No such file"):
        run("recall", "report", "RC-2026-0001", "-o", str(nowhere))


def test_an_empty_list_of_recalls_says_so(db):
    assert run("recall", "list") == "No recall has been opened yet.\n"


def test_a_draft_has_no_workbook_yet(quinn, tmp_path):
    factory.draft(quinn)
    with pytest.raises(CommandError, match="no frozen scope yet"):
        run("recall", "report", "RC-2026-0001", "-o", str(tmp_path / "x"))


def test_the_audit_of_an_empty_site_is_clean(quinn):
    factory.draft(quinn)
    assert audited() == (0, "All is well.\n")


def test_the_audit_names_each_planted_fault(quinn, active):
    raise_finding(kind="x", severity="gap", obj=active, text="Look at this.", at=NOON)
    triggers.remove()
    ScopeVersion.objects.update(complete=False)
    code, out = audited("--json")
    triggers.install()
    faults = json.loads(out)
    assert code == 2
    found = {(fault["check"], fault["about"]) for fault in faults}
    assert ("versions", "RC-2026-0001 scope version 1") in found
    assert ("findings", "RC-2026-0001") in found
    # The story's quantities were set without documents.
    assert ("stock", "ALM at PLANT1") in found
    assert any(check == "triggers" for check, _ in found)
    assert Finding.objects.count() == 1
