"""A trace too large for a page is resolved in the background and frozen."""

# ruff: noqa: F811 (fixtures of another module)

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from batches import triggers
from batches.freezing import run_snapshot_job
from batches.models import Job, SnapshotLine, TraceSnapshot
from batches.operations import jobs, snapshots
from batches.reports.audit import examine
from batches.reports.frozen import is_unchanged
from batches.tests.factory import NOON, trace_graph
from batches.tests.test_trace_page import batch, page, story, text  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(client, page, story, monkeypatch):
    """The job that the button of a cut trace asks for."""
    monkeypatch.setattr("batches.views.trace.found.LIMIT", 3)
    shown = page(seed=batch("RAW").pk, dir="both", view="table")
    assert "Resolve it in the background" in text(shown) and not Job.objects.exists()
    address = reverse("trace-background")
    pairs: dict[str, list] = {}
    for name, value in shown.context["whole"]:
        pairs.setdefault(name, []).append(value)
    assert client.get(address).status_code == 405
    response = client.post(address, pairs)
    job = Job.objects.get(kind=snapshots.JOB)
    assert response.url == reverse("trace-job", args=[job.pk])
    assert client.post(address, pairs).url == response.url
    return job


def frozen(job: Job) -> TraceSnapshot:
    assert jobs.run_due() == 1
    return TraceSnapshot.objects.get(job=job)


def test_what_a_page_cuts_is_frozen_whole_and_stays_as_it_is(client, asked):
    assert "waits for a worker" in text(client.get(reverse("trace-job", args=[asked.pk])))
    snapshot = frozen(asked)
    address = snapshot.get_absolute_url()
    assert client.get(reverse("trace-job", args=[asked.pk])).url == address
    shown = text(client.get(address))
    assert snapshot.complete and snapshot.counts["holdings"] == snapshot.lines.count() == 6
    for said in ("Both, frozen", "Vera", snapshot.sha256, "First Shop", "Second Shop"):
        assert said in shown
    trace_graph("MIX@DC -14..15x3-> MIX@LATE")
    assert text(client.get(address)).count("LATE") == 0
    file = b"".join(client.get(reverse("snapshot-content", args=[snapshot.code])))
    assert hashlib.sha256(file).hexdigest() == snapshot.sha256
    assert is_unchanged(TraceSnapshot.objects.get())
    rows = b"".join(client.get(address, {"export": "csv"})).decode()
    assert rows.count("\n") == 6 + 1 + 6 and f"{snapshot.frozen_at:%Y-%m-%d}" in rows
    assert client.get(address, {"export": "xlsx"}).status_code == 200
    assert snapshot.title in text(client.get(reverse("snapshot-list")))
    assert snapshot.title in text(client.get(reverse("batch-trace")))


def test_each_card_of_the_frozen_graph_leads_to_its_rows_and_each_row_to_its_way(client, asked):
    snapshot = frozen(asked)
    cards = {card["box"]["id"] for card in snapshot.graph["cards"]}
    assert {line.card for line in snapshot.lines.all()} <= cards
    shop = snapshot.lines.get(location_code="SHOP1")
    shown = client.get(snapshot.get_absolute_url(), {"card": shop.card, "line": shop.place})
    assert [line.place for line in shown.context["table"].data.data] == [shop.place]
    way = [(line.batch_number, line.location_code) for line in shown.context["way"]]
    assert way == [
        ("RAW", "FARM"),
        ("RAW", "PLANT"),
        ("MIX", "PLANT"),
        ("MIX", "DC"),
        ("MIX", "SHOP1"),
    ]
    assert client.get(snapshot.get_absolute_url(), {"card": "l:0"}).status_code == 404


def test_work_that_is_stopped_keeps_nothing_and_another_cannot_stop_it(client, asked, otto):
    with pytest.raises(ValidationError, match="Only who asked for it"):
        jobs.stop(job=asked, by=otto, at=NOON)
    claimed = jobs.claim(at=NOON)
    assert claimed.started_at == NOON
    shown = text(client.get(reverse("trace-job", args=[asked.pk])))
    assert reverse("job-stop", args=[asked.pk]) in shown
    Job.objects.filter(pk=asked.pk).update(done=1200)
    assert "1,200 holdings so far" in text(client.get(reverse("trace-job", args=[asked.pk])))
    client.post(reverse("job-stop", args=[asked.pk]))
    asked.refresh_from_db()
    assert (asked.state, asked.is_over) == ("stopped", True)
    jobs.run(claimed)
    assert not TraceSnapshot.objects.exists() and not SnapshotLine.objects.exists()
    shown = text(client.get(reverse("trace-job", args=[asked.pk])))
    assert "It was stopped, and nothing of it was kept." in shown and "Resolve it again" in shown
    asked.refresh_from_db()
    assert asked.state == "stopped"


def test_a_second_try_after_the_worker_died_finds_what_the_first_froze(asked):
    snapshot = frozen(asked)
    assert run_snapshot_job(asked, lambda **_: None) == {"code": str(snapshot.code)}
    assert TraceSnapshot.objects.count() == 1


def test_a_trace_of_batches_that_are_not_there_is_refused(client, page, vera):
    client.force_login(vera)
    response = client.post(reverse("trace-background"), {"seed": "0"})
    assert response.status_code == 400 and not Job.objects.exists()


def test_the_audit_finds_a_frozen_trace_that_was_changed(asked):
    snapshot = frozen(asked)
    assert examine(NOON, {"traces"}).found == {}
    triggers.remove()
    snapshot.lines.filter(location_code="SHOP1").update(received=1)
    triggers.install()
    ((kind, _, key),) = examine(NOON, {"traces"}).found
    assert (kind, key) == ("traces", str(snapshot.pk))
