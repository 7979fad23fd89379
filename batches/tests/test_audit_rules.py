"""Each rule of the audit finds its planted fault and nothing in records that are right."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.codes.check_characters import check_character
from batches.codes.numbering import number_key
from batches.models import (
    Batch,
    Contact,
    Holding,
    IssuedNumber,
    Link,
    Location,
    NumberBlock,
    Product,
    Run,
    RunInput,
    Shipment,
)
from batches.models import ShipmentLine as Line
from batches.operations import documents
from batches.reports import audit
from batches.reports.audit import examine
from batches.reports.audit.shapes import Check, Kind
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db
PATTERN = "{YY}{JJJ}{counter:3/day}{check}"
NOW = NOON + timedelta(days=2)


def number(count, day="26324", end=None):
    body = f"{day}{count:03}"
    return body + (end or check_character(body))


def found(now=NOW) -> set[tuple[str, str]]:
    """The rule and the label of every fault."""
    return {(fault.kind.name, fault.label) for fault in examine(now).found.values()}


def text_of(kind) -> str:
    return next(f.text for f in examine(NOW).found.values() if f.kind.name == kind)


@pytest.fixture
def plant():
    factory.product(number_pattern=PATTERN, gtin="09520123456788")
    return factory.location("PLANT1", is_own=True, gln="9520123456788", timezone="Europe/Berlin")


def make(text, **fields):
    fields.setdefault("produced_at", NOON)
    return factory.batch(text, **fields)


@pytest.fixture
def clean(plant, otto):
    """Almonds bought, a bar made of them, shipped to a store that can be told."""
    factory.location("SIERRA", kind="supplier")
    store = factory.location("STORE1", kind="store")
    Contact.objects.create(location=store, email="one@store.example", tested_at=NOON)
    almonds = factory.batch("A 1#", of="ALM", at="SIERRA", quantity=100)
    bars = [make(number(n)) for n in (1, 2)]
    by = {"by": otto, "at": NOON}
    come = documents.create_shipment(
        reference="SH-1", origin=almonds.origin, destination=plant, shipped_at=NOON,
        lines=[{"batch": almonds, "quantity": 50, "sscc": "095201234567891235"}], **by,
    )  # fmt: skip
    documents.post_shipment(shipment=come, **by)
    documents.receive_shipment(shipment=come, received_at=NOON, **by)
    run = documents.create_run(
        reference="RUN-1", location=plant, ran_at=NOON,
        inputs=[{"batch": almonds, "quantity": 20}],
        outputs=[{"batch": bar, "quantity": 10} for bar in bars], **by,
    )  # fmt: skip
    documents.post_run(run=run, **by)
    sent = documents.create_shipment(
        reference="SH-2", origin=plant, destination=store, shipped_at=NOW,
        lines=[{"batch": bars[0], "quantity": 4}], **by,
    )  # fmt: skip
    documents.post_shipment(shipment=sent, **by)
    return almonds, bars, sent


@pytest.fixture
def bars(clean):
    return clean[1]


def test_nothing_is_found_in_records_that_are_right(clean):
    # What a supplier printed cannot stand in a GS1 code, and it is said; nothing else is odd.
    assert found() == {("number_not_gs1", "A 1#")}
    assert text_of("number_not_gs1").startswith("GS1 codes cannot have a space, “#”.")


def test_a_number_that_is_not_of_its_pattern_is_found(bars):
    Batch.objects.filter(pk=bars[1].pk).update(number="BAR-7", number_key="BAR7")
    assert ("number_off_pattern", "BAR-7") in found()
    assert text_of("number_off_pattern") == f"It is not of the form {PATTERN}."


def test_a_number_in_lower_case_is_found(bars):
    text = number(2).lower()
    if text == number(2):
        text = f" {text}"
    Batch.objects.filter(pk=bars[1].pk).update(number=text)
    assert text_of("number_off_pattern").endswith(f"it is written {number(2)}.")


def test_a_wrong_check_character_is_found(bars):
    wrong = number(2, end="9" if number(2)[-1] != "9" else "8")
    Batch.objects.filter(pk=bars[1].pk).update(number=wrong, number_key=wrong)
    assert ("number_check_character", wrong) in found()
    assert f"expected {number(2)[-1]}" in text_of("number_check_character")


def test_a_number_of_another_day_is_found(bars):
    make(number(1, "26325"))
    assert ("number_date", number(1, "26325")) in found()
    assert text_of("number_date") == (
        "It shows 26 325, but was made on 20 Nov 2026, which is 26 324."
    )


def test_the_production_day_of_the_night_shift_is_no_fault(bars, plant):
    Location.objects.filter(pk=plant.pk).update(day_begins_hour=6)
    # 04:00 in Berlin on the 21st still belongs to the 20th.
    Batch.objects.filter(pk=bars[1].pk).update(produced_at=datetime(2026, 11, 21, 3, tzinfo=UTC))
    assert "number_date" not in {kind for kind, _ in found()}
    Batch.objects.filter(pk=bars[1].pk).update(produced_at=datetime(2026, 11, 21, 6, tzinfo=UTC))
    assert ("number_date", number(2)) in found()


def test_a_day_without_an_hour_is_that_day_whenever_days_begin(bars, plant):
    Location.objects.filter(pk=plant.pk).update(day_begins_hour=6)
    midnight = datetime(2026, 11, 19, 23, tzinfo=UTC)
    Batch.objects.filter(pk=bars[1].pk).update(produced_at=midnight)
    assert "number_date" not in {kind for kind, _ in found()}


def test_one_number_written_in_two_ways_is_found(plant):
    factory.product("OATS")
    factory.batch("AB-1", of="OATS")
    factory.batch("ab 1", of="OATS")
    factory.batch("AB-1", of="OATS", at="PLANT2")
    assert {label for kind, label in found() if kind == "number_twice"} == {"ab 1"}


def test_numbers_that_look_alike_are_found_and_different_ones_are_not(plant):
    for text in ("B01", "8O1", "C01", "102", "120"):
        factory.batch(text, of="OATS")
    factory.batch("BO1", of="RYE")
    assert {label for kind, label in found() if kind == "number_look_alike"} == {"8O1"}


@pytest.mark.parametrize("text", ["A#1", "Ä1", "A" * 21])
def test_a_number_of_ours_that_gs1_codes_cannot_have_is_a_warning(plant, text):
    factory.batch(text, of="OATS")
    fault = next(f for f in examine(NOW).found.values() if f.kind.name == "number_not_gs1")
    assert (fault.label, fault.weight) == (text, "warning")


def test_a_number_missing_in_a_sequence_is_found(bars):
    make(number(5))
    assert ("number_gap", number(5)) in found()
    assert text_of("number_gap") == "2 numbers are missing in its sequence: 3, 4."


def test_a_product_whose_numbers_may_have_gaps_has_none(bars):
    make(number(5))
    Product.objects.filter(code="GRANOLA").update(numbers_gap_free=False)
    assert "number_gap" not in {kind for kind, _ in found()}


def test_a_number_that_was_issued_and_voided_leaves_no_gap(bars):
    make(number(4))
    assert ("number_gap", number(4)) in found()
    IssuedNumber.objects.create(
        product=bars[0].product, number=number(3), number_key=number(3), pattern=PATTERN, at=NOON
    )
    assert "number_gap" not in {kind for kind, _ in found()}


def test_a_counter_of_ours_begins_with_1(plant):
    made = make(number(2))
    IssuedNumber.objects.create(
        product=made.product, number=made.number, number_key=made.number, pattern=PATTERN, at=NOON
    )
    assert text_of("number_gap") == "1 number is missing in its sequence: 1."


def test_a_number_is_read_by_the_pattern_that_made_it(bars):
    Product.objects.filter(code="GRANOLA").update(number_pattern="G{counter:5}")
    assert ("number_off_pattern", number(1)) in found()
    for bar in bars:
        IssuedNumber.objects.create(
            product=bar.product, number=bar.number, number_key=bar.number, pattern=PATTERN, at=NOON
        )
    assert "number_off_pattern" not in {kind for kind, _ in found()}


def test_numbers_that_a_block_left_over_are_found_the_day_after(plant, otto):
    block = NumberBlock.objects.create(
        product=factory.product(), origin=plant, day=date(2026, 11, 20), size=1, purpose="Line 2",
        reserved_by=otto, reserved_at=NOON,
    )  # fmt: skip
    IssuedNumber.objects.create(
        product=block.product, number=number(1), number_key=number(1), pattern=PATTERN, at=NOON,
        block=block,
    )  # fmt: skip
    assert "number_left_over" not in {kind for kind, _ in found(NOON)}
    assert ("number_left_over", f"Block {block.pk} of GRANOLA") in found()
    make(number(1))
    assert "number_left_over" not in {kind for kind, _ in found()}


def test_a_product_without_a_pattern_and_one_that_nobody_can_read_are_said(plant):
    factory.batch("X1", of="OATS")
    factory.product("RYE", number_pattern="{nonsense}")
    factory.batch("X1", of="RYE")
    assert {("pattern_missing", "OATS"), ("pattern_wrong", "RYE")} <= found()


def test_a_search_key_that_is_stale_is_found(bars):
    Batch.objects.filter(pk=bars[0].pk).update(number_key="OLD")
    assert ("number_key", bars[0].number) in found()


def test_wrong_check_digits_of_gtin_gln_and_sscc_are_found(clean):
    Product.objects.filter(code="GRANOLA").update(gtin="09520123456789")
    Location.objects.filter(code="PLANT1").update(gln="9520123456789")
    Line.objects.filter(shipment__reference="SH-1").update(sscc="095201234567891234")
    wanted = {("gtin_check_digit", "GRANOLA"), ("gln_check_digit", "PLANT1")}
    assert wanted | {("sscc_check_digit", "SH-1")} <= found()
    assert text_of("sscc_check_digit").endswith("Check digit 4 is wrong, expected 5.")


def test_one_pallet_number_on_two_shipments_is_found_and_one_that_travels_on_is_not(clean):
    sscc = "095201234567891235"
    Line.objects.filter(shipment__reference="SH-2").update(sscc=sscc)
    assert "sscc_twice" not in {kind for kind, _ in found()}
    Shipment.objects.filter(reference="SH-2").update(origin=factory.location("SIERRA"))
    assert ("sscc_twice", "SH-2") in found()


def test_stock_other_than_its_documents_and_below_zero_is_found(bars):
    held = Holding.objects.get(batch=bars[0], location__code="PLANT1")
    Holding.objects.filter(pk=held.pk).update(quantity=-3)
    label = f"{bars[0].number} at PLANT1"
    assert {("stock", label), ("more_out_than_in", label)} <= found()


def test_expired_stock_on_our_sites_is_found_and_at_a_store_is_not(bars):
    Batch.objects.filter(pk=bars[0].pk).update(expires_on=date(2026, 11, 21))
    expired = {label for kind, label in found() if kind == "expired_stock"}
    assert expired == {f"{bars[0].number} at PLANT1"}
    assert "expired_stock" not in {kind for kind, _ in found(NOON)}


def test_a_batch_that_nothing_was_used_for_is_a_gap_one_step_back(bars):
    make(number(3))
    assert {label for kind, label in found() if kind == "source_missing"} == {number(3)}


def test_goods_that_arrived_from_nowhere_are_found(bars):
    Holding.objects.create(batch=bars[1], location=factory.location("STORE1"), quantity=1)
    assert ("arrival_missing", f"{bars[1].number} at STORE1") in found()


def test_a_posted_document_without_its_links_is_found(clean):
    Link.objects.filter(shipment_line__shipment__reference="SH-2").update(voided=True)
    Link.objects.filter(run__reference="RUN-1").update(voided=True)
    assert {("link_missing", "SH-2"), ("link_missing", "RUN-1")} <= found()


def test_a_run_without_output_is_found(clean, plant):
    run = Run.objects.create(reference="RUN-9", location=plant, status="posted", ran_at=NOW)
    RunInput.objects.create(run=run, batch=clean[0], quantity=None)
    wanted = {("run_incomplete", "RUN-9"), ("quantity_unknown", "RUN-9")}
    assert wanted <= found()


def test_times_that_contradict_each_other_are_found(clean):
    almonds, bars, sent = clean
    Shipment.objects.filter(pk=sent.pk).update(received_at=NOW - timedelta(hours=1))
    late = NOW + timedelta(days=1)
    Batch.objects.filter(pk__in=[almonds.pk, bars[0].pk]).update(produced_at=late)
    Batch.objects.filter(pk=bars[1].pk).update(expires_on=date(2026, 11, 19))
    Link.objects.filter(shipment_line__shipment__reference="SH-1").update(
        arrived_from=int(late.timestamp())
    )
    wanted = {
        ("arrived_before_left", "SH-2"),
        ("shipped_before_made", "SH-1"),
        ("shipped_before_made", "SH-2"),
        ("used_before_made", "RUN-1"),
        ("left_before_arrived", "A 1# at PLANT1"),
        ("expires_before_made", bars[1].number),
    }
    assert wanted <= found()


def test_a_day_without_an_hour_contradicts_nothing_within_that_day(clean):
    sent = clean[2]
    Shipment.objects.filter(pk=sent.pk).update(
        received_at=NOW - timedelta(hours=1), received_date_only=True
    )
    assert "arrived_before_left" not in {kind for kind, _ in found()}


def test_a_time_that_is_not_known_is_a_gap(clean):
    Shipment.objects.filter(reference="SH-2").update(shipped_at=None)
    Run.objects.update(ran_at=None)
    assert {("time_unknown", "SH-2"), ("time_unknown", "RUN-1")} <= found()


def test_a_place_that_gets_goods_and_has_no_contact_is_found(clean):
    Contact.objects.update(receives_notices=False)
    assert ("no_contact", "STORE1") in found()
    # The control: a place that never got anything need not be told.
    factory.location("STORE2", kind="store")
    assert ("no_contact", "STORE2") not in found()


def test_a_contact_not_tested_for_a_year_is_a_gap(clean):
    assert ("contact_untested", "STORE1") in found(NOON + timedelta(days=366))


def test_a_rule_that_stumbles_is_a_finding_of_its_own_and_stops_no_other(clean, monkeypatch):
    def stumble(look):
        raise RuntimeError("planted")

    broken = Check("broken", stumble, (Kind("x", "Some rule"),))
    monkeypatch.setitem(audit._checks, "broken", broken)
    report = examine(NOW)
    assert ("rule_failed", "check", "broken") in report.found
    assert "x" not in report.complete and "number_gap" in report.complete


@pytest.mark.slow
def test_5000_batches_are_read_with_a_bounded_number_of_queries(clean):
    def count():
        with CaptureQueriesContext(connection) as queries:
            examine(NOW)
        return len(queries)

    few = count()
    made, place = factory.product(), factory.location("PLANT1")
    Batch.objects.bulk_create(
        Batch(
            product=made, origin=place, number=text, number_key=number_key(text), produced_at=NOON
        )
        for text in (f"N{n}" for n in range(5_000))
    )
    Holding.objects.bulk_create(
        Holding(batch=batch, location=place, quantity=0)
        for batch in Batch.objects.filter(number__startswith="N")
    )
    # The stock of another 5,000 holdings is one more part.
    assert count() <= few + 8
