"""The keyboard in Chromium: the palette, the list of keys, rows, and all of it switched off."""

import re

import pytest
from playwright.sync_api import expect

from batches.models import Complaint, Hold
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.operations.notices import drain
from recalls.operations.responses import answer
from recalls.scope import lines_of
from recalls.tests import factory as recall_factory
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def press(page, *keys: str) -> None:
    """Each key by itself: single keys wait 50 ms, in which a further one would be a scan's. The
    pause is before the key, because after it the next page may be coming."""
    for key in keys:
        page.wait_for_function(
            "at => performance.now() > at + 60", arg=page.evaluate("performance.now()")
        )
        page.keyboard.press(key)


def test_the_palette_the_rows_and_the_theme_need_no_pointer_and_keys_can_be_off(
    chromium, live_server, quinn
):
    for name in ("L1", "L2", "L3", "M1"):
        factory.batch(name)
    with browsing(chromium, live_server, quinn) as page:
        page.goto(f"{live_server.url}/help/")
        page.keyboard.press("Control+k")
        field = page.get_by_role("combobox", name="Find a record")
        expect(field).to_be_focused()
        expect(page.get_by_role("option", name="Start a recall")).to_be_visible()
        page.keyboard.type("M1")
        expect(page.get_by_role("option", selected=True)).to_contain_text("Batch number")
        expect(field).to_have_attribute("aria-activedescendant", "palette-1-1")
        expect(page.locator("#palette-said")).to_have_text("2 found")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option", selected=True)).to_contain_text("Search for")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/batches/GRANOLA/M1/**")

        page.keyboard.press("Control+k")
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()
        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="Keys of this page")
        expect(keys).to_contain_text("Trace back")
        page.keyboard.press("Escape")
        press(page, "g", "b")
        page.wait_for_url("**/batches/")

        press(page, "j", "x", "j", "j", "Shift+X")
        expect(page.locator("#bulk [data-count]")).to_have_text("3 ticked:")
        page.get_by_role("button", name="Hold").press("Enter")
        page.get_by_label("Reason").fill("Smells.")
        page.get_by_role("button", name="Hold them").press("Enter")
        page.wait_for_url("**/batches/")
        expect(page.get_by_text("On hold: 3 batches.")).to_be_visible()
        page.goto(f"{live_server.url}/holds/")
        press(page, "h")
        expect(page.locator("main tbody a", has_text="Decide").first).to_be_focused()
        press(page, "h")
        page.wait_for_url("**/holds/*/decide/")
        page.goto(f"{live_server.url}/batches/")

        press(page, "j", ".")
        menu = page.get_by_role("menu")
        expect(menu.get_by_role("menuitem").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        expect(page.locator("main tbody a").first).to_be_focused()
        press(page, ".", "ArrowUp")
        expect(menu.get_by_role("menuitem", name="Export")).to_be_focused()
        menu.get_by_role("menuitem", name="Trace", exact=True).press("Enter")
        page.wait_for_url("**/trace/?seed=**")
        page.go_back()

        page.locator("#add-filter summary").press("Enter")
        expect(page.get_by_label("Which filter")).to_be_focused()
        page.keyboard.type("best")
        page.keyboard.press("Enter")
        first = page.get_by_label("Best before, from")
        expect(first).to_be_focused()
        first.fill("2026-11-01")
        page.wait_for_url("**/batches/?expires_after=2026-11-01")
        expect(page.locator(".chip").first).to_have_text("Best before is 2026-11-01 or later")
        expect(first).to_be_focused()
        page.keyboard.press("Escape")
        expect(first).to_be_hidden()
        expect(page.locator("#add-filter summary")).to_be_focused()
        # In a page of its own: the browser writes each lost answer to its console.
        a_filter_that_gets_no_answer_says_so(page.context.new_page(), f"{live_server.url}/batches/")

        page.locator("summary", has_text="quinn").press("Enter")
        page.get_by_role("button", name="Dark").press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert Hold.objects.active().count() == 3

        page.goto(f"{live_server.url}/help/")
        page.get_by_label("Find in the help").fill("inspector ask")
        expect(page.get_by_role("heading", name="Answer an inspector")).to_be_visible()
        expect(page.get_by_role("heading", name="Trace a batch")).to_be_hidden()

        page.goto(f"{live_server.url}/me/")
        page.get_by_label("Single keys are shortcuts").uncheck()
        page.get_by_role("button", name="Save").press("Enter")
        expect(page.get_by_text("Your preferences are saved.")).to_be_visible()
        press(page, "?", "g", "h", "/", "j")
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.url == f"{live_server.url}/me/"
        page.keyboard.press("Control+k")
        expect(field).to_be_focused()


def a_filter_that_gets_no_answer_says_so(page, address):
    """The list is the one from before, grey, until it is asked for again; a slow answer is said to
    be worked on, and a login that ended takes nothing away. Without a line the page says since
    when."""
    lost, rows = page.locator("#lost"), page.locator("#list")
    page.goto(address)
    expect(rows.locator("tbody tr")).to_have_count(4)
    page.route("**/*status=held*", lambda route: route.abort())
    page.locator("#id_status").select_option("On hold")
    expect(lost).to_contain_text("The server does not answer. What you see is from before.")
    expect(rows).to_have_class(re.compile("is-lost"))
    expect(rows.locator("tbody tr")).to_have_count(4)
    page.unroute("**/*status=held*")
    slow = []
    page.route("**/*status=held*", lambda route: slow.append(route))
    page.evaluate(QUICK)
    with page.expect_request("**/*status=held*"):
        lost.get_by_role("button", name="Try again").press("Enter")
    expect(lost).to_contain_text("Still working. What you see is from before.")
    expect(lost.get_by_role("button")).to_have_count(0)
    slow.pop().continue_()
    page.wait_for_url("**/batches/?status=held*")
    page.unroute("**/*status=held*")
    expect(lost).to_be_hidden()
    expect(rows.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#said")).to_contain_text("Status: On hold")

    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.locator("#id_status").select_option("Recalled")
    expect(lost).to_contain_text("Your login has ended.")
    expect(lost.get_by_role("link", name="Log in")).to_have_attribute(
        "href", re.compile(r"/login/\?next=%2Fbatches%2F%3Fstatus%3Dheld")
    )
    expect(rows).to_be_visible()
    page.context.add_cookies(cookies)
    page.goto(page.url)
    page.context.set_offline(True)
    expect(page.locator("#stale")).to_contain_text("Not connected since")
    page.context.set_offline(False)
    expect(page.locator("#stale")).to_be_hidden()
    page.close()


# The seconds of a page go by twenty times as fast.
QUICK = """() => {
    const wait = window.setTimeout;
    window.setTimeout = (act, ms, ...more) => wait(act, ms / 20, ...more);
}"""
TICK = "document.body.dispatchEvent(new CustomEvent('tick'))"
# Where the blocks of a page stand, and how far it is scrolled.
STAND = """() => [scrollY, ...[...document.querySelectorAll(
    '#head, #phases, #live > *, #rcp, #rcp tr, #targets, #tasks, #timeline'
)].map(block => `${block.id || block.tagName} ${Math.round(block.getBoundingClientRect().top)}`)]"""


def test_the_war_room_stands_still_under_a_hand_and_says_when_it_is_old(
    chromium, live_server, quinn, paula
):
    case = recall_factory.active(quinn, paula, recall_factory.granola()["BAR@PLANT1"])
    drain(worker="w", now=NOON, limit=20)
    with browsing(chromium, live_server, quinn) as page:
        page.set_viewport_size({"width": 1440, "height": 700})
        page.goto(live_server.url + case.get_absolute_url())
        rows = page.locator("#rcp tbody tr")
        expect(rows).to_have_count(3)
        rows.nth(1).get_by_role("checkbox").check()
        page.locator("#rcp summary", has_text="Filter").click()
        field = page.get_by_label("Name, code or address")
        field.click()
        page.keyboard.type("Store")
        stood = page.evaluate(STAND)

        recipient = case.recipients.get(address="one@store.example")
        found = {line.pk: {"quarantined": 40} for line in lines_of(recipient)}
        answer(recipient=recipient, answers=found, name="Uno", phone="", remark="", at=NOON)
        page.evaluate(TICK)
        fresh = page.locator("[data-fresh]")
        expect(fresh).to_have_text("1 new answer")
        expect(page.locator("#live .dl5 dd").first).to_contain_text("40")
        expect(page).to_have_title(re.compile(r"^[\d.]+% RC-"))
        expect(page.locator("#favicon")).to_have_attribute(
            "href", re.compile("favicon-(live|stuck)")
        )
        assert page.evaluate(STAND) == stood
        expect(field).to_be_focused()
        expect(field).to_have_value("Store")
        expect(page.locator("#rcp")).not_to_contain_text("Responded 1")

        field.fill("")
        page.locator("#curve-table summary").click()
        plan = page.locator("#live a", has_text="Plan")
        plan.focus()
        page.evaluate("document.getElementById('live').dataset.before = 1")
        page.evaluate(TICK)
        expect(page.locator("#live:not([data-before])")).to_have_count(1)
        expect(plan).to_be_focused()
        expect(page.locator("#curve-table")).to_have_attribute("open", "")
        fresh.click()
        expect(page.locator("#rcp tbody")).to_contain_text("Responded")
        expect(page.locator("#rcp tbody input:checked")).to_have_count(1)
        cookies = page.context.cookies()
        page.context.clear_cookies()
        page.evaluate(TICK)
        expect(page.locator("#stale")).to_contain_text(
            re.compile(r"Not connected since \d\d:\d\d\.")
        )
        expect(rows).to_have_count(3)
        page.context.add_cookies(cookies)
        page.evaluate(TICK)
        expect(page.locator("#stale")).to_be_hidden()
        Complaint.objects.create(batch=factory.batch("L1"), at=NOON, text="Stale.")
        page.goto(f"{live_server.url}/")
        press(page, "j")
        expect(page.locator("#waiting tbody a.code").first).to_be_focused()
        for key, address in (("m", "**/?milestones=1"), ("u", "**/update/"), ("c", "**/calls/")):
            page.goto(live_server.url + case.get_absolute_url())
            # What is asked of a page that is left for another is answered by nobody.
            page.keyboard.press(key)
            page.wait_for_url(address)
        page.goto(live_server.url + case.get_absolute_url())
        rows.filter(has_text="No acknowledgement").first.get_by_role("checkbox").check()
        page.keyboard.press("r")
        expect(
            page.get_by_text(re.compile("reminder is on the way|Nobody had to be"))
        ).to_be_visible()
