"""The pages of the demo that have a kept picture: how one gets there, and how it is drawn."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from PIL import Image
from playwright.sync_api import Page, Route

from recalls import outbox

DOCS = Path(settings.BASE_DIR) / "docs"
FOLDER = DOCS / "images" / "screens"
DESK, PHONE, NARROW = (1440, 900), (390, 844), (820, 1100)
THEMES = ("light", "dark")
COLOURS = 128
HEADING = "## The pages, light and dark"
# Pages without a login have the fonts of the machine; here they get one that is alike on all.
ONE_FONT = """
@font-face {font-family: Kept; src: url(/static/fonts/inter-latin-wght-normal.woff2);
            font-weight: 100 900}
:root, body, button, input, select, textarea {font-family: Kept !important}
"""


@dataclass(frozen=True)
class Screen:
    """A page: where it is, and which links (selectors) lead on from there, one after another."""

    name: str
    title: str
    says: str
    path: str
    links: tuple[str, ...] = ()
    size: tuple[int, int] = DESK
    direction: str = "ltr"


TRACE = "/trace/?number=ALM-2291-C&dir=fwd"
LIVE = "tr:has-text('peanut') a"
CLOSED = "tr:has-text('Foil') a"
# Stands for the page that the newest letter of a recall leads to.
LETTER = "/r/…/"
COUNT = "a:has-text('Count and answer now')"
SCREENS = [
    Screen("overview", "Overview", "What needs somebody now, and what is quiet.", "/"),
    Screen("overview-rtl", "Overview, mirrored", "Read from the right.", "/", direction="rtl"),
    Screen("overview-narrow", "Overview, narrow", "On a tablet.", "/", size=NARROW),
    Screen("batches", "Batches", "Each batch with its state, and what of it is left.", "/batches/"),
    Screen("batch", "A batch", "Where it is, and what may be done.", "/batches/", ("tbody a",)),
    Screen("trace", "Trace", "From one supplier's batch to every store.", TRACE),
    Screen(
        "trace-why", "Why a place is affected", "Each way to it, step by step, with its evidence.",
        TRACE, ("tbody a[href*='sel=l']:has-text('Store 0266')",),
    ),
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
    Screen("check", "Check a number", "The public's page, on a phone.", "/verify/", size=PHONE),
    Screen(
        "phone", "A store is told", "The page that a notice leads to, without a login.",
        LETTER, size=PHONE,
    ),
    Screen(
        "phone-count", "A store answers", "What it found, batch by batch.",
        LETTER, (COUNT,), PHONE,
    ),
]  # fmt: skip


def in_one_font(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + ONE_FONT)


def in_letter() -> str:
    """The path that the newest letter with a recipient's link leads to."""
    texts = (outbox.letter(name).text for name in outbox.names())
    return next(found[0] for text in texts if (found := re.search(r"/r/[^/\s]+/", text)))


def open_screen(page: Page, base: str, screen: Screen) -> None:
    page.emulate_media(color_scheme=THEMES[0], reduced_motion="reduce")
    page.set_viewport_size(dict(zip(("width", "height"), screen.size, strict=True)))
    page.goto(base + (in_letter() if screen.path == LETTER else screen.path))
    for link in screen.links:
        page.goto(urljoin(page.url, page.locator(link).first.get_attribute("href")))
    page.wait_for_load_state("networkidle")


def drawn(page: Page, screen: Screen, theme: str) -> Image.Image:
    """The page that is open, in one theme."""
    page.emulate_media(color_scheme=theme)
    # What is painted on a canvas takes its colours once.
    if theme != THEMES[0] and page.locator("canvas").count():
        page.reload(wait_until="networkidle")
    page.evaluate("(way) => { document.documentElement.dir = way; }", screen.direction)
    page.evaluate("document.fonts.ready.then(() => true)")
    picture = page.screenshot(animations="disabled", caret="hide")
    return Image.open(io.BytesIO(picture)).convert("RGB")


def kept(screen: Screen, theme: str) -> Path:
    return FOLDER / f"{screen.name}-{theme}.png"


def keep(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def listed() -> str:
    """The end of docs/screens.md: each page with its pictures."""
    parts = [f"{HEADING}\n\nThe pages of the demo, as a test draws them and holds them to these.\n"]
    for screen in SCREENS:
        pictures = " ".join(
            f"![{screen.title}, {theme}](images/screens/{screen.name}-{theme}.png)"
            for theme in THEMES
        )
        parts.append(f"### {screen.title}\n\n{screen.says}\n\n{pictures}\n")
    return "\n".join(parts)
