"""The resolver against what is recorded: what a text is, where it leads, what is wrong with it."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission, User

from batches.codes import patterns
from batches.models import Shipment, ShipmentLine
from batches.reports.resolver import resolve
from batches.tests import factory

TODAY = date(2026, 11, 22)
GTIN = "09520123400019"
OTHER = "09520123400026"
SSCC = "095201234000000019"


@pytest.fixture
def found(quinn):
    return lambda text: resolve(text, user=quinn, today=TODAY)


@pytest.fixture
def granola(db):
    return factory.product(gtin=GTIN, name="Oat granola")


def said(result) -> dict[str, str]:
    return {part.label: part.said for part in result.understood}


def near(result) -> dict[str, str]:
    return {hit.code: hit.why for hit in result.near}


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(10)L1",
        f"]d201{GTIN}10L1^]17271231",
        f"01{GTIN}1727123110L1",
        f"https://maker.example/shop/01/{GTIN}/10/L1/21/77?17=271231",
        "urn:epc:class:lgtin:9520123.040001.L1",
    ],
)
def test_every_form_of_a_batch_code_leads_to_the_batch_of_that_product(found, granola, text):
    made = factory.batch("L1")
    factory.batch("L1", of="OTHER")
    assert found(text).only.obj == made


@pytest.mark.parametrize("word", ["Lot ", "lot: ", "LOT NO. ", "Lot#"])  # may say lot
def test_a_number_is_understood_behind_the_old_word_for_it(found, granola, word):
    made = factory.batch("L1")
    assert found(f"{word}L1").only.obj == made


@pytest.mark.parametrize("text", ["Batch number L1", "batch L1", "Charge L1", "Lote: L1"])
def test_a_number_is_understood_behind_the_word_for_it(found, granola, text):
    made = factory.batch("L1")
    result = found(text)
    assert result.only.obj == made and said(result) == {"Batch": "Recorded."}


def test_a_word_for_it_that_belongs_to_the_number_or_name_is_kept(found, granola):
    made = factory.batch("LOT5")  # may say lot
    shop = factory.location("SHOP", name="Lot Street 7")  # may say lot
    assert found("LOT 5").only.obj == made  # may say lot
    assert found("lot street 7").only.obj == shop  # may say lot


def test_a_mistyped_number_behind_its_word_is_offered_the_nearest(found, granola):
    factory.batch("LAB20")
    result = found("batch LA820")
    assert said(result) == {"Batch": "Not recorded; nearest LAB20."}
    assert near(result) == {"LAB20": "Looks alike: B for 8"}


def test_a_gtin_leads_to_its_product_with_or_without_leading_zeros(found, granola):
    for text in (GTIN, GTIN[1:], f"(01){GTIN}", f"https://a.example/01/{GTIN}"):
        assert found(text).only.obj == granola, text


def test_a_gln_leads_to_its_location_in_every_form(found, granola):
    place = factory.location("STORE1", gln="9520123400026")
    for text in ("9520123400026", "(414)9520123400026", "urn:epc:id:sgln:9520123.40002.0"):
        assert found(text).only.obj == place, text


def test_an_sscc_leads_to_its_shipment_in_every_form(found):
    sent = Shipment.objects.create(
        reference="SH-1", origin=factory.location(), destination=factory.location("STORE1")
    )
    ShipmentLine.objects.create(shipment=sent, batch=factory.batch("L1"), sscc=SSCC)
    for text in (SSCC, f"00{SSCC}", f"(00){SSCC}", f"]C100{SSCC}", f"https://a.example/00/{SSCC}"):
        assert found(text).only.obj == sent, text


def test_a_batch_that_the_product_does_not_have_is_said_with_the_nearest(found, granola):
    factory.batch("L1O0")
    result = found(f"(01){GTIN}(10)L100")
    assert said(result) == {
        "GTIN": "GRANOLA Oat granola.",
        "Batch": "Not recorded for this product; nearest L1O0.",
    }
    assert near(result) == {"L1O0": "Looks alike: O for 0"}


def test_a_number_that_no_batch_has_is_held_against_the_product_s_pattern(found, granola):
    pattern = "{YY}{JJJ}{line:1}{counter:3/day}{check}"
    type(granola).objects.update(number_pattern=pattern)
    right = patterns.render(
        patterns.parse(pattern), patterns.Facts(line="B", day=date(2026, 11, 20)), 7
    )
    assert said(found(f"(01){GTIN}(10){right}"))["Batch"] == "Not recorded for this product."
    wrong = right.replace("B", "8")
    assert said(found(f"(01){GTIN}(10){wrong}"))["Batch"].startswith(
        f"Not recorded for this product; its check character {right[-1]} is wrong, expected "
    )
    assert f"it may be {right}" in said(found(f"(01){GTIN}(10){wrong}"))["Batch"]
    assert said(found(f"(01){GTIN}(10)X-1"))["Batch"] == (
        f"Not recorded for this product; not of the form {pattern}."
    )


def test_the_same_number_of_another_product_is_offered_and_never_taken(found, granola):
    factory.batch("L1", of="OTHER")
    result = found(f"(01){GTIN}(10)L1")
    assert result.only is None
    assert near(result) == {"L1": "Same number, but of OTHER"}


def test_a_wrong_check_digit_is_said_with_the_right_one(found, granola):
    assert said(found("(01)09520123400018(10)L1"))["GTIN"] == (
        "Check digit 8 is wrong, expected 9. No product has it."
    )
    assert said(found(f"00{SSCC[:-1]}7")) == {
        "As an SSCC": "Check digit 7 is wrong, expected 9. In no shipment."
    }


def test_a_bare_number_is_understood_as_everything_that_it_may_be(found, db):
    assert said(found("9520123400026")) == {
        "As a GTIN": "No product has it.",
        "As a GLN": "No location has it.",
    }


def test_eight_digits_are_a_batch_number_where_one_is_recorded(found, db):
    made = factory.batch("20261122")
    assert found("20261122").only.obj == made


def test_parts_that_name_nothing_recorded_are_checked_too(found, granola):
    factory.batch("L1")
    assert said(found(f"(01){GTIN}(10)L1(17)271331(15)271100(21)S1")) == {
        "GTIN": "GRANOLA Oat granola.",
        "Batch": "Recorded.",
        "Serial number": "Single units are not looked up here, only their batch.",
        "USE BY or EXPIRY": "There is no month 13.",
        "BEST BEFORE or BEST BY": "30 November 2027.",
    }


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("LAB2O", "Looks alike: 0 for O"),
        ("1A820", "Looks alike: L for 1, B for 8"),
        ("LA8Z0", "Looks alike: B for 8, 2 for Z"),
        ("LAB02", "Two characters swapped"),
        ("AB20", "With an L before it"),
        ("LLAB20", "Without the L before it"),
        ("LАВ20", "Letters of another alphabet: А, В"),
    ],
)
def test_a_number_one_slip_away_is_offered_with_the_reason(found, db, typed, why):
    factory.batch("LAB20")
    result = found(typed)
    assert result.only is None and near(result) == {"LAB20": why}


def test_full_width_characters_are_the_same_number(found, db):
    made = factory.batch("LAB20")
    assert found("ＬＡＢ２０").only.obj == made


def test_a_number_recorded_in_foreign_letters_is_found_by_latin_ones(found, db):
    factory.batch("LАВ20")
    assert near(found("LAB20")) == {"LАВ20": "Recorded with letters of another alphabet: А, В"}


def test_a_batch_that_swallowed_the_date_behind_it_is_offered(found, granola):
    factory.batch("0329")
    result = found(f"]C101{GTIN}10032915210526")
    assert near(result) == {"0329": "If the separator behind it is missing"}
    assert "it is 0329, then (15)210526" in result.reading.remarks[0]


def test_what_a_person_may_not_see_is_neither_found_nor_said(granola):
    factory.batch("L1")
    nobody = User.objects.create_user("nobody")
    nobody.user_permissions.add(Permission.objects.get(codename="view_shipment"))
    result = resolve(f"(01){GTIN}(10)L1", user=nobody, today=TODAY)
    assert result.hits == [] and result.near == []
    assert said(result) == {"GTIN": "Well formed.", "Batch": "Read."}
