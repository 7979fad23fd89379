"""Photos and certificates that recipients hand in: by content, as downloads, of one's own only."""

import hashlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from recalls.models import HandedIn, Response
from recalls.tests.factory import active, granola
from recalls.tests.test_recipient_pages import html_of, line_of, link, text_of, typed

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def case(quinn, paula):
    nodes = granola()
    return active(quinn, paula, nodes["BAR@PLANT1"])


@pytest.fixture
def url(case):
    return link(case, "one@store.example")


def picture(kind="JPEG", behind=b"") -> bytes:
    file = io.BytesIO()
    Image.effect_noise((40, 30), 90).convert("RGB").save(file, kind)
    return file.getvalue() + behind


def pdf(behind=b"") -> bytes:
    file = io.BytesIO()
    page = Canvas(file)
    page.drawString(90, 700, "Destroyed 12 cases")
    page.save()
    return file.getvalue() + behind


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("bomb", b"0" * 10_000_000)
    return file.getvalue()


def bomb() -> bytes:
    """A PNG of a few kB that says it is 30,000 pixels wide and high."""
    file = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    return file.getvalue()


def send(client, case, url, content, name="p.jpg", **more):
    upload = SimpleUploadedFile(name, content, content_type="image/jpeg")
    data = typed(line_of(case, "STORE1"), quarantined="33", **more) | {"file": upload}
    data.pop("sent")
    return client.post(url + "count/", data)


@pytest.mark.parametrize(
    ("content", "content_type", "ending"),
    [
        (picture(), "image/jpeg", "jpg"),
        (picture("PNG"), "image/jpeg", "jpg"),
        (picture("WEBP"), "image/jpeg", "jpg"),
        (pdf(), "application/pdf", "pdf"),
    ],
)
def test_a_photo_or_paper_comes_with_the_count_and_is_a_download(
    case, url, client, quinn, content, content_type, ending
):
    page = send(client, case, url, content, "../../etc/pass wd\x00.exe", file_kind="certificate")
    assert page.status_code == 200 and "Check your answer" in text_of(page)
    file = HandedIn.objects.get()
    assert file.name == f"{case.reference}-answer-1.{ending}".lower()
    assert (file.content_type, file.kind) == (content_type, "certificate")
    assert file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()
    assert file.size == len(bytes(file.content))
    assert file.name in html_of(page)
    assert not Response.objects.exists()
    own, ours = f"{url}files/{file.pk}/", f"/recalls/{case.reference}/files/{file.pk}/"
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    for address in (own, ours):
        answer = client.get(address)
        assert answer.content == bytes(file.content)
        assert answer["Content-Disposition"] == f'attachment; filename="{file.name}"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert "no-store" in answer["Cache-Control"]
    place = f"/recalls/{case.reference}/recipients/STORE1/"
    assert ours in html_of(client.get(place))
    assert ours not in html_of(client.get(place.replace("STORE1", "STORE2")))


def test_nobody_else_gets_it(case, url, client, otto):
    send(client, case, url, pdf())
    pk = HandedIn.objects.get().pk
    other = link(case, "two@store.example")
    assert client.get(f"{other}files/{pk}/").status_code == 404
    assert client.get(f"/recalls/{case.reference}/files/{pk}/").status_code == 302
    assert client.get(f"/recalls/RC-1999-0001/files/{pk}/").status_code in {302, 404}


HOSTILE = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": SVG,
    "cut picture": picture()[:200],
    "gif": picture("GIF"),
    "zip": zipped(),
    "pixels": bomb,  # Made when it is asked for: it takes a second.
    "pdf and page": pdf(b"\n<script>alert(1)</script>"),
    "pdf and zip": pdf(zipped()),
    "cut pdf": pdf()[:300],
    "pdf with script": pdf().replace(b"/Type", b"/JavaScript (x) /Type", 1),
    "pdf with hidden script": pdf().replace(b"/Type", b"/J#61vaScript (x) /Type", 1),
    "program": b"MZ\x90\x00" + bytes(300),
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_or_paper_is_refused_and_what_was_typed_stays(case, url, client, name):
    content = HOSTILE[name]
    page = send(client, case, url, content() if callable(content) else content, remark="Hello")
    assert page.status_code == 422
    assert 'value="33"' in html_of(page) and ">Hello<" in html_of(page)
    told = ("file", "PDF", "picture")
    alert = html_of(page).split('role="alert"')[1].split("</section>")[0]
    assert any(word in alert for word in told)
    assert not HandedIn.objects.exists() and not Response.objects.exists()


def test_what_lies_behind_a_picture_is_not_kept(case, url, client):
    assert send(client, case, url, picture(behind=SVG)).status_code == 200
    assert b"script" not in bytes(HandedIn.objects.get().content)


def test_a_file_that_is_too_large_is_dropped_on_the_way_and_what_was_typed_stays(
    case, url, client, settings
):
    settings.PICTURE_MAX_BYTES = settings.PDF_MAX_BYTES = 2_000_000
    page = send(client, case, url, b"%PDF-" + bytes(2_500_000))
    assert page.status_code == 422 and 'value="33"' in html_of(page)
    assert "The file is too large. 2 MB is the most." in text_of(page)


def test_the_same_file_is_kept_once_and_ten_are_the_most(case, url, client):
    client.post(url + "count/", typed(line_of(case, "STORE1"), quarantined="40"))
    papers = [pdf() for _ in range(11)]
    papers = [
        one.replace(b"%%EOF", b"%" + str(n).encode() + b"\n%%EOF") for n, one in enumerate(papers)
    ]
    for content in papers[:10] + papers[:3]:
        upload = SimpleUploadedFile("c.pdf", content)
        assert client.post(url + "files/", {"file": upload}).status_code == 302
    assert HandedIn.objects.count() == 10
    page = client.post(url + "files/", {"file": SimpleUploadedFile("c.pdf", papers[10])})
    assert page.status_code == 422 and "10 files are kept." in text_of(page)
    assert HandedIn.objects.count() == 10


def test_looking_for_files_keeps_none_and_a_closed_recall_takes_none(case, url, client):
    client.post(url + "count/", typed(line_of(case, "STORE1"), quarantined="40"))
    for ask in (client.get, client.head, client.options, client.put):
        ask(url + "files/")
    type(case).objects.filter(pk=case.pk).update(status="closed", closed_at=case.opened_at)
    assert client.post(url + "files/", {"file": SimpleUploadedFile("c.pdf", pdf())})
    assert not HandedIn.objects.exists()
