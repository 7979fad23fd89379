"""The days of a trace: the bars, what is shown of it, and addresses that keep it."""

import re
from datetime import date

import pytest
from django.urls import reverse

from batches.models import Batch, Run, Shipment
from batches.tests.factory import NOON, location, trace_graph
from batches.views.trace import asked as addresses
from batches.views.trace.found import find

pytestmark = pytest.mark.django_db

STORY = """
RAW@FARM -2026-11-01x100-> RAW@PLANT -2026-11-03x60-> MIX@PLANT -2026-11-10x25-> MIX@SHOP1
MIX@PLANT -2026-11-12x9-> MIX@SHOP2
MIX@PLANT -?..?x5-> MIX@SHOP3
"""


@pytest.fixture
def story():
    location("FARM", kind="supplier")
    location("PLANT", kind="plant", is_own=True)
    for number in (1, 2, 3):
        location(f"SHOP{number}", kind="store", name=f"Shop {number}")
    return trace_graph(STORY)


def found(**params):
    batch = Batch.objects.get(number="RAW")
    return find(addresses.Asked(seeds=(batch.pk,), **params), [batch])


def places(of) -> set[str]:
    return {held.location_code for held in of.holdings.values()}


def test_each_day_has_its_documents_and_what_has_no_time_is_counted_apart(story):
    times = found().times
    assert (times.first, times.last, times.span) == (date(2026, 11, 1), date(2026, 11, 12), 12)
    assert [bar.count for bar in times.bars] == [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    assert times.undated == 1


def test_days_show_less_and_say_how_much_and_never_hide_what_has_no_time(story):
    narrow = found(first="2026-11-09", last="2026-11-10")
    assert places(narrow) == {"FARM", "PLANT", "SHOP1", "SHOP3"}
    assert narrow.notes()[0] == ("Only what may have moved in these days is shown: 2 of 5 links.")
    assert places(found()) == {"FARM", "PLANT", "SHOP1", "SHOP2", "SHOP3"}


def test_long_times_have_at_most_sixty_bars_and_lose_no_movement():
    location("FARM", kind="supplier")
    trace_graph("RAW@FARM -2024-01-01-> RAW@PLANT -2026-11-10-> RAW@SHOP")
    times = found().times
    assert len(times.bars) <= 60
    assert sum(bar.count for bar in times.bars) == 2
    assert times.bars[-1].last == date(2026, 11, 10)


def test_the_page_keeps_its_days_in_every_address(client, vera, story):
    client.force_login(vera)
    where = {"seed": Batch.objects.get(number="RAW").pk, "from": "2026-11-09", "to": "2026-11-10"}
    html = client.get(reverse("batch-trace"), where).content.decode()
    table = re.findall(r'data-href="([^"]*)"', html)
    assert table
    assert all("from=2026-11-09" in url and "to=2026-11-10" in url for url in table)
    assert "to=2026-11-11" in html  # one day more


@pytest.mark.parametrize(
    "params, sentence",
    [
        ({"from": "yesterday"}, "“yesterday” is no day. Enter one such as 2026-11-21."),
        ({"from": "2026-11-10", "to": "2026-11-09"}, "The last day is before the first."),
        ({"asof": "noon"}, "“noon” is no time. Enter one such as 2026-11-21T18:00."),
    ],
)
def test_days_that_cannot_be_read_are_refused_with_a_sentence(client, vera, params, sentence):
    client.force_login(vera)
    response = client.get(reverse("batch-trace"), params)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_the_past_is_shown_as_such_and_without_todays_stock(client, vera, story):
    Shipment.objects.update(posted_at=NOON)
    Run.objects.update(posted_at=NOON)
    Shipment.objects.filter(destination__code="SHOP2").update(posted_at=NOON.replace(hour=18))
    client.force_login(vera)
    where = {"seed": Batch.objects.get(number="RAW").pk, "asof": "2026-11-20T13:00"}
    html = client.get(reverse("batch-trace"), where).content.decode()
    assert "As it was on record at 20 Nov 2026, 13:00. Stock is as it is now." in html
    assert "is-past" in html
    assert "Shop 1" in html
    assert "Shop 2" not in html
