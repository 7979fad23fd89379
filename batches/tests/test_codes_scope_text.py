"""The wording of real recall notices: nothing wrong is proposed, and most is read in full."""

import json
from collections import Counter
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.codes.scope_text import (
    DAY_FIRST,
    MONTH_FIRST,
    DayCodes,
    Days,
    Everything,
    NumberRange,
    Numbers,
    Plant,
    Product,
    Times,
    read_scope,
)

LABELLED = Path(__file__).parent / "recall_texts/labelled.jsonl"
STRINGS = [json.loads(line) for line in LABELLED.read_text().splitlines()]
NEEDED = 0.8


def said(text, order="") -> dict:
    """What a text was read as, in the form of the labels."""
    reading = read_scope(text, order)
    found = {"lots": [], "lot_ranges": [], "dates": {}, "time_window": None, "gtins": []}
    for row in reading.proposals:
        match row:
            case Numbers():
                found["lots"] += row.values
            case NumberRange():
                found["lot_ranges"].append([row.start, row.end])
            case Days():
                found["dates"].setdefault(row.kind, []).append(day_of(row))
            case DayCodes():
                found["dates"].setdefault("julian_text", []).extend(row.values)
            case Product():
                found["gtins"].append(row.gtin)
            case Times():
                found["time_window"] = {"at": f"{row.first:%H:%M}"}
    found["dates"] = {kind: unique(days) for kind, days in found["dates"].items()}
    found["lots"], found["gtins"] = unique(found["lots"]), unique(found["gtins"])
    found["all_lots"] = any(reading.of(Everything))
    return found


def day_of(row: Days):
    first, last = (day and day.isoformat() for day in (row.first, row.last))
    if row.of_month:
        return first[:7]
    return first if first == last else [first, last]


def unique(rows: list) -> list:
    return [row for n, row in enumerate(rows) if row not in rows[:n]]


def pieces(found: dict) -> Counter:
    """What a text was read as, one by one, so that one of them can be wrong."""
    counted = Counter(("lot", value) for value in found["lots"])
    counted.update(("range", *ends) for ends in found["lot_ranges"])
    counted.update((kind, str(day)) for kind, days in found["dates"].items() for day in days)
    counted.update(("gtin", value) for value in found["gtins"])
    counted.update([("time", str(found["time_window"]))] if found["time_window"] else [])
    return counted + Counter(["all"] if found["all_lots"] else [])


def score(order="") -> tuple[list[str], list[str]]:
    """The ids of strings read in full, and of those of which something wrong was proposed."""
    right, wrong = [], []
    for string in STRINGS:
        found = said(string["text"], order)
        wanted = {name: string[name] for name in found}
        if found == wanted:
            right.append(string["id"])
        if pieces(found) - pieces(wanted):
            wrong.append(string["id"])
    return right, wrong


def test_labelled_strings_are_read_and_nothing_wrong_is_proposed():
    right, wrong = score()
    print(f"\nscope text: {len(right)} of {len(STRINGS)} fully right, {len(wrong)} wrong")
    assert len(STRINGS) == 26
    assert not wrong
    assert len(right) >= NEEDED * len(STRINGS), {s["id"] for s in STRINGS} - set(right)


def test_whoever_knows_the_order_of_the_dates_gets_the_rest():
    right, wrong = score(MONTH_FIRST)
    assert (len(right), wrong) == (26, [])


def test_a_mutant_that_reads_every_code_as_a_number_is_found_out():
    """The control: the measure of “wrong” sees a product code that was taken for a number."""
    [string] = [s for s in STRINGS if s["id"] == "S22"]
    assert pieces(said(string["text"].replace("product codes", "lots"))) - pieces(string)


def test_each_number_stays_with_its_own_product():
    [string] = [s for s in STRINGS if s["id"] == "S37"]
    first, second = read_scope(string["text"]).of(Numbers)
    assert first.gtins == ("00621588314947",) and "172704" in first.values
    assert second.gtins == ("00621588315555",) and "172563" in second.values


def ranges(text) -> list[tuple]:
    return [(r.start, r.end, r.count, r.calendar) for r in read_scope(text).of(NumberRange)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lot codes 22361-23017", ("22361", "23017", 22, "days")),
        ("lots 36022 to 00323", ("36022", "00323", 9, "days")),
        ("Lots 23W17 - 23W46", ("23W17", "23W46", 30, "weeks")),
        ("lots 22W51 through 23W02", ("22W51", "23W02", 4, "weeks")),
        ("lots from 100 to 200", ("100", "200", 101, "")),
        ("lots 1000–1100", ("1000", "1100", 101, "")),
        ("L26311A to L26319A", ("L26311A", "L26319A", 9, "")),
    ],
)
def test_a_range_is_read_with_what_is_in_it(text, expected):
    assert ranges(text) == [expected]


def test_a_range_of_day_codes_over_new_year_holds_days_and_no_other_numbers():
    [found] = read_scope("lot codes 22361-23017").of(NumberRange)
    assert found.members[:6] == ("22361", "22362", "22363", "22364", "22365", "23001")
    assert "22366" not in found.members


def test_serial_ranges_with_gaps_stay_apart():
    found = list(read_scope("serial numbers 1000 through 1250, 1300 to 1450").of(NumberRange))
    assert [(r.start, r.end, r.is_serial) for r in found] == [
        ("1000", "1250", True),
        ("1300", "1450", True),
    ]


def test_a_range_too_long_to_list_still_knows_its_ends_and_its_count():
    [found] = read_scope("serial numbers 100000 to 999999").of(NumberRange)
    assert (found.count, found.members) == (900_000, ())


def test_times_of_day_may_cross_midnight():
    [times] = read_scope("Use By: 050220, and a time stamp ranging from 1615 to 0022.").of(Times)
    assert (times.first, times.last, times.crosses_midnight) == (time(16, 15), time(0, 22), True)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("best by dates of AUG 27 21 through FEB 11 22", date(2021, 8, 27), date(2022, 2, 11)),
        ("use by Jan 2025", date(2025, 1, 1), date(2025, 1, 31)),
        ("sold on or before April 23rd, 2015", None, date(2015, 4, 23)),
        ("produced before March 3, 2025", None, date(2025, 3, 2)),
        ("produced after March 3, 2025", date(2025, 3, 4), None),
        ("produced on 3 March 2025 or later", date(2025, 3, 3), None),
        ("MHD 12.05.2026", date(2026, 5, 12), date(2026, 5, 12)),
        ("consumir hasta el 22 de mayo del 2017", date(2017, 5, 22), date(2017, 5, 22)),
        ("date de durabilité minimale 2026-06-27", date(2026, 6, 27), date(2026, 6, 27)),
    ],
)
def test_days_are_read_with_open_ends_and_months_and_languages(text, first, last):
    [found] = read_scope(text).proposals
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("use-by date 12/8/25", "Day or month first?"),
        ("Lot 12345 12346", "One number or several?"),
        ("Lot 1234-1240", "One number or a range?"),
        ("lots beginning with 24", "Part of a number"),
        ("Lot numbers 4711 and higher", "A range without an end."),
        ("between lot 100 and lot 200", "A range without both ends"),
        ("All lots except 4711", "Says what is left out."),
        ("Lot 4711 is not affected.", "Says what is left out."),
        ("case codes 71003 and 73015", "may be no batch number"),
        ("UPC 958939019", "check digit is wrong"),
        ("17.05.2024", "Days, but of what?"),
        ("09.11.2020 – 03.11.2022", "Days, but of what?"),
        ("4902777008592", "A product number?"),
        ("sell by August 9, 12 and 15, 2026", "figures that were not understood"),
        ("best by Feb. 14, 2020 through Feb. 29", "figures that were not understood"),
        ("packed in 2025 with code 72314", "figures that were not understood"),
    ],
)
def test_what_is_not_certain_is_handed_back_with_the_reason(text, reason):
    reading = read_scope(text)
    assert not [p for p in reading.proposals if not isinstance(p, Times)]
    assert any(reason in row.reason for row in reading.unread)


def test_what_is_said_of_one_batch_does_not_silence_the_next_sentence():
    reading = read_scope("Lot 4711 is not affected. Lot 4712 is recalled.")
    assert [row.values for row in reading.of(Numbers)] == [("4712",)]


def test_all_followed_by_a_list_is_the_list():
    [found] = read_scope("All lots: 123, 124 and 125").proposals
    assert found.values == ("123", "124", "125")


def test_all_says_what_narrows_it():
    [every] = read_scope("All lots within expiry.").proposals
    assert (every.is_said, every.narrowed_by) == (True, "within expiry")


def test_a_product_number_alone_is_all_of_it_but_the_text_does_not_say_so():
    product, every = read_scope("UPC 736211448415").proposals
    assert product.gtin == "00736211448415"
    assert (every.is_said, every.gtins) == (False, ("00736211448415",))


def test_an_element_string_gives_product_and_number():
    reading = read_scope("UDI code: (01)10801902220315(17)261231(11)251210(10)33F25J0347")
    [number] = reading.of(Numbers)
    assert (number.values, number.gtins) == (("33F25J0347",), ("10801902220315",))


def test_day_codes_that_fit_one_order_are_read_as_year_and_day():
    [codes] = read_scope("Julian dates 0374 and 2683").of(DayCodes)
    assert codes.readings == ((4, 37), (3, 268))
    [codes] = read_scope("Julian dates 3074 and 3075").of(DayCodes)
    assert codes.readings == ()


def test_a_plant_code_is_no_batch_number():
    [found] = read_scope('all products that has a plant code of "38-25".').proposals
    assert isinstance(found, Plant) and found.code == "38-25"


def test_a_column_of_a_spreadsheet_is_a_list_of_numbers():
    [found] = read_scope("L26311A\nL26311B; B26313A\n").proposals
    assert found.values == ("L26311A", "L26311B", "B26313A")


def test_an_order_that_the_text_shows_counts_for_all_its_dates():
    found = read_scope("use by 7/10/25 or 7/31/25", DAY_FIRST).of(Days)
    assert [row.first for row in found] == [date(2025, 7, 10), date(2025, 7, 31)]


WORDS = (
    'lot|lots|lot codes|batch|best by|use by|exp|UPC|all lots|and|or|to|through|-|–|,|;|"|“|”|(|)|#'
    "|.|\n|from|between|JUN 12 24|12/8/25|0264SDL0315|19|22361|23017|23W17|10/15|0374|4902777008592"
    "|time stamp|08:59|not affected|except|²|٣|İ|A1|B 2|Julian dates|plant code|38-25|1 oz|1.5|lote"
    "|ó|Charge|serial numbers|sold on or before April 23rd, 2015|produced on|(10)"
    "|(01)04902777008592(10)A1"
).split("|")
TEXTS = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.text(max_size=4),
            st.integers(0, 99_999).map(str),
        ),
        max_size=25,
    ).map(" ".join),
)


@given(TEXTS, st.sampled_from(["", DAY_FIRST, MONTH_FIRST]))
@settings(max_examples=400, deadline=None)
@pytest.mark.slow
def test_any_text_gives_a_result_and_no_number_that_is_not_in_it(text, order):
    reading = read_scope(text, order)
    for row in [*reading.proposals, *reading.unread]:
        assert text[row.source.start : row.source.end].strip() == row.source.text
    for row in reading.of(Numbers):
        assert row.values and all(value in row.source.text for value in row.values)
    for row in reading.of(NumberRange):
        assert row.source.text.startswith(row.start)
        assert ends_as_written(row)
        assert not row.members or (row.members[0], row.members[-1]) == (row.start, row.end)
        assert len(row.members) in (0, row.count)
    for row in reading.of(Days):
        assert row.first or row.last
        assert not (row.first and row.last) or row.first <= row.last


def ends_as_written(row: NumberRange) -> bool:
    """The end stands in the text, or the start's beginning with digits that do."""
    return any(
        row.source.text.endswith(row.end[cut:]) and row.end[:cut] == row.start[:cut]
        for cut in range(len(row.end))
    )


def test_a_text_too_long_is_read_in_part_and_says_so():
    reading = read_scope("lot 4711\n" + " " * 20_000 + "lot 4712")
    assert [row.values for row in reading.of(Numbers)] == [("4711",)]
    assert "too long" in reading.unread[-1].reason


def test_long_blanks_empty_lines_and_rules_say_nothing():
    text = "lot" + " " * 500 + "4711\n" + "  \n" * 500 + "-" * 500 + "\nlot 4712"
    found = [row.values for row in read_scope(text).of(Numbers)]
    assert found == [("4711",), ("4712",)]
    assert read_scope(text).text.count("-") == 8
