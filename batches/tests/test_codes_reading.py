"""What a text may mean, in every form in which codes come back."""

import pytest

from batches.codes.reading import read

GTIN = "09520123400019"
SSCC = "095201234000000019"


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(10)L1(17)271231",
        f" (01) {GTIN} (10) L1 (17) 271231 ",
        f"]C101{GTIN}10L1\x1d17271231",
        f"]d201{GTIN}10L1^]17271231",
        f"]Q301{GTIN}1727123110L1",
        f"]e001{GTIN}10L1|17271231",
        f"\x1d01{GTIN}10L1\x1d17271231",
        f"01{GTIN}10L1<GS>17271231",
        f"01{GTIN}1727123110L1",
        f"https://id.gs1.org/01/{GTIN}/10/L1?17=271231",
        f"https://maker.example:8443/any/stem/01/{GTIN}/10/L1?utm=x&17=271231#top",
        f"HTTPS://maker.example/01/{GTIN}/10/L1/?17=271231",
        f"hTTps://maker.example/gtin/{GTIN[1:]}/lot/L1",  # may say lot
        f"maker.example/01/{GTIN}/10/L1",
        f"]Q1https://maker.example/01/{GTIN}/10/L1",
        "urn:epc:class:lgtin:9520123.040001.L1",
        f"（０１）{GTIN}（10）L1",
    ],
)
def test_one_batch_is_read_in_every_form(text):
    reading = read(text)
    assert (reading.gtin, reading.number, reading.remarks) == (GTIN, "L1", ())
    assert reading.is_coded and reading.text == text.strip()


@pytest.mark.parametrize(
    ("text", "gtin", "sscc", "gln"),
    [
        ("02345673", "00000002345673", "", ""),
        ("416000336108", "00416000336108", "", ""),
        ("9520123400019", GTIN, "", "9520123400019"),
        ("9 520123 400019", GTIN, "", "9520123400019"),
        (GTIN, GTIN, "", ""),
        (f"]E0{GTIN[1:]}", GTIN, "", GTIN[1:]),
        (f"]I1{GTIN}", GTIN, "", ""),
        (f"]C0{SSCC}", "", SSCC, ""),
        (f"01{GTIN}", GTIN, "", ""),
        (SSCC, "", SSCC, ""),
        (f"00{SSCC}", "", SSCC, ""),
        (f"00{SSCC[:-1]}7", "", f"{SSCC[:-1]}7", ""),
        (f"(00){SSCC}", "", SSCC, ""),
        (f"https://a.example/00/{SSCC}", "", SSCC, ""),
        ("urn:epc:id:sscc:9520123.0400000001", "", SSCC, ""),
        ("(414)9520123400026(254)A", "", "", "9520123400026"),
        ("urn:epc:id:sgln:9520123.40002.0", "", "", "9520123400026"),
        (f"(02){GTIN}(37)5(00){SSCC}", GTIN, SSCC, ""),
        ("(8006)095201234000190102(21)A", GTIN, "", ""),
    ],
)
def test_keys_are_read_bare_and_coded(text, gtin, sscc, gln):
    reading = read(text)
    assert (reading.gtin, reading.sscc, reading.gln) == (gtin, sscc, gln)


@pytest.mark.parametrize(
    "text",
    ["L26311A", "Corner shop", "(12) High Street", "A.B/1", "https://example.com/a", "", "1234567"],
)
def test_a_name_or_number_stays_what_it_is(text):
    reading = read(text)
    assert (reading.text, reading.is_coded, reading.remarks) == (text, False, ())


@pytest.mark.parametrize("sign", ["]C0", "]A0", "]Q1", "]d1"])
def test_a_number_in_a_plain_symbol_is_that_number(sign):
    assert (read(f"{sign}L26311A").text, read(f"{sign}L26311A").batch_number) == ("L26311A",) * 2


def test_a_serial_number_is_kept_beside_the_batch():
    assert read(f"(01){GTIN}(10)L1(21)S9").serial == "S9"


def test_a_wrong_check_digit_does_not_hide_the_rest():
    reading = read("(01)09520123400018(10)L1")
    assert (reading.gtin, reading.number) == ("09520123400018", "L1")


def test_a_batch_that_swallowed_a_date_is_offered_both_ways():
    reading = read("]C1010703206980498810032915210526")
    assert (reading.number, reading.number_before) == ("032915210526", "0329")
    assert reading.remarks == (
        "If the separator behind the batch is missing, it is 0329, then (15)210526.",
    )
    assert not read("(01)07032069804988(10)032915210526").number_before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"(01){GTIN}(10)A(10)B", "(10) stands there twice, as A and as B."),
        (f"(01){GTIN}(02){GTIN}", "(02) must not stand beside (01)."),
        (f"https://a.example/01/{GTIN}?10=A", "As a Digital Link: (10) belongs into the path."),
        ("]Z9123", "Looks like a GS1 code, but: ]Z9 is a kind of symbol that is not known here."),
        (f"]C101{GTIN}05X", "Looks like a GS1 code, but: “05X” begins no application identifier."),
        ("urn:epc:id:x:1.2", "Looks like a GS1 code, but: Is no EPC name of a kind that is known"),
    ],
)
def test_what_is_wrong_with_the_whole_is_said(text, said):
    assert any(remark.startswith(said) for remark in read(text).remarks), read(text)
