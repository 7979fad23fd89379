"""A recipient's whole way on a phone of 390 pixels in Chromium, with JavaScript switched off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect, sync_playwright

from recalls.links import token_for
from recalls.models import HandedIn, PassedOn, Response
from recalls.tests.factory import active, granola
from recalls.tests.test_handed_in import SVG, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.alike,
]

SMALL = """() => [...document.querySelectorAll(`a.btn, button, input:not([type=hidden]), select,
  textarea, summary, .foot a`)].filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
  .map(e => e.outerHTML)"""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def case(quinn, paula):
    deadline = datetime.now(UTC) + timedelta(hours=5)
    return active(quinn, paula, granola()["BAR@PLANT1"], depth="consumer", deadline=deadline)


@pytest.fixture
def phone(live_server, chromium, monkeypatch):
    """A page without scripts that notes every request; only the site itself may be asked."""
    # The ORM sees Playwright's loop in this thread and would refuse the fixtures' clean-up.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = {"width": 390, "height": 844}
        page = browser.new_context(viewport=view, java_script_enabled=False).new_page()
        page.set_default_timeout(20_000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        yield page
        assert [url for url in asked if not url.startswith(live_server.url)] == []
        browser.close()


def fits(page) -> None:
    """Nothing is too small to be hit with a thumb, and nothing is wider than the phone."""
    # A click returns as soon as the next page begins, which may have no content yet.
    page.wait_for_load_state()
    assert page.evaluate(SMALL) == [], page.url
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert not page.evaluate(WIDE), (page.url, width)


@pytest.mark.slow
def test_a_store_reads_counts_checks_corrects_and_passes_on(case, live_server, phone):
    token = token_for(case.recipients.get(address_key="one@store.example"))
    start = f"{live_server.url}/r/{token}/"
    phone.goto(start)
    fits(phone)
    phone.get_by_role("button", name="I have read this, I will count later").click()
    expect(phone.get_by_role("status")).to_contain_text("we know that you have read this")

    phone.get_by_role("link", name="Count and answer now").click()
    fits(phone)
    found = phone.locator("fieldset input")
    for field, cases in zip(found.all(), ("61", "0", "0", "7"), strict=True):
        field.fill(cases)
    phone.get_by_label("Your name").fill("Tomas Lind")
    evil = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": SVG}
    phone.get_by_label("Photo or certificate").set_input_files(evil)
    phone.get_by_role("button", name="Check and send").click()
    expect(phone.get_by_role("alert")).to_contain_text("This is no file that can be read.")
    expect(found.first).to_have_value("61")

    good = {"name": "x.png", "mimeType": "image/png", "buffer": picture("PNG")}
    phone.get_by_label("Photo or certificate").set_input_files(good)
    phone.get_by_role("button", name="Check and send").click()
    expect(phone.get_by_role("alert")).to_contain_text(
        "You received 40, you entered 68 cases. Is that right?"
    )
    fits(phone)
    assert HandedIn.objects.count() == 1 and not Response.objects.exists()
    phone.get_by_role("button", name="Change something").click()
    found.first.fill("21")
    phone.get_by_role("button", name="Check and send").click()
    expect(phone.locator("main")).to_contain_text("It is not sent yet.")
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Answer received")).to_be_visible()
    expect(phone.locator("main")).to_contain_text(f"{case.reference}-STORE1")
    expect(phone.locator("main")).to_contain_text(re.compile(r"Not found yet\s*12"))
    expect(phone.get_by_role("link", name="Customer notice, PDF")).to_be_visible()
    fits(phone)

    phone.goto(start)
    expect(phone.locator("main")).to_contain_text("You answered on")
    phone.get_by_role("link", name="I sent it on").click()
    fits(phone)
    phone.get_by_label("Name of the customer").fill("Corner Café")
    phone.get_by_label("E-mail of the customer").fill("cafe@corner.example")
    phone.get_by_label("BAR").fill("12")
    phone.get_by_role("button", name="Tell this customer").click()
    expect(phone.locator("main")).to_contain_text("Customers you named")
    phone.get_by_text("English").first.click()
    phone.get_by_role("link", name="Deutsch").click()
    expect(phone.locator("html")).to_have_attribute("lang", "de")

    customer = token_for(PassedOn.objects.get().to)
    phone.goto(f"{live_server.url}/r/{customer}/?lang=en")
    expect(phone.locator("main")).to_contain_text("For Corner Café")
    expect(phone.locator("main")).to_contain_text("12 cases")
    fits(phone)
