"""The audit as an operation and as pages: findings that open once, are settled, and close."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches import tasks, triggers
from batches.models import AuditRun, Event, Finding, Job, Product
from batches.operations import jobs
from batches.operations.audits import MENDED, ask_for_audit, owe_nightly_audit, run_audit
from batches.operations.findings import accept_finding, assign_finding, close_finding, raise_finding
from batches.reports import audit
from batches.reports.audit.shapes import Check, Kind
from batches.reports.audit.trend import last_runs, rule_counts
from batches.templatetags.charts import runs_in_words
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def wrong():
    """Two products with a wrong GTIN."""
    return [factory.product(code, gtin="09520123456789") for code in ("ALM",)] + [
        factory.product("OATS", gtin="09520123456780")
    ]


def audited(by=None, at=NOON, **how):
    return run_audit(run=ask_for_audit(by=by, at=at, **how), at=at)


def mend(product):
    Product.objects.filter(pk=product.pk).update(gtin=None)


def test_a_run_opens_a_finding_for_each_fault_and_says_so_in_one_event(wrong, quinn):
    run = audited(by=quinn)
    found = Finding.objects.open()
    assert {row.label for row in found} == {"ALM", "OATS"}
    assert {row.severity for row in found} == {"warning"}
    assert (run.opened, run.closed, run.counts["gtin_check_digit"]) == (2, 0, 2)
    event = Event.objects.get()
    assert (event.verb, event.actor) == ("audit run", quinn)
    assert event.after == {"opened": 2, "closed": 0, "found": 2}


def test_a_second_run_opens_nothing_and_keeps_owner_and_reason(wrong, quinn, otto):
    audited()
    first, second = Finding.objects.order_by("pk")
    assign_finding(finding=first, owner=otto, by=quinn, at=NOON)
    accept_finding(finding=second, reason="On packs in print.", by=quinn, at=NOON)
    run = audited()
    assert (run.opened, run.closed, Finding.objects.count()) == (0, 0, 2)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.owner) == ("assigned", otto)
    assert (second.state, second.accept_reason) == ("accepted", "On packs in print.")


def test_what_is_mended_closes_itself_and_opens_anew_when_it_comes_back(wrong, quinn):
    audited()
    accept_finding(finding=Finding.objects.get(label="ALM"), reason="Known.", by=quinn, at=NOON)
    mend(wrong[0])
    run = audited(at=NOON + timedelta(days=1))
    closed = Finding.objects.get(label="ALM")
    assert (run.opened, run.closed) == (0, 1)
    assert (closed.state, closed.close_reason, closed.closed_by) == ("closed", MENDED, None)
    Product.objects.filter(code="ALM").update(gtin="09520123456789")
    assert audited().opened == 1
    assert Finding.objects.filter(label="ALM").count() == 2


def test_a_finding_that_no_rule_looks_for_stays_open(wrong):
    raise_finding(kind="held_batch_moved", severity="alarm", obj=wrong[0], text="Sold.", at=NOON)
    audited()
    assert Finding.objects.open().filter(kind="held_batch_moved").exists()


def test_a_rule_that_stumbles_leaves_what_it_found_before_open(wrong, monkeypatch):
    audited()

    def stumble(look):
        raise RuntimeError("planted")

    kinds = audit._checks["keys"].kinds
    with monkeypatch.context() as broken:
        broken.setitem(audit._checks, "keys", Check("keys", stumble, kinds))
        run = audited()
    assert run.closed == 0 and run.counts["rule_failed"] == 1
    assert Finding.objects.open().filter(kind="gtin_check_digit").count() == 2
    assert audited().closed == 1
    assert not Finding.objects.open().filter(kind="rule_failed").exists()


def test_a_finding_says_what_is_true_now(monkeypatch, quinn):
    kind = Kind("x", "Some rule")
    texts = iter(["2 of them.", "3 of them."])

    def find(look):
        yield audit.Found(kind, "batches.product", "1", "ALM", next(texts))

    monkeypatch.setitem(audit._checks, "x", Check("x", find, (kind,)))
    audited()
    assert audited().opened == 0
    assert Finding.objects.get(kind="x").text == "3 of them."


def test_a_broken_log_is_found_by_a_run_of_the_log_alone(quinn, wrong):
    audited()
    triggers.remove()
    Event.objects.update(reason="changed")
    triggers.install()
    run = audited(by=quinn, log_only=True)
    assert (run.opened, run.closed, run.events, run.counts["chain"]) == (1, 0, 1, 1)
    assert Finding.objects.get(kind="chain").text.startswith("Event 1 is not as it was written.")
    assert list(AuditRun.objects.whole()) == [AuditRun.objects.order_by("pk").first()]


def test_a_run_that_waits_is_not_asked_for_twice(quinn):
    first = ask_for_audit(by=quinn, at=NOON)
    assert ask_for_audit(by=quinn, at=NOON) == first
    assert ask_for_audit(by=quinn, at=NOON, log_only=True) != first
    run_audit(run=first, at=NOON)
    Job.objects.update(state=Job.State.DONE)
    assert ask_for_audit(by=quinn, at=NOON) != first


def test_the_job_runs_it_once_though_it_is_tried_again(wrong, quinn):
    run = ask_for_audit(by=quinn, at=NOON)
    assert jobs.run_due() == 1
    run.refresh_from_db()
    assert run.job.state == "done" and run.job.result["opened"] == 2
    assert run.finished_at and run.opened == 2
    Job.objects.update(state=Job.State.QUEUED, finished_at=None)
    jobs.run_due()
    assert Event.objects.filter(verb="audit run").count() == 1


def test_the_night_owes_one_run_a_day(settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    berlin = ZoneInfo("Europe/Berlin")
    early = NOON.astimezone(berlin).replace(hour=2, minute=59)
    assert owe_nightly_audit(at=early) is None
    run = owe_nightly_audit(at=early + timedelta(minutes=1))
    assert run.day == early.date() and run.asked_by is None
    assert owe_nightly_audit(at=early + timedelta(hours=5)) is None
    tasks.owe_audit(early + timedelta(days=1, hours=1))
    assert AuditRun.objects.count() == Job.objects.count() == 2


def test_the_database_lets_a_day_have_one_run_only():
    run = owe_nightly_audit(at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        ask_for_audit(by=None, at=NOON, day=run.day)
    assert AuditRun.objects.count() == Job.objects.count() == 1


def test_settling_is_refused_without_a_reason_or_once_closed(wrong, quinn):
    audited()
    finding = Finding.objects.first()
    by = {"by": quinn, "at": NOON}
    with pytest.raises(ValidationError, match="Say why the finding may stay"):
        accept_finding(finding=finding, reason=" ", **by)
    quinn.is_active = False
    with pytest.raises(ValidationError, match="Choose another person"):
        assign_finding(finding=finding, owner=quinn, **by)
    close_finding(finding=finding, reason="Mended.", **by)
    for act in (
        lambda: accept_finding(finding=finding, reason="Known.", **by),
        lambda: assign_finding(finding=finding, owner=None, **by),
    ):
        with pytest.raises(ValidationError, match="closed already"):
            act()


def test_accepting_twice_is_refused_and_assigning_takes_it_back(wrong, quinn, otto):
    audited()
    finding = Finding.objects.first()
    accept_finding(finding=finding, reason="Known.", by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="accepted already"):
        accept_finding(finding=finding, reason="Known.", by=quinn, at=NOON)
    assert finding not in Finding.objects.unsettled()
    assign_finding(finding=finding, owner=otto, by=quinn, at=NOON)
    assert Finding.objects.unsettled().get(pk=finding.pk).state == "assigned"
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs)[1:] == ["finding accepted", "finding assigned"]


def test_the_trend_counts_each_rule_against_the_run_before(wrong):
    audited()
    mend(wrong[0])
    audited(at=NOON + timedelta(days=1))
    runs = last_runs()
    assert [run.total for run in runs] == [2, 1]
    counts = {count.kind.name: (count.now, count.change) for count in rule_counts(runs)}
    assert counts["gtin_check_digit"] == (1, -1) and counts["number_gap"] == (0, 0)
    assert runs_in_words(runs) == (
        "1 fault in the run of 21 Nov, 1 fewer than in the run before. "
        "The most of the last 2 runs were 2."
    )


def test_the_command_prints_what_is_there_and_ends_with_0_when_all_is_accepted(wrong, quinn):
    def command(*words):
        out = io.StringIO()
        try:
            call_command("audit", *words, stdout=out)
        except SystemExit as end:
            return end.code, out.getvalue()
        return 0, out.getvalue()

    code, out = command()
    assert code == 2 and "gtin_check_digit: ALM: The GTIN 09520123456789 is wrong." in out
    assert Finding.objects.count() == 0
    code, out = command("--record")
    assert (code, Finding.objects.count()) == (2, 2)
    for finding in Finding.objects.all():
        accept_finding(finding=finding, reason="Known.", by=quinn, at=NOON)
    code, out = command()
    assert code == 0 and out.endswith("2 findings, 2 of them accepted.\n")


# The pages.


@pytest.fixture
def page(client, quinn):
    client.force_login(quinn, backend=BACKEND)

    def get(url, **headers):
        response = client.get(url, **headers)
        assert response.status_code == 200, response.content.decode()[-600:]
        return " ".join(response.content.decode().split())

    return get


def test_the_page_shows_findings_and_the_menu_counts_those_that_wait(client, page, wrong, quinn):
    assert "the audit has not run yet" in page("/audit/")
    audited(by=quinn, at=timezone.now())
    accept_finding(
        finding=Finding.objects.get(label="OATS"), reason="Known.", by=quinn, at=timezone.now()
    )
    text = page("/audit/")
    assert "The GTIN 09520123456789 is wrong." in text and "09520123456780" not in text
    assert '<span>Audit</span><span class="count">1<' in text
    assert "2 faults in the run of" in text
    assert (
        "/admin/batches/product/" in text and "data-enter" in text and ">Mend the product<" in text
    )
    assert "09520123456780" in page("/audit/?state=accepted")
    assert "09520123456789" not in page("/audit/?rule=gln_check_digit")
    assert "09520123456789" in page("/audit/?severity=warning&owner=nobody")
    assert "Nothing matches" in page("/audit/?owner=me")
    export = b"".join(client.get("/audit/?export=csv").streaming_content).decode()
    assert "GTIN wrong" in export and "quinn" in export


def test_findings_are_assigned_and_accepted_on_their_pages(client, page, wrong, quinn, otto):
    audited()
    first, second = Finding.objects.order_by("pk")
    client.post(f"/findings/{first.pk}/assign/", {"owner": otto.pk})
    response = client.post(f"/findings/{second.pk}/accept/", {"reason": ""})
    assert "Give a reason" in response.content.decode()
    client.post(f"/findings/{second.pk}/accept/", {"reason": "In print."})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.owner, second.state) == (otto, "accepted")
    assert "otto" in page("/audit/")


def test_run_now_is_a_job_whose_progress_the_page_shows(client, page, wrong):
    assert client.post("/audit/").status_code == 302
    text = page("/audit/")
    assert "The run waits for a worker." in text
    poll = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}
    assert "waits for a worker" in page("/audit/", **poll)
    jobs.run_due()
    assert client.get("/audit/", **poll)["HX-Refresh"] == "true"
    text = page("/audit/")
    assert "2 opened" in text and "waits for a worker" not in text


def test_only_who_may_run_the_audit_runs_it(client, vera, otto, ada):
    for person, status in ((vera, 403), (otto, 403), (ada, 302)):
        client.force_login(person, backend=BACKEND)
        assert client.post("/audit/").status_code == status
        assert client.get("/audit/").status_code == 200
    client.force_login(otto, backend=BACKEND)
    assert client.get("/audit/log/").status_code == client.post("/audit/log/").status_code == 403
    assert AuditRun.objects.count() == 1


@pytest.mark.slow
def test_the_log_shows_who_did_what_and_whether_its_chain_holds(client, page, wrong, quinn):
    assert "has not been verified yet" in page("/audit/log/")
    audited(by=quinn, at=timezone.now())
    finding = Finding.objects.get(label="ALM")
    assign_finding(finding=finding, owner=quinn, by=quinn, at=timezone.now())
    client.post("/audit/log/")
    jobs.run_due()
    text = page("/audit/log/")
    assert "Every event up to number 2 is as it was written." in text and "by quinn" in text
    assert f"owner: null → {quinn.pk}" in text
    assert "finding assigned" not in page("/audit/log/?verb=audit&by=quinn")
    assert "finding assigned" in page("/audit/log/?kind=batches.finding")
    export = b"".join(client.get("/audit/log/?export=csv").streaming_content).decode()
    assert Event.objects.get(verb="finding assigned").hash in export
    triggers.remove()
    Event.objects.filter(seq=1).update(reason="changed")
    triggers.install()
    client.post("/audit/log/")
    jobs.run_due()
    assert "The log is not as it was written." in page("/audit/log/")


@pytest.mark.slow
def test_both_pages_ask_the_same_number_of_questions_for_2_rows_and_for_40(client, page, quinn):
    def fill(start, stop):
        for n in range(start, stop):
            made = factory.batch(f"L{n}", of=f"P{n}", at=f"PLANT{n}")
            for obj in (made, made.product, made.holdings.get()):
                raise_finding(kind="x", severity="gap", obj=obj, text="Odd.", at=NOON)

    def count(url):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    fill(0, 2)
    before = count("/audit/"), count("/audit/log/")
    fill(2, 16)
    assert (count("/audit/"), count("/audit/log/")) == before
