"""The main walks without a pointer: find a batch, trace it, recall it, answer as a store, close.

Whatever has the focus can be seen to have it, and lies under nothing that sticks to an edge.
"""

import re

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from batches.tests.factory import NOON
from recalls.links import token_for
from recalls.models import Recall
from recalls.operations import responses
from recalls.scope import lines_of
from recalls.tests.factory import found, granola
from traceability.tests.browser.test_scans import browsing

pytestmark = [
    pytest.mark.alike,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

MOST_TABS = 160
# What is wrong with the focus as it is seen; nothing when all is well. WCAG 2.4.7 and 2.4.11.
SEEN = """() => {
    const one = document.activeElement;
    const drawn = (e) => {
        const style = getComputedStyle(e);
        const line = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return line || style.boxShadow !== "none";
    };
    // The cards of the graph have a thicker edge instead.
    const edge = one.matches("[data-card]") && getComputedStyle(one.querySelector(".bx"));
    if (edge) return parseFloat(edge.strokeWidth) > 2 ? "" : "its edge is as thin as others";
    const around = [one, ...(one.labels ?? []), one.closest("label, .search")].filter(Boolean);
    if (!around.some(drawn)) return "it is not seen to have the focus";
    const box = one.getBoundingClientRect();
    const [x, y] = [Math.min(box.width / 2, 20), Math.min(box.height / 2, 12)];
    const at = document.elementFromPoint(box.x + x, box.y + y);
    const free = around.some((e) => e === at || e.contains(at) || at?.contains(e));
    return free ? "" : `it lies under ${at?.outerHTML.slice(0, 120)}`;
}"""


def become(page: Page, live_server, user) -> None:
    """Another person sits down."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page.context.clear_cookies()
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([cookie | {"url": live_server.url}])


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until `wanted` has the focus; fails at what is reached but not seen."""
    expect(wanted).to_be_visible()
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            assert page.evaluate(SEEN) == "", f"{wanted} on {page.url}"
            return
        passed.append(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
    raise AssertionError(f"{wanted} on {page.url} is not reached; passed {passed[-8:]}")


def press(page: Page, wanted: Locator) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def write(page: Page, wanted: Locator, text: str) -> None:
    tab_to(page, wanted)
    page.keyboard.type(text)


def button(page: Page, name) -> Locator:
    return page.get_by_role("button", name=name)


def link(page: Page, name) -> Locator:
    return page.get_by_role("link", name=name)


def find_and_trace(page: Page, start: str) -> None:
    page.goto(start)
    page.keyboard.press("Tab")
    expect(link(page, "Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("BAR")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^BAR"))).to_be_visible()
    press(page, link(page, "Trace forward").first)
    card = page.locator("[data-card][tabindex='0']")
    tab_to(page, card)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Why is"))).to_be_visible()
    press(page, link(page, "Recall this scope"))


def open_recall(page: Page) -> Recall:
    expect(page.get_by_role("heading", name="Open a recall")).to_be_visible()
    tab_to(page, page.get_by_role("radio", name=re.compile("^Live recall")))
    page.keyboard.press("Space")
    write(page, page.get_by_label("What is wrong with which product"), "Peanut in bars")
    write(page, page.get_by_label("What it can do to people"), "A severe allergic reaction.")
    tab_to(page, page.get_by_label("Classification"))
    page.keyboard.type("Class I", delay=60)  # Slower than a scanner.
    tab_to(page, button(page, "Open and choose the scope"))
    page.keyboard.press("Control+Enter")
    write(page, page.get_by_label("Batch numbers"), "BAR")
    expect(page.locator("#look")).to_contain_text("The rule that you are typing reaches no more")
    lose_the_look(page)
    press(page, button(page, re.compile("^Add rule.*These batches")))
    expect(page.locator("main")).to_contain_text("Rule added.")
    press(page, link(page, "Next: Message"))
    press(page, link(page, "Next: Check"))
    press(page, button(page, re.compile("^Submit")))
    expect(page.locator("main")).to_contain_text("second person")
    return Recall.objects.get()


def lose_the_look(page: Page) -> None:
    """Who was logged out meanwhile sees old figures as old, and goes on only with new ones."""
    page.route("**/try/", lambda route: route.fulfill(status=302, headers={"location": "/login/"}))
    page.keyboard.type(" ")
    lost = page.locator("[data-lost]")
    expect(lost).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(lost).to_be_focused()
    page.unroute("**/try/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(lost).to_be_hidden()


def sign(page: Page, name, text: str) -> None:
    write(page, page.get_by_label("I sign that"), text)
    write(page, page.get_by_label("Your password, again"), "paula")
    press(page, button(page, name))


def answer(page: Page, address: str) -> None:
    page.context.clear_cookies()
    page.goto(address)
    press(page, button(page, "I have read this"))
    press(page, link(page, "Count and answer now"))
    fields = page.locator("fieldset input")
    expect(fields).to_have_count(4)
    for n, cases in enumerate(("30", "0", "0", "10")):
        tab_to(page, fields.nth(n))
        page.keyboard.press("Control+a")
        page.keyboard.type(cases)
    write(page, page.get_by_label("Your name"), "Uno")
    press(page, button(page, "Check and send"))
    send = button(page, "Send my answer")
    # The line may only go when the page and its script are there.
    expect(send).to_be_visible()
    page.wait_for_load_state()
    page.context.set_offline(True)
    press(page, send)
    expect(page.get_by_text("No connection. Your count is kept on this phone.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("No connection.")).to_be_hidden()
    expect(send).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Answer received")).to_be_visible()


def answer_for_the_others(recall: Recall) -> None:
    """The other mailbox of two places, which shows nothing new."""
    other = recall.recipients.get(address_key="two@store.example")
    said = {line.pk: found(returned=line.due) for line in lines_of(other)}
    responses.answer(recipient=other, answers=said, name="", phone="", remark="", at=NOON)


def test_the_main_walks_need_no_pointer(chromium, live_server, quinn, paula):
    granola()
    with browsing(chromium, live_server, quinn) as page:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.set_default_timeout(20_000)
        find_and_trace(page, live_server.url)
        recall = open_recall(page)
        room = f"{live_server.url}{recall.get_absolute_url()}"

        become(page, live_server, paula)
        page.goto(room)
        sign(page, re.compile("Approve"), "I have checked the scope.")
        expect(page.locator("main")).to_contain_text("3 places are being told")

        token = token_for(recall.recipients.get(address_key="one@store.example"))
        answer(page, f"{live_server.url}/r/{token}/")
        other = token_for(recall.recipients.get(address_key="two@store.example"))
        page.goto(f"{live_server.url}/r/{other}/count/")
        expect(page.get_by_label("Your name")).to_have_value("Uno")
        answer_for_the_others(recall)

        become(page, live_server, quinn)
        page.goto(f"{room}checks/")
        press(page, page.locator("summary", has_text="No checks (level E)"))
        write(
            page,
            page.locator("form", has=button(page, "Nobody is checked")).locator("[name=reason]"),
            "Three places.",
        )
        press(page, button(page, "Nobody is checked"))
        expect(page.locator("main")).to_contain_text("Nobody is checked")
        page.goto(room)
        press(page, button(page, re.compile("^Complete RC-")))
        expect(page.locator("main")).to_contain_text("A second person can now close it.")

        become(page, live_server, paula)
        page.goto(room)
        write(page, page.get_by_label("How the balance is explained"), "It is on its way back.")
        sign(page, re.compile("^Sign and close"), "It did what it had to.")
        expect(page.locator("main")).to_contain_text("Closed")
