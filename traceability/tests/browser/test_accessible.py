"""Every page in Chromium: nothing that axe-core finds, no page wider than the window, no fault in
the console, no request to anywhere else. Those of recipients and the public in Arabic too."""

from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page
from pypdf import PdfReader

from batches.models import Contact
from batches.tests.factory import NOON
from recalls.links import confirm_link
from recalls.models import Notice
from recalls.operations.contact_tests import ask_contacts
from recalls.operations.public_notices import publish_notice
from recalls.tests.factory import active, granola
from recalls.tests.test_pages_permissions import addresses as recall_addresses  # noqa: F401
from recalls.tests.test_recipient_pages import line_of, link, typed
from traceability.tests.browser.test_scans import browsing
from traceability.tests.browser.test_scans_everywhere import is_page
from traceability.tests.test_urls import addresses as site_addresses  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.alike,
]

AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async ([tags]) => {
    // No rule of these tags reads style sheets again, and our policy lets nobody do it with those
    // that Django's own import.
    const preload = {assets: ["media"], timeout: 10000};
    const options = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload};
    const brief = (node) => node.html.slice(0, 160);
    const {violations} = await axe.run(options);
    return violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(brief).join(" | ")}`);
}"""
# Every two of theme, direction and width come together, in four looks instead of eight.
# Swagger UI draws the first: its faults are its makers' to mend. No script runs in a letter.
# Of data entry a list and the forms with all kinds of fields stand for the others.
DATA_ENTRY = ["batch/", "shipment/add/", "complaint/add/", "location/add/"]
LEFT_OUT = ("/api/v1/docs", "/message/preview/")
LOOKS = [
    ("light", "ltr", 1440),
    ("dark", "rtl", 1440),
    ("dark", "ltr", 390),
    ("light", "rtl", 390),
]
WIDTHS = [320, 390, 820, 1440]
# Everything settles at once, so that no colour is measured half way.
STILL = "document.getAnimations().forEach((one) => one.finish())"


def too_wide(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            found.append(f"{over} px too wide at {width}")
    return found


def turn(page: Page, direction: str) -> None:
    """A page of recipients and the public speaks Arabic from right to left, others are turned."""
    if not page.locator(".lang summary").count():
        page.evaluate("(way) => { document.documentElement.dir = way; }", direction)
        return
    page.goto(f"{page.url.partition('?')[0]}?lang={'ar' if direction == 'rtl' else 'en'}")
    assert page.evaluate("getComputedStyle(document.body).direction") == direction
    page.evaluate(AXE)


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is open, in any of its looks."""
    found = too_wide(page)
    page.evaluate(AXE)
    for theme, direction, width in LOOKS:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        turn(page, direction)
        page.evaluate(STILL)
        found += [f"{theme} {direction} {width}: {fault}" for fault in page.evaluate(RUN, [RULES])]
    return found


def unnumbered(page: Page) -> list[str]:
    """What a frozen version lacks on paper."""
    if not page.url.endswith("/print/"):
        return []
    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    said = [sheet.extract_text() for sheet in sheets]
    numbers = [f"Page {n} of {len(said)}" for n in range(1, len(said) + 1)]
    return [n for n, text in zip(numbers, said, strict=True) if n not in text]


def test_axe_finds_something_where_something_is_wrong(chromium, live_server, vera):
    with browsing(chromium, live_server, vera) as page:
        page.goto(f"{live_server.url}/help/")
        page.evaluate("document.querySelector('main').append(new Image(2000, 10))")
        found = faults(page)
    assert any("image-alt" in fault for fault in found)
    assert any("too wide at 320" in fault for fault in found)


@pytest.fixture
def public_addresses(quinn, paula, otto, client):
    """What recipients and the public open, by name."""
    case = active(quinn, paula, granola()["BAR@PLANT1"], depth="consumer")
    publish_notice(recall=case, by=paula, at=NOON)
    ask_contacts(contacts=Contact.objects.order_by("pk"), by=otto, at=NOON)
    confirming = confirm_link(Notice.objects.filter(kind="contact").latest("pk"))
    own = link(case, "one@store.example")
    answered = typed(line_of(case, "STORE1"), quarantined="30")
    assert client.post(f"{own}count/", answered).status_code == 302
    pages = {page: f"{own}{page}" for page in ("", "count/", "done/", "sent-on/")}
    return pages | {
        "contact": confirming.removeprefix(settings.SITE_URL),
        "check": "/verify/",
        "notices": "/notices/",
        "one notice": f"/notices/{case.reference.lower()}/",
    }


@pytest.mark.parametrize("table", ["site_addresses", "recall_addresses", "public_addresses"])
def test_every_page_can_be_read_by_everybody(chromium, live_server, client, paula, table, request):
    addresses = request.getfixturevalue(table)
    client.force_login(paula, backend="django.contrib.auth.backends.ModelBackend")
    urls = [url for url in dict.fromkeys(addresses.values()) if not url.endswith(LEFT_OUT)]
    if table == "site_addresses":
        urls += [f"/admin/batches/{page}" for page in DATA_ENTRY]
    pages = [url for url in urls if is_page(client.get(url))]
    found: dict[str, list[str]] = {}
    asked = []
    with browsing(chromium, live_server, paula) as page:
        page.on("request", lambda request: asked.append(request.url))
        for url in pages:
            page.goto(live_server.url + url)
            for fault in [*faults(page), *unnumbered(page)]:
                found.setdefault(fault, []).append(url)
    own = (live_server.url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert len(pages) > 7
    assert not found, "\n".join(f"{fault}\n    at {urls}" for fault, urls in found.items())
