"""On a phone each row of a table is a card: its cells say what they are, and nothing is cut."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import sync_playwright

from batches.operations.holds import place_hold
from batches.tests import factory
from recalls.tests.factory import active, draft, granola

REASON = "Moisture 6.8 %, limit 6.0 %, measured twice by two people on the second line"


@pytest.fixture
def pages(quinn, paula):
    nodes = granola()
    place_hold(batch=factory.batch("HELD"), reason=REASON, by=quinn, at=timezone.now())
    case = active(quinn, paula, nodes["BAR@PLANT1"], deadline=timezone.now() + timedelta(hours=5))
    draft_of_it = draft(quinn, nodes["BAR@PLANT1"])
    place, goods = nodes["BAR@STORE1"].location, nodes["BAR@PLANT1"].batch_id
    return [
        *("/", "/holds/", "/batches/", "/locations/", "/search/?q=undeclared", "/imports/"),
        *("/batches/P-BAR/BAR/", f"/locations/{place.code}/", "/products/P-BAR/"),
        *(f"/recalls/{case.reference}/", f"/recalls/{case.reference}/recipients/{place.code}/"),
        *(f"/recalls/{draft_of_it.reference}/scope/", f"/trace/?seed={goods}&dir=fwd"),
    ]


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.slow
@pytest.mark.alike
def test_every_cell_of_a_card_but_its_title_and_its_button_is_named(pages, client, quinn):
    log_in(client, quinn)
    for url in pages:
        page = client.get(url).content.decode()
        cards = r'<table[^>]*class="[^"]*\bas-cards\b[^"]*".*?</table>'
        tables = re.findall(cards, page, re.DOTALL)
        assert tables or url.startswith(("/search/", "/imports/")), url
        for row in re.findall(r"<tr[^>]*>\s*<td.*?</tr>", "".join(tables), re.DOTALL):
            cells = re.findall(r"<td([^>]*)>", row)
            title = 1 if "pick" in cells[0] else 0
            nameless = [cell for cell in cells[title + 1 : -1] if "data-label=" not in cell]
            assert [cell for cell in nameless if "colspan" not in cell] == [], url


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.slow
@pytest.mark.alike
def test_no_table_is_wider_than_a_phone(
    pages, client, quinn, live_server, chromium, width, monkeypatch
):
    log_in(client, quinn)
    # The ORM sees Playwright's loop in this thread and would refuse the fixtures' clean-up.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": width, "height": 844})
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        context.add_cookies([cookie | {"url": live_server.url}])
        page = context.new_page()
        for url in pages:
            page.goto(live_server.url + url)
            wide = page.evaluate(
                "[document.body, ...document.querySelectorAll('.table-wrap:has(.as-cards), .hit')]"
                ".filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.className)"
            )
            assert wide == [], url
        browser.close()
