"""The documents of a recall from its page, from the command line and by mail."""

import io
import json
import zipfile
from email import message_from_bytes, policy

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from batches.models import Event, Job
from batches.operations import jobs
from batches.tests.factory import NOON
from recalls import outbox
from recalls.operations import notices, outputs, subscriptions
from recalls.operations.outputs import send_output
from recalls.packaging import file_of
from recalls.reports.outputs import OUTPUTS
from recalls.tests import factory
from recalls.tests.test_paper import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.DATA_DIR = settings.OUTBOX_DIR = tmp_path


@pytest.fixture
def recall(quinn, paula):
    return factory.active(quinn, paula, factory.granola()["ALM@SIERRA"])


@pytest.fixture
def door(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name, recall, *args):
    return reverse(name, args=[recall.reference, *args])


@pytest.mark.slow
def test_the_page_offers_every_output_in_every_format_and_each_link_gives_the_file(door, recall):
    page = door.get(url("recall-documents", recall)).content.decode()
    for output in OUTPUTS.values():
        assert output.purpose.replace("'", "&#x27;") in page, output.kind
        for format in output.formats:
            address = url("recall-output", recall, output.kind, format)
            assert address in page
            response = door.get(address, {"place": "STORE1", "language": "de"})
            assert response.status_code == 200, output.kind
            said = response["Content-Disposition"]
            assert said.startswith(f'attachment; filename="{recall.reference}-{output.kind}')
            starts = {"pdf": b"%PDF", "xlsx": b"PK", "json": b"{", "csv": b"\xef\xbb\xbf"}
            assert response.content.startswith(starts[format])


def test_what_is_wrong_with_a_request_is_said_on_the_page(door, recall):
    response = door.get(url("recall-output", recall, "evidence", "pdf"), {"place": "MOON"})
    assert response.status_code == 422
    assert "MOON is no place of RC-2026-0001" in response.content.decode()
    assert door.get(url("recall-output", recall, "fsma", "pdf")).status_code == 404
    assert door.get(url("recall-output", recall, "nothing", "pdf")).status_code == 404


def test_telephone_numbers_of_contacts_are_not_for_a_viewer(client, vera, recall):
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(url("recall-documents", recall)).content.decode()
    assert OUTPUTS["fsma"].title not in page and "package" not in page.lower()
    assert client.get(url("recall-output", recall, "fsma", "xlsx")).status_code == 403
    assert client.post(url("recall-package", recall)).status_code == 403
    assert not Job.objects.exists()


def test_a_draft_has_a_page_but_no_documents(door, quinn):
    draft = factory.draft(quinn)
    page = door.get(url("recall-documents", draft)).content.decode()
    assert "Nothing is frozen yet" in page and "recall-output" not in page
    response = door.get(url("recall-output", draft, "closing", "pdf"))
    assert response.status_code == 422 and "no frozen scope yet" in response.content.decode()
    assert door.post(url("recall-package", draft)).status_code == 422
    assert not Job.objects.exists()


@pytest.mark.slow
def test_the_package_is_made_by_a_worker_and_then_taken_from_the_page(door, recall):
    page = url("recall-package", recall)
    assert "No package was made yet" in door.get(page).content.decode()
    assert door.post(page, follow=True).redirect_chain == [(page, 302)]
    assert "waits for a worker" in door.get(page).content.decode()
    assert jobs.run_due() == 1
    job = Job.objects.get()
    assert job.state == "done", job.error
    answer = door.get(url("recall-package-file", recall, job.pk))
    content = b"".join(answer.streaming_content)
    assert len(content) == job.result["bytes"]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert json.loads(package.read("manifest.json"))["generated_by"] == "Quinn"
        assert len(package.namelist()) == job.result["files"]
    assert job.result["sha256"] in door.get(page).content.decode()
    assert door.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    given = {"output": f"package.{job.pk}", "address": "quinn@lotline.example"}
    assert door.post(url("recall-send-output", recall), given).status_code == 302
    owed = recall.notices.get(attachment_name__endswith="package-version-1.zip")
    assert bytes(owed.attachment) == content
    file_of(job).unlink()
    assert door.post(url("recall-send-output", recall), given).status_code == 422
    assert "cleared away" in door.get(page).content.decode()
    assert door.get(url("recall-package-file", recall, job.pk)).status_code == 404


def test_a_package_of_another_recall_is_not_given_out(door, recall, quinn, paula):
    job = Job.objects.create(
        kind="recall_package", parameters={"reference": "RC-2026-0099"}, state="done"
    )
    assert door.get(url("recall-package-file", recall, job.pk)).status_code == 404


@pytest.mark.slow
def test_the_consumer_notice_is_a_page_in_five_languages(door, recall):
    for language, headline in (
        ("en", "Product safety recall"),
        ("de", "Produktsicherheitsrückruf"),
        ("ar", "استدعاء منتج لأسباب تتعلق بالسلامة"),
    ):
        page = door.get(url("recall-consumer", recall), {"language": language}).content.decode()
        assert headline in page and "May contain peanut." in page
        assert '<bdi class="code">BAR</bdi>' in page, "the batch number is text"
        assert "Store 1" not in page
    assert door.get(url("recall-consumer", recall), {"language": "xx"}).status_code == 422
    # No PDF can be written in Arabic: it is English, and says so.
    arabic = {"language": "ar"}
    paper = door.get(url("recall-output", recall, "consumer", "pdf"), arabic).content
    said = " ".join(" ".join(read(paper)).split())
    assert "Product safety recall" in said and "cannot be printed in your language" in said


def test_facts_are_kept_and_stand_in_the_next_report(door, recall):
    page = url("recall-facts", recall)
    assert "Health hazard evaluation" in door.get(page).content.decode()
    assert door.post(page, {"discovery": "A mother called."}).status_code == 302
    report = door.get(url("recall-output", recall, "firm", "pdf")).content
    assert "A mother called." in " ".join(read(report))
    wrong = door.post(page, {"discovery": "Kept.", "expected_end": "soon"})
    assert wrong.status_code == 422 and "Kept." in wrong.content.decode()


@pytest.mark.slow
def test_an_output_goes_by_mail_to_a_subscriber_with_the_file_attached(door, recall, quinn):
    subscriptions.subscribe(recall=recall, email="fda@agency.example", by=quinn, at=NOON)
    given = {"output": "status.pdf", "address": "fda@agency.example"}
    assert door.post(url("recall-send-output", recall), given).status_code == 302
    row = recall.notices.get(address="fda@agency.example")
    notices.drain(worker="w", now=row.not_before, limit=50)
    [letter] = [one for one in outbox.letters() if one.to == "fda@agency.example"]
    assert letter.subject == "RC-2026-0001 status report"
    raw = (outbox.Path(outbox.settings.OUTBOX_DIR) / letter.name).read_bytes()
    [part] = message_from_bytes(raw, policy=policy.default).iter_attachments()
    assert part.get_content_type() == "application/pdf"
    assert "Places to be told" in " ".join(read(part.get_content()))
    event = Event.objects.get(verb="output sent")
    assert "fda@agency.example" not in json.dumps(event.after), "events name no people"


def test_an_output_goes_to_nobody_who_does_not_get_the_reports(recall, quinn):
    with pytest.raises(ValidationError, match=r"stranger@x\.example does not get the reports"):
        send_output(
            recall=recall,
            kind="status",
            format="pdf",
            address="stranger@x.example",
            by=quinn,
            at=NOON,
        )
    assert not recall.notices.filter(address="stranger@x.example").exists()


def test_the_same_output_twice_in_a_second_is_sent_once(recall, quinn):
    given = {"kind": "closing", "format": "pdf", "address": quinn.email, "by": quinn, "at": NOON}
    send_output(recall=recall, **given)
    with pytest.raises(ValidationError, match="was sent just now"):
        send_output(recall=recall, **given)


def test_a_file_too_large_for_mail_is_refused(recall, quinn, monkeypatch):
    monkeypatch.setattr(outputs, "MOST_BYTES", 1_000)
    with pytest.raises(ValidationError, match="too large for mail"):
        send_output(
            recall=recall, kind="status", format="pdf", address=quinn.email, by=quinn, at=NOON
        )


def test_an_address_that_is_no_choice_is_refused_on_the_page(door, recall):
    given = {"output": "status.pdf", "address": "stranger@x.example"}
    response = door.post(url("recall-send-output", recall), given)
    assert response.status_code == 422
    assert not recall.notices.filter(address="stranger@x.example").exists()


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=lambda one: one.kind)
def test_the_command_writes_every_output(recall, tmp_path, output):
    for format in output.formats:
        path = tmp_path / f"x.{format}"
        call_command(
            "recall",
            "report",
            recall.reference,
            kind=output.kind,
            format=format,
            place="STORE1",
            output=str(path),
            stdout=io.StringIO(),
        )
        assert path.stat().st_size > 20


@pytest.mark.slow
def test_the_command_writes_the_package(recall, tmp_path):
    path, said = tmp_path / "p.zip", io.StringIO()
    call_command(
        "recall", "report", recall.reference, kind="package", output=str(path), stdout=said
    )
    assert zipfile.ZipFile(path).testzip() is None
    assert "files into" in said.getvalue()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "evidence", "format": "pdf"}, "Say for which place"),
        ({"kind": "fsma", "format": "pdf"}, "is made as xlsx, not as pdf"),
        ({"kind": "package", "format": "pdf"}, "The package is a zip"),
        ({"kind": "consumer", "language": "xx"}, "no consumer notice in “xx”"),
    ],
)
def test_the_command_says_what_it_cannot_make(recall, tmp_path, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("recall", "report", recall.reference, output=str(tmp_path / "x"), **options)
    assert not (tmp_path / "x").exists()
