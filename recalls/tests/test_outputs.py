"""Every output of a recall, opened again: its figures are those of the frozen scope."""

import hashlib
import io
import json
import zipfile
from decimal import Decimal

import pypdf
import pytest
from django.core.exceptions import ValidationError

from recalls.operations import recalls
from recalls.operations.activation import activate_unsigned
from recalls.operations.drills import plan_drill, start_drill
from recalls.packaging import write_package
from recalls.reports.outputs import OUTPUTS, make, tables
from recalls.reports.status import status
from recalls.scope import preview
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.made import LATER, answer, case_of, made, paper_of, rows_of, sheets_of
from recalls.tests.test_paper import read
from recalls.tests.test_status import stores

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def recall(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def test_preview_frozen_scope_and_every_output_have_the_same_figures(nodes, quinn, paula):
    draft = factory.submitted(quinn, nodes["ALM@SIERRA"])
    seen = {one.unit: one for one in preview(draft).quantities}
    recall = factory.activate(draft, paula).recall
    answer(recall, "one@store.example", quarantined=30, sold=4)
    due, on_site = seen["case"].shipped, seen["case"].on_site
    assert (due, on_site) == (90, 365)

    [sums] = status(recall).totals
    [row] = rows_of(tables.totals(case_of(recall)))
    record = json.loads(made(recall, "status", "json"))
    listed = rows_of(tables.batches(case_of(recall)))
    places = rows_of(tables.places(case_of(recall)))
    enforcement = json.loads(made(recall, "openfda", "json"))["results"]
    scope = sheets_of(made(recall, "status", "xlsx"))["Scope"]
    column = scope[0].index("To account for")

    assert sums.due == due
    assert (Decimal(row["due"]), Decimal(row["on_site"])) == (due, on_site)
    assert Decimal(record["amounts"][0]["due"]) == due
    assert sum(Decimal(one["due"]) for one in listed) == due
    assert sum(Decimal(one["on_site"]) for one in listed) == on_site
    assert sum(Decimal(one["due"]) for one in places) == due
    assert sum(line[column] for line in scope[1:] if line[3] == "To be told") == due
    assert [one["product_quantity"] for one in enforcement if "BAR" in one["product_code"]] == [
        "90 cases"
    ]
    for kind in ("status", "closing"):
        text = paper_of(recall, kind)
        assert "90 cases to account for" in text
        assert "Quarantined: 30 cases" in text and "No answer yet: 56 cases" in text
    assert "With consignees 90 cases" in paper_of(recall, "firm")


def test_unlike_units_stay_apart_in_every_sum(nodes, quinn, paula):
    almonds = nodes["ALM@SIERRA"].batch.product
    almonds.unit = "kg"
    almonds.save()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    rows = {row["unit"]: row for row in rows_of(tables.totals(case_of(recall)))}
    assert {unit: row["on_site"] for unit, row in rows.items()} == {
        "case": "10",
        "kg": "355",
    }
    assert "On our sites, held 10 cases, 355 kg" in paper_of(recall, "firm")


def test_the_evidence_of_a_place_is_its_frozen_path_and_names_no_other_consignee(recall):
    line = recall.versions.get().lines.get(location_code="STORE1")
    text = paper_of(recall, "evidence", place="store1")
    assert "Why Store 1 is affected" in text
    for step in line.path:
        assert step["document"] in text
    assert "To account for 40 cases" in text
    assert "Store 2" not in text and "STORE2" not in text
    with pytest.raises(ValidationError, match="NOWHERE is no place of RC-2026-0001"):
        made(recall, "evidence", "pdf", place="NOWHERE")
    with pytest.raises(ValidationError, match="Say for which place"):
        made(recall, "evidence", "pdf")


def test_the_closing_report_is_interim_until_the_recall_is_completed(recall, quinn, paula):
    assert "Interim. The recall is not completed" in paper_of(recall, "closing")
    for key in ("one@store.example", "two@store.example"):
        answer(recall, key, quarantined=20)
    recall = recalls.complete_recall(recall=recall, by=quinn, at=LATER)
    recall = recalls.close_recall(
        recall=recall,
        by=paula,
        at=LATER,
        password="paula",
        meaning="All is explained.",
        statement="Thirty cases were eaten.",
    )
    text = paper_of(recall, "closing")
    assert "Closing report" in text and "Interim" not in text
    assert "Thirty cases were eaten." in text
    assert "30 cases missing" in text
    assert text.count("All is explained.") == 1
    version = recall.versions.get()
    assert version.sha256 in text.replace(" ", "")
    assert "Page 1 of" in text and "Recall lead" in text


def test_reports_say_that_one_person_activated_it_alone(nodes, quinn, paula):
    case = factory.draft(quinn, nodes["ALM@SIERRA"])
    recalls.break_glass(
        recall=case, by=quinn, at=LATER, password="quinn", meaning="Alone.", reason="Night."
    )
    case.refresh_from_db()
    for kind in ("status", "firm", "closing"):
        text = paper_of(case, kind)
        assert "Activated by one person alone" in text and "Night." in text, kind
        assert "Nobody has countersigned it yet." in text, kind
    case = recalls.countersign(recall=case, by=paula, at=LATER, password="paula", meaning="Right.")
    assert "Nobody has countersigned it yet." not in paper_of(case, "status")
    assert "alone" not in paper_of(case, "consumer"), "that is no matter of the public"


def test_the_closing_report_names_both_people_of_a_narrowing(recall, quinn, paula, nodes):
    from recalls.tests.test_narrowing import narrow

    narrow(recall, quinn, paula, nodes["BAR@STORE1"])
    text = paper_of(recall, "closing")
    assert "Made before the incident." in text and "approved by" in text


def test_every_page_of_every_output_is_numbered_has_the_hash_and_says_that_it_is_a_drill(recall):
    type(recall).objects.filter(pk=recall.pk).update(is_drill=True)
    recall.refresh_from_db()
    for output in OUTPUTS.values():
        if "pdf" in output.makers:
            options = {"place": "STORE1"} if output.wants == "place" else {}
            pages = read(made(recall, output.kind, "pdf", **options))
            assert all("DRILL RC-2026-0001" in page for page in pages), output.kind
            for number, page in enumerate(pages, 1):
                assert f"Page {number} of {len(pages)}" in page, output.kind
            # What consumers read says what is recalled, and no more.
            if output.kind != "consumer":
                assert recall.versions.get().sha256 in "".join("".join(pages).split()), output.kind
    assert json.loads(made(recall, "openfda", "json"))["meta"]["is_drill"] is True
    about = sheets_of(made(recall, "fsma", "xlsx"))["About"]
    assert ("DRILL", "This is an exercise.") in about


def test_an_output_that_there_is_not_is_refused_with_what_there_is(recall, quinn):
    with pytest.raises(ValidationError, match=r"There is no output “x”\. Choose from status"):
        made(recall, "x", "pdf")
    with pytest.raises(ValidationError, match="is made as xlsx, not as pdf"):
        made(recall, "fsma", "pdf")
    with pytest.raises(ValidationError, match="has no frozen scope yet"):
        case_of(factory.draft(quinn))


def test_the_package_holds_everything_and_its_manifest_proves_each_file(recall):
    answer(recall, "one@store.example", quarantined=30, sold=4)
    stream = io.BytesIO()
    told = []
    case = case_of(recall)
    count = write_package(stream, case, lambda **progress: told.append(progress))
    assert told[-1]["done"] == told[-1]["total"] == count - 1
    with zipfile.ZipFile(stream) as package:
        assert package.testzip() is None
        manifest = json.loads(package.read("manifest.json"))
        names = set(package.namelist())
        assert {one["name"] for one in manifest["files"]} == names - {"manifest.json"}
        for one in manifest["files"]:
            content = package.read(one["name"])
            assert len(content) == one["bytes"] and content
            assert hashlib.sha256(content).hexdigest() == one["sha256"], one["name"]
            if one["name"].endswith(".pdf"):
                assert read(content)
        frozen = package.read("data/scope-version-1.json")
        assert hashlib.sha256(frozen).hexdigest() == recall.versions.get().sha256
        assert manifest["scope_sha256"] == recall.versions.get().sha256
        [row] = rows_of(package.read("data/totals.csv"))
        [sums] = status(recall).totals
        for part in ("due", "quarantined", "sold", "no_answer"):
            assert Decimal(row[part]) == getattr(sums, part), part
        assert {"evidence/STORE1.pdf", "consumer/notice-fr.pdf", "04-fsma-204.xlsx"} <= names
        said = b"".join(package.read(name) for name in names if not name.endswith(".pdf"))
    for person in (b"one@store.example", b"Uno", b"Kim"):
        assert person not in said, "no names and no addresses of people"


def test_mail_of_before_the_first_version_is_in_the_table_of_notices_too(quinn, nodes):
    drill = plan_drill(lead=quinn, by=quinn, at=NOON, batch=nodes["ALM@SIERRA"].batch)
    drill = start_drill(drill=drill, by=quinn, at=NOON)
    recall = recalls.submit_recall(recall=drill.recall, by=quinn, at=NOON)
    activate_unsigned(recall=recall, by=quinn, at=NOON)
    rows = rows_of(tables.notices(case_of(recall)))
    assert [row["scope_version"] for row in rows if row["kind"] == "drill"] == [""]


def test_letter_paper_can_be_asked_for(recall):
    content = make(case_of(recall, size="Letter"), "status", "pdf").content
    assert round(pypdf.PdfReader(io.BytesIO(content)).pages[0].mediabox.height) == 792


def test_the_figures_of_a_dossier_take_the_same_queries_for_many_places(
    quinn, paula, django_assert_max_num_queries
):
    recall = factory.active(quinn, paula, stores(*[f"s{n}@x.example" for n in range(25)]))
    # One for each of the 25 places would be far beyond.
    with django_assert_max_num_queries(34):
        case = case_of(recall)
        for kind in ("status", "firm", "closing"):
            make(case, kind, "pdf")
