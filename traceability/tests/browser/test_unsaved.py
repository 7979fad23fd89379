"""What was typed and not saved: the browser asks before it is left, and at no other time."""

import pytest
from playwright.sync_api import expect

from batches.models import Shipment
from batches.tests import factory
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def test_the_browser_asks_before_what_was_typed_is_lost(chromium, live_server, otto):
    batch = factory.batch("AB-1", quantity=20)
    factory.location("WH2", kind="warehouse")
    with browsing(chromium, live_server, otto) as page:
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.goto(f"{live_server.url}/batches/")
        page.locator("#q").fill("a search is none of it")
        page.goto(f"{live_server.url}/scan/move/?batch={batch.pk}")
        assert asked == []
        page.get_by_label("To", exact=True).fill("NOWHERE")
        page.get_by_role("link", name="Cancel").click()
        assert asked == ["beforeunload"] and "/scan/move/" in page.url
        # Sending is no leaving; what comes back refused is still unsaved.
        page.get_by_role("button", name="Move them").click()
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        assert asked == ["beforeunload"]
        page.get_by_role("link", name="Cancel").click()
        assert asked == ["beforeunload"] * 2 and "/scan/move/" in page.url
        expect(page.get_by_label("To", exact=True)).to_have_value("NOWHERE")
        page.get_by_label("To", exact=True).fill("WH2")
        page.get_by_role("button", name="Move them").click()
        page.wait_for_url("**/shipments/**")
        assert asked == ["beforeunload"] * 2
    assert Shipment.objects.count() == 1


def test_data_entry_asks_as_well_and_saving_is_no_leaving(chromium, live_server, otto):
    product = factory.product()
    with browsing(chromium, live_server, otto) as page:
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.goto(f"{live_server.url}/admin/batches/product/{product.pk}/change/")
        page.get_by_label("Name:").fill("")
        page.locator("[name=_save]").click()
        expect(page.locator(".errornote")).to_be_visible()
        page.locator("#site-name a").click()
        assert asked == ["beforeunload"]
        page.get_by_label("Name:").fill("Oats")
        page.locator("[name=_save]").click()
        expect(page.locator(".messagelist .success")).to_contain_text("Oats")
        page.locator("#site-name a").click()
        page.wait_for_url("**/admin/")
        assert asked == ["beforeunload"]
