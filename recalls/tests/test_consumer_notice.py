"""The notice to consumers: what Articles 36 and 37 of Regulation (EU) 2023/988 ask."""

import io

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from recalls.message.languages import on_paper
from recalls.operations.messages import add_picture, save_message
from recalls.reports.outputs import consumer
from recalls.reports.outputs.consumer_words import WORDS
from recalls.tests import factory
from recalls.tests.made import LATER, case_of, made, paper_of
from recalls.tests.test_paper import read

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.mark.parametrize("language", WORDS)
def test_the_consumer_notice_says_what_the_regulation_asks(recall, language):
    text, written = paper_of(recall, "consumer", language=language), on_paper(language)
    words, notice = WORDS[written], consumer.notice_of(case_of(recall), written)
    assert (consumer.IN_ENGLISH in text) == (written != language) == (language == "ar")
    assert text.count(notice.headline) >= 1
    for said in (words.stop, words.share, words.check, "May contain peanut.", "BAR"):
        assert " ".join(said.split()) in text, said
    assert words.page.format(number=1, total=1) in text
    for hidden in ("Store 1", "Northgate", "90", "STORE1"):
        assert hidden not in text.replace("RC-2026-0001", ""), hidden


def test_the_consumer_notice_takes_its_own_text_with_its_remedy_and_the_words_of_a_picture(
    recall, quinn
):
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "PNG")
    upload = SimpleUploadedFile("pack.png", picture.getvalue())
    caption = "Die Nummer steht auf dem Boden der Packung."
    add_picture(recall=recall, upload=upload, caption=caption, by=quinn, at=LATER)
    text = {
        "subject": "Produktsicherheitsrückruf",
        "order": "Nicht essen.",
        "wrong": "Enthält Erdnuss, die nicht auf dem Etikett steht.",
        "todo": "Nicht essen.\nIn den Laden zurückbringen.",
        "remedy": "Geld zurück oder neue Ware.",
    }
    save_message(
        recall=recall, audience="consumer", language="de", revision=0, by=quinn, at=LATER, **text
    )
    content = made(recall, "consumer", "pdf", language="de")
    said = " ".join(" ".join(read(content)).split())
    for words in (text["wrong"], "In den Laden zurückbringen.", text["remedy"], caption):
        assert words in said, words
    assert "May contain peanut." not in said and WORDS["de"].choice not in said
    [page] = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(page.images) == 1
    assert "May contain peanut." in paper_of(recall, "consumer", language="en")


def test_no_fixed_word_makes_a_danger_seem_smaller():
    said = " ".join(
        str(value) for words in WORDS.values() for value in vars(words).values()
    ).lower()
    for word in (
        "voluntar",
        "precaution",
        "discretion",
        "rare",
        "freiwillig",
        "vorsorglich",
        "volontaire",
        "cautelar",
    ):
        assert word not in said


def test_a_consumer_notice_in_a_language_without_words_is_refused(recall):
    with pytest.raises(ValidationError, match=r"no consumer notice in “xx”\. Choose from en, de"):
        consumer.notice_of(case_of(recall), "xx")
