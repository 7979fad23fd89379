"""The overview: what needs me now, with figures that come from the rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.models import Complaint, Finding, Hold, Job, Shipment
from batches.operations.audits import JOB as AUDIT
from batches.operations.findings import raise_finding
from batches.operations.holds import place_hold
from batches.operations.jobs import enqueue
from batches.tests import factory
from recalls.models import Notice, Recall
from recalls.operations.closing import close_recall, complete_recall
from recalls.operations.responses import waive_location
from recalls.tests.factory import active, granola
from traceability.reports.pace import Pace

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _logged_in(client, quinn):
    client.force_login(quinn, backend=BACKEND)


def overview(client, query=""):
    response = client.get(f"/{query}")
    assert response.status_code == 200
    return response


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_new_site_shows_its_first_steps(client):
    page = text_of(overview(client))
    assert "Six steps to the first trace" in page and "Run a drill" in page


def test_when_all_is_quiet_it_says_so(client):
    factory.batch("L1")
    page = text_of(overview(client))
    assert "Nothing waits for you." in page and "No recall is open." in page


@pytest.mark.slow
def test_an_active_recall_shows_how_far_it_is(client, quinn, paula):
    nodes = granola()
    now = timezone.now()
    case = active(quinn, paula, nodes["BAR@PLANT1"], deadline=now + timedelta(hours=3))
    took = case.versions.get().frozen_at - case.opened_at
    assert overview(client).context["pace"] == Pace(took, 1)
    Recall.objects.update(opened_at=now - timedelta(minutes=40))
    response = overview(client)
    row = response.context["recalls"][0]
    assert row.recall == case and row.places == 3
    assert (row.notified.part, row.notified.whole) == (0, 3)
    page = text_of(response)
    assert "Class I, recovering" in page and "Answers due" in page and 'class="live"' in page
    Recall.objects.update(deadline=now + timedelta(hours=5))
    due = overview(client).context["recalls"][0].target
    assert (due.of, due.text) == ("All notified", "3 h 19 min left")


@pytest.mark.slow
def test_the_holds_of_a_recall_wait_for_a_decision_once_it_is_closed(client, quinn, paula):
    nodes = granola()
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    hold = Hold.objects.active().get()
    doors = ("/", "/holds/?state=waiting", hold.batch.get_absolute_url())
    address = f"/holds/{hold.pk}/decide/"
    assert [address in text_of(client.get(door)) for door in doors] == [False] * 3
    assert "Open recall" in text_of(client.get("/holds/"))

    now = timezone.now()
    for place in ("BAR@DC", "BAR@STORE1", "BAR@STORE2"):
        location = nodes[place].location
        waive_location(recall=case, location=location, reason="Gone.", by=quinn, at=now)
    complete_recall(recall=case, by=quinn, at=now)
    words = {"meaning": "Closed.", "statement": "Sold.", "password": "paula"}
    close_recall(recall=case, by=paula, at=now, **words)

    assert [address in text_of(client.get(door)) for door in doors] == [True] * 3
    client.post(address, {"decision": "release", "reason": "Destroyed under supervision."})
    assert not Hold.objects.active().exists()
    assert "is recalled" not in text_of(client.get(hold.batch.get_absolute_url()))


def test_a_deadline_that_has_passed_says_by_how_much(client, quinn, paula):
    nodes = granola()
    late = timezone.now() - timedelta(hours=2, minutes=5)
    active(quinn, paula, nodes["BAR@PLANT1"], deadline=late)
    Recall.objects.update(opened_at=timezone.now() - timedelta(hours=3))
    assert "Late by 2 h 5 min" in text_of(overview(client))


def wait_for_somebody(quinn, stop, start=0):
    now = timezone.now()
    for n in range(start, stop):
        made = factory.batch(f"L{n}", of=f"P{n}")
        place_hold(batch=made, reason="Smells.", by=quinn, at=now - timedelta(hours=n))
        raise_finding(
            kind="no_expiry", severity=Finding.Severity.GAP, obj=made, text="None.", at=now
        )
        raise_finding(
            kind="shipped_while_held",
            severity=Finding.Severity.ALARM,
            obj=made,
            text="It left.",
            at=now,
        )
        Complaint.objects.create(batch=made, at=now, text="Stale.")


def test_the_queue_is_worst_first_then_oldest_and_counts_each_kind(client, quinn):
    wait_for_somebody(quinn, 2)
    queue = overview(client, "?all=1").context["queue"]
    assert queue.counts == {
        "notices": 0,
        "alarms": 2,
        "holds": 2,
        "jobs": 0,
        "gaps": 2,
        "complaints": 2,
    }
    titles = [item.title for item in queue.items]
    assert titles[:4] == ["Shipped while held"] * 2 + ["Hold without decision"] * 2
    assert [item.record for item in queue.items[2:4]] == ["L1", "L0"]


def test_what_waits_names_its_owner_as_people_do(client, quinn, paula):
    quinn.first_name, quinn.last_name = "Quinn", "Quality"
    quinn.save()
    place_hold(batch=factory.batch("L1"), reason="Smells.", by=quinn, at=timezone.now())
    active(quinn, paula, granola()["BAR@PLANT1"])
    Notice.objects.update(state="failed")
    queue = overview(client).context["queue"]
    owners = {item.title: item.owner for item in queue.items}
    assert owners["Hold without decision"] == "Quinn Quality"
    assert owners["Recall notice not delivered"] == "Quinn Quality"


def test_a_tab_shows_one_kind_and_the_foot_how_many_more(client, quinn):
    wait_for_somebody(quinn, 10)
    response = overview(client, "?waiting=holds")
    assert {item.title for item in response.context["queue"].items} == {"Hold without decision"}
    assert "8 of 10, worst first, then oldest" in text_of(response)
    assert len(overview(client, "?waiting=holds&all=1").context["queue"].items) == 10


def test_several_complaints_about_one_product_are_one_row_that_counts_them(client):
    now, made, other = timezone.now(), factory.batch("L1"), factory.batch("L2")
    for batch in (made, made, other):
        Complaint.objects.create(batch=batch, product=made.product, at=now, text="Stale.")
    alone = factory.batch("M1", of="MUESLI")
    Complaint.objects.create(batch=alone, at=now - timedelta(hours=1), text="A stone.")
    queue = overview(client).context["queue"]
    assert [(item.count, item.detail) for item in queue.items] == [
        (1, "A stone."),
        (3, "3 complaints about 2 batches"),
    ]
    assert (queue.shown, queue.more, queue.counts["complaints"]) == (4, 0, 4)
    assert len(client.get(queue.items[1].action_url).context["answer"].starts) == 3


def test_a_finding_offers_what_mends_it_and_is_settled_where_nothing_else_does(client, quinn):
    now, made = timezone.now(), factory.batch("L1")
    store = factory.location("STORE1", kind="store")
    sent = Shipment.objects.create(
        reference="SH-1", origin=made.origin, destination=store, status="posted"
    )
    for kind, obj in (("not received", sent), ("no_contact", store), ("unheard-of", made)):
        raise_finding(kind=kind, severity="gap", obj=obj, text="Look.", at=now)
    queue = overview(client, "?waiting=gaps").context["queue"]
    acts = {f"{item.action} {item.more}".strip(): item.action_url for item in queue.items}
    assert acts == {
        "Confirm arrival": "/shipments/SH-1/receive/",
        "Add a contact": f"/admin/batches/location/{store.pk}/change/",
        "Settle": f"/findings/{Finding.objects.get(kind='unheard-of').pk}/close/",
    }


def test_work_that_failed_waits_until_the_same_work_is_done(client, quinn):
    first = enqueue(kind=AUDIT, parameters={"a": 1}, by=quinn)
    factory.batch("L1")
    Job.objects.filter(pk=first.pk).update(state="failed", error="No room. Clear the disk.")
    [item] = overview(client, "?waiting=jobs").context["queue"].items
    assert (item.title, item.detail, item.owner) == ("Failed: Audit", "No room.", "Quinn")
    for parameters, waiting in (({"a": 2}, 1), ({"a": 1}, 0)):
        again = enqueue(kind=AUDIT, parameters=parameters, by=quinn)
        Job.objects.filter(pk=again.pk).update(state="done")
        assert overview(client).context["queue"].counts["jobs"] == waiting


def test_mine_only_is_what_the_person_owns_and_stays_chosen_in_the_tabs(client, quinn, paula):
    wait_for_somebody(quinn, 1)
    place_hold(batch=factory.batch("L9"), reason="x", by=paula, at=timezone.now())
    Finding.objects.filter(severity="gap").update(owner=quinn)
    response = overview(client, "?mine=1")
    queue = response.context["queue"]
    assert queue.counts == {
        "notices": 0,
        "alarms": 0,
        "holds": 1,
        "jobs": 0,
        "gaps": 1,
        "complaints": 0,
    }
    assert {item.record for item in queue.items} == {"L0"}
    assert 'href="?mine=1&amp;waiting=holds#waiting"' in text_of(response)
    assert overview(client).context["queue"].counts["holds"] == 2
    Finding.objects.update(owner=paula)
    Hold.objects.update(placed_by=paula)
    assert "Nothing is yours." in text_of(overview(client, "?mine=1"))


def test_a_block_that_fails_says_so_and_takes_no_other_with_it(client, quinn, caplog):
    wait_for_somebody(quinn, 1)
    Finding.objects.update(severity="unheard-of")
    response = overview(client)
    page, reference = text_of(response), response.context["failed"]["waiting"]
    assert "This part could not be shown." in page and f">{reference}<" in page
    assert set(response.context["failed"]) == {"waiting"} and "Trace readiness" in page
    assert reference in caplog.text


def test_the_page_asks_for_its_blocks_anew_with_the_same_view(client, quinn):
    wait_for_somebody(quinn, 1)
    page = text_of(overview(client, "?waiting=holds&mine=1"))
    assert 'hx-get="/?waiting=holds&amp;mine=1" hx-trigger="tick from:body"' in page
    asked = re.search(r'hx-select-oob="([^"]+)"', page)[1].replace("#", "").split(",")
    assert [page.count(f'id="{name}"') for name in asked] == [1] * len(asked)


def test_a_recalls_hold_waits_for_nobodys_decision(client, quinn):
    made = factory.batch("L1")
    place_hold(batch=made, reason="x", by=quinn, at=timezone.now(), recall="RC-2026-0001")
    assert overview(client).context["queue"].total == 0


def test_a_viewer_sees_what_waits_without_the_buttons(client, quinn, vera):
    wait_for_somebody(quinn, 1)
    client.force_login(vera, backend=BACKEND)
    page = text_of(overview(client))
    assert "Hold without decision" in page and "Decide</a>" not in page


def test_a_finding_leads_to_what_it_is_about_and_can_be_settled(client, quinn):
    wait_for_somebody(quinn, 1)
    page = text_of(overview(client))
    finding = Finding.objects.filter(severity="alarm").get()
    assert f'href="/findings/{finding.pk}/close/"' in page
    assert "/batches/P0/L0/?origin=PLANT1" in page
    client.post(f"/findings/{finding.pk}/close/", {"reason": "Called back."})
    finding.refresh_from_db()
    assert finding.close_reason == "Called back."


def test_only_stock_on_our_own_sites_counts_as_expiring(client):
    today = timezone.now().date()
    factory.location("PLANT1", is_own=True)
    factory.batch("OURS", quantity=5, expires_on=today + timedelta(days=1))
    factory.batch("GONE", quantity=0, expires_on=today)
    factory.batch("THEIRS", at="STORE1", quantity=5, expires_on=today)
    factory.batch("LATER", quantity=5, expires_on=today + timedelta(days=14))
    response = overview(client)
    assert [day.batches for day in response.context["days"]] == [0, 1] + [0] * 12
    assert "hold 5 cases." in text_of(response)
    link = f"/batches/?stock=own&expires_after={today}&expires_before={today + timedelta(days=2)}"
    rows = client.get(link).context["table"].data
    assert [row.number for row in rows] == ["OURS"]


def test_unlike_units_are_named_one_by_one_and_never_added(client):
    today = timezone.now().date()
    factory.location("PLANT1", is_own=True)
    factory.product("OIL", unit="kg")
    factory.batch("A", quantity=5, expires_on=today)
    factory.batch("B", of="OIL", quantity=7, expires_on=today)
    assert overview(client).context["soon_amounts"] == {"case": 5, "kg": 7}


def test_readiness_counts_batches_that_lead_back_and_on(client):
    granola()
    factory.batch("ORPHAN", at="PLANT1", quantity=3)
    readiness = overview(client).context["readiness"]
    # The almonds lead back to their supplier; the drawing's bar has no posted output.
    assert (readiness.linked, readiness.batches) == (1, 3)
    assert (readiness.places, readiness.places_with_contact) == (3, 3)


def test_a_move_is_shown_with_its_batch_place_and_amount(client, otto):
    from batches.operations.documents import create_shipment, post_shipment

    made, now = factory.batch("L1", quantity=9), timezone.now()
    store = factory.location("STORE1", kind="store", name="Corner shop")
    sent = create_shipment(
        reference="SH-1",
        origin=made.origin,
        destination=store,
        shipped_at=now,
        lines=[{"batch": made, "quantity": 4}],
        by=otto,
        at=now,
    )
    post_shipment(shipment=sent, by=otto, at=now)
    response = overview(client)
    move = response.context["moves"][0]
    assert (move.word, move.code, move.to) == ("Shipped", "L1", "Corner shop")
    assert sum(hour.moves for hour in response.context["hours"]) == 1


def test_the_number_of_questions_does_not_grow_with_what_waits(client, quinn):
    def count():
        overview(client)
        with CaptureQueriesContext(connection) as queries:
            overview(client)
        return len(queries)

    wait_for_somebody(quinn, 2)
    few = count()
    wait_for_somebody(quinn, 9, start=2)
    assert count() == few


@pytest.mark.slow
def test_three_active_recalls_take_the_questions_of_one(client, quinn, paula):
    def count():
        overview(client)
        with CaptureQueriesContext(connection) as queries:
            overview(client)
        return len(queries)

    nodes = granola()
    active(quinn, paula, nodes["BAR@PLANT1"])
    first = count()
    for _ in range(2):
        active(quinn, paula, nodes["BAR@PLANT1"])
    assert len(overview(client).context["recalls"]) == 3
    assert count() == first <= 45


@pytest.mark.parametrize("query", ["?colour=red", "?waiting=nothing"])
def test_a_view_that_the_overview_does_not_have_is_refused(client, query):
    response = client.get(f"/{query}")
    assert response.status_code == 400 and "no such view" in response.content.decode()
