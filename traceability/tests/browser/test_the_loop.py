"""The whole loop in Chromium, as three people and a store manager, on a site of its own.

Files are imported, a batch traced, a recall opened, approved, mailed by the worker over
SMTP, answered on a phone without JavaScript, completed and closed.
"""

import re
import socket
import time
import urllib.request
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from recalls.tests.sink import MailServer, Sink

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Chromium shows a letter in its frame with pages of its own, `chrome:` and `chrome-extension:`;
# these schemes ask a host.
ASKING = ("http:", "https:", "ws:", "wss:")

FILES = {
    "products.csv": "code,name,unit\nALM,Almonds,kg\nGRN,Granola 400 g,case\n",
    "locations.csv": (
        "code,name,kind\nSIERRA,Sierra Nut Co-op,supplier\nPLANT1,Plant 1,plant\n"
        "S1,Store Lindenstraße,store\nS2,Store Quay,store\n"
    ),
    "contacts.csv": "location,email,name\nS1,s1@stores.example,T. Lind\nS2,s2@stores.example,\n",
    "batches.csv": "product,batch,origin,quantity\nALM,ALM-1,SIERRA,100\nGRN,L1,PLANT1,\n",
    "runs.csv": (
        "reference,location,direction,product,batch,quantity,ran_at\n"
        "PO-1,PLANT1,input,ALM,ALM-1,100,2026-11-03\n"
        "PO-1,PLANT1,output,GRN,L1,60,2026-11-03\n"
    ),
    "shipments.csv": (
        "reference,origin,destination,product,batch,quantity,shipped_at,received_at\n"
        "RCV-1,SIERRA,PLANT1,ALM,ALM-1,100,2026-11-01,2026-11-02\n"
        "SH-1,PLANT1,S1,GRN,L1,20,2026-11-05,2026-11-06\n"
        "SH-2,PLANT1,S2,GRN,L1,30,2026-11-05,2026-11-06\n"
    ),
}
ORDER = ("products", "locations", "contacts", "batches", "runs", "shipments")
CAST = """
from django.utils import timezone
from batches.operations.people import make_member
for name, role in (("otto", "Operator"), ("quinn", "Quality"), ("paula", "Approver")):
    make_member(username=name, password=name + "-secret", role=role, by=None,
                email=name + "@maker.example", at=timezone.now())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(site, sink: Sink):
    """`manage.py serve`, web and worker, as a person starts it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    site.environment |= {
        "SITE_URL": address,
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}/",
        "CLOCK_SECONDS": "1",
    }
    server = site.start("manage.py", "serve", "--bind", f"127.0.0.1:{port}")
    try:
        wait_for(lambda: answers(address), "the server")
        yield address
    finally:
        server.terminate()
        server.communicate(timeout=30)


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/health/live", timeout=2).status == 200
    except OSError:
        return False


def wait_for(happened, what: str, seconds: float = 40):
    end = time.monotonic() + seconds
    while not (result := happened()):
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.2)
    return result


@pytest.fixture
def browser(chromium):
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield made
        made.close()


def log_in(browser: Browser, address: str, name: str, faults: list[str]) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None,
    )
    page.on(
        "request",
        lambda asked: (
            faults.append(asked.url)
            if asked.url.startswith(ASKING) and not asked.url.startswith(address)
            else None
        ),
    )
    page.goto(f"{address}/login/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(f"{name}-secret")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{address}/")
    return page


def import_files(page: Page, address: str) -> None:
    for kind in ORDER:
        page.goto(f"{address}/imports/")
        content = FILES[f"{kind}.csv"].encode()
        page.locator("input[type=file]").set_input_files(
            {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": content}
        )
        page.get_by_role("checkbox", name="Dry run: report").uncheck()
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text(f"{kind}.csv").first).to_be_visible()
        wait_for(lambda: _reported(page), f"the report on {kind}.csv")


def _reported(page: Page) -> bool:
    page.reload()
    return "added" in page.locator("main").inner_text().lower()


def test_three_people_and_a_store_manager_walk_the_whole_loop(site, browser):
    site.do(CAST)
    faults: list[str] = []
    with MailServer() as sink, serving(site, sink) as address:
        otto = log_in(browser, address, "otto", faults)
        import_files(otto, address)

        quinn = log_in(browser, address, "quinn", faults)
        reference = trace_and_open(quinn, address)
        approve(log_in(browser, address, "paula", faults), address, reference)

        for store in ("s1@stores.example", "s2@stores.example"):
            wait_for(lambda store=store: sink.copies(store), f"the notice to {store}")
            answer_on_a_phone(browser, link_in(sink, store))

        check_nobody(quinn, address, reference)
        quinn.goto(f"{address}/recalls/{reference}/")
        expect(quinn.locator("main")).to_contain_text("2 acknowledged")
        quinn.get_by_role("button", name=re.compile("Complete RC-")).click()
        expect(quinn.locator("main")).to_contain_text("A second person can now close it.")
        paula = log_in(browser, address, "paula", faults)
        close(paula, address, reference)
    assert faults == []


def trace_and_open(page: Page, address: str) -> str:
    """From the search field to a submitted recall; returns its reference."""
    page.locator("input[name=q]").first.fill("ALM-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ALM-1")).to_be_visible()
    page.get_by_role("link", name=re.compile("Trace forward|Forward")).first.click()
    expect(page.locator("main")).to_contain_text("Store Lindenstraße")
    page.get_by_role("link", name="Recall this scope").click()
    page.get_by_text("Live recall").click()
    page.get_by_label("What is wrong with which product").fill("Peanut in granola")
    page.get_by_label("What it can do to people").fill("Can cause a severe allergic reaction.")
    page.get_by_label("Classification").select_option("I")
    page.get_by_role("button", name="Open and choose the scope").click()
    expect(page.locator("main")).to_contain_text("L1")
    page.get_by_role("link", name="Next: Message").click()
    expect(page.locator("main")).to_contain_text("Store Lindenstraße")
    write_the_text(page)
    page.get_by_role("link", name="Next: Check").click()
    page.get_by_role("button", name=re.compile("^Submit")).click()
    expect(page.locator("main")).to_contain_text("second person")
    return re.search(r"RC-\d{4}-\d{4}", page.url).group()


def write_the_text(page: Page) -> None:
    """What is typed is seen at once, as mail and as letter, and can still be saved."""
    page.get_by_role("link", name="Letter", exact=True).click()
    expect(page.locator("iframe.is-letter")).to_be_visible()
    page.get_by_role("link", name="Mail", exact=True).click()
    page.get_by_label("First line").fill("Clear the shelf now.")
    frame = page.frame_locator("iframe.is-mail")
    expect(frame.locator("body")).to_contain_text("Clear the shelf now.")
    page.get_by_role("button", name="Save this text").click()
    expect(page.locator("main")).to_contain_text("Saved. Notices written from now on say this.")


def approve(page: Page, address: str, reference: str) -> None:
    page.goto(f"{address}/recalls/{reference}/")
    page.get_by_label("I sign that").fill("I have checked the scope.")
    page.get_by_label("Your password, again").fill("paula-secret")
    page.get_by_role("button", name=re.compile("Approve")).click()
    expect(page.locator("main")).to_contain_text("2 places are being told")
    page.goto(f"{address}/batches/GRN/L1/")
    expect(page.locator("main")).to_contain_text("Recalled")


def link_in(sink: Sink, address: str) -> str:
    text = sink.texts[address]
    return re.search(r"http://\S+/r/\S+", text).group()


def answer_on_a_phone(browser: Browser, link: str) -> None:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    ).new_page()
    phone.set_default_timeout(20_000)
    phone.goto(link)
    phone.get_by_role("button", name="I have read this").click()
    phone.get_by_role("link", name="Count and answer now").click()
    found = phone.locator("fieldset input")
    expect(found).to_have_count(4)
    for field, cases in zip(found.all(), ("10", "0", "0", "2"), strict=True):
        field.fill(cases)
    phone.get_by_label("Your name").fill("T. Lind")
    phone.get_by_role("button", name="Check and send").click()
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Answer received")).to_be_visible()


def check_nobody(page: Page, address: str, reference: str) -> None:
    page.goto(f"{address}/recalls/{reference}/checks/")
    page.get_by_text("No checks (level E)").click()
    form = page.locator("form", has=page.get_by_role("button", name="Nobody is checked"))
    form.locator("[name=reason]").fill("Two stores, and both were called.")
    form.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("Nobody is checked")


def close(page: Page, address: str, reference: str) -> None:
    page.goto(f"{address}/recalls/{reference}/")
    page.get_by_label("How the balance is explained").fill("Ten cases were sold before the notice.")
    page.get_by_label("I sign that").fill("The recall did what it had to.")
    page.get_by_label("Your password, again").fill("paula-secret")
    page.get_by_role("button", name=re.compile("^Sign and close")).click()
    expect(page.locator("main")).to_contain_text("Closed")
