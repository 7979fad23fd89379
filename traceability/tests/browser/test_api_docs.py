"""The docs of the API in a real browser, under the site's own Content-Security-Policy."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from batches.tests import factory
from traceability.tests.browser.test_scans import browsing
from traceability.tests.test_api import token_of

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def test_the_docs_try_an_endpoint_and_ask_no_other_host(chromium, live_server, quinn):
    """A style or script that the policy refuses would be an error on the console."""
    factory.batch("26313A")
    token, hosts = token_of(quinn), set()
    with browsing(chromium, live_server, quinn) as page:
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.goto(f"{live_server.url}/api/v1/docs")
        page.locator(".btn.authorize").click()
        page.locator(".auth-container input").fill(token)
        page.locator(".auth-btn-wrapper .authorize").click()
        page.locator(".auth-btn-wrapper .btn-done").click()
        page.locator("#operations-Batches-resolve_code .opblock-summary-control").click()
        page.locator(".try-out__btn").click()
        page.locator(".parameters input").first.fill("26313A")
        page.locator(".execute").click()
        expect(page.locator(".live-responses-table .response-col_status").nth(1)).to_have_text(
            "200"
        )
    assert hosts - {""} == {urlsplit(live_server.url).netloc}
