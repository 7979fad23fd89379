"""The pages of drills: planning, starting, finishing, and the report."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from batches.models import Product
from recalls.models import Drill, DrillDuty, Notice, Recall, Task
from recalls.operations.drill_calendar import owe_drill
from recalls.operations.drills import finish_drill, plan_drill, start_drill
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.test_pages_permissions import addresses  # noqa: F401
from recalls.tests.test_paper import read

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def page(client, quinn, nodes):
    client.force_login(quinn, backend=BACKEND)
    return client


def finished(quinn, batch, seconds=90):
    drill = plan_drill(lead=quinn, by=quinn, at=NOON, batch=batch, planted=[{"place": "STORE1"}])
    drill = start_drill(drill=drill, by=quinn, at=NOON)
    return finish_drill(drill=drill, by=quinn, at=NOON + timedelta(seconds=seconds))


def test_without_a_drill_the_page_says_so_and_offers_one(page):
    said = page.get("/drills/").content.decode()
    assert "No drill has been run yet." in said and "Start the drill" in said


def test_a_drill_is_started_measured_and_finished_on_the_pages(page):
    answer = page.post("/drills/plan/", {"batch": "ALM", "planted": "STORE1\nSTORE2, BAR"})
    assert answer["Location"] == "/recalls/DR-2026-0001/" or "/recalls/DR-" in answer["Location"]
    drill = Drill.objects.get()
    assert drill.planted == [{"place": "STORE1", "batch": ""}, {"place": "STORE2", "batch": "BAR"}]
    address = f"/drills/{drill.recall}/"
    said = page.get(address).content.decode()
    assert "DRILL DR-" in said and "0 of 2, 0 %" in said
    assert page.post(f"{address}finish/", {"remark": "Call sooner."}).status_code == 302
    said = page.get(address).content.decode()
    assert "Call sooner." in said and "missed" in said.lower()
    assert page.post(f"{address}finish/", {"remark": ""}).status_code == 422
    report = page.get(f"{address}report.pdf")
    assert report.content.startswith(b"%PDF-")


def test_a_planned_drill_shows_neither_its_batch_nor_its_hour(page):
    later = timezone.now() + timedelta(days=3)
    values = {"batch": "ALM", "window_until": later.strftime("%Y-%m-%dT%H:%M")}
    assert page.post("/drills/plan/", values)["Location"] == "/drills/"
    said = page.get("/drills/").content.decode()
    assert "Starts by itself between" in said
    assert "ALM" not in said
    assert Drill.objects.get().started_at is None


def test_what_cannot_be_planned_is_refused_with_the_typed_values_kept(page):
    answer = page.post("/drills/plan/", {"batch": "NONE", "planted": "STORE1"})
    assert answer.status_code == 422
    assert "There is no batch NONE." in answer.content.decode()
    answer = page.post("/drills/plan/", {"batch": "ALM", "planted": "NOWHERE"})
    assert answer.status_code == 422 and "No place is called NOWHERE" in answer.content.decode()
    assert "NOWHERE</textarea>" in answer.content.decode()
    assert not Drill.objects.exists()


def test_the_list_tells_the_trend_and_when_one_is_overdue(page, quinn, nodes):
    finished(quinn, nodes["ALM@SIERRA"].batch)
    Drill.objects.update(finished_at=timezone.now() - timedelta(days=300))
    said = page.get("/drills/").content.decode()
    assert "No drill for 10 months." in said and "A trend needs two drills" in said


def test_as_many_queries_with_many_drills_as_with_one(page, quinn, nodes):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            page.get("/drills/")
        return len(queries)

    finished(quinn, nodes["ALM@SIERRA"].batch)

    def owe(name):
        Product.objects.create(code=name, name=name, category=name)
        day = timezone.now().date()
        return owe_drill(owner=quinn, due_on=day, product_group=name, by=quinn, at=timezone.now())

    owe("Nuts")
    one = asked()
    for number in range(4):
        finished(quinn, nodes["ALM@SIERRA"].batch)
        owe(f"Nuts {number}")
    assert asked() == one


def test_an_action_is_added_done_and_shown_late_and_goes_into_the_report(page, quinn, otto, nodes):
    drill = finished(quinn, nodes["ALM@SIERRA"].batch)
    address = f"/drills/{drill.recall}/"
    values = {"title": "Correct the phone list", "assignee": otto.pk}
    refusal = page.post(f"{address}actions/", values)
    assert refusal.status_code == 422 and "Say by when." in refusal.content.decode()
    assert 'value="Correct the phone list"' in refusal.content.decode()
    later = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert page.post(f"{address}actions/", values | {"due_at": later}).status_code == 302
    task = Task.objects.get(kind="corrective")
    Task.objects.update(due_at=timezone.now() - timedelta(days=1))
    for where in (address, "/drills/"):
        said = page.get(where).content.decode()
        assert "Correct the phone list" in said and "Overdue" in said
    assert "Correct the phone list" in paper_of(page.get(f"{address}report.pdf"))
    page.post(f"{address}actions/{task.pk}/done/", {"note": "New list is out."})
    assert "New list is out." in page.get(address).content.decode()
    page.post(f"{address}actions/{task.pk}/reopen/")
    task.refresh_from_db()
    assert task.done_at is None


def paper_of(response) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def test_the_calendar_is_filled_changed_and_emptied_on_its_pages(page, quinn, nodes):
    soon = (timezone.now() + timedelta(days=9)).date()
    values = {"site": "PLANT1", "owner": quinn.pk, "due_on": soon.isoformat(), "every_months": 12}
    refusal = page.post("/drills/calendar/", values | {"site": ""})
    assert refusal.status_code == 422 and "not both" in refusal.content.decode()
    assert page.post("/drills/calendar/", values).status_code == 302
    duty = DrillDuty.objects.get()
    for where in ("/drills/calendar/", "/drills/"):
        said = page.get(where).content.decode()
        assert "Plant 1" in said and "Due in 9 days" in said
    address = f"/drills/calendar/{duty.pk}/"
    assert page.post(address, values | {"every_months": 99}).status_code == 422
    page.post(address, values | {"every_months": 6})
    duty.refresh_from_db()
    assert duty.every_months == 6
    assert f'value="{duty.pk}" selected' in page.get(f"/drills/?duty={duty.pk}").content.decode()
    assert page.post(f"{address}end/", {"reason": ""}).status_code == 422
    page.post(f"{address}end/", {"reason": "Sold."})
    assert page.get(address).status_code == 404


@pytest.mark.slow
def test_each_page_of_a_drill_carries_the_band(page, quinn, nodes):
    case = factory.draft(quinn, nodes["ALM@SIERRA"], is_drill=True)
    pages = ["start/", "scope/", "message/", "check/", "targets/", "documents/", "edit/"]
    for tail in pages:
        said = page.get(f"/recalls/{case}/{tail}", follow=True).content.decode()
        assert said.count("drillband") == 1, tail


def test_each_page_and_paper_of_a_drill_that_runs_says_so(addresses, client, paula):  # noqa: F811
    [case] = Recall.objects.all()
    Recall.objects.update(is_drill=True)
    Notice.objects.filter(address_key="two@store.example").update(state="failed")
    client.force_login(paula, backend=BACKEND)
    own = [url for url in addresses.values() if case.reference in url]
    answers = {url: answer for url in own if (answer := client.get(url)).status_code == 200}
    pages = {url: one for url, one in answers.items() if b"<main" in one.content}
    papers = [one for one in answers.values() if one["Content-Type"] == "application/pdf"]
    assert len(pages) > 20 and len(papers) >= 2
    assert [url for url, one in pages.items() if b"drillband" not in one.content] == []
    # A printed version says what was frozen: here, that it was none. See the test above.
    framed = {url: one for url, one in answers.items() if "html" in one["Content-Type"]}
    silent = [url for url, one in framed.items() if b"DRILL" not in one.content]
    assert [url for url in silent if not url.endswith("/scope/1/print/")] == []
    for one in papers:
        assert all("DRILL" in page for page in read(one.content)), one["Content-Disposition"]
    letters = client.get(addresses["recall-letters"])
    assert all("DRILL" in page for page in read(letters.content))


def test_a_viewer_reads_and_starts_nothing(client, vera, nodes):
    client.force_login(vera, backend=BACKEND)
    assert "Start the drill" not in client.get("/drills/").content.decode()
    assert client.post("/drills/plan/", {"batch": "ALM"}).status_code == 403
