"""The counts on the tabs of lists: made by the clock, bounded, and asked for once by a page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.lists import paging, tabs
from batches.models import SavedView, ViewCount
from batches.operations.holds import place_hold
from batches.operations.preferences import delete_view, save_view
from batches.tests import factory
from batches.tests.factory import NOON
from traceability.counting import EVERY, count_views, list_pages


@pytest.fixture
def views(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    for n in range(3):
        made = factory.batch(f"L{n}")
    place_hold(batch=made, reason="Smells.", by=quinn, at=NOON)
    asked = {"page": "batch-list", "is_shared": True, "by": quinn, "at": NOON}
    return [
        save_view(name="Held", query="status=held&sort=-number", **asked),
        save_view(name="Broken", query="made_after=yesterday", **asked),
    ]


def figures(client, address="/batches/") -> dict[str, str]:
    context = client.get(address).context
    return {tab.word: tab.figure for tab in [*context["tabs"], *context["views"]]}


@pytest.mark.slow
def test_the_clock_counts_every_tab_and_a_page_shows_its_own_figure(client, views, quinn):
    assert figures(client)["Held"] == ""
    now = timezone.now()
    count_views(now)
    counted = {"On hold": "1", "Recalled": "0", "Held": "1", "Broken": "", "All": "3"}
    assert counted.items() <= figures(client).items()
    assert f"Counted {now:%H:%M}." in client.get("/batches/").content.decode()
    # What came since is seen where the rows are, and elsewhere at the next count.
    place_hold(batch=factory.batch("L4"), reason="Smells.", by=quinn, at=now)
    assert figures(client, "/batches/?status=held")["On hold"] == "2"
    assert count_views(now + EVERY / 2) == 0 and figures(client)["On hold"] == "1"
    count_views(now + EVERY)
    assert figures(client)["On hold"] == "2"


@pytest.mark.slow
def test_a_view_that_is_gone_is_counted_no_more(views, quinn, caplog):
    count_views(NOON)
    assert "could not be counted" not in caplog.text, "what means whoever looks is left out"
    delete_view(view=views[0], by=quinn, at=NOON)
    count_views(NOON + EVERY)
    kept = set(ViewCount.objects.filter(page="batch-list").values_list("query", flat=True))
    assert kept == {"", "status=held", "status=recalled", "status=pending"}


def test_a_count_ends_at_its_limit_and_says_so(client, views, monkeypatch):
    for module in (paging, tabs):
        monkeypatch.setattr(module, "LIMIT", 2)
    count_views(NOON)
    assert figures(client, "/batches/?status=held")["All"] == "2+"


def test_a_round_that_has_no_time_left_goes_on_with_the_oldest(views):
    assert count_views(NOON, seconds=-1) == 0 and not ViewCount.objects.exists()
    count_views(NOON)
    ViewCount.objects.filter(query="status=held").update(counted_at=NOON - timedelta(days=1))
    assert count_views(NOON + EVERY / 2) == 1


@pytest.mark.slow
def test_more_views_are_no_more_questions(client, views, quinn):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/batches/")
        return len(queries)

    count_views(NOON)
    asked()
    before = asked()
    rows = [
        SavedView(owner=quinn, page="batch-list", name=f"V{n}", saved_at=NOON) for n in range(9)
    ]
    SavedView.objects.bulk_create(rows)
    assert asked() == before


def test_every_list_with_an_address_of_its_own_is_known():
    names = {"batch-list", "shipment-list", "hold-list", "recall-list", "audit", "inspection-list"}
    assert names <= set(list_pages())
