"""Custom fields: administrators say which there are, data entry and files what stands in them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from batches.api.batches import answer
from batches.api.naming import the_batch
from batches.models import Batch, ColumnName, CustomField, CustomValue, Event, ImportRun
from batches.operations import jobs
from batches.operations.batches import make_batch, save_batch, void_batch
from batches.operations.changes import fingerprint
from batches.operations.custom import save_custom_field
from batches.operations.imports import name_columns
from batches.tests import factory
from batches.tests.admin_pages import url, verbs
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db


def custom(name, **fields) -> CustomField:
    return save_custom_field(field=CustomField(name=name, **fields), by=None, at=NOON)


def said(batch) -> dict:
    return {value.field.name: value.text for value in batch.custom_values.for_page()}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# Which there are


def test_an_administrator_adds_a_field_and_nobody_else_does(client, admin_user, otto, paula):
    form = {"name": " Harvest  year", "position": "1", "is_promoted": "on"}
    for person in (otto, paula):
        client.force_login(person)
        assert client.post(url("add", "customfield"), form).status_code == 403
        assert client.get(url("changelist", "customfield")).status_code == 403
    client.force_login(admin_user)
    assert client.post(url("add", "customfield"), form).status_code == 302
    field = CustomField.objects.get()
    assert (field.name, field.key, field.is_promoted) == ("Harvest year", "harvestyear", True)
    page = client.get(url("change", "customfield", field.pk))
    seen = page.context["adminform"].form.initial["seen"]
    changed = {"name": "Harvest", "position": "1", "seen": seen}
    assert client.post(url("change", "customfield", field.pk), changed).status_code == 302
    event = Event.objects.latest("seq")
    assert event.verb == "custom field changed"
    assert event.before == {"name": "Harvest year", "is_promoted": True}
    assert event.after == {"name": "Harvest", "is_promoted": False}
    stale = client.post(url("change", "customfield", field.pk), changed | {"name": "Late"})
    assert "Somebody else changed Harvest" in text_of(stale)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Quantity", "means something else of batches already"),
        ("supplier number", "means something else of batches already"),
        ("Status", "means something else of batches already"),
        ("error_reason", "means something else of batches already"),
        ("HAR-VEST", "There is “Harvest” already, which reads the same"),
        ("Charge", "In files, “Charge” means batch. Forget that on the page Imports first"),
        (" - ", "Enter a name with letters or digits"),
    ],
)
def test_a_name_that_means_something_already_is_refused(name, why):
    custom("Harvest")
    ColumnName.objects.create(
        kind="batches", header="Charge", key="charge", column="batch", at=NOON
    )
    with pytest.raises(ValidationError, match=why):
        custom(name)
    assert verbs() == ["custom field added"]


def test_the_database_keeps_one_name_and_one_text_and_what_is_used(otto):
    field = custom("Harvest")
    batch = factory.batch()
    save_batch(batch=batch, custom={field: "2026"}, by=otto, at=NOON)
    for wrong in (
        lambda: CustomField.objects.create(name="harvest", key="harvest"),
        lambda: CustomField.objects.create(name="-", key=""),
        lambda: CustomValue.objects.create(batch=batch, field=field, text="2025"),
        lambda: CustomValue.objects.create(batch=factory.batch("L2"), field=field, text=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    with pytest.raises(ProtectedError):
        field.delete()


# What is said of a batch


def batch_form(client, batch) -> dict:
    """What a browser would send of the form as it stands."""
    form = client.get(url("change", "batch", batch.pk)).context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields if name != "produced_at"}


def test_data_entry_says_it_and_one_event_has_before_and_after(as_otto, otto):
    harvest, variety = custom("Harvest"), custom("Variety")
    batch = factory.batch(line="4")
    sent = batch_form(as_otto, batch) | {f"custom_{harvest.pk}": " 2026 ", "line": "5"}
    assert as_otto.post(url("change", "batch", batch.pk), sent).status_code == 302
    event = Event.objects.latest("seq")
    assert (event.verb, event.actor, event.object_id) == ("batch changed", otto, str(batch.pk))
    assert event.before == {"line": "4", "Harvest": ""}
    assert event.after == {"line": "5", "Harvest": "2026"}
    assert said(batch) == {"Harvest": "2026"}

    as_otto.post(url("change", "batch", batch.pk), batch_form(as_otto, batch))
    assert verbs().count("batch changed") == 1, "nothing was typed"
    emptied = batch_form(as_otto, batch) | {
        f"custom_{harvest.pk}": "", f"custom_{variety.pk}": "Nonpareil",
    }  # fmt: skip
    assert emptied["line"] == "5"
    as_otto.post(url("change", "batch", batch.pk), emptied)
    event = Event.objects.latest("seq")
    assert event.before == {"Harvest": "2026", "Variety": ""}
    assert event.after == {"Harvest": "", "Variety": "Nonpareil"}
    assert said(batch) == {"Variety": "Nonpareil"}


def test_a_new_batch_has_them_in_the_event_that_made_it(as_otto):
    harvest = custom("Harvest")
    product, place = factory.product(), factory.location()
    form = {"product": product.pk, "origin": place.pk, "number": "L9", "status": "released"}
    form[f"custom_{harvest.pk}"] = "2026"
    assert as_otto.post(url("add", "batch"), form).status_code == 302
    assert said(Batch.objects.get()) == {"Harvest": "2026"}
    event = Event.objects.latest("seq")
    assert (event.verb, event.before, event.after["Harvest"]) == ("batch made", None, "2026")


def test_two_people_do_not_overwrite_what_the_other_said(as_otto, otto):
    harvest = custom("Harvest")
    batch = factory.batch()
    sent = batch_form(as_otto, batch) | {f"custom_{harvest.pk}": "2025"}
    assert sent["seen"] == fingerprint(batch)
    save_batch(batch=Batch.objects.get(), custom={harvest: "2026"}, by=otto, at=NOON)
    response = as_otto.post(url("change", "batch", batch.pk), sent)
    assert "Somebody else changed L1" in text_of(response)
    assert 'value="2025"' in text_of(response)
    assert said(batch) == {"Harvest": "2026"}


def test_too_long_a_text_is_refused_by_the_form_and_by_the_operation(as_otto, otto):
    harvest = custom("Harvest")
    batch = factory.batch()
    sent = batch_form(as_otto, batch) | {f"custom_{harvest.pk}": "x" * 201}
    assert "at most 200 characters" in text_of(as_otto.post(url("change", "batch", batch.pk), sent))
    with pytest.raises(ValidationError, match="Harvest: 201 characters are too many"):
        save_batch(batch=batch, custom={harvest: "x" * 201}, by=otto, at=NOON)
    save_batch(batch=batch, custom={harvest: "x" * 200}, by=otto, at=NOON)
    assert said(batch) == {"Harvest": "x" * 200}


def test_of_a_voided_batch_it_is_only_read(as_otto, otto):
    harvest = custom("Harvest")
    product, place = factory.product(), factory.location()
    batch = make_batch(product=product, origin=place, number="L1", by=otto, at=NOON)
    save_batch(batch=batch, custom={harvest: "<2026>"}, by=otto, at=NOON)
    void_batch(batch=batch, reason="Entered twice.", by=otto, at=NOON)
    page = text_of(as_otto.get(url("change", "batch", batch.pk)))
    assert "Harvest: &lt;2026&gt;" in page and f"custom_{harvest.pk}" not in page
    with pytest.raises(ValidationError, match="was voided"):
        save_batch(batch=batch, custom={harvest: "2027"}, by=otto, at=NOON)


def test_the_page_shows_promoted_ones_among_the_facts_and_the_others_folded(as_quinn, otto):
    empty = text_of(as_quinn.get(factory.batch("L0").get_absolute_url()))
    assert "More facts" not in empty
    fields = [custom("Variety"), custom("Harvest", is_promoted=True), custom("Field", position=1)]
    batch = factory.batch()
    told = dict(zip(fields, ("Nonpareil", "2026", "<b>North</b>"), strict=True))
    save_batch(batch=batch, custom=told, by=otto, at=NOON)
    facts, folded = text_of(as_quinn.get(batch.get_absolute_url())).split("More facts</summary>")
    assert "<dt>Harvest</dt><dd>2026</dd>" in facts and "Nonpareil" not in facts
    folded = folded.split("</details>")[0]
    assert folded.index("Nonpareil") < folded.index("&lt;b&gt;North&lt;/b&gt;")
    asked = answer(the_batch("L1", product="GRANOLA"))
    assert list(asked["custom_fields"].items()) == [
        ("Harvest", "2026"), ("Variety", "Nonpareil"), ("Field", "<b>North</b>"),
    ]  # fmt: skip


def test_the_page_asks_as_many_questions_for_many_fields_as_for_one(as_quinn, otto):
    batch = factory.batch()

    def questions():
        with CaptureQueriesContext(connection) as queries:
            assert as_quinn.get(batch.get_absolute_url()).status_code == 200
        return len(queries)

    save_batch(batch=batch, custom={custom("F0"): "x"}, by=otto, at=NOON)
    questions()
    few = questions()
    many = {custom(f"F{n}", is_promoted=n % 2 == 0): "x" for n in range(1, 25)}
    save_batch(batch=batch, custom=many, by=otto, at=NOON)
    assert questions() == few


# Files

HEADER = "product,batch,origin,Harvest"


@pytest.fixture
def upload(client, otto, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    factory.product()
    factory.location()
    client.force_login(otto)

    def uploaded(*rows, header=HEADER, **fields) -> ImportRun:
        content = "\n".join([header, *rows, ""]).encode()
        file = SimpleUploadedFile("batches.csv", content)
        where = client.post("/imports/", {"file": file, "kind": ""} | fields).url
        jobs.run_due()
        return ImportRun.objects.get(pk=where.strip("/").split("/")[-1])

    return uploaded


def reasons(report) -> list[str]:
    return [error["reason"] for error in report.errors]


def test_a_file_of_batches_may_have_them_as_further_columns(upload, client):
    unknown = upload("GRANOLA,L1,PLANT1,2026", dry_run="on")
    assert [note["reason"] for note in unknown.warnings] == [
        "Column “Harvest” is not known in batches and was not read."
    ]
    custom("Harvest")
    assert "supplier_number, Harvest" in text_of(client.get("/imports/"))
    report = upload("GRANOLA,L1,PLANT1,2026", "GRANOLA,L2,PLANT1,")
    assert (report.added, report.warnings, report.errors) == (2, [], [])
    assert said(Batch.objects.get(number="L1")) == {"Harvest": "2026"}
    assert said(Batch.objects.get(number="L2")) == {}
    assert "Harvest" not in text_of(client.get(f"/imports/{report.pk}/"))


def test_a_later_file_adds_what_nobody_said_and_overwrites_nothing(upload, otto):
    custom("Harvest"), custom("Variety")
    upload("GRANOLA,L1,PLANT1,2026", "GRANOLA,L2,PLANT1,")
    report = upload(
        "GRANOLA,L1,PLANT1,2025,Carmel",
        "GRANOLA,L2,PLANT1,2024,",
        "GRANOLA,L2,PLANT1,2023,Carmel",
        "GRANOLA,L1,PLANT1,2026,Butte",
        "GRANOLA,L1,PLANT1,,Butte",
        header=f"{HEADER},variety",
    )
    assert (report.added, report.already_there, report.refused) == (2, 1, 2)
    what = "of GRANOLA from PLANT1 is"
    assert [text.split(". ")[0] for text in reasons(report)] == [
        f"Batch L1 {what} already there with Harvest “2026”, and this row says “2025”",
        f"Batch L2 {what} in line 3 with Harvest “2024”, and this row says “2023”",
    ]
    assert said(Batch.objects.get(number="L1")) == {"Harvest": "2026", "Variety": "Butte"}
    assert said(Batch.objects.get(number="L2")) == {"Harvest": "2024"}
    assert report.refused_rows.splitlines()[1].startswith("GRANOLA,L1,PLANT1,2025,Carmel,2,Harvest")


def test_the_same_file_twice_changes_nothing(upload):
    custom("Harvest")
    rows = ("GRANOLA,L1,PLANT1,2026", "GRANOLA,L2,PLANT1,")
    upload(*rows)
    before = list(CustomValue.objects.values_list())
    again = upload(*rows, "")
    assert (again.added, again.already_there, again.errors) == (0, 2, [])
    assert list(CustomValue.objects.values_list()) == before and len(before) == 1


def test_a_dry_run_writes_none_and_a_voided_batch_takes_none(upload, otto):
    custom("Harvest")
    assert upload("GRANOLA,L1,PLANT1,2026", dry_run="on").added == 1
    assert not CustomValue.objects.exists()
    upload("GRANOLA,L1,PLANT1,")
    void_batch(batch=Batch.objects.get(), reason="Entered twice.", by=otto, at=NOON)
    refused = upload("GRANOLA,L1,PLANT1,2026")
    assert reasons(refused) == [
        "Batch L1 of GRANOLA from PLANT1 was voided and is not edited any more."
    ]
    long = upload(f"GRANOLA,L2,PLANT1,{'x' * 201}")
    assert reasons(long) == ["Is longer than 200 characters."]


def test_another_header_may_mean_one_and_follows_its_name(upload, otto):
    harvest = custom("Harvest")
    header = "product,batch,origin,Ernte"
    report = upload("GRANOLA,L1,PLANT1,2026", header=header, dry_run="on")
    name_columns(report=report, names={"Ernte": "Harvest"}, by=otto, at=NOON)
    harvest.name = "Year of harvest"
    save_custom_field(field=harvest, by=None, at=timezone.now())
    assert ColumnName.objects.get().column == "Year of harvest"
    upload("GRANOLA,L1,PLANT1,2026", header=header)
    assert said(Batch.objects.get()) == {"Year of harvest": "2026"}
