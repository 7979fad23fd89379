"""The map of a trace: places with a position and without, flows, and the same selection."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.models import Batch, Location
from batches.tests.factory import location, trace_graph
from batches.views.trace import asked as addresses
from batches.views.trace import places
from batches.views.trace.found import find
from batches.views.trace.places import place_map

pytestmark = pytest.mark.django_db

HERE = {
    "FARM": ("38.35", "-0.49"),
    "PLANT": ("52.40", "9.72"),
    "SHOP1": ("53.08", "8.80"),
}


@pytest.fixture
def story():
    for code, kind in (("FARM", "supplier"), ("SHOP1", "store"), ("SHOP2", "store")):
        location(code, kind=kind, name=f"The {code}")
    location("PLANT", kind="plant", is_own=True, name="The PLANT")
    for code, (latitude, longitude) in HERE.items():
        Location.objects.filter(code=code).update(latitude=latitude, longitude=longitude)
    return trace_graph(
        """
        RAW@FARM -1..2x100-> RAW@PLANT -5x40-> MIX@PLANT -8..9x25-> MIX@SHOP1
        MIX@PLANT -8..9x9-> MIX@SHOP2
        """
    )


def mapped(**params) -> places.PlaceMap:
    batch = Batch.objects.get(number="RAW")
    asked = addresses.Asked(seeds=(batch.pk,), view="map", **params)
    return place_map(find(asked, [batch]))


def test_places_with_a_position_are_spots_and_the_others_are_listed(story):
    shown = mapped()
    assert {spot.name: (spot.lat, spot.lon) for spot in shown.spots} == {
        "The FARM": (38.35, -0.49),
        "The PLANT": (52.4, 9.72),
        "The SHOP1": (53.08, 8.8),
    }
    assert [spot.name for spot in shown.lost] == ["The SHOP2"]
    assert [(spot.shape, spot.near) for spot in shown.spots] == [
        ("", False),
        ("plant", True),
        ("", True),
    ]


def test_flows_join_places_and_never_a_place_to_itself_or_to_one_without_position(story):
    flows = mapped().flows
    assert [(flow.start[0], flow.end[0]) for flow in flows] == [(38.35, 52.4), (52.4, 53.08)]
    assert "The FARM to The PLANT: 100" in flows[0].text
    assert flows[0].width > flows[1].width


def test_what_is_selected_is_marked_and_its_way_is_drawn_as_the_path(story):
    card = f"l:{Location.objects.get(code='SHOP1').pk}"
    shown = mapped(sel=card)
    assert [spot.name for spot in shown.spots if spot.selected] == ["The SHOP1"]
    assert [flow.on_path for flow in shown.flows] == [True, True]
    assert not any(flow.on_path for flow in mapped().flows)


def test_a_spot_leads_to_the_address_that_the_table_leads_to(story, client, vera):
    client.force_login(vera)
    where = {"seed": Batch.objects.get(number="RAW").pk, "view": "map"}
    html = client.get(reverse("batch-trace"), where).content.decode()
    data = json.loads(re.search(r'id="map-places" type="application/json">(.*?)</script>', html)[1])
    rows = set(re.findall(r'data-href="([^"]*)"', html.replace("&amp;", "&")))
    assert {spot["url"] for spot in data["spots"]} <= rows
    assert "1 place has no position" in html


def test_the_largest_flows_are_drawn_and_the_rest_is_counted(story, monkeypatch):
    monkeypatch.setattr(places, "MOST_FLOWS", 1)
    shown = mapped()
    assert (len(shown.flows), shown.left_out) == (1, 1)
    assert "100" in shown.flows[0].text


def test_without_any_position_the_map_says_what_to_do(client, vera, story):
    Location.objects.update(latitude=None, longitude=None)
    client.force_login(vera)
    where = {"seed": Batch.objects.get(number="RAW").pk, "view": "map"}
    html = client.get(reverse("batch-trace"), where).content.decode()
    assert "No place of this trace has a position" in html
    assert "4 places have no position" in html


def test_a_name_cannot_break_out_of_the_map(client, vera, story):
    Location.objects.filter(code="SHOP1").update(name="</script><b>x")
    client.force_login(vera)
    where = {"seed": Batch.objects.get(number="RAW").pk, "view": "map"}
    assert "</script><b>x" not in client.get(reverse("batch-trace"), where).content.decode()


def test_the_map_asks_the_database_no_more_for_more_places(story):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            mapped()
        return len(queries)

    before = asked()
    trace_graph("\n".join(f"MIX@PLANT -8..9x1-> MIX@SHOP{n}" for n in range(3, 28)))
    assert asked() == before
