"""The page on which a text is written: tabs, saving, previews, pictures, a test to oneself."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from batches.models import Contact
from batches.tests.factory import NOON
from recalls import outbox
from recalls.message.texts import Texts
from recalls.models import MessageFile, Notice, RecallMessage
from recalls.operations import notices
from recalls.tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(quinn):
    nodes = factory.granola()
    Contact.objects.filter(email="one@store.example").update(language="de")
    return factory.draft(quinn, nodes["ALM@SIERRA"])


@pytest.fixture
def desk(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def at(name, case, query="", **more) -> str:
    return reverse(name, kwargs={"reference": case.reference, **more}) + query


def typed(case, audience="store", language="en", **changes) -> dict:
    text = Texts(case).text(audience, language)
    names = ("subject", "order", "wrong", "todo", "remedy", "answer", "sold", "wording_reason")
    values = {name: getattr(text, name) for name in names} | {"revision": text.revision}
    return values | {"audience": audience, "language": language} | changes


def test_the_page_opens_with_the_template_text_and_says_who_is_told_in_which_language(case, desk):
    page = desk.get(at("recall-message", case, "?audience=store&language=de"))
    html = page.content.decode()
    assert "DRINGENDER Produktrückruf" in html and "template text" in html
    assert re.search(r"Deutsch\s*<svg[^>]*aria-label=\"somebody is told in it\"", html)


def test_a_text_is_saved_and_shown_again_and_a_stale_page_keeps_what_was_typed(case, desk):
    url = at("recall-message-save", case)
    answer = desk.post(url, typed(case, order="Clear the shelf."))
    assert answer.status_code == 302 and "audience=store" in answer["Location"]
    assert "Clear the shelf." in desk.get(answer["Location"]).content.decode()
    stale = desk.post(url, typed(case, order="Mine.", revision=0))
    assert stale.status_code == 422
    assert "Somebody saved this text while you wrote." in text_of(stale)
    assert 'value="Mine."' in stale.content.decode()
    assert RecallMessage.objects.get().order == "Clear the shelf."


def test_an_empty_field_is_named_and_the_others_are_kept(case, desk):
    page = desk.post(at("recall-message-save", case), typed(case, wrong=" ", remedy="We pay."))
    assert page.status_code == 422
    assert "Say what is wrong and what it can do to people." in text_of(page)
    assert "We pay." in page.content.decode() and not RecallMessage.objects.exists()


@pytest.mark.parametrize(
    ("show", "said"),
    [
        ("mail", "Nicht mehr verkaufen oder verwenden."),
        ("text", ""),
        ("phone", "Jetzt zählen und antworten"),
        ("letter", ""),
    ],
)
def test_the_preview_shows_what_one_place_would_get_and_keeps_nothing(case, desk, show, said):
    query = f"?audience=store&language=de&show={show}&place=STORE1"
    response = desk.get(at("recall-message-preview", case, query))
    body = response.content
    if show == "letter":
        assert body.startswith(b"%PDF-") and response["Content-Type"] == "application/pdf"
        assert "sandbox" not in response["Content-Security-Policy"]
    elif show == "text":
        assert body.decode().startswith("DRINGENDER Produktrückruf: P-Bar, Charge BAR")
    else:
        assert said in body.decode() and "Store 1" in body.decode()
        assert "sandbox" in response["Content-Security-Policy"]
        assert "Store 2" not in body.decode()
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert not Notice.objects.exists()


def test_the_preview_shows_what_is_typed_before_it_is_saved(case, desk):
    query = "?audience=store&language=en&show=mail"
    page = desk.post(
        at("recall-message-preview", case, query), typed(case, order="<b>Clear</b> it.")
    )
    assert "&lt;b&gt;Clear&lt;/b&gt; it." in page.content.decode()
    assert not RecallMessage.objects.exists()


@pytest.mark.parametrize("audience", ["consumer", "press"])
def test_a_public_text_names_batches_and_no_customer(case, desk, audience):
    query = f"?audience={audience}&language=en&show=mail"
    page = desk.get(at("recall-message-preview", case, query)).content.decode()
    assert "BAR" in page and "Product safety recall" in page
    assert "Store" not in page and "Northgate" not in page and "cases" not in page


def test_a_test_goes_to_oneself_marked_and_to_nobody_else(case, desk, quinn):
    answer = desk.post(
        at("recall-message-test", case), typed(case, "store", "de", place="STORE1"), follow=True
    )
    assert "A test is on its way to quinn@lotline.example, and to nobody else." in text_of(answer)
    assert notices.drain(worker="w", now=NOON.replace(year=2100), limit=50) == 1
    [mail] = outbox.letters()
    mail = outbox.letter(mail.name)
    assert (mail.to, mail.subject.strip()[:5]) == ("quinn@lotline.example", "TEST:")
    assert mail.text.startswith("TEST. Nur Sie haben dies bekommen.")
    assert "/r/test/" in mail.text and "Store 1" in mail.text
    assert not case.recipients.exists()


def test_a_person_without_an_address_is_told_so(case, desk, quinn):
    quinn.email = ""
    quinn.save()
    page = desk.post(at("recall-message-test", case), typed(case))
    assert page.status_code == 422 and "You have no e-mail address here." in text_of(page)


def test_a_picture_is_added_shown_and_removed(case, desk):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    upload = SimpleUploadedFile("x.png", file.getvalue())
    data = {"audience": "store", "language": "en", "picture": upload, "caption": "The bottom"}
    page = desk.post(at("recall-picture-add", case), data, follow=True)
    picture = MessageFile.objects.get()
    url = at("recall-picture", case, pk=picture.pk)
    assert "The bottom" in text_of(page) and url in page.content.decode()
    assert desk.get(url)["Content-Type"] == picture.content_type
    page = desk.post(
        at("recall-picture-remove", case, pk=picture.pk),
        {"audience": "store", "language": "en"},
        follow=True,
    )
    assert "goes out no more" in text_of(page) and url not in page.content.decode()


def test_what_is_no_picture_is_said_at_the_field(case, desk):
    data = {"picture": SimpleUploadedFile("x.png", b"<svg/>"), "caption": "x"}
    page = desk.post(at("recall-picture-add", case), data)
    assert page.status_code == 422 and "no picture that can be read" in text_of(page)


def test_softening_words_keep_a_consumer_notice_from_being_submitted(case, desk):
    save = at("recall-message-save", case)
    soft = typed(case, "consumer", wrong="A voluntary step. It contains peanut.")
    desk.post(save, soft)
    query = "?audience=consumer&language=en"
    page = desk.get(at("recall-message", case, query))
    assert "“voluntary” makes the risk look smaller. GPSR Art. 36" in text_of(page)
    assert "keeps the recall from being submitted" in text_of(page)
    page = desk.post(at("recall-submit", case))
    assert page.status_code == 422 and "says “voluntary”. GPSR Art. 36" in text_of(page)
    desk.post(save, soft | {"revision": 1, "wording_reason": "Its name is “voluntary”."})
    assert desk.post(at("recall-submit", case)).status_code == 302


def test_the_last_step_shows_what_is_wrong_with_each_text(case, desk):
    page = text_of(desk.get(at("recall-check", case)))
    assert "Store, Deutsch" in page and "Nobody has read this text yet." in page
    assert "Trade letter, English" in page and "no time by which to answer" in page


def test_of_a_recall_under_way_the_texts_of_later_versions_are_written(case, desk, quinn, paula):
    from recalls.operations import recalls as life

    life.submit_recall(recall=case, by=quinn, at=NOON)
    recall = factory.activate(case, paula).recall
    assert at("recall-message", recall) in desk.get(recall.get_absolute_url()).content.decode()
    page = desk.get(at("recall-message", recall, "?audience=store&language=en"))
    assert "Mail that was written keeps its words." in text_of(page)
    assert "to do" not in text_of(page).partition("Text ")[0]
    saved = desk.post(at("recall-message-save", recall), typed(recall, order="Later."), follow=True)
    assert "Later." in saved.content.decode()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% debug %}",
    "</title></style><svg/onload=alert(1)>",
    "a\r\nBcc: all@example.com",
    "line\u2028two\x00\u202eevil",
    "\U0001f4a5" * 60,
    "https://link.invalid/recipient",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_written_stays_text_in_mail_page_and_headers(case, desk, quinn, paula, text):
    changes = dict.fromkeys(("subject", "order", "wrong", "todo", "remedy", "answer"), text)
    saved = desk.post(at("recall-message-save", case), typed(case, "store", "de", **changes))
    if saved.status_code == 422:  # a NUL is refused by every form
        assert "\x00" in text
        changes = {name: value.replace("\x00", "") for name, value in changes.items()}
        desk.post(at("recall-message-save", case), typed(case, "store", "de", **changes))
    from recalls.operations import recalls as life

    life.submit_recall(recall=case, by=quinn, at=NOON)
    recall = factory.activate(case, paula).recall
    assert notices.drain(worker="w", now=NOON, limit=50) == 3
    assert not Notice.objects.exclude(state="accepted").exists()
    mail = next(outbox.letter(m.name) for m in outbox.letters() if m.to == "one@store.example")
    assert "\n" not in mail.subject and "\u202e" not in mail.subject
    assert "<script>" not in mail.html and "<img" not in mail.html and "<svg" not in mail.html
    from recalls.links import link_for

    recipient = recall.recipients.get(address_key="one@store.example")
    url = link_for(recipient).removeprefix("http://127.0.0.1:8000")
    page = desk.get(url).content.decode()
    tags = re.findall(r"<[^>]+>", page)
    assert not any("onerror" in tag or "onload" in tag or "<script" in tag for tag in tags)
    assert "SECRET" not in mail.text or "{{ settings.SECRET_KEY }}" in mail.text


def test_without_a_place_that_is_told_the_page_says_so_and_shows_no_broken_frame(desk, quinn):
    empty = factory.draft(quinn)
    page = desk.get(at("recall-message", empty)).content.decode()
    assert "The scope reaches no place that is told" in page
    assert "<iframe" not in page
    public = desk.get(at("recall-message", empty, "?audience=press")).content.decode()
    assert "<iframe" in public
