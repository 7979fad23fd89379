"""The pages look as they did when somebody last looked at them: each is held to its kept picture.

`LOTLINE_DRAW=1 pytest traceability/tests/browser/test_looks.py` draws the pictures anew; look at
what changed (`git diff`) before it is committed. What differs in a run is left in docs/images/seen.
"""

import os
from datetime import UTC, datetime

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from PIL import Image, ImageChops, ImageDraw

from traceability.clock import work
from traceability.demo.story import tell
from traceability.tests.browser.screens import (
    DOCS,
    HEADING,
    SCREENS,
    THEMES,
    drawn,
    in_one_font,
    keep,
    kept,
    listed,
    open_screen,
)
from traceability.tests.browser.test_accessible import AXE, RULES, RUN
from traceability.tests.browser.test_scans import browsing

# Half past ten on a Sunday, as in the story: the recall has run for some hours.
NOW = datetime(2026, 11, 22, 10, 38, tzinfo=UTC)
# A picture is compared in squares of so many pixels; so far may the mean colour of one be from
# the kept one, and so many of all: another release of the browser draws the same letters a
# little differently, but no row is elsewhere and no colour another.
SQUARE = 8
FAR = 32
SHARE = 0.002
# What axe-core reads here with the names, amounts and numbers of a whole story.
FULL = {"overview", "trace-why", "map", "war-room"}


def squares(picture: Image.Image) -> Image.Image:
    size = (picture.width // SQUARE, picture.height // SQUARE)
    return picture.convert("RGB").resize(size, Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of squares that differ, 0 to 1."""
    if one.size != other.size:
        return 1.0
    channels = ImageChops.difference(squares(one), squares(other)).split()
    widest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    counts = widest.histogram()
    return sum(counts[FAR:]) / sum(counts)


def test_a_difference_that_a_person_would_see_is_seen():
    picture = Image.open(kept(SCREENS[0], "light")).convert("RGB")
    assert difference(picture, picture) == 0
    moved = ImageChops.offset(picture, 0, 12)
    grey = picture.convert("L").convert("RGB")
    covered = picture.copy()
    ImageDraw.Draw(covered).rectangle((0, 60, 220, 400), fill="#eef0f3")
    for other in (moved, covered, picture.crop((0, 0, 1440, 800))):
        assert difference(picture, other) > SHARE
    assert difference(Image.open(kept(SCREENS[0], "dark")), picture) > SHARE
    assert difference(picture, grey) > 0


def test_each_page_with_a_picture_is_in_the_documentation():
    text = (DOCS / "screens.md").read_text(encoding="utf-8")
    assert text.endswith(listed())
    assert {path.name for path in kept(SCREENS[0], "light").parent.iterdir()} == {
        kept(screen, theme).name for screen in SCREENS for theme in THEMES
    }


@pytest.fixture
def story(transactional_db, settings, monkeypatch):
    settings.DEMO = True
    settings.EMAIL_BACKEND = "recalls.outbox.EmailBackend"
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    tell(NOW)
    assert work("clock") == []
    return User.objects.get(username="paula")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.alike
def test_each_page_looks_as_its_picture(chromium, live_server, story):
    renew = os.environ.get("LOTLINE_DRAW") == "1"
    seen = site.BASE_DIR / "docs" / "images" / "seen"
    faults = []
    with browsing(chromium, live_server, story) as page:
        page.clock.set_fixed_time(NOW)
        page.route("**/{public,phone}*.css", in_one_font)
        for screen in SCREENS:
            open_screen(page, live_server.url, screen)
            if screen.name in FULL:
                page.evaluate(AXE)
                faults += [f"{screen.name}: {fault}" for fault in page.evaluate(RUN, [RULES])]
            for theme in THEMES:
                picture, path = drawn(page, screen, theme), kept(screen, theme)
                if renew:
                    keep(picture, path)
                    continue
                share = difference(picture, Image.open(path)) if path.exists() else 1.0
                if share > SHARE:
                    keep(picture, seen / path.name)
                    faults.append(f"{path.name}: {share:.2%} differs")
    if renew:
        file = DOCS / "screens.md"
        words = file.read_text(encoding="utf-8").partition(HEADING)[0]
        file.write_text(words + listed(), encoding="utf-8")
    assert not faults, "\n".join(faults) + f"\nWhat looks different lies in {seen}."
