"""Scanners in Chromium: wedges wherever the focus is, the pile, and the camera."""

import io
import os
from contextlib import contextmanager
from datetime import date

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from batches.codes import marking
from batches.codes.symbols import Kind, of_elements
from batches.models import Complaint, Hold, Run, RunOutput, Shipment, ShipmentLine
from batches.reports.labels import pictures
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

GTIN = "09520123456788"
SSCC = "123456789012345675"
# Every letter that is a key of some page, so that a shortcut that fires is noticed.
NUMBER = "bfhlBN-1/x"


@pytest.fixture
def goods(quinn):
    """The scanned batch and another, with one row in each list."""
    product = factory.product("GRANOLA", gtin=GTIN)
    wanted = factory.batch(NUMBER, quantity=10, expires_on=date(2027, 1, 5))
    other = factory.batch("OTHER", quantity=10)
    store = factory.location("STORE1", kind="store")
    sent = Shipment.objects.create(
        reference="SH-1", origin=other.origin, destination=store, shipped_at=NOON
    )
    ShipmentLine.objects.create(shipment=sent, batch=other, quantity=1, sscc=SSCC)
    run = Run.objects.create(reference="PO-1", location=other.origin, ran_at=NOON)
    RunOutput.objects.create(run=run, batch=other, quantity=1)
    Hold.objects.create(batch=other, reason="Smells.", placed_by=quinn, placed_at=NOON)
    Complaint.objects.create(product=product, batch=other, at=NOON, text="Stale.")
    return wanted, other


@contextmanager
def browsing(chromium, live_server, user, *options, expected="status of 4"):
    """A page of `user` that was logged in before, and what went wrong on it: all but what is
    `expected`, and that is a refusal unless said otherwise."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    # The ORM sees Playwright's loop in this thread and would refuse the fixtures' clean-up.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", *options]
        )
        context = browser.new_context()
        context.add_cookies([cookie | {"url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: (
                faults.append(f"{page.url}: {said.text}")
                if said.type == "error" and expected not in said.text
                else None
            ),
        )
        yield page
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    assert faults == []


def wedge(page: Page, code: str, gap: float = 0.005) -> None:
    """Types as a scanner does: a key every 5 ms by the clock that the page is told, then Enter."""
    session = page.context.new_cdp_session(page)
    at = page.evaluate("(performance.timeOrigin + performance.now()) / 1000")
    for key in [*code, "Enter"]:
        text = {"text": "\r"} if key == "Enter" else {"text": key}
        control = {"modifiers": 2, "text": ""} if key == "\x1d" else {}
        name = "]" if key == "\x1d" else key
        at += gap
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": name, "timestamp": at} | text | control
            session.send("Input.dispatchKeyEvent", event)


SCAN = f"]d201{GTIN}1527010510{NUMBER}"


def test_a_scan_into_the_field_of_the_trace_page_traces_its_batch(
    chromium, live_server, quinn, goods
):
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/trace/")
        wedge(page, SCAN)
        page.wait_for_url(f"**/trace/?seed={goods[0].pk}&**")


@pytest.mark.parametrize(
    "focus", ["a.brand", "summary.btn", "main input[type=checkbox]", "main select"]
)
def test_a_wedge_scan_is_one_wherever_the_focus_is(focus, chromium, live_server, quinn, goods):
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/batches/")
        page.locator(focus).first.focus()
        wedge(page, SCAN)
        page.wait_for_url(f"{live_server.url}{goods[0].get_absolute_url()}")


def test_the_separator_of_a_scanner_arrives(chromium, live_server, quinn, goods):
    """With Ctrl+] in the middle: without it the count would swallow the number."""
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/batches/")
        wedge(page, f"00{SSCC}02{GTIN}3748\x1d10{NUMBER}")
        page.wait_for_url("**/search/**")
        expect(page.locator("main")).to_contain_text(NUMBER)


def test_a_slow_hand_makes_no_scan_and_its_key_is_a_shortcut(chromium, live_server, quinn, goods):
    """The control: the same keys, 200 ms apart, are shortcuts."""
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}{goods[1].get_absolute_url()}")
        page.keyboard.press("l")
        page.wait_for_url("**/label/**")
        page.goto(f"{live_server.url}/batches/")
        wedge(page, NUMBER, gap=0.2)
        page.wait_for_timeout(300)
        assert page.url == f"{live_server.url}/batches/"


def test_a_scan_fills_a_field_of_text_and_does_not_send_its_form(
    chromium, live_server, quinn, goods
):
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/recalls/new/")
        field = page.locator("main input[type=text]").first
        field.focus()
        wedge(page, "ABCDEFGH")
        page.wait_for_timeout(300)
        assert page.url == f"{live_server.url}/recalls/new/"
        assert field.input_value() == "ABCDEFGH"


def test_scans_make_a_pile_that_is_held_together(chromium, live_server, quinn, goods):
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/scan/")
        page.locator("h1").click()
        rows = page.locator("[data-row]")
        for count, code in enumerate((SCAN, "no-such-number", f"(00){SSCC}"), 1):
            wedge(page, code)
            expect(rows).to_have_count(count)
        wedge(page, SCAN)
        expect(page.locator("[data-said]")).to_have_text("It is in the pile already.")
        page.locator("#codes").focus()
        wedge(page, "PO-1")
        expect(rows).to_have_count(4)
        expect(rows.nth(0)).to_contain_text("OTHER")
        page.locator("#reason").fill("Glass found.")
        # The run's and the pallet's batch is one batch, which is on hold already.
        page.get_by_role("button", name="Hold them all").click()
        expect(page.get_by_role("alert")).to_contain_text("OTHER is on hold everywhere already")
        for box in page.locator(f"input[name=batch][value='{goods[1].pk}']").all():
            box.uncheck()
        page.get_by_role("button", name="Hold them all").click()
        expect(page.get_by_text("1 batch is on hold.")).to_be_visible()
    assert Hold.objects.filter(batch=goods[0], reason="Glass found.").count() == 1


def film(folder) -> str:
    """What a camera before a label sees, as Motion JPEG."""
    elements = marking.of_batch(gtin=GTIN, number=NUMBER, expires_on=None)
    symbol = pictures.symbol_png(of_elements(Kind.DATAMATRIX, elements))
    frame = Image.new("RGB", (640, 480), "#998877")
    frame.paste(
        Image.open(io.BytesIO(symbol)).resize((300, 300), Image.Resampling.NEAREST), (170, 90)
    )
    shot = io.BytesIO()
    frame.save(shot, "JPEG", quality=95)
    path = folder / "film.mjpeg"
    path.write_bytes(shot.getvalue() * 20)
    return str(path)


def test_the_camera_reads_a_label_under_the_strict_policy(
    chromium, live_server, quinn, goods, tmp_path
):
    options = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path)}",
    ]
    with browsing(chromium, live_server, quinn, *options) as page:
        page.goto(f"{live_server.url}/scan/")
        page.get_by_role("button", name="Camera").click()
        expect(page.locator("[data-row]")).to_have_count(1, timeout=20_000)
        expect(page.locator("[data-row]")).to_contain_text(NUMBER)
        expect(page.locator("input[name=batch]")).to_be_checked()
        page.get_by_role("button", name="Stop the camera").click()
        expect(page.locator("video")).to_be_hidden()


def test_the_scan_page_works_without_javascript(chromium, live_server, quinn, goods):
    with browsing(chromium, live_server, quinn) as page:
        plain = page.context.browser.new_context(java_script_enabled=False)
        plain.add_cookies(page.context.cookies())
        page = plain.new_page()
        page.goto(f"{live_server.url}/scan/")
        page.locator("#codes").fill(f"{NUMBER}\nOTHER")
        page.get_by_role("button", name="Add to the pile").click()
        expect(page.locator("input[name=batch]:checked")).to_have_count(2)
        page.get_by_role("button", name="Trace forward").click()
        expect(page).to_have_url(
            f"{live_server.url}/trace/?seed={goods[1].pk}&seed={goods[0].pk}&dir=fwd"
            if goods[1].pk < goods[0].pk
            else f"{live_server.url}/trace/?seed={goods[0].pk}&seed={goods[1].pk}&dir=fwd"
        )
