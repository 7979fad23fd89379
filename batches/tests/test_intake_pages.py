"""A file is uploaded on a page, imported by a worker, and its report read there."""

import os
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.intake.columns import KINDS
from batches.models import ColumnName, Event, ImportRun, Job, Product
from batches.operations import jobs
from batches.operations.imports import uploads_folder

pytestmark = pytest.mark.django_db
BROKEN = "code,name\nA,Käse\nB,\n"


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def upload(client, text=BROKEN, name="products.csv", **fields):
    content = text if isinstance(text, bytes) else text.encode()
    fields = {"file": SimpleUploadedFile(name, content), "kind": ""} | fields
    return client.post("/imports/", fields)


def kept() -> list:
    return list(uploads_folder().iterdir())


def test_an_upload_is_imported_by_a_worker_and_reported(client, otto):
    client.force_login(otto)
    response = upload(client)
    report = ImportRun.objects.get()
    assert response.url == f"/imports/{report.pk}/"
    assert [path.name for path in kept()] == [report.job.parameters["file"]]
    waiting = client.get(response.url)
    assert "every 1s" in waiting.content.decode()
    assert not Product.objects.exists()
    assert jobs.run_due() == 1
    page = client.get(response.url).content.decode()
    assert 'hx-trigger="every' not in page
    assert "1 row of 2 was refused" in page
    assert "Is empty but needed." in page
    assert (Product.objects.get().name, kept()) == ("Käse", [])
    report.refresh_from_db()
    assert (report.by, report.kind, report.added, report.refused) == (otto, "products", 1, 1)


def test_the_poll_goes_on_while_the_job_runs_and_then_loads_the_report(client, otto):
    client.force_login(otto)
    url = upload(client).url
    poll = client.get(url, headers={"HX-Request": "true"})
    assert "every 1s" in poll.content.decode()
    assert "<html" not in poll.content.decode()
    jobs.run_due()
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_an_import_that_is_stopped_keeps_nothing_and_one_that_is_kept_cannot_be(client, otto, vera):
    client.force_login(otto)
    url = upload(client, "code,name\nA,Apple\n").url
    job, back = Job.objects.get(), {"next": url}
    stop = f"/work/{job.pk}/stop/"
    assert f'action="{stop}"' in client.get(url).content.decode()
    claimed = jobs.claim(at=timezone.now())
    client.force_login(vera)
    refused = client.post(stop, {"next": "//elsewhere.example/"}, follow=True)
    assert refused.redirect_chain[0][0] == "/notifications/"
    assert "Only who asked for it can stop it." in refused.content.decode()
    client.force_login(otto)
    assert client.post(stop, back).url == url
    jobs.run(claimed)
    assert not Product.objects.exists()
    page = client.get(url).content.decode()
    assert "Nothing was imported. It was stopped, and nothing of it was kept." in page
    assert "Stopped" in client.get("/notifications/").content.decode()

    url = upload(client, "code,name\nB,Beet\n").url
    claimed = jobs.claim(at=timezone.now())
    jobs.JOB_KINDS[claimed.kind](claimed, lambda **_: None)
    # Its rows are in, and its worker has not yet said so.
    said = client.post(f"/work/{claimed.pk}/stop/", {"next": url}, follow=True)
    assert "This was over before it could be stopped." in said.content.decode()
    jobs.run(claimed)
    assert "Every row is in." in client.get(url).content.decode()


def test_the_refused_rows_are_a_file_to_mend(client, otto):
    client.force_login(otto)
    url = upload(client).url
    jobs.run_due()
    response = client.get(f"{url}refused.csv")
    assert response["Content-Disposition"].startswith("attachment")
    mended = response.content.decode().replace("B,,", "B,Brot,")
    upload(client, mended, kind="products", name="mended.csv")
    jobs.run_due()
    assert set(Product.objects.values_list("code", flat=True)) == {"A", "B"}


def test_a_dry_run_reports_and_writes_nothing(client, otto):
    client.force_login(otto)
    url = upload(client, dry_run="on").url
    jobs.run_due()
    page = client.get(url).content.decode()
    assert "Would be added" in page
    assert not Product.objects.exists()
    upload(client)
    jobs.run_due()
    assert Product.objects.count() == 1


CLEAN = "code,name\nA,Käse\n"


def dry_run(client, text=CLEAN) -> str:
    url = upload(client, text, dry_run="on").url
    jobs.run_due()
    return url


def test_a_clean_dry_run_is_imported_for_real_without_another_upload(client, otto):
    client.force_login(otto)
    tried = dry_run(client)
    assert "Import it for real" in client.get(tried).content.decode()
    real = client.post(f"{tried}real/").url
    assert real != tried and not Product.objects.exists()
    assert client.post(f"{tried}real/").url == real
    jobs.run_due()
    page = client.get(real).content.decode()
    assert "Every row is in." in page and "Import it for real" not in page
    assert (Product.objects.get().name, kept()) == ("Käse", [])
    assert client.post(f"{tried}real/").url == real
    assert ImportRun.objects.count() == 2


def test_a_dry_run_that_refused_rows_is_not_imported_as_it_is(client, otto):
    client.force_login(otto)
    tried = dry_run(client, BROKEN)
    assert "Import it for real" not in client.get(tried).content.decode()
    page = client.post(f"{tried}real/", follow=True).content.decode()
    assert "Only a dry run that refused no row can be imported as it is." in page
    assert (ImportRun.objects.count(), kept()) == (1, [])


def test_the_file_of_a_dry_run_is_kept_for_a_day(client, otto):
    client.force_login(otto)
    tried = dry_run(client)
    [path] = kept()
    yesterday = timezone.now() - timedelta(hours=25)
    os.utime(path, (yesterday.timestamp(),) * 2)
    upload(client, "code,name\nB,Brot\n")
    assert not path.exists()
    page = client.post(f"{tried}real/", follow=True).content.decode()
    assert "The file was kept for a day and is gone. Upload it again." in page


def test_a_file_that_still_waits_for_a_worker_is_kept_however_old(client, otto):
    client.force_login(otto)
    upload(client)
    [path] = kept()
    os.utime(path, (0, 0))
    upload(client, CLEAN)
    assert path.exists()


def test_an_import_for_real_is_a_post_and_needs_the_permission(client, otto, vera):
    client.force_login(otto)
    tried = dry_run(client)
    assert client.get(f"{tried}real/").status_code == 405
    client.force_login(vera)
    assert client.post(f"{tried}real/").status_code == 403


def test_the_same_file_again_leads_to_its_first_report(client, otto):
    client.force_login(otto)
    first = upload(client, "code,name\nA,Käse\n").url
    jobs.run_due()
    again = upload(client, "code,name\nA,Käse\n", name="copy.csv")
    assert again.url == first
    assert "This very file was imported before." in client.get(first).content.decode()
    assert (ImportRun.objects.count(), Job.objects.count(), kept()) == (1, 1, [])


def test_a_script_is_told_where_the_report_is_and_reads_no_message_away(client, otto):
    client.force_login(otto)
    by_script = {"HTTP_HX_REQUEST": "true"}
    for _ in range(2):
        content = SimpleUploadedFile("products.csv", CLEAN.encode())
        told = client.post("/imports/", {"file": content, "kind": ""}, **by_script)
        jobs.run_due()
    report = ImportRun.objects.get().get_absolute_url()
    assert (told.status_code, told["HX-Redirect"]) == (200, report)
    assert "This very file was imported before." in client.get(report).content.decode()
    assert client.post("/imports/", {"kind": ""}, **by_script).status_code == 422


def test_a_file_that_cannot_be_read_says_why(client, otto):
    client.force_login(otto)
    url = upload(client, b"\x89PNG\0\0", name="picture.csv", kind="products").url
    jobs.run_due()
    page = client.get(url).content.decode()
    assert "Nothing was imported. This is neither a CSV nor an XLSX file." in page
    assert kept() == []


def test_an_empty_and_a_missing_file_are_refused_at_once(client, otto, settings):
    client.force_login(otto)
    assert "The file is empty." in upload(client, "").content.decode()
    assert "Choose a file." in client.post("/imports/", {}).content.decode()
    settings.IMPORT_MAX_BYTES = 10
    assert "The file is larger than" in upload(client).content.decode()
    assert (ImportRun.objects.count(), kept()) == (0, [])


def test_a_worker_that_died_after_the_commit_does_not_lose_the_report(client, otto):
    client.force_login(otto)
    upload(client)
    job = Job.objects.get()
    jobs.run_due()
    Job.objects.filter(pk=job.pk).update(state="queued", heartbeat_at=None)
    jobs.run_due()
    assert Job.objects.get().state == "done"
    assert ImportRun.objects.get().added == 1


def test_viewers_neither_see_nor_upload(client, vera):
    client.force_login(vera)
    assert client.get("/imports/").status_code == 403
    assert upload(client).status_code == 403
    client.logout()
    assert "/login/" in client.get("/imports/").url


@pytest.mark.slow
def test_the_list_costs_the_same_with_many_imports(client, otto):
    client.force_login(otto)
    upload(client)
    jobs.run_due()
    client.get("/imports/")
    with CaptureQueriesContext(connection) as one:
        assert "products.csv" in client.get("/imports/").content.decode()
    for i in range(25):
        upload(client, f"{BROKEN}C{i},x\n")
    jobs.run_due()
    with CaptureQueriesContext(connection) as many:
        client.get("/imports/")
    assert len(many) == len(one)


FOREIGN = "Artikel,name,Marke,Farbe\nA,Käse,Alm,gelb\n"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_what_a_column_means_is_said_once_and_remembered(client, otto):
    client.force_login(otto)
    upload(client, FOREIGN, kind="products")
    jobs.run_due()
    report = ImportRun.objects.get()
    page = text_of(client.get(f"/imports/{report.pk}/"))
    assert "needs the column code" in page and "Columns that were not read" in page
    assert [label in page for label in (">Artikel<", ">Marke<", ">Farbe<", ">name<")] == [
        True, True, True, False,
    ]  # fmt: skip
    url = f"/imports/{report.pk}/columns/"
    twice = client.post(url, {"column_0": "code", "column_1": "code"})
    assert twice.status_code == 422 and "Two columns cannot both be code." in text_of(twice)
    assert '<option value="code" selected>' in text_of(twice)
    assert client.post(url, {}).status_code == 422 and not ColumnName.objects.exists()
    said = {"column_0": "code", "column_1": "brand", "column_2": "-"}
    assert client.post(url, said).status_code == 302
    assert Event.objects.filter(verb="columns named").count() == 1
    assert "Columns that were not read" not in text_of(client.get(f"/imports/{report.pk}/"))

    upload(client, FOREIGN, name="neu.csv")
    jobs.run_due()
    again = ImportRun.objects.first()
    assert (again.kind, again.added, again.warnings) == ("products", 1, [])
    assert Product.objects.get().brand == "Alm"
    listed = text_of(client.get("/imports/"))
    assert '<span class="code">Artikel</span> is <span class="code">code</span>' in listed
    name = ColumnName.objects.get(header="Artikel")
    assert client.post(f"/imports/columns/{name.pk}/forget/").status_code == 302
    assert not ColumnName.objects.filter(header="Artikel").exists()


def test_a_file_is_read_again_once_a_column_it_left_out_is_understood(client, otto):
    client.force_login(otto)
    first = upload(client, "code,name,Marke\nA,Käse,Alm\n").url
    jobs.run_due()
    assert upload(client, "code,name,Marke\nA,Käse,Alm\n").url == first
    assert client.post(f"{first}columns/", {"column_0": "brand"}).status_code == 302
    again = upload(client, "code,name,Marke\nA,Käse,Alm\n").url
    jobs.run_due()
    report = ImportRun.objects.first()
    # What is there is not overwritten: the row that differs is refused.
    assert again == report.get_absolute_url() != first
    assert (report.warnings, report.refused) == ([], 1)


def test_a_column_of_the_kind_itself_keeps_its_meaning(client, otto):
    at = timezone.now()
    ColumnName.objects.create(kind="products", header="Name", key="name", column="brand", at=at)
    client.force_login(otto)
    upload(client, "code,name\nA,Käse\n")
    jobs.run_due()
    assert Product.objects.get().name == "Käse"


def test_the_sample_files_have_every_column_and_go_in_as_they_are(client, otto):
    client.force_login(otto)
    assert "/imports/samples/products.csv" in text_of(client.get("/imports/"))
    for kind, kept_columns in KINDS.items():
        content = client.get(f"/imports/samples/{kind}.csv").content
        header = content.decode("utf-8-sig").splitlines()[0].split(",")
        assert header == [column.name for column in kept_columns]
        upload(client, content, name=f"{kind}.csv")
        jobs.run_due()
        report = ImportRun.objects.first()
        assert (report.kind, report.added, report.errors) == (kind, report.rows, []), report.errors
        assert report.rows
    assert client.get("/imports/samples/nothing.csv").status_code == 404
