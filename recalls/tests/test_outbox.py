"""The local outbox: one whole file per mail, read back by name and by nothing else."""

import tracemalloc

import pytest
from django.core.mail import EmailMultiAlternatives

from recalls import outbox


def send(subject, body="Body"):
    message = EmailMultiAlternatives(subject, body, "a@x.example", ["b@x.example"])
    message.attach_alternative("<b>Body</b>", "text/html")
    message.attach("scope.xlsx", b"PK", "application/zip")
    assert message.send() == 1


def test_a_mail_is_read_back_with_both_bodies_and_its_attachment():
    send("Größe", "Grüße")
    [listed] = outbox.letters()
    assert (listed.subject, listed.to, listed.text) == ("Größe", "b@x.example", "")
    read = outbox.letter(listed.name)
    assert (read.text.strip(), read.html.strip()) == ("Grüße", "<b>Body</b>")
    assert read.attachments == (("scope.xlsx", "application/zip", b"PK"),)


def test_the_newest_mail_is_first():
    for number in range(3):
        send(f"Mail {number}")
    assert [letter.subject for letter in outbox.letters()] == ["Mail 2", "Mail 1", "Mail 0"]


@pytest.mark.parametrize("name", ["../secret_key", "x.eml", "", "20261120120000000000-.eml"])
def test_no_other_file_can_be_read_by_name(settings, name):
    settings.OUTBOX_DIR.mkdir(parents=True)
    (settings.OUTBOX_DIR.parent / "secret_key").write_text("secret")
    assert outbox.letter(name) is None


def test_an_outbox_that_was_never_used_is_empty():
    assert outbox.letters() == []


def test_a_list_of_letters_reads_their_headers_only(settings):
    send("Report", "x" * 5_000_000)
    [name] = outbox.names()
    path = settings.OUTBOX_DIR / name
    head, _, body = path.read_bytes().partition(b"\n\n")
    # A body that could not be parsed: only whoever reads it would stumble.
    path.write_bytes(head + b"\n\n" + b"\xff" * len(body))
    tracemalloc.start()
    [listed] = outbox.letters()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert listed.subject == "Report"
    assert peak < 1_000_000
