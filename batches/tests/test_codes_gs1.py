"""GS1 codes beyond the published examples."""

from datetime import date

import pytest

from batches.codes.check_characters import Scheme, check_character
from batches.codes.gs1 import CodeError, charsets, dates, digital_link, epc, pairing, scans
from batches.codes.gs1.elements import (
    FNC1,
    Element,
    check,
    fault,
    from_brackets,
    from_fnc1,
    swallowed,
    to_brackets,
    to_fnc1,
)
from batches.codes.gs1.syntax import identifier, table

TODAY = date(2026, 11, 22)
BATCH = (Element("01", "09520123456788"), Element("10", "AB(1)"), Element("17", "271231"))


def test_the_dictionary_is_read_whole():
    assert len(table()) == 541
    assert identifier("10").title == "BATCH/LOT"  # may say lot
    assert identifier("01").qualifiers == (("22", "10", "21"), ("235",))
    assert identifier("3105").excludes == ("310n",)
    assert [part.is_optional for part in identifier("8008").components] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("271231", date(2027, 12, 31)),
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("000229", date(2000, 2, 29)),
    ],
)
def test_a_date_is_of_the_century_that_is_near_and_day_00_is_the_last(text, day):
    assert dates.read_date(text, TODAY) == day


def test_years_at_the_turn_of_a_century_go_to_the_next_one():
    assert dates.read_date("100101", date(2095, 1, 1)) == date(2110, 1, 1)
    assert dates.read_date("450101", date(2095, 1, 1)) == date(2145, 1, 1)
    assert dates.read_date("460101", date(2095, 1, 1)) == date(2046, 1, 1)


def test_both_forms_are_written_as_they_are_read():
    assert from_brackets(to_brackets(BATCH)) == BATCH
    assert from_fnc1(to_fnc1(BATCH)) == BATCH
    assert to_fnc1(BATCH) == f"010952012345678810AB(1){FNC1}17271231"


def test_needless_separators_are_let_pass():
    text = f"{FNC1}0109520123456788{FNC1}10A{FNC1}{FNC1}17271231{FNC1}"
    assert [element.value for element in from_fnc1(text)] == ["09520123456788", "A", "271231"]


@pytest.mark.parametrize("text", ["", "(1)2", "(00001)2", "(0A)2", "(10)", "10AB", "(10)A(B"])
def test_what_is_no_element_string_is_refused(text):
    with pytest.raises(CodeError, match="no identifier in brackets"):
        from_brackets(text)


def test_an_unknown_identifier_is_refused_unless_it_is_let_pass():
    with pytest.raises(CodeError, match=r"\(89\) is no application identifier"):
        from_brackets("(89)A")
    assert from_brackets("(89)A", unknown=True) == (Element("89", "A"),)


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (("01", "09520123456787"), "Check digit 7 is wrong, expected 8."),
        (("10", "A B"), "Has “ ”, which is not in GS1 character set 82."),
        (("10", "А1"), "Has “А”, which is not in GS1 character set 82."),
        (("10", "A" * 21), "Is too long: 1 to 20 characters."),
        (("17", "2712"), "Is too short: 6 characters."),
        (("17", "271300"), "There is no month 13."),
        (("7003", "2712002400"), "That month has no day 00."),
        (("8006", "0952012345678805 4".replace(" ", "0")), "Piece 5 of 4 does not exist."),
        (("8010", "a"), "Has “a”, which is not in GS1 character set 39."),
        (("8007", "DE89370400440532013001"), "Is not an IBAN."),
        (("4300", "A%2"), "Has a “%” that is not followed by a character's code."),
        (("8030", "A+B"), "Has “+”, which is not in base 64 for addresses."),
        (("7001", "123456789012x"), "Has “x”, which is not a digit."),
    ],
)
def test_a_value_that_breaks_its_format_is_told_why(element, said):
    assert fault(Element(*element)) == said


@pytest.mark.parametrize(
    "text",
    [
        "(8006)095201234567880204",
        "(8007)DE89370400440532013000",
        "(8008)26112214",
        "(8008)261122143059",
        "(7251)202611221430",
        "(7258)1/2",
        "(4300)A%20B",
        "(4309)17999999993599999999",
        "(8014)1987654Ad4X4bL5ttr2310c2K",
        "(4330)002000-",
        "(7040)1A2B",
    ],
)
def test_parts_of_values_that_are_right_pass(text):
    check(from_brackets(text))


def test_a_signature_needs_a_key_with_its_serial_part():
    bare = from_brackets("(253)1234567890128(8030)X")
    assert list(pairing.unsigned(bare)) == ["(8030) needs (253) with its serial part."]
    assert not list(pairing.unsigned(from_brackets("(253)12345678901281(8030)X")))


def test_broken_rules_of_pairing_are_all_said():
    said = pairing.faults(from_brackets("(02)12345678901231(01)12345678901231(10)A(10)B"))
    assert said == [
        "(10) stands there twice, as A and as B.",
        "(02) must not stand beside (01).",
        "(02) needs (37) beside it.",
    ]


def test_a_date_that_a_batch_number_swallowed_is_seen():
    assert swallowed("032915210526") == ("0329", Element("15", "210526"))
    assert swallowed("032915219926") is None
    assert swallowed("15210526") is None


@pytest.mark.parametrize("number", ["AB/1", "A+B", "A%1", "A?B&C=D", "..", "A_(1)"])
def test_a_number_with_any_character_comes_back_from_its_address(number):
    uri = digital_link.build((Element("01", "09520123456788"), Element("10", number)))
    assert digital_link.parse(uri) == (Element("01", "09520123456788"), Element("10", number))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(10)A", "no key that an address can begin with"),
        ("(01)09520123456787", "expected 8"),
        ("(01)09520123456788(10)A(10)B", "stands there twice"),
        ("(00)952012345678912345(21)A", r"\(21\) has no place in the query"),
    ],
)
def test_an_address_is_not_written_of_what_has_no_place_in_one(text, said):
    with pytest.raises(CodeError, match=said):
        digital_link.build(from_brackets(text))


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://a/01/09520123456788/21/A/10/B", "in this order"),
        ("https://a/01/09520123456788?10=A", "belongs into the path"),
        ("https://a/01/09520123456788?21=A", "no place in the query"),
        ("https://a/01/09520123456788?17=271231&17=271231", "twice"),
        ("https://a/01/09520123456788?17=", "no value"),
    ],
)
def test_an_address_that_breaks_a_rule_is_told_which(uri, said):
    with pytest.raises(CodeError, match=said):
        digital_link.parse(uri)


def test_a_plus_is_itself_in_the_path_and_a_space_in_the_query():
    link = digital_link.split("https://a/01/09520123456788/10/A+B?99=C+D")
    assert link.elements[1:] == (Element("10", "A+B"), Element("99", "C D"))


@pytest.mark.parametrize(
    "urn",
    ["urn:epc:id:sgtin:0614141", "urn:epc:id:none:1.2", "urn:epc:idpat:sgtin:*.*.*", "urn:x"],
)
def test_an_epc_name_that_is_none_is_refused(urn):
    with pytest.raises(CodeError, match="EPC name"):
        epc.read(urn)


def test_a_batch_is_kept_when_a_name_is_read_and_dropped_only_when_it_is_compared():
    uri = "https://id.gs1.org/01/09520123456788/10/AB1/21/7"
    assert Element("10", "AB1") in digital_link.split(uri).path
    assert epc.canonical(uri) == "https://id.gs1.org/01/09520123456788/21/7"


def test_a_scan_of_a_kind_that_is_not_known_is_refused():
    with pytest.raises(CodeError, match="]X9 is a kind of symbol that is not known here"):
        scans.read("]X9123")
    assert scans.read("]J1" + to_fnc1(BATCH)).elements == BATCH


def test_a_check_pair_finds_every_swap_and_every_wrong_character():
    body = "1987654Ad4X4bL5ttr2310c"
    right = charsets.check_pair(body)
    for place, sign in enumerate(body):
        for other in charsets.SET_82:
            changed = body[:place] + other + body[place + 1 :]
            assert (charsets.check_pair(changed) == right) == (other == sign)


@pytest.mark.parametrize(
    ("payload", "scheme"),
    [
        ("12A", Scheme.MOD_11_10),
        ("٣٤", Scheme.MOD_11_10),
        ("a1", Scheme.MOD_37_36),
        ("", Scheme.MOD_37_2),
    ],
)
def test_a_check_character_is_refused_for_other_alphabets(payload, scheme):
    with pytest.raises(CodeError, match="is for digits"):
        check_character(payload, scheme)
