"""Movements recorded without a batch: kept, named for what they are, and joined to nothing."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from batches.codes.gs1.charsets import SET_82
from batches.codes.gs1.errors import CodeError
from batches.codes.numbering import RAN, is_unrecorded, unrecorded_number
from batches.codes.patterns import parse, read
from batches.models import (
    Batch,
    Finding,
    Holding,
    IssuedNumber,
    Link,
    Location,
    Product,
    Shipment,
)
from batches.operations.batches import make_batch
from batches.operations.documents import void_shipment
from batches.operations.units import issue_unit_codes
from batches.reports.audit import examine
from batches.reports.labels.content import of_shipment
from batches.tests.catering import take, take_all
from batches.tests.factory import user
from batches.tests.test_intake_imports import everything, reasons, warnings
from batches.tracing import WholeBatch, resolve

pytestmark = pytest.mark.django_db

HEAD = "reference,origin,destination,product,batch,quantity,shipped_at,received_at,sscc\n"
RUNS = "reference,location,direction,product,batch,quantity,ran_at\n"
DELIVERY = "L-9,HOF-A,KÜCHE,BEEREN,{},{},2026-05-02,2026-05-03,\n"


def ship(*rows: tuple[str, str]):
    return take("shipments", HEAD + "".join(DELIVERY.format(*row) for row in rows))


@pytest.fixture
def history():
    take_all()


def numbers() -> list[str]:
    return list(Batch.objects.filter(is_unidentified=True).values_list("number", flat=True))


# --- numbers ---------------------------------------------------------------------------------


def test_each_row_of_each_document_has_a_number_of_its_own_that_fits():
    references = ["A", "A/1", "A:1", "A/1/1", "run A", "X" * 60, "X" * 59 + "Y"]
    made = {
        unrecorded_number(reference, position, document)
        for reference in references
        for position in (1, 11, 99_999)
        for document in ("/", RAN)
    }
    assert len(made) == len(references) * 3 * 2
    assert all(len(number) <= 60 and is_unrecorded(number) for number in made)


def test_no_code_and_no_pattern_makes_such_a_number():
    assert not set(unrecorded_number("A", 1)) <= set(SET_82)
    assert not is_unrecorded("L26311A")
    with pytest.raises(CodeError):
        read(parse("{product}{random:3}"), unrecorded_number("A", 1), "P", "PLANT1")


# --- shipments -------------------------------------------------------------------------------


def test_a_line_without_a_batch_is_a_batch_of_its_own_from_where_it_left(history):
    outcome = ship(("", "40"), ("7", "10"), ("", "2"))
    assert (outcome.added, outcome.refused) == (2, 1)  # two growers have a batch 7
    assert numbers() == ["No batch recorded (L-9/1)", "No batch recorded (L-9/2)"]
    batch = Batch.objects.get(number="No batch recorded (L-9/1)")
    assert (batch.product.code, batch.origin.code, batch.quantity) == ("BEEREN", "HOF-A", 40)
    link = Link.objects.get(source__batch=batch)
    assert (link.target.location.code, link.target.quantity) == ("KÜCHE", 40)
    assert link.source.quantity == 0
    assert sum("No batch is named" in text for text in warnings(outcome)) == 2


def test_the_same_file_again_changes_nothing(history):
    rows = [("", "40"), ("", "40"), ("", "2"), ("", "")]
    assert ship(*rows).added == 4
    before = everything()
    again = ship(*rows)
    assert (again.added, again.already_there, again.refused) == (0, 4, 0)
    assert everything() == before


def test_a_line_that_was_mended_later_is_added_to_its_document(history):
    ship(("", "40"), ("", "nothing"))
    outcome = ship(("", "5"))
    assert (outcome.added, outcome.refused) == (1, 0)
    assert numbers() == ["No batch recorded (L-9/1)", "No batch recorded (L-9/2)"]


def test_a_row_that_names_the_batch_later_is_refused(history):
    ship(("", "40"))
    later = DELIVERY.format("7", "{}").replace("batch,", "") + ""
    head = HEAD.replace("batch,", "batch,batch_origin,")
    row = later.replace(",7,", ",7,HOF-A,")
    for quantity in ("40", ""):
        outcome = take("shipments", head + row.format(quantity))
        [said] = reasons(outcome)
        assert "Shipment L-9 has the same without a batch already" in said
    assert take("shipments", head + row.format("3")).added == 1


def test_two_documents_with_one_reference_do_not_share_a_number(history):
    run = take("runs", RUNS + "L-9,HOF-A,output,BEEREN,,40,2026-05-01\n")
    assert run.added == 1
    assert ship(("", "40")).added == 1
    assert numbers() == ["No batch recorded (L-9/1)", "No batch recorded (L-9:1)"]


def test_an_adjustment_still_needs_its_batch(history):
    outcome = take(
        "adjustments", "location,product,batch,quantity,reason\nKÜCHE,BEEREN,,-1,scrap\n"
    )
    assert reasons(outcome) == ["Is empty but needed."]


def test_an_adjustment_may_name_goods_without_a_batch(history):
    ship(("", "40"))
    rows = "KÜCHE,BEEREN,No batch recorded (L-9/1),-1,scrap\n"
    assert take("adjustments", "location,product,batch,quantity,reason\n" + rows).added == 1
    [number] = numbers()
    here = Holding.objects.get(batch__number=number, location__code="KÜCHE")
    assert here.quantity == 39


# --- runs ------------------------------------------------------------------------------------


def test_a_run_takes_inputs_and_outputs_without_a_batch(history):
    rows = (
        "KOCH-2,KÜCHE,input,BEEREN,,6,2026-05-06\n"
        "KOCH-2,KÜCHE,input,QUARK,,,2026-05-06\n"
        "KOCH-2,KÜCHE,output,GRÜTZE,,50,2026-05-06\n"
    )
    outcome = take("runs", RUNS + rows)
    assert (outcome.added, outcome.refused) == (3, 0)
    assert Link.objects.filter(run__reference="KOCH-2", voided=False).count() == 2
    made = Batch.objects.get(number="No batch recorded (KOCH-2:3)")
    assert made.origin.code == "KÜCHE"
    assert made.holdings.get().quantity == 50
    used = Batch.objects.get(number="No batch recorded (KOCH-2:1)")
    assert used.holdings.get().quantity == 0
    before = everything()
    assert take("runs", RUNS + rows).already_there == 3
    assert everything() == before
    more = take("runs", RUNS + "KOCH-2,KÜCHE,input,BEEREN,,7,2026-05-06\n")
    assert more.added == 1
    assert Link.objects.filter(run__reference="KOCH-2", voided=False).count() == 3


# --- what it must not be mistaken for ----------------------------------------------------------


def test_nobody_gives_a_batch_such_a_number():
    product = Product.objects.create(code="P", name="P")
    place = Location.objects.create(code="PLANT1", name="Plant", kind="plant")
    with pytest.raises(ValidationError, match="Enter the number as it is printed"):
        make_batch(
            product=product, origin=place, number="no batch-recorded", by=None, at=timezone.now()
        )
    for fields in ({"number_key": "NOBATCHRECORDED1"}, {"is_unidentified": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Batch.objects.create(product=product, origin=place, number="X", **fields)


def test_a_file_of_batches_cannot_bring_such_a_number(history):
    head = "product,batch,origin\n"
    outcome = take("batches", f"{head}BEEREN,No batch recorded (L-1/1),HOF-A\n")
    assert reasons(outcome) == ["This says that no batch was recorded. Write the number."]


def test_the_audit_names_the_document_and_leaves_the_number_alone(history):
    ship(("", "40"), ("", "2"))
    kept = Finding.objects.get(kind="batch_unknown")
    assert (kept.severity, kept.label) == ("gap", "L-9")
    found = examine(timezone.now()).found
    [gap] = [fault for fault in found.values() if fault.kind.name == "batch_unknown"]
    assert (gap.about, gap.key, gap.label) == (kept.object_type, kept.object_id, "L-9")
    assert gap.text == kept.text
    assert not [
        fault
        for fault in found.values()
        if is_unrecorded(fault.label) and fault.kind.name != "arrival_missing"
    ]
    assert not IssuedNumber.objects.exists()


# --- the trace -------------------------------------------------------------------------------

MADE = "product,batch,origin,produced_at,quantity\nGRÜTZE,G-2,KÜCHE,2026-05-04,100\n"


def at_kitchen(number, of="GRÜTZE", day="2026-05-05", until="", place="SCHULE-2"):
    row = f"{number},KÜCHE,{place},{of},,5,{day},{until},\n"
    assert take("shipments", HEAD + row).added == 1


def trace(number="G-1", direction="forward", **how):
    return resolve([WholeBatch(Batch.objects.get(number=number).pk)], direction, **how)


def notes(result) -> dict[str, str]:
    return {note.kind: note.text for note in result.notes}


def documents(result) -> list[str]:
    return [line.reference for line in result.unnamed]


def test_a_trace_says_that_lines_without_a_batch_may_belong_to_it(history):
    before = trace()
    assert "unidentified" not in notes(before)
    at_kitchen("L-7")
    after = trace()
    assert (
        notes(after)["unidentified"]
        == "At places of this trace 1 line has no batch and may belong to it"
    )
    assert documents(after) == ["L-7"]
    # It is a note: nothing of it is in the trace.
    assert [h.holding_id for h in after.holdings] == [h.holding_id for h in before.holdings]
    assert trace().as_json()["notes"] == after.as_json()["notes"]


def test_only_what_may_have_been_there_counts(history):
    at_kitchen("EARLY", day="2026-05-02", until="2026-05-03")  # made on the fourth
    at_kitchen("SAME-DAY", day="2026-05-04")
    at_kitchen("UNKNOWN", day="")
    at_kitchen("ARRIVED", day="", until="2026-05-02")
    at_kitchen("QUARK", of="QUARK")
    take("shipments", HEAD + "ELSEWHERE,HOF-A,HOF-B,GRÜTZE,,5,2026-05-05,,\n")
    assert set(documents(trace())) == {"SAME-DAY", "UNKNOWN"}


def test_what_left_a_place_after_the_last_of_the_batch_does_not_count(history):
    assert take("batches", MADE).added == 1
    rows = "L-20,KÜCHE,SCHULE-1,GRÜTZE,G-2,{},2026-05-06T09:00,2026-05-06T10:00,\n"
    assert take("shipments", HEAD + rows.format(100)).added == 1
    at_kitchen("LATER", day="2026-05-20")
    at_kitchen("SAME", day="2026-05-06")
    assert documents(trace("G-2")) == ["SAME"]
    # The control: with one case left in the kitchen it may be any later line too.
    assert set(documents(trace("G-1"))) == {"LATER", "SAME"}


def test_what_came_to_a_place_of_the_trace_counts_there(history):
    take("shipments", HEAD + "IN,HOF-B,SCHULE-1,GRÜTZE,,5,2026-05-07,2026-05-08,\n")
    take("shipments", HEAD + "BEFORE,HOF-B,SCHULE-1,GRÜTZE,,5,2026-05-01,2026-05-02,\n")
    [line] = trace().unnamed
    assert (line.reference, Location.objects.get(pk=line.location_id).code) == ("IN", "SCHULE-1")


def test_backward_counts_what_was_there_before(history):
    row = "{},HOF-A,KÜCHE,BEEREN,,5,{},,\n"
    take("shipments", HEAD + row.format("BEFORE", "2026-05-02"))
    take("shipments", HEAD + row.format("AFTER", "2026-05-09"))
    assert documents(trace(direction="backward")) == ["BEFORE"]


def test_lines_of_runs_count_and_voided_documents_do_not(history):
    take("runs", RUNS + "REPACK,KÜCHE,input,GRÜTZE,,5,2026-05-06\n")
    assert documents(trace()) == ["REPACK"]
    at_kitchen("L-7")
    void_shipment(
        shipment=Shipment.objects.get(reference="L-7"), reason="twice", by=None, at=timezone.now()
    )
    assert documents(trace()) == ["REPACK"]
    assert trace(known_at=timezone.now() - timedelta(days=1)).unnamed == []


def test_what_is_traced_itself_is_not_said_to_be_missing(history):
    at_kitchen("L-7")
    number = unrecorded_number("L-7", 1)
    result = trace(number)
    assert documents(result) == []
    assert {held.batch_number for held in result.holdings} == {number}


def test_the_queries_do_not_grow_with_the_lines(history):
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            trace()
        return len(caught)

    at_kitchen("L-7")
    first = asked()
    for number in range(8, 20):
        at_kitchen(f"L-{number}")
    assert asked() == first


# --- pages -----------------------------------------------------------------------------------


@pytest.fixture
def page(client, history):
    client.force_login(user("quinn", "Quality"))
    at_kitchen("L-7")
    batch = Batch.objects.get(number=unrecorded_number("L-7", 1))
    return lambda name, *args, **query: client.get(reverse(name, args=args), query), batch


def test_the_note_of_a_trace_names_the_documents_and_follows_the_goods_at_a_click(page):
    get, batch = page
    seed = Batch.objects.get(number="G-1").pk
    shown = get("batch-trace", seed=seed, dir="fwd").content.decode()
    assert "At places of this trace 1 line has no batch and may belong to it" in shown
    assert f'href="{reverse("shipment-detail", args=["L-7"])}">L-7</a>' in shown
    [url] = re.findall(r'<a href="([^"]+)">Trace these goods as well</a>', shown)
    assert f"seed={seed}" in url and f"seed={batch.pk}" in url
    more = get("batch-trace", seed=[seed, batch.pk], dir="fwd").content.decode()
    assert "Trace these goods as well" not in more and batch.number in more


def test_goods_without_a_batch_have_a_page_and_no_label(page):
    get, batch = page
    here = (batch.product.code, batch.number)
    shown = get("batch-detail", *here).content.decode()
    assert "No batch recorded (L-7/1)" in shown and reverse("batch-label", args=here) not in shown
    assert get("batch-label", *here).status_code == 404
    labels = get("batch-labels", batch=batch.pk)
    assert "No batch matches, so there is nothing to print." in labels.content.decode()
    assert get("batch-labels", batch=batch.pk, export="pdf").status_code == 400


def test_a_pallet_of_goods_without_a_batch_has_a_label_without_a_number(history):
    row = "P-1,KÜCHE,SCHULE-1,GRÜTZE,,5,2026-05-05,,095201234000000014\n"
    assert take("shipments", HEAD + row).added == 1
    [label] = of_shipment(
        Shipment.objects.select_related("origin", "destination").get(reference="P-1")
    )
    assert not [element for element in label.elements if element.ai == "10"]


def test_no_unit_code_is_issued_to_goods_without_a_batch(page):
    with pytest.raises(ValidationError, match="no code can stand for it"):
        issue_unit_codes(batch=page[1], count=1, by=None, at=timezone.now())
