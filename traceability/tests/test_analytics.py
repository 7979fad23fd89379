"""Analytics: each figure worked out by hand, each chart as CSV, and no question per recall."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.models import Complaint, Run, RunOutput
from batches.operations.findings import raise_finding
from batches.reports.rates import complaint_rates, gaps_by_place
from batches.tests import factory as batches
from batches.tests.factory import NOON
from recalls.models import Drill, Recall
from recalls.operations.drills import finish_drill
from recalls.operations.responses import acknowledge
from recalls.tests import factory
from recalls.tests.made import answer
from traceability.reports.improving import charts

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def chart(key, since=NOON - HOUR):
    return next(one for one in charts(since, NOON + 9 * HOUR) if one.key == key)


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(quinn, paula, nodes):
    """Opened at noon, frozen after an hour; its three places read it after two and three."""
    case = factory.submitted(quinn, nodes["BAR@PLANT1"])
    case = factory.activate(case, paula, at=NOON + HOUR).recall
    for name, hours in (("one", 2), ("two", 3)):
        to = case.recipients.get(address_key=f"{name}@store.example")
        acknowledge(recipient=to, at=NOON + hours * HOUR)
    return case


def test_times_count_from_the_opening_of_each_recall(recall, quinn, paula, nodes):
    drawn = {key: chart(key) for key in ("scope", "notify", "acknowledge")}
    assert {key: one.bars[0].said for key, one in drawn.items()} == {
        "scope": "1 h",
        "notify": "3 h",
        "acknowledge": "3 h",
    }
    assert drawn["scope"].sentence == f"{recall.reference} had a frozen scope after 1 h."
    later = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    scope, told = chart("scope"), chart("acknowledge")
    assert scope.sentence == (
        f"{later.reference} had a frozen scope after 0 min, 1 h sooner than the one before; "
        "half of 2 within 30 min."
    )
    assert told.rows[1][3] == "0 of 3 acknowledged" and "1 of 2 did not get so far" in told.sentence


def test_what_came_back_is_summed_by_channel_and_unit(recall):
    answer(recall, "one@store.example", returned=28)
    channel = chart("channel")
    assert [row[1:] for row in channel.rows if row[0] == "Store"] == [
        ("case", Decimal(70), Decimal(28), "40")
    ]
    assert channel.sentence.startswith("Least came back from Distribution centre: 0 %")
    assert chart("country").bars[0].label == "No country"


def test_drills_and_what_was_before_the_period_are_no_live_recalls(recall, quinn, nodes):
    drill = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    factory.activate(drill, quinn, password="quinn")
    finish_drill(drill=drill.drill, remark="Well.", by=quinn, at=NOON + 5 * HOUR)
    assert len(chart("scope").rows) == 1
    assert charts(NOON - HOUR, NOON + 9 * HOUR)[0].key == "drills", "Recalls are few."
    assert [row[0] for row in chart("drills").rows] == [drill.reference]
    assert chart("scope", since=NOON + HOUR).sentence == ("No live recall was opened in this time.")


def test_complaints_are_measured_by_what_was_made_and_gaps_by_their_place(client, vera):
    made = batches.batch("L1")
    run = Run.objects.create(
        reference="PO-1", location=made.origin, ran_at=NOON, status=Run.Status.POSTED
    )
    RunOutput.objects.create(run=run, batch=made, quantity=4000)
    bought = batches.product("ALM")
    for about in ({"batch": made}, {"product": made.product}, {"product": bought}):
        Complaint.objects.create(at=NOON, text="Stale.", **about)
    Complaint.objects.create(at=NOON - 2 * HOUR, text="Before.", batch=made)
    assert [(one.product, one.complaints, one.rate) for one in complaint_rates(NOON - HOUR)] == [
        (made.product, 2, Decimal(5)),
        (bought, 1, None),
    ]
    for obj in (made, made.origin, made.product):
        raise_finding(kind="x", severity="gap", obj=obj, text="Look.", at=NOON)
    assert [(row.name, row.gaps) for row in gaps_by_place()] == [
        (made.origin.name, 2),
        ("No place", 1),
    ]
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    content = b"".join(client.get("/analytics/gaps.csv")).decode("utf-8-sig")
    assert content.splitlines()[6:] == [
        "Code,Place,Kind,Gaps",
        "PLANT1,Plant1,Plant,2",
        ",No place,,1",
    ]


def test_a_period_or_chart_that_there_is_not_says_which_there_are(client, vera):
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    refused = client.get("/analytics/?days=1")
    assert refused.status_code == 400 and b"Take 90, 365 or 730 days" in refused.content
    assert client.get("/analytics/nothing.csv").status_code == 404
    page = client.get("/analytics/?days=90").content.decode()
    assert page.count("No live recall was opened in this time.") == 3
    assert "No data gap is open." in page and "No drill was finished in this time." in page
    assert "Fewer than three live recalls in this time." in page and "data-print" in page
    assert 'href="?days=365" data-key="]"' in page and 'data-key="["' not in page
    page = client.get("/analytics/?days=365&compare=1").content.decode()
    assert page.count("The time before:</b> No live recall was opened in this time.") == 3
    assert 'href="?days=90&amp;compare=1" data-key="["' in page


def test_a_chart_that_fails_says_so_and_takes_no_other_with_it(client, quinn, nodes, caplog):
    drill = factory.submitted(quinn, nodes["ALM@SIERRA"], is_drill=True)
    factory.activate(drill, quinn, password="quinn")
    finish_drill(drill=drill.drill, remark="Well.", by=quinn, at=NOON)
    Drill.objects.update(finished_at=timezone.now(), score={})
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get("/analytics/?compare=1")
    failed = {chart.key: chart.failed for chart, _ in response.context["charts"] if chart.failed}
    page = response.content.decode()
    assert set(failed) == {"drills"} and failed["drills"] in caplog.text
    assert "This part could not be shown." in page and f">{failed['drills']}<" in page
    assert page.count("No live recall was opened in this time.</p>") == 6
    assert "/analytics/drills.csv" not in page
    assert client.get("/analytics/gaps.csv").status_code == 200


@pytest.mark.slow
def test_five_recalls_take_the_questions_of_one(recall, quinn, paula, nodes):
    def count():
        with CaptureQueriesContext(connection) as queries:
            charts(NOON - HOUR, NOON)
        return len(queries)

    first = count()
    for _ in range(4):
        factory.active(quinn, paula, nodes["BAR@PLANT1"])
    assert Recall.objects.count() == 5 and count() == first <= 30
