"""Recipients and the public in a made-up language: each text in brackets, a third longer, from
right to left. What stands outside the brackets was not translated, or was put together of pieces;
what makes a phone scroll sideways has no room for a longer language."""

import re
import struct
from datetime import date
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from playwright.sync_api import sync_playwright

from batches.codes.units import new_code
from batches.models import Contact
from batches.tests.factory import NOON
from recalls import mail
from recalls.links import confirm_link
from recalls.message.sample import PublicBatch
from recalls.message.texts import Texts
from recalls.models import Notice, Recipient
from recalls.operations.contact_tests import ask_contacts
from recalls.tests import factory
from recalls.tests.catalogue import said
from recalls.tests.test_recipient_pages import line_of, link, typed

HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
GERMAN = {"accept-language": "de"}
INNERMOST = re.compile("⟦[^⟦⟧]*⟧")
# What stays as it is: what people typed, names, and what languages call themselves.
KEPT = re.compile(
    "May contain peanut|Undeclared peanut|P-Bar|BAR|Store [12]|Northgate DC|STORE1|Tomas|Lotline|"
    "GTIN|English|Deutsch|Español|Français|العربية|"
    # Django's own, which it brings in every language.
    "Dieses Feld ist zwingend erforderlich"
)
# So wide are the narrowest phone that is sold, and most.
WIDTHS = (320, 390)
WIDE = """() => [...document.querySelectorAll('body *')].filter((one) => {
    const {left, right} = one.getBoundingClientRect();
    return left < -1 || right > document.documentElement.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""


def bracketed(text: str) -> str:
    """`text` a third longer, of words no longer than those of a language."""
    return f"⟦{text}{' verlängert'[: 1 + max(len(text) * 35 // 100, 1)] * (1 + len(text) // 32)}⟧"


def catalogue(texts: dict[str, str]) -> bytes:
    """A compiled catalogue as gettext reads it: two tables of (length, offset), then the texts."""
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    tables: list[list[int]] = [[], []]
    words, at = b"", 28 + 16 * len(pairs)
    for column, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[column]), at + len(words)]
            words += pair[column] + b"\0"
    head = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    numbers = [*head, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + words


@pytest.fixture
def made_up(settings, tmp_path):
    """The language `de` says everything in brackets and is written from right to left."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    texts = {"\0".join(two): "\0".join(map(bracketed, two)) for two in said()}
    (folder / "django.mo").write_bytes(catalogue({"": HEAD} | texts))
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES_BIDI = ["de"]
    settings.SITE_PHONE = "+49 30 123456"


@pytest.fixture
def case(made_up, db, quinn, paula):
    nodes = factory.granola()
    Contact.objects.update(language="de")
    return factory.active(quinn, paula, nodes["BAR@PLANT1"], depth="consumer")


@pytest.fixture
def pages(case, otto, client):
    """The pages of recipients and of the public by name."""
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    much = typed(line, quarantined="61")
    shown = {
        "notice": client.get(url),
        "count": client.get(url + "count/"),
        "not counted": client.post(url + "count/", {}),
        "too much": client.post(url + "count/", much),
        "sent on": client.get(url + "sent-on/"),
        "sent to nobody": client.post(url + "sent-on/", {}),
        "read": client.post(url + "ack/", {"version": "1"}, follow=True),
        "done": client.post(url + "count/", typed(line, quarantined="30"), follow=True),
        "answered": client.get(url),
        "two places": client.get(link(case, "two@store.example")),
        "no link": client.get("/r/nonsense/", headers=GERMAN),
        "asks": client.get("/verify/", headers=GERMAN),
        "asked nothing": client.post("/verify/", {"number": ""}, headers=GERMAN),
    }
    for number in ("BAR", "NONE"):
        asked = {"product": "P-Bar", "number": number}
        shown[f"asked {number}"] = client.post("/verify/", asked, headers=GERMAN)
    shown["asked code"] = client.post("/verify/", {"code": new_code()}, headers=GERMAN)
    Recipient.objects.filter(address_key="two@store.example").update(revoked_at=NOON)
    shown["withdrawn"] = client.get(link(case, "two@store.example"))
    ask_contacts(contacts=Contact.objects.order_by("pk"), by=otto, at=NOON)
    notice = Notice.objects.filter(kind="contact").latest("pk")
    confirming = confirm_link(notice).partition("8000")[2]
    shown["contact"] = client.get(confirming)
    shown["confirmed"] = client.post(confirming, follow=True)
    return {name: page.content.decode() for name, page in shown.items()}


@pytest.fixture
def mails(case):
    """What recipients and the public get, by name."""
    version, texts = case.versions.get(), Texts(case)
    lines = list(version.lines.select_related("location").filter(location__code="STORE1"))
    [place] = mail.places_of(lines)
    silent = [SimpleNamespace(place=place, because=word) for word in ("undelivered", "unread", "")]
    told = (case, version, lines)
    batch = PublicBatch("BAR", "P-Bar", "", "", date(2031, 1, 10))
    return {
        "notice": mail.notice(*told, "de", texts, is_test=True),
        "addition": mail.notice(*told, "de", texts, adds=True),
        "reminder": mail.reminder(*told, 1, NOON, "de", texts),
        "escalation": mail.escalation(*told, silent, "de", texts),
        "removal": mail.removal(*told, True, "de", texts),
        "last removal": mail.removal(*told, False, "de", texts),
        "widened": mail.widened(*told, "de", texts),
        "contact": mail.contact_test([place], "de"),
        "public": mail.public_notice(case, [batch], "press", "de", texts),
    }


def outside(text: str) -> list[str]:
    """The words of a page or mail that are in no bracket and no name of this case."""
    text = re.sub(r"<style.*?</style>|<time.*?</time>|<[^>]+>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\S+@\S+|https?://\S+|\b[A-Z]{2}-\d{4}-\d+", " ", unescape(text))
    while INNERMOST.search(text):
        text = INNERMOST.sub(" ", text)
    return re.findall(r"[^\W\d_]{2,}", KEPT.sub(" ", text))


@pytest.mark.alike
def test_nothing_that_recipients_and_the_public_read_is_left_untranslated(pages, mails):
    texts = pages | {f"mail: {name}": one.html for name, one in mails.items()}
    for name, text in texts.items():
        assert '<html lang="de" dir="rtl">' in text, name
    texts |= {f"text: {name}": f"{one.subject}\n{one.text}" for name, one in mails.items()}
    assert all("⟦" in text for text in texts.values())
    found = {name: words for name, text in texts.items() if (words := outside(text))}
    assert found == {}


@pytest.mark.browser
@pytest.mark.alike
@pytest.mark.slow
def test_a_third_more_words_fit_on_a_phone(pages, mails, chromium):
    css = f"<style>{Path(site.BASE_DIR, 'static/css/public.css').read_text()}</style></head>"
    shown = {name: text.replace("</head>", css) for name, text in pages.items()}
    shown |= {f"mail: {name}": one.html for name, one in mails.items()}
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for name, text in shown.items():
            page.set_content(text)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                if wide := page.evaluate(WIDE):
                    found[name, width] = wide
        browser.close()
    assert found == {}
