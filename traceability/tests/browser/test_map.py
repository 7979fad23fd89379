"""The map in Chromium: rings open by zooming, a place leads to its selection, by keys too."""

import re

import pytest
from playwright.sync_api import expect

from batches.models import Location
from batches.tests.factory import location, trace_graph
from traceability.tests.browser.test_accessible import faults
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.alike,
]

MARKS = "[...document.querySelectorAll('.map [role=button]')].map(e => e.ariaLabel).join()"


@pytest.fixture
def seed():
    location("PLANT", kind="plant", is_own=True, name="The Plant")
    Location.objects.filter(code="PLANT").update(latitude="52.4", longitude="9.72")
    for number in range(5):
        location(f"SHOP{number}", kind="store", name=f"Shop {number}")
        Location.objects.filter(code=f"SHOP{number}").update(
            latitude=f"5{number % 2}.{number}", longitude="13.4"
        )
    nodes = trace_graph("\n".join(f"MIX@PLANT -8..9x{n + 1}-> MIX@SHOP{n}" for n in range(5)))
    return nodes["MIX@PLANT"].batch_id


def test_rings_open_and_places_are_selected_on_the_map(chromium, live_server, vera, seed):
    with browsing(chromium, live_server, vera) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{live_server.url}/trace/?seed={seed}&view=map")
        page.wait_for_selector(".map path.land", state="attached")
        assert page.locator(".map path.flow").count() == 5
        ring = page.get_by_role("button", name=re.compile(r"^\d places: ")).first
        while page.locator(".map .spot").count() < 5:
            marks = page.evaluate(MARKS)
            ring.press("Enter")
            page.wait_for_function(f"before => {MARKS} !== before", arg=marks)
        shop = page.get_by_role("button", name=re.compile("^Shop 4"))
        shop.press("Enter")
        expect(page.get_by_role("heading", name="Why is Shop 4 affected?")).to_be_visible()
        page.wait_for_selector(".map .spot .sel", state="attached")
        assert "view=map" in page.url
        assert page.locator(".map path.flow.p").count() == 1
        assert all(url.startswith(live_server.url) for url in asked)
        assert faults(page) == []
