"""The outbox in the browser: demo sites only, letters whole, and nothing in them runs."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from recalls import outbox

NASTY = '<p>Hello <a href="http://127.0.0.1:8000/r/x/">answer</a></p><script>alert(1)</script>'


@pytest.fixture
def letter(settings, quinn, client):
    settings.DEMO = True
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    mail = EmailMultiAlternatives(
        "Recall <b>one</b>", "Plain http://127.0.0.1:8000/r/x/", "a@b.example", ["s@b.example"]
    )
    mail.attach_alternative(NASTY, "text/html")
    mail.send()
    return outbox.names()[0]


def test_the_list_names_the_letter_and_its_page_shows_both_bodies(letter, client):
    listed = client.get(reverse("outbox")).content.decode()
    assert "Recall &lt;b&gt;one&lt;/b&gt;" in listed and "s@b.example" in listed
    page = client.get(reverse("outbox-letter", args=[letter])).content.decode()
    assert 'href="http://127.0.0.1:8000/r/x/"' in page
    assert reverse("outbox-body", args=[letter]) in page
    assert "allow-scripts" not in page and "allow-same-origin" not in page
    assert "<script>alert" not in page


def test_the_body_is_shut_in_by_its_own_policy(letter, client):
    response = client.get(reverse("outbox-body", args=[letter]))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox allow-top-navigation" in policy
    assert "allow-scripts" not in policy and "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in response.content.decode()


def test_outside_of_a_demo_there_is_no_outbox(letter, client, settings):
    settings.DEMO = False
    for url in (
        reverse("outbox"),
        reverse("outbox-letter", args=[letter]),
        reverse("outbox-body", args=[letter]),
    ):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["nix.eml", "..%2Fsecret_key", "secret_key"])
def test_only_letters_are_read(letter, client, name):
    assert client.get(f"/outbox/{name}/").status_code == 404


def test_a_letter_with_an_attachment_names_it_and_its_size(letter, client):
    mail = EmailMultiAlternatives("Report", "Text", "a@b.example", ["s@b.example"])
    mail.attach("report.pdf", b"x" * 2048, "application/pdf")
    mail.send()
    response = client.get(reverse("outbox-letter", args=[outbox.names()[0]]))
    assert response.status_code == 200
    page = response.content.decode()
    assert "report.pdf" in page and "2.0\xa0KB" in page


def test_the_list_is_cut_into_pages_and_names_every_letter(letter, client, settings):
    folder = settings.OUTBOX_DIR
    for n in range(60):
        (folder / f"{20000101000000000000 + n:020}-{n:032x}.eml").write_bytes(
            f"To: s@b.example\r\nSubject: Mail {n:02}.\r\n\r\nBody".encode()
        )
    first = client.get(reverse("outbox")).content.decode()
    assert "61 letters" in first and "Page 1 of 2" in first and "Mail 59." in first
    assert "Mail 00." not in first
    assert "Mail 00." in client.get(reverse("outbox"), {"page": "2"}).content.decode()


@pytest.mark.parametrize("page", ["0", "99", "x"])
def test_a_page_that_does_not_exist_is_the_nearest(letter, client, page):
    assert "Recall" in client.get(reverse("outbox"), {"page": page}).content.decode()
