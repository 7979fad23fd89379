"""Draws the pages of a demo into docs/images/screens and lists them at the end of docs/screens.md.

    make demo            # in one terminal, on a fresh folder
    .venv/bin/python docs/screens.py http://127.0.0.1:8000

Needs Chromium: CHROMIUM, or on the PATH. Renew it when a page changes its look.
"""

import io
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

DOCS = Path(__file__).parent
FOLDER = DOCS / "images" / "screens"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
COLOURS = 96
USER = "paula"
HEADING = "## The pages, light and dark"


@dataclass(frozen=True)
class Screen:
    """A page: where it is, and which links (selectors) lead on from there, one after another."""

    name: str
    title: str
    says: str
    path: str
    links: tuple[str, ...] = ()
    size: str = "desk"


TRACE = "/trace/?number=ALM-2291-C&dir=fwd"
LIVE = "tr:has-text('peanut') a"
CLOSED = "tr:has-text('Foil') a"
MAIL = ("main a[href^='/outbox/']", "main a[href*='/r/']")
SCREENS = [
    Screen("overview", "Overview", "What needs somebody now, and what is quiet.", "/"),
    Screen("batches", "Batches", "Each batch with its state, and what of it is left.", "/batches/"),
    Screen("batch", "A batch", "Where it is, and what may be done.", "/batches/", ("tbody a",)),
    Screen("trace", "Trace", "From one supplier's batch to every store.", TRACE),
    Screen(
        "map", "The same on the map", "Without tiles: nothing leaves the site.",
        TRACE, ("a:has-text('Map')",),
    ),
    Screen("recalls", "Recalls", "All of them, the live ones first.", "/recalls/"),
    Screen("war-room", "War room", "A recall half done.", "/recalls/", (LIVE,)),
    Screen("closed", "It came back", "A recall that is ready to close.", "/recalls/", (CLOSED,)),
    Screen("scope", "New recall", "Which batches: the first of four steps.", "/recalls/new/"),
    Screen("drills", "Drills", "Rehearsals, their scores, and when the next is due.", "/drills/"),
    Screen("analytics", "Analytics", "Whether recalls and records get better.", "/analytics/"),
    Screen("complaints", "Complaints", "What they share leads to a recall.", "/complaints/"),
    Screen("holds", "Holds", "What is stopped, since when and why.", "/holds/"),
    Screen("locations", "Locations", "Who has no contact, or one that fails.", "/locations/"),
    Screen("audit", "Audit", "What the data say against themselves.", "/audit/"),
    Screen("scan", "Scan", "A pile of codes, then one act for all.", "/scan/"),
    Screen("imports", "Imports", "Files in, with a file of what was refused.", "/imports/"),
    Screen("data-entry", "Data entry", "The admin, with the house's colours.", "/admin/"),
    Screen("notices", "Public notices", "What everybody may read.", "/notices/"),
    Screen("check", "Check a number", "The public's page, on a phone.", "/verify/", size="phone"),
    Screen(
        "phone", "A store answers", "The page that a notice leads to, without a login.",
        "/outbox/", MAIL, size="phone",
    ),
]  # fmt: skip


def logged_in(browser: Browser, base: str, theme: str, size: dict) -> Page:
    page = browser.new_context(viewport=size, color_scheme=theme).new_page()
    page.goto(f"{base}/login/")
    page.fill("[name=username]", USER)
    page.fill("[name=password]", f"{USER}-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    return page


def draw(page: Page, base: str, screen: Screen, theme: str) -> None:
    answer = page.goto(base + screen.path)
    if answer is None or not answer.ok:
        raise SystemExit(f"{screen.path} did not open. Is it the demo that runs at {base}?")
    for link in screen.links:
        # A letter names the site's own address; the demo may listen on another.
        to = urlsplit(page.locator(link).first.get_attribute("href"))
        page.goto(base + to._replace(scheme="", netloc="").geturl())
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{screen.name}-{theme}.png", optimize=True)


def listed() -> str:
    parts = [f"{HEADING}\n\nThe pages of the demo; `docs/screens.py` draws them anew.\n"]
    for screen in SCREENS:
        pictures = " ".join(
            f"![{screen.title}, {theme}](images/screens/{screen.name}-{theme}.png)"
            for theme in ("light", "dark")
        )
        parts.append(f"### {screen.title}\n\n{screen.says}\n\n{pictures}\n")
    return "\n".join(parts)


def main(base: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in ("light", "dark"):
            pages = {
                name: logged_in(browser, base, theme, size)
                for name, size in (("desk", DESK), ("phone", PHONE))
            }
            for screen in SCREENS:
                draw(pages[screen.size], base, screen, theme)
        browser.close()
    file = DOCS / "screens.md"
    words = file.read_text(encoding="utf-8").partition(HEADING)[0]
    file.write_text(words + listed(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1].rstrip("/"))
