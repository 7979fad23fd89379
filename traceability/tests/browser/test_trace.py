"""The trace page in Chromium: the graph by keys, and the days by their handles."""

import re

import pytest
from playwright.sync_api import expect

from batches.tests.factory import location, trace_graph
from traceability.tests.browser.test_accessible import faults
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.alike,
]


@pytest.fixture
def seed():
    location("FARM", kind="supplier", name="The Farm")
    location("PLANT", kind="plant", is_own=True, name="The Plant")
    for name in ("ONE", "TWO"):
        location(name, kind="store", name=f"Shop {name.title()}")
    nodes = trace_graph(
        """
        RAW@FARM -2026-11-01x10-> RAW@PLANT -2026-11-03x10-> MIX@PLANT -2026-11-05x4-> MIX@ONE
        MIX@PLANT -2026-11-09x6-> MIX@TWO
        """
    )
    return nodes["RAW@FARM"].batch_id


def named(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")


def test_the_graph_is_walked_and_selected_by_keys_alone(chromium, live_server, vera, seed):
    with browsing(chromium, live_server, vera) as page:
        page.goto(f"{live_server.url}/trace/?seed={seed}")
        assert page.locator("[data-card][tabindex='0']").count() == 1
        page.locator("[data-card][tabindex='0']").focus()
        assert named(page).startswith("RAW")
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        reached = named(page)
        assert reached.startswith("Shop")
        way = page.locator("[data-graph] .edges .pre")
        # All lines but the one to the other shop.
        expect(way).to_have_count(page.locator("[data-graph] .edges path").count() - 1)
        page.locator("[data-card][aria-label^=MIX]").hover()
        expect(way).to_have_count(3)
        page.locator("a.brand").hover()
        expect(way).to_have_count(0)
        page.keyboard.press("ArrowDown")
        if named(page) == reached:  # The lower one of the two.
            page.keyboard.press("ArrowUp")
        other = named(page)
        assert other.startswith("Shop") and other != reached
        page.keyboard.press("ArrowLeft")
        assert named(page).startswith("MIX")
        page.keyboard.press("ArrowRight")
        shop = named(page).split(".")[0]
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=f"Why is {shop} affected?")).to_be_visible()
        page.locator("[data-card][data-selected]").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Why is MIX affected?")).to_be_visible()
        page.locator("summary", has_text="Stop tracing here").press("Enter")
        page.get_by_label("Why not past MIX?").press_sequentially("Baked")
        page.keyboard.press("Enter")
        expect(page.get_by_text("2 holdings at 2 places lie behind")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("link", name="Trace on past MIX at The Plant").press("Enter")
        expect(page.locator("[data-card]", has_text=shop)).to_be_visible()


def test_keys_zoom_the_graph_and_its_small_map_leads_about(
    chromium, live_server, vera, seed, monkeypatch
):
    monkeypatch.setattr("batches.views.trace.cards.MANY_CARDS", 3)
    with browsing(chromium, live_server, vera) as page:
        page.goto(f"{live_server.url}/trace/?seed={seed}")
        label = page.locator("[data-zoom] [data-step='0']")
        expect(label).to_have_text(re.compile(r"\d+%"))
        fitted = label.text_content()
        for key in "+++-":
            before = label.text_content()
            page.locator("body").press(key)
            expect(label).not_to_have_text(before)
        small = page.locator("[data-minimap]")
        expect(small).to_be_visible()
        small.click(position={"x": small.bounding_box()["width"] - 4, "y": 4})
        page.wait_for_function("document.querySelector('[data-graph]').scrollLeft > 100")
        page.locator("body").press("0")
        expect(label).to_have_text(fitted)
        page.goto(f"{live_server.url}/trace/")
        last = page.get_by_role("region", name="Your last traces")
        expect(last.get_by_role("link", name="RAW")).to_be_visible()


def broken(*_args):
    raise RuntimeError("This trace cannot be made.")


def test_handles_and_keys_narrow_the_days_and_a_trace_outlives_a_broken_server(
    chromium, live_server, vera, seed, monkeypatch
):
    with browsing(chromium, live_server, vera, expected="status of 500") as page:
        page.goto(f"{live_server.url}/trace/?seed={seed}")
        last = page.get_by_role("slider", name="Last day")
        expect(last).to_have_attribute("aria-valuetext", "2026-11-09")
        last.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**to=2026-11-08**")
        expect(page.get_by_text("3 of 4 links")).to_be_visible()
        assert page.locator("[data-card]", has_text="Shop Two").count() == 0
        page.locator("body").press("]")
        page.wait_for_url("**to=2026-11-09**")
        expect(page.get_by_text("4 of 4 links")).to_be_visible()
        page.context.set_offline(True)
        page.get_by_role("link", name="Both").click()
        said = page.get_by_text("The trace cannot be read at the moment.")
        expect(said).to_be_visible()
        expect(page.locator(".xgrid.is-lost [data-card]").first).to_be_visible()
        page.context.set_offline(False)
        expect(said).to_be_hidden()
        with monkeypatch.context() as server:
            server.setattr("batches.views.trace.find", broken)
            page.get_by_role("link", name="Both").click()
            expect(said).to_be_visible()
            expect(page.locator(".xgrid.is-lost [data-card]").first).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        page.wait_for_url("**dir=both**")
