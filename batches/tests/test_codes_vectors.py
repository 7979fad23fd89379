"""GS1's and ISO's own examples; where they come from stands in gs1_vectors.json."""

import json
from pathlib import Path

import pytest

from batches.codes.check_characters import Scheme, check_character, has_right_check_character
from batches.codes.gs1 import CodeError, charsets, dates, digital_link, epc, keys, pairing, scans
from batches.codes.gs1.elements import FNC1, check, from_brackets, from_fnc1, to_brackets, to_fnc1
from batches.codes.gs1.voice import voice_code

VECTORS = json.loads(Path(__file__).with_name("gs1_vectors.json").read_text())


def each(group: str, key: str):
    rows = VECTORS[group]
    return pytest.mark.parametrize(
        "row", rows, ids=[f"{n}-{row[key]}"[:60] for n, row in enumerate(rows)]
    )


def or_none(read):
    try:
        return read()
    except CodeError:
        return None


def caret(elements) -> str:
    return "^" + to_fnc1(elements).replace(FNC1, "^")


def checked(elements):
    check(elements)
    return elements


@each("bracketed", "input")
def test_bracketed_element_strings_are_read_as_gs1_reads_them(row):
    found = or_none(lambda: checked(from_brackets(row["input"])))
    assert (found and caret(found)) == row["unbracketed"]
    assert (found is not None) == row["valid"]
    if found:
        assert to_brackets(found) == row["input"]


@each("unbracketed_fnc1_caret", "input")
def test_unbracketed_element_strings_are_read_as_gs1_reads_them(row):
    found = or_none(lambda: checked(from_fnc1(row["input"].replace("^", FNC1))))
    assert (found is not None) == row["valid"]
    if found:
        assert caret(found) == row["input"]


RULES = {
    "AIrepeats": pairing.repeated,
    "AImutex": pairing.excluded,
    "AIrequisites": pairing.missing,
    "DigSigRequiresSerialisedKey": pairing.unsigned,
}


@each("ai_pairing_rules", "input")
def test_identifiers_that_need_or_exclude_others_are_judged_as_gs1_judges_them(row):
    elements = from_brackets(row["input"], unknown=True)
    assert (not list(RULES[row["rule"]](elements))) == row["valid"]


OPTIONS = {
    "alphas": "words",
    "PermitZeroSuppressedGTINinDLuris": "short_gtins",
    "PermitUnknownAIs": "unknown",
}


@each("digital_link_parse", "uri")
def test_digital_links_are_read_as_gs1_reads_them(row):
    options = {OPTIONS[name]: value for name, value in row["options"].items()}
    found = or_none(lambda: digital_link.parse(row["uri"], **options))
    assert (found and caret(found)) == row["elements"]
    assert (found is not None) == row["valid"]


@each("digital_link_generate", "bracketed")
def test_digital_links_are_written_as_gs1_writes_them(row):
    elements = from_brackets(row["bracketed"])
    assert or_none(lambda: digital_link.build(elements, row["stem"])) == row["uri"]


SYMBOLOGIES = {
    "GS1-128": "GS1_128_CCA",
    "GS1 DataBar": "DataBarExpanded",
    "Data Matrix": "DM",
    "QR Code": "QR",
    "EAN-13": "EAN13",
    "EAN-8": "EAN8",
}


@each("scan_data_symbology_id", "scan")
def test_scans_are_read_as_gs1_reads_them(row):
    found = or_none(lambda: scans.read(row["scan"]))
    assert (found is not None) == row["valid"]
    if found:
        assert SYMBOLOGIES.get(found.symbology, found.symbology) == row["symbology"]
        # In the vectors a plain text that looks like FNC1 has one backslash more.
        text = "\\" + found.text if found.text.lstrip("\\").startswith("^") else found.text
        joined = "|" if found.text and found.elements else ""
        assert text + joined + ((found.elements and caret(found.elements)) or "") == row["data"]


LINTS = {
    "lint_csum": keys.check_key,
    "lint_csumalpha": charsets.check_pair_of,
    "lint_yymmd0": lambda text: dates.check_date(text, day_may_be_00=True),
    "lint_yymmdd": dates.check_date,
    "lint_hhmi": dates.check_time,
    "lint_cset82": charsets.check_characters,
}
SAYS = {
    "TOO_SHORT_FOR_CHECK_DIGIT": "too short",
    "INCORRECT_CHECK_DIGIT": "expected",
    "NON_DIGIT_CHARACTER": "not a digit",
    "TOO_SHORT_FOR_CHECK_PAIR": "too short",
    "INCORRECT_CHECK_PAIR": "expected",
    "INVALID_CSET82_CHARACTER": "not in GS1 character set 82",
    "DATE_TOO_SHORT": "too short",
    "ILLEGAL_MONTH": "no month",
    "ILLEGAL_DAY": "no day",
    "HOUR_WITH_MINUTE_TOO_SHORT": "too short",
    "HOUR_WITH_MINUTE_TOO_LONG": "too long",
}
LINTED = [(name, row) for name in LINTS for row in VECTORS[name]]


@pytest.mark.parametrize(
    ("name", "row"), LINTED, ids=[f"{name}-{n}" for n, (name, _) in enumerate(LINTED)]
)
def test_parts_of_values_are_checked_as_gs1_checks_them(name, row):
    if row["valid"]:
        LINTS[name](row["value"])
    else:
        with pytest.raises(CodeError, match=SAYS[row["error"]]):
            LINTS[name](row["value"])


@each("epc_urn_to_digital_link", "input")
def test_epc_names_and_loose_links_have_one_canonical_link(row):
    assert or_none(lambda: epc.canonical(row["input"])) == row["canonical_constrained"]


ISO = [
    (scheme, row)
    for scheme, group in [
        (Scheme.MOD_37_36, "iso7064_mod_37_36"),
        (Scheme.MOD_11_10, "iso7064_mod_11_10"),
        (Scheme.MOD_37_2, "iso7064_mod_37_2"),
    ]
    for row in VECTORS[group]
]


@pytest.mark.parametrize(("scheme", "row"), ISO, ids=[f"{s}-{r['payload']}" for s, r in ISO])
def test_check_characters_are_those_of_iso_7064(scheme, row):
    assert check_character(row["payload"], scheme) == row["check"]
    assert row.get("full", row["payload"] + row["check"]) == row["payload"] + row["check"]
    assert has_right_check_character(row["payload"] + row["check"], scheme)
    assert not has_right_check_character(row["payload"] + "?", scheme)


@each("pti_voice_code", "lot")  # may say lot
def test_voice_pick_codes_are_those_of_the_produce_traceability_initiative(row):
    said = voice_code(row["gtin"], row["lot"], row["date_yymmdd"])  # may say lot
    assert said == row["voice_code"]


def test_every_group_of_vectors_is_tested():
    text = Path(__file__).read_text()
    assert [group for group in VECTORS if f'"{group}"' not in text and group != "_notice"] == []
