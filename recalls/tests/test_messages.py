"""Texts that people write: kept, checked against stale pages, frozen with the notices."""

import io
from dataclasses import asdict

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.utils import DatabaseError
from PIL import Image

from batches.models import Event
from batches.tests.factory import NOON
from recalls import outbox
from recalls.links import link_for
from recalls.message.texts import FIELDS, Texts, draft
from recalls.models import MessageFile, NoticeFile, RecallMessage
from recalls.operations import messages, notices, scope
from recalls.operations import recalls as life
from recalls.tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(nodes, quinn):
    return factory.draft(quinn, nodes["ALM@SIERRA"])


def save(recall, by, audience="store", language="en", revision=0, **changes):
    text = asdict(draft(recall, audience, language))
    values = {name: text[name] for name in FIELDS} | changes
    return messages.save_message(
        recall=recall,
        audience=audience,
        language=language,
        revision=revision,
        by=by,
        at=NOON,
        **values,
    )


def activate(recall, quinn, paula):
    life.submit_recall(recall=recall, by=quinn, at=NOON)
    return factory.activate(recall, paula).recall


def told(address) -> str:
    return next(outbox.letter(m.name).text for m in outbox.letters() if m.to == address)


def test_stores_get_the_text_for_stores_and_others_the_trade_letter(recall, quinn, paula):
    save(recall, quinn, "store", order="Clear the shelf.")
    save(recall, quinn, "trade", order="Stop every pallet.")
    activate(recall, quinn, paula)
    notices.drain(worker="w", now=NOON, limit=50)
    assert told("one@store.example").startswith("Clear the shelf.")
    # The mailbox of a store and of the centre is told what to do with what was passed on.
    both = told("two@store.example")
    assert both.startswith("Stop every pallet.")
    assert "Northgate DC" in both and "Store 2" in both


def test_the_template_text_is_filled_in_from_the_recall(recall):
    text = Texts(recall).text("store", "de-AT")
    assert text.subject == "DRINGENDER Produktrückruf"
    assert text.wrong == "May contain peanut."
    assert text.revision == 0 and len(text.steps) == 2
    consumer = Texts(recall).text("consumer", "de")
    assert consumer.subject == "Produktsicherheitsrückruf"


def test_who_saves_over_an_unseen_text_is_refused_and_nothing_is_lost(recall, quinn, paula):
    assert save(recall, quinn, order="First.").revision == 1
    with pytest.raises(ValidationError, match="Somebody saved this text while you wrote"):
        save(recall, paula, order="Second.")
    assert RecallMessage.objects.get().order == "First."
    assert save(recall, paula, revision=1, order="Second.").revision == 2
    changed = Event.objects.filter(verb="text saved").order_by("-seq").first()
    assert (changed.before, changed.after["order"]) == ({"order": "First."}, "Second.")


def test_saving_what_stands_there_writes_nothing(recall, quinn):
    save(recall, quinn, order="First.")
    events = Event.objects.count()
    assert save(recall, quinn, revision=1, order="First.").revision == 1
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", ["subject", "order", "wrong", "todo"])
def test_a_text_without_what_must_be_said_is_refused(recall, quinn, name):
    with pytest.raises(ValidationError) as refusal:
        save(recall, quinn, **{name: " \n "})
    assert list(refusal.value.message_dict) == [name]


def test_what_is_approved_is_what_was_submitted(recall, quinn):
    life.submit_recall(recall=recall, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="cannot be written for"):
        save(recall, quinn)


def test_what_was_sent_keeps_its_words_and_a_later_version_says_the_new_ones(
    recall, nodes, quinn, paula
):
    save(recall, quinn, order="First.")
    recall = activate(recall, quinn, paula)
    save(recall, quinn, revision=1, order="Second.")
    factory.contact("STORE3", "three@store.example")
    type(nodes["BAR@DC"].location).objects.filter(code="STORE3").update(kind="store")
    factory.move(nodes, "BAR@DC", "BAR@STORE3")
    version = scope.check_drift(recall=recall, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    notices.drain(worker="w", now=NOON, limit=50)
    assert told("one@store.example").startswith("First.")
    assert told("three@store.example").startswith("Second.")


def picture(fmt="JPEG", size=(80, 60), name="label.exe", **options) -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, fmt, **options)
    return SimpleUploadedFile(name, file.getvalue(), content_type="text/html")


def add(recall, by, upload, caption="Where the number stands"):
    return messages.add_picture(recall=recall, upload=upload, caption=caption, by=by, at=NOON)


def test_a_picture_goes_out_with_the_notices_and_is_shown_to_its_recipients(
    recall, quinn, paula, client
):
    file = add(recall, quinn, picture())
    recall = activate(recall, quinn, paula)
    notices.drain(worker="w", now=NOON, limit=50)
    mails = {mail.to: outbox.letter(mail.name) for mail in outbox.letters()}
    [(name, kind, content)] = mails["one@store.example"].attachments
    assert (name, kind) == ("rc-2026-0001-1.jpg", "image/jpeg")
    assert content == bytes(file.content)
    assert len(mails["quinn@lotline.example"].attachments) == 1  # the report's own

    recipient = recall.recipients.get(address_key="one@store.example")
    url = link_for(recipient).removeprefix("http://127.0.0.1:8000")
    page = client.get(url).content.decode()
    assert f'src="{url}photo/{file.pk}/"' in page and "Where the number stands" in page
    answer = client.get(f"{url}photo/{file.pk}/")
    assert answer["Content-Type"] == "image/jpeg" and answer.content == content
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_picture_of_another_recall_is_not_shown(recall, nodes, quinn, paula, client):
    add(recall, quinn, picture())
    other = factory.draft(quinn, nodes["ALM@SIERRA"])
    strange = add(other, quinn, picture(size=(30, 30)))
    recall = activate(recall, quinn, paula)
    url = link_for(recall.recipients.first()).removeprefix("http://127.0.0.1:8000")
    assert client.get(f"{url}photo/{strange.pk}/").status_code == 404


def test_nothing_but_the_picture_is_kept(recall, quinn):
    exif = Image.Exif()
    exif[0x010E] = "taken at 52.5 N 13.4 E"
    file = add(recall, quinn, picture(exif=exif, size=(4000, 1000)))
    with Image.open(io.BytesIO(bytes(file.content))) as kept:
        assert dict(kept.getexif()) == {} and max(kept.size) == 1600
    assert b"52.5 N" not in bytes(file.content)


@pytest.mark.parametrize(
    "content",
    [
        b"<script>alert(1)</script>",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.7",
        b"",
        b"\xff\xd8\xff\xe0broken",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name_says(recall, quinn, content):
    upload = SimpleUploadedFile("label.jpg", content, content_type="image/jpeg")
    with pytest.raises(ValidationError, match="no picture that can be read"):
        add(recall, quinn, upload)
    assert not MessageFile.objects.exists()


def test_too_large_too_many_and_without_words_are_refused(recall, quinn, settings):
    settings.PICTURE_MAX_BYTES = 100
    with pytest.raises(ValidationError, match="too large"):
        add(recall, quinn, picture())
    settings.PICTURE_MAX_BYTES = 1_000_000
    with pytest.raises(ValidationError, match="what the picture shows"):
        add(recall, quinn, picture(), caption=" ")
    for _ in range(3):
        add(recall, quinn, picture())
    with pytest.raises(ValidationError, match="3 pictures are enough"):
        add(recall, quinn, picture())


def test_a_picture_that_was_removed_goes_out_no_more(recall, quinn, paula):
    file = add(recall, quinn, picture())
    messages.remove_picture(file=file, by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="removed already"):
        messages.remove_picture(file=file, by=quinn, at=NOON)
    activate(recall, quinn, paula)
    assert not NoticeFile.objects.exists()


def test_which_pictures_went_out_cannot_be_changed(recall, quinn, paula):
    add(recall, quinn, picture())
    activate(recall, quinn, paula)
    row = NoticeFile.objects.first()
    with pytest.raises(DatabaseError, match="append-only"):
        NoticeFile.objects.filter(pk=row.pk).update(file_id=row.file_id)
