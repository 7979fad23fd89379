"""A large file in Chromium: how much of it has gone, and that what goes wrong loses nothing."""

import re

import pytest
from playwright.sync_api import expect

from batches.models import ImportRun
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
MB = 1024 * 1024


@pytest.fixture
def large(tmp_path, settings):
    """A file just over what the plain form is for."""
    settings.DATA_DIR = tmp_path
    path = tmp_path / "products.csv"
    path.write_bytes(b"code,name\n" + b"A,Apple\n" * (21 * MB // 8))
    return path


def make_line(session, *, is_cut=False, bytes_a_second=-1) -> None:
    limits = {"offline": is_cut, "uploadThroughput": bytes_a_second}
    rest = {"latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", limits | rest)


def test_a_large_file_says_how_much_has_gone_and_a_lost_line_keeps_the_form(
    chromium, live_server, otto, large, settings
):
    expected = "Failed to load resource"
    with browsing(chromium, live_server, otto, expected=expected) as page:
        line = page.context.new_cdp_session(page)
        page.goto(f"{live_server.url}/imports/")
        form = page.locator("form[data-progress-from]")
        file, send = form.locator("input[type=file]"), form.get_by_role("button", name="Upload")
        stop, over = form.get_by_role("button", name="Stop"), form.get_by_role("alert")
        file.set_input_files(large)
        form.get_by_label("What it holds").select_option("products")

        make_line(line, bytes_a_second=100_000)
        send.click()
        expect(form.locator("[data-upload-part]")).to_have_text(re.compile(r"^\d of 21 MB$"))
        expect(form.get_by_role("progressbar")).to_be_visible()
        stop.press("Enter")
        expect(over).to_have_text("Stopped. Nothing of the file was kept.")
        expect(send).to_be_focused()
        expect(form.get_by_role("progressbar")).to_be_hidden()

        make_line(line, is_cut=True)
        send.click()
        expect(over).to_contain_text("The upload was cut off. What you chose is still here")
        make_line(line)
        expect(form.get_by_label("What it holds")).to_have_value("products")
        assert not ImportRun.objects.exists()

        settings.IMPORT_MAX_BYTES = MB
        send.click()
        fault = page.locator("#faults")
        expect(fault).to_contain_text("The file is larger than")
        expect(fault).to_be_focused()
        expect(page).to_have_title(re.compile("^Error: Imports"))
        expect(form.get_by_label("What it holds")).to_have_value("products")

        settings.IMPORT_MAX_BYTES = 64 * MB
        file.set_input_files(large)
        send.click()
        page.wait_for_url("**/imports/*/")
        expect(page.get_by_text("products.csv").first).to_be_visible()
    assert ImportRun.objects.count() == 1
