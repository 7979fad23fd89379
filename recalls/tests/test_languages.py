"""Recipients are spoken to in their language: mail, phone page and errors, in all five."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from batches.codes.numbering import number_key, unrecorded_number
from batches.models import Batch, Contact, Location
from batches.tests.factory import NOON
from recalls import outbox
from recalls.links import link_for
from recalls.message.amounts import quantity
from recalls.message.languages import known, of_place
from recalls.message.words import batch_word, public_batch_word
from recalls.models import Notice
from recalls.operations import notices
from recalls.tests import factory
from recalls.tests.catalogue import ROOT, compiled, said

PLACEHOLDER = re.compile(r"%\(\w+\)s|<[^>]+>")
TRANSLATED = ["de", "es", "fr", "ar"]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.slow
def test_every_text_is_there_in_every_language_and_compiled(language):
    catalogue = compiled(language)
    missing = [
        texts
        for texts in said()
        if not (catalogue._catalog.get(texts[0]) or catalogue._catalog.get((texts[0], 1)))
    ]
    assert missing == []
    known_texts = {text if isinstance(text, str) else text[0] for text in catalogue._catalog}
    assert known_texts - {texts[0] for texts in said()} == {""}


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_loses_a_place_holder(language):
    forms = {texts[0]: texts for texts in said()}
    for key, text in compiled(language)._catalog.items():
        if key == "":
            continue
        # A language has one, two or six forms; each is of one or of many.
        sources = [key] if isinstance(key, str) else forms[key[0]]
        holders = [sorted(PLACEHOLDER.findall(source)) for source in sources]
        assert sorted(PLACEHOLDER.findall(text)) in holders, key


@pytest.mark.slow
def test_what_is_looked_for_would_be_found():
    """The control of the two tests above."""
    texts = said()
    assert ("Count and answer now",) in texts  # a template
    assert ("case", "cases") in texts  # a module
    assert any("counts are still missing" in two for _, *more in texts for two in more)


# A piece of a sentence begins or ends in the middle of one, or stands before what it is about.
PIECE = re.compile(r"^[\s,;.)]|[\s,(]$")
GLUED = re.compile(r'{% translate "[^"]*[^":]" %} {{|{% endblocktranslate %} {{')


def glued(text: str) -> bool:
    """Whether a text is no whole one: without its place holders there is nothing left to
    translate, unless it says in which order they come."""
    holders = PLACEHOLDER.findall(text)
    words = PLACEHOLDER.sub("", text)
    return bool(PIECE.search(text)) or (len(holders) < 2 and not re.search(r"\w", words))


def test_no_text_is_a_piece_that_is_put_together_with_others():
    assert [text for texts in said() for text in texts if glued(text)] == []
    files = [
        path for name in ("public", "emails") for path in (ROOT / "templates" / name).iterdir()
    ]
    assert [path.name for path in files if GLUED.search(path.read_text())] == []


def test_a_piece_of_a_sentence_would_be_found():
    """The control of the test above."""
    assert glued("; you received %(received)s") and glued("%(count)s") and glued("batches (")
    assert GLUED.search('{% translate "best before" %} {{ day }}')


@pytest.mark.parametrize(
    ("given", "spoken"),
    [("de-AT", "de"), ("FR_ca", "fr"), ("es", "es"), ("ar-EG", "ar"), ("ja", "en"), ("", "en")],
)
def test_a_language_nobody_here_speaks_is_english(given, spoken):
    assert known(given) == spoken


def test_a_place_speaks_as_its_contact_else_as_its_country():
    place = Location(code="X", name="X", country="AT")
    assert of_place(place) == "de"
    assert of_place(place, [Contact(language="fr")]) == "fr"
    assert of_place(Location(code="Z", name="Z", country="EG")) == "ar"
    # Nobody guesses which of several languages is spoken.
    assert of_place(Location(code="Y", name="Y", country="CH")) == "en"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "1,520.5\u00a0cases"),
        ("de", "1.520,5\u00a0Kartons"),
        ("fr", "1\u202f520,5\u00a0cartons"),
        ("ar", "1,520.5\u00a0كرتونة"),
    ],
)
def test_quantities_are_written_as_the_language_does(language, written):
    from decimal import Decimal

    with translation.override(language):
        assert quantity(Decimal("1520.500000"), "case").replace("\xa0520", "\u202f520") == written
        assert quantity(1, "kg") == "1\u00a0kg"


SPOKEN = {
    "en": ("URGENT product recall: P-Bar, batch BAR", "answer by Tuesday 1 January 2030, 13:00"),
    "de": (
        "DRINGENDER Produktrückruf: P-Bar, Charge BAR",
        "antworten Sie bis Dienstag, 1. Januar 2030, 13:00 (CET)",
    ),
    "es": (
        "RETIRADA URGENTE de producto: P-Bar, lote BAR",
        "responda antes del martes 1 de enero de 2030, 13:00 (CET)",
    ),
    "fr": (
        "RAPPEL URGENT de produit : P-Bar, lot BAR",  # may say lot
        "répondez avant le mardi 1 janvier 2030 à 13:00 (CET)",
    ),
    # The signs around what is put in keep its order; a subject goes without them.
    "ar": (
        "استدعاء منتج عاجل: P-Bar, التشغيلة \u200eBAR",
        "وأجيبوا قبل \u2068الثلاثاء 1 يناير 2030، 13:00 (CET)\u2069",
    ),
}
PAGES = {
    "en": ("Count and answer now", "How many cases did you find?", "Enter your name"),
    "de": ("Jetzt zählen und antworten", "Wie viele Kartons", "Geben Sie Ihren Namen ein"),
    "es": ("Contar y responder ahora", "ha encontrado", "Introduzca su nombre"),
    "fr": ("Compter et répondre maintenant", "Combien de cartons", "Saisissez votre nom"),
    "ar": ("العدّ والإجابة الآن", "كم وجدتم؟", "أدخلوا اسمكم"),
}


@pytest.fixture
def told(db, quinn, paula, request):
    """A recall told to Store 1 in a language, and its recipient."""
    nodes = factory.granola()
    Contact.objects.filter(email="one@store.example").update(language=request.param)
    Location.objects.filter(code="STORE1").update(timezone="Europe/Berlin")
    deadline = datetime(2030, 1, 1, 12, tzinfo=UTC)
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"], deadline=deadline)
    return request.param, recall.recipients.get(address_key="one@store.example")


@pytest.mark.django_db
@pytest.mark.parametrize("told", SPOKEN, indirect=True)
def test_a_mail_speaks_the_language_of_its_recipient_and_of_nobody_else(told, quinn):
    language, recipient = told
    notices.drain(worker="w", now=NOON, limit=50)
    mails = {mail.to: outbox.letter(mail.name) for mail in outbox.letters()}
    mail = mails["one@store.example"]
    subject, sentence = SPOKEN[language]
    assert mail.subject == subject
    assert sentence in mail.text and sentence in mail.html
    direction = ' dir="rtl"' if language == "ar" else ""
    assert f'<html lang="{language}"{direction}>' in mail.html
    assert mails["two@store.example"].subject == SPOKEN["en"][0]
    assert notices.remind(recall=recipient.recall, by=quinn, at=NOON + timedelta(days=1)) == 2
    reminder = Notice.objects.get(kind="reminder", recipient=recipient)
    assert reminder.subject.endswith(subject) and reminder.subject != subject


@pytest.mark.django_db
@pytest.mark.parametrize("told", PAGES, indirect=True)
def test_the_phone_page_speaks_it_too_and_can_be_switched(told, client):
    language, recipient = told
    url = link_for(recipient).removeprefix("http://127.0.0.1:8000")
    button, question, fault = PAGES[language]
    notice = client.get(url)
    assert button in notice.content.decode()
    assert notice["Content-Language"] == language
    assert ('dir="rtl"' in notice.content.decode()) == (language == "ar")
    assert question in client.get(url + "count/").content.decode()
    assert fault in client.post(url + "count/", {}).content.decode()
    other = client.get(url + "?lang=fr").content.decode()
    assert PAGES["fr"][0] in other and "count/?lang=fr" in other
    answer = client.post(url + "ack/?lang=es", {"version": "1"})
    assert answer["Location"] == url + "?lang=es"


@pytest.mark.django_db
def test_a_broken_link_speaks_the_language_of_the_browser(client):
    page = client.get("/r/nonsense/", headers={"accept-language": "de"}).content.decode()
    assert "Dieser Link funktioniert nicht mehr" in page


# --- goods without a batch number ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "No batch recorded (SH-1/2)"),
        ("de", "Keine Charge verzeichnet (SH-1/2)"),
        ("es", "Lote no registrado (SH-1/2)"),
        ("fr", "Lot non enregistré (SH-1/2)"),  # may say lot
        ("ar", "لا تشغيلة مسجّلة (SH-1/2)"),
    ],
)
def test_goods_without_a_batch_are_told_so_and_the_public_learns_no_document(language, said):
    number = unrecorded_number("SH-1", 2)
    with translation.override(language):
        assert batch_word(number) == said
        assert public_batch_word(number) == said.removesuffix(" (SH-1/2)")
        assert batch_word("L1") == public_batch_word("L1") == "L1"


@pytest.mark.django_db
def test_mail_and_phone_page_say_in_their_language_that_no_batch_was_recorded(client, quinn, paula):
    nodes = factory.granola()
    Contact.objects.filter(email="one@store.example").update(language="de")
    number = unrecorded_number("SH-1", 2)
    bar = nodes["BAR@PLANT1"].batch
    Batch.objects.filter(pk=bar.pk).update(
        number=number, number_key=number_key(number), is_unidentified=True
    )
    recall = factory.active(quinn, paula, nodes["BAR@PLANT1"])
    recipient = recall.recipients.get(address_key="one@store.example")
    notices.drain(worker="w", now=NOON, limit=50)
    mail = next(row for row in outbox.letters() if row.to == "one@store.example")
    letter = outbox.letter(mail.name)
    page = client.get(link_for(recipient).removeprefix("http://127.0.0.1:8000"))
    for text in (letter.text, letter.html, page.content.decode()):
        assert "Keine Charge verzeichnet (SH-1/2)" in text
        assert "No batch recorded" not in text
