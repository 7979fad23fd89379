"""A keyboard wedge at 5 ms a key on every page that staff have: the tables of all addresses say
which pages there are, so a page that is added is tried as well."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from batches.models import Batch, Product, Shipment
from batches.tests import factory
from recalls.tests.test_pages_permissions import addresses as recall_addresses  # noqa: F401
from traceability.tests.browser.test_scans import GTIN, NUMBER, SCAN, browsing, wedge
from traceability.tests.test_urls import addresses as site_addresses  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.alike,
]

# Whole pages without the shell: printed, without a login, or a letter as it is mailed.
PLAIN = {"help-crisis", "login", "recall-report", "recall-version-print", "recall-message-preview"}
PLAIN |= {"api-docs", "recall-check-sheet"}


@pytest.fixture
def wanted(db) -> Batch:
    product = factory.product("SCANNED", gtin=GTIN)
    return factory.batch(NUMBER, of=product.code)


def landed(page: Page, name: str, wanted: Batch) -> None:
    """On most pages the record opens; three have a field of their own that takes the scan."""
    if name == "scan":
        expect(page.locator("[data-row] input[name=batch]:checked")).to_have_count(1)
    elif name == "service":
        expect(page.get_by_role("heading", name=NUMBER)).to_be_visible(timeout=8000)
    elif name == "batch-trace":
        page.wait_for_url(f"**/trace/?seed={wanted.pk}&**")
    else:
        page.wait_for_url(f"**{wanted.get_absolute_url()}")


def lost(page: Page, base: str, addresses: dict[str, str], wanted: Batch) -> list[str]:
    found = []
    for name, address in addresses.items():
        page.goto(base + address)
        wedge(page, SCAN)
        try:
            landed(page, name, wanted)
        except Exception:
            found.append(f"{name} at {address} led to {page.url}")
    return found


def is_page(answer) -> bool:
    """A whole page; no file, and no part of a page that a script asks for."""
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and b"<html" in answer.content


def pages_of(addresses: dict[str, str], user) -> dict[str, str]:
    """The pages that have a search, which are all but the known ones."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answers = {name: client.get(url) for name, url in addresses.items()}
    pages = {name for name, answer in answers.items() if is_page(answer)}
    shown = {name for name in pages if b'id="q"' in answers[name].content}
    assert pages - shown <= PLAIN
    return {name: url for name, url in addresses.items() if name in shown}


def test_a_scan_on_each_page_of_the_site_lands_on_its_record(
    chromium,
    live_server,
    site_addresses,  # noqa: F811
    wanted,
    paula,
):
    pages = pages_of(site_addresses, paula)
    assert len(pages) > 40
    with browsing(chromium, live_server, paula) as page:
        assert lost(page, live_server.url, pages, wanted) == []


def test_a_scan_on_each_page_of_recalls_lands_on_its_record(
    chromium,
    live_server,
    recall_addresses,  # noqa: F811
    wanted,
    paula,
):
    pages = pages_of(recall_addresses, paula)
    assert len(pages) > 7
    with browsing(chromium, live_server, paula) as page:
        assert lost(page, live_server.url, pages, wanted) == []


def test_a_scan_in_data_entry_lands_on_its_record_and_loses_nothing_typed(
    chromium, live_server, wanted, otto
):
    admin = [
        "/admin/",
        "/admin/batches/batch/",
        reverse("admin:batches_product_change", args=[Product.objects.get(code="SCANNED").pk]),
    ]
    with browsing(chromium, live_server, otto) as page:
        assert lost(page, live_server.url, {url: url for url in admin}, wanted) == []
        page.goto(f"{live_server.url}/admin/batches/shipment/add/")
        page.locator("#id_reference").focus()
        wedge(page, "SH-12345")
        page.wait_for_timeout(300)
        assert page.url.endswith("/shipment/add/")
        assert page.locator("#id_reference").input_value() == "SH-12345"
        asked = []
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.locator("#id_reference").blur()
        wedge(page, SCAN)
        page.wait_for_timeout(300)
        assert asked == ["beforeunload"] and page.url.endswith("/shipment/add/")
        page.goto(live_server.url + admin[2])
        page.get_by_label("Name:").fill("Saved by keys")
        page.keyboard.press("Control+s")
        expect(page.locator(".messagelist .success")).to_contain_text("Saved by keys")
    assert not Shipment.objects.exists()
