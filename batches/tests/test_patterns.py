"""The pattern language: what it refuses, what it makes, and that what it makes is read back."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.codes.gs1.charsets import SET_32, SET_82
from batches.codes.gs1.errors import CodeError
from batches.codes.patterns import (
    GUESS_LIMIT,
    Facts,
    PatternError,
    chance_to_guess,
    days_until_repeat,
    faults,
    local_time,
    nearest,
    parse,
    production_day,
    read,
    remarks,
    render,
    space,
)

BERLIN = ZoneInfo("Europe/Berlin")
KEEP = timedelta(days=5 * 366)
FACTS = Facts("GRANOLA", "PLANT1", "A", "2", date(2026, 11, 22), "0815")


def made(text, count=1, **facts) -> str:
    return render(parse(text), Facts(**(vars(FACTS) | facts)), count)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("{YY}{JJJ}{counter:3/day}{check}", "26326001V"),
        ("{Y}{JJJ}-{counter:2/day}", "6326-01"),
        ("L{YY}{WW}{counter:3/year}", "L2647001"),
        ("{DD}{MM}{YY}/{line}{counter:2/day+line}", "221126/A01"),
        ("{product}{counter:5}", "GRANOLA00001"),
        ("{origin}.{hhmm}{line}-{shift}{counter:1/day}", "PLANT1.0815A-21"),
        ("{yy}{jjj}{Counter:3/DAY}", "26326001"),
        ("{YY}{JJJ}{counter:3/day}{check:11,10}", "263260017"),
    ],
)
def test_a_pattern_makes_the_number_that_it_shows(text, number):
    assert made(text) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The pattern is empty. Write tokens such as {YY}{JJJ}{counter:3/day}."),
        ("{YY}{JJJ", "At character 5: This “{” has no “}” behind it."),
        ("YY}", "At character 3: This “}” has no “{” before it."),
        ("{YY}lot{counter:3}", "At character 5: Write “L” for “l”: numbers are upper case."),
        ("A B{counter:3}", "At character 2: A number cannot have a space: GS1 codes have no such"),
        ("Ä{counter:3}", "At character 1: A number cannot have “Ä”"),
        ("#{counter:3}", "At character 1: A number cannot have “#”"),
        ("{YY}{count:3}", "At character 5: There is no token {count}. Did you mean {counter}?"),
        ("{foo}", "There is no token {foo}. See the list of tokens."),
        ("{YY:2}", "At character 1: {YY} takes nothing behind a colon."),
        ("{counter}", "Say how many characters it has, 1 to 9: {counter:3}."),
        ("{counter:0}", "Say how many characters it has, 1 to 9"),
        ("{random:17}", "Say how many characters it has, 1 to 16: {random:3}."),
        ("{counter:3/week}", "A counter counts per day, year, line, origin, product, ever; not"),
        ("{counter:3/day+year}", "Name one of day and year, and each only once."),
        ("{counter:3/ever+line}", "“product” and “ever” stand alone"),
        ("{random:3/day}", "Only a counter has something behind “/”, not {random}."),
        ("{check}{counter:3}", "At character 1: The check character is the last of the number."),
        ("{check}", "A check character alone checks nothing."),
        ("{check:97,10}", "A check character is {check} or {check:11,10}."),
        ("L{counter:3}{check:11,10}", "At character 1: MOD 11,10 is for digits only."),
        ("{counter:2}{counter:3}", "At character 12: {counter} stands here twice."),
        ("{YY}{Y}{counter:3}", "At character 5: {YY} says more than {Y} already. Take one."),
        ("{WW}{JJJ}{counter:3}", "around New Year they differ. Take one."),
        ("{line}{shift}{counter:3}", "Nothing tells {line} from {shift}. Put a hyphen"),
        ("ABCDEFGHIJKLMNOPQ{counter:4}", "A number would have 21 characters"),
    ],
)
def test_a_pattern_that_nothing_can_use_is_refused_with_the_place(text, said):
    with pytest.raises(PatternError) as refusal:
        parse(text)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "facts", "said"),
    [
        ("{line}{counter:3/line}", {"line": " "}, "Say which line it is."),
        ("{line}{counter:3/line}", {"line": "Ofen 1"}, "only letters A to Z and digits"),
        ("{line:1}{counter:3}", {"line": "A1"}, "room for exactly 1"),
        ("{product}{counter:3}", {"product": "MÜSLI"}, "has “Ü”, which GS1 codes do not have"),
        ("{YY}{counter:3}", {"day": None}, "Say when it was made."),
        ("{hhmm}{counter:3}", {"time": ""}, "Say when it was made."),
        ("{product}{YY}{JJJ}{counter:9}", {}, "has 21 characters; a GS1 batch number has at most"),
    ],
)
def test_facts_that_do_not_fit_are_refused(text, facts, said):
    with pytest.raises(CodeError) as refusal:
        made(text, **facts)
    assert said in str(refusal.value)


def test_a_counter_that_is_used_up_says_so():
    assert made("{YY}{counter:3/year}", 999) == "26999"
    with pytest.raises(CodeError, match="used up at 999"):
        made("{YY}{counter:3/year}", 1000)


DATES = st.sampled_from(
    ["{YY}{JJJ}", "{Y}{JJJ}", "{YY}{WW}", "{YY}{MM}{DD}", "{MM}{DD}", "{YY}", ""]
)
WORDS = st.text("ABCXYZ0189", min_size=1, max_size=3)


@st.composite
def patterns(draw):
    """Patterns in every order of their parts, with facts that fit them."""
    counter = f"{{counter:{draw(st.integers(2, 4))}}}"
    parts = [draw(DATES), counter]
    parts += [
        draw(st.sampled_from(["", "{hhmm}", "{line:1}", "{random:3}", "{line}-", "-{shift}"]))
    ]
    parts += [draw(st.sampled_from(["", "L", "-", "A/", "{product}", "{origin}."]))]
    return "".join(draw(st.permutations(parts))) + draw(st.sampled_from(["", "{check}"]))


@given(
    patterns(),
    st.dates(date(2001, 1, 1), date(2099, 12, 31)),
    st.integers(0, 99),
    WORDS,
    st.times(),
)
def test_what_is_rendered_is_read_back(text, day, count, line, time):
    line = line[:1] if "{line:1}" in text else line
    facts = Facts("G-1", "P1", line, "2", day, f"{time:%H%M}")
    pattern = parse(text)
    number = render(pattern, facts, count)
    assert len(number) <= 20 and set(number) <= set(SET_82) and number == number.upper()
    reading = read(pattern, number, "G-1", "P1")
    assert int(reading.parts["counter"]) == count
    assert reading.is_right
    assert reading.parts.get("line", line) == line
    assert reading.parts.get("hhmm", facts.time) == facts.time
    assert set(reading.parts.get("random", "")) <= set(SET_32)
    if reading.has_date:
        first, last = reading.days(day)
        assert first <= day <= last
        assert (last - first).days < (7 if "WW" in text else 1)


@given(
    st.dates(date(2001, 1, 1), date(2099, 12, 31)),
    st.integers(0, 8),
    st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
def test_each_wrong_character_is_noticed(day, place, sign):
    pattern = parse("{YY}{JJJ}{counter:3/day}{check}")
    number = render(pattern, Facts(day=day), 17)
    wrong = number[:place] + sign + number[place + 1 :]
    try:
        reading = read(pattern, wrong)
    except CodeError:
        assert wrong != number
    else:
        assert reading.is_right == (wrong == number)


def test_what_was_mistyped_is_proposed():
    pattern = parse("{YY}{JJJ}{line:1}{counter:3/day}{check}")
    number = render(pattern, Facts(line="B", day=date(2026, 11, 22)), 10)
    assert number in nearest(pattern, number.replace("0", "O", 1))
    assert number in nearest(pattern, number.replace("B", "8"))
    assert number in nearest(pattern, number.replace("B", "В"))
    swapped = number[:5] + number[6] + number[5] + number[7:]
    assert number in nearest(pattern, swapped)


def test_a_number_of_another_form_is_no_number_of_the_pattern():
    pattern = parse("{YY}{JJJ}-{counter:3/day}")
    assert read(pattern, " 26326-007 ").parts == {"YY": "26", "JJJ": "326", "counter": "007"}
    assert read(pattern, "26326007").parts["counter"] == "007"
    for other in ("26367-001", "26000-001", "2632-007", "26326-07A"):
        with pytest.raises(CodeError, match="is not of the form"):
            read(pattern, other)


@pytest.mark.parametrize(
    ("day", "text", "number"),
    [
        (date(2026, 12, 31), "{YY}{JJJ}", "26365"),
        (date(2027, 1, 1), "{YY}{JJJ}", "27001"),
        (date(2028, 12, 31), "{YY}{JJJ}", "28366"),
        (date(2028, 2, 29), "{YY}{JJJ}", "28060"),
        (date(2027, 1, 1), "{YY}{WW}", "2653"),
        (date(2027, 1, 4), "{YY}{WW}", "2701"),
        (date(2024, 12, 30), "{YY}{WW}", "2501"),
        (date(2024, 12, 30), "{Y}{WW}", "501"),
        (date(2027, 1, 1), "{YY}{MM}{DD}", "270101"),
        (date(2100, 1, 1), "{YY}{JJJ}", "00001"),
    ],
)
def test_the_turn_of_the_year_shows_as_it_should(day, text, number):
    pattern = parse(text)
    assert render(pattern, Facts(day=day)) == number
    first, last = read(pattern, number).days(day + timedelta(days=40))
    assert first <= day <= last


@pytest.mark.parametrize("number", ["27366", "27366001", "270230"])
def test_a_day_that_no_calendar_has_is_none(number):
    text = {5: "{YY}{JJJ}", 8: "{YY}{JJJ}{counter:3/day}", 6: "{YY}{MM}{DD}"}[len(number)]
    assert read(parse(text), number).days(date(2027, 6, 1)) is None


def test_one_digit_of_the_year_means_the_nearest_such_year():
    reading = read(parse("{Y}{JJJ}{counter:2/day}"), "632601")
    assert reading.days(date(2026, 12, 1))[0] == date(2026, 11, 22)
    assert reading.days(date(2034, 12, 1))[0] == date(2036, 11, 21)


def test_the_night_shift_belongs_to_the_evening_before():
    def day(text, hour=6):
        return production_day(datetime.fromisoformat(text), BERLIN, hour)

    assert day("2026-11-22T05:59:00+01:00") == date(2026, 11, 21)
    assert day("2026-11-22T06:00:00+01:00") == date(2026, 11, 22)
    assert day("2026-11-22T05:30:00+00:00") == date(2026, 11, 22), "the plant's clock counts"
    assert day("2026-11-22T00:00:00+01:00", 0) == date(2026, 11, 22)
    # At 03:00 summer time on 25 October 2026 clocks go back to 02:00.
    assert day("2026-10-25T00:30:00+00:00", 3) == date(2026, 10, 24)
    assert day("2026-10-25T01:30:00+00:00", 3) == date(2026, 10, 24), "the second 02:30"
    assert day("2026-10-25T02:00:00+00:00", 3) == date(2026, 10, 25)
    # In spring the hour from 02:00 is left out; the day begins at once.
    assert day("2026-03-29T00:59:00+00:00", 2) == date(2026, 3, 28)
    assert day("2026-03-29T01:00:00+00:00", 2) == date(2026, 3, 29)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.integers(1, 5 * 3600),
    st.integers(0, 23),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_later_moment_is_never_of_an_earlier_production_day(moment, seconds, hour, name):
    zone, first = ZoneInfo(name), moment.replace(tzinfo=UTC)
    later = first + timedelta(seconds=seconds)
    days = (production_day(later, zone, hour) - production_day(first, zone, hour)).days
    assert days in (0, 1)


def test_the_hour_that_is_lived_twice_shows_twice():
    moments = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert [local_time(moment, BERLIN) for moment in moments] == ["0230", "0230"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("{counter:5}", None),
        ("{counter:5/ever}", None),
        ("{line}{counter:5/line}", None),
        ("{JJJ}{random:4}", None),
        ("{YY}{JJJ}{counter:3/day}", 36524),
        ("{Y}{JJJ}{counter:3/day}", 3651),
        ("{MM}{DD}{counter:3/day}", 365),
        ("{DD}{counter:3/day}", 28),
        ("{YY}{WW}{counter:3/day}", 1),
        ("{WW}{counter:3/year}", 358),
        ("{counter:5/year}", 1),
        ("{counter:5/line}", 0),
        ("{YY}{JJJ}", 0),
        ("{YY}{JJJ}{hhmm}", 0),
    ],
)
def test_when_a_number_comes_again(text, days):
    assert days_until_repeat(parse(text)) == days


def test_days_until_repeat_is_what_counting_days_finds():
    """The same, by making each number of three years and waiting for one that was there."""
    pattern = parse("{MM}{DD}{counter:2/day}")
    seen, shortest = {}, 10**6
    for offset in range(3 * 366):
        day = date(2027, 1, 1) + timedelta(days=offset)
        number = render(pattern, Facts(day=day), 1)
        shortest = min(shortest, (day - seen.get(number, date(1, 1, 1))).days)
        seen[number] = day
    assert shortest == days_until_repeat(pattern) == 365


def test_numbers_that_could_repeat_while_records_are_kept_are_refused():
    assert faults(parse("{Y}{JJJ}{counter:3/day}"), KEEP) == []
    assert faults(parse("{Y}{JJJ}{counter:3/day}"), timedelta(days=3700)) == [
        "The same number can come again after 3,651 days, but must not within 3,700 days, 10 years "
        "and 50 days (shelf life and retention of records). Write the year with two digits, {YY}."
    ]
    assert "Add the year, {YY}." in faults(parse("{JJJ}{counter:3/day}"), KEEP)[0]
    assert "Add {JJJ}" in faults(parse("{YY}{WW}{counter:3/day}"), KEEP)[0]
    assert faults(parse("{YY}{JJJ}{line}"), KEEP) == [
        "Two batches of one day would get the same number. Add {counter:2/day}."
    ]
    assert "add {line}" in faults(parse("{YY}{JJJ}{counter:3/day+line}"), KEEP)[0]


def test_only_a_random_part_cannot_be_foreseen():
    def chance(text, per_year=10_000):
        return chance_to_guess(parse(text), per_year, timedelta(days=365))

    assert chance("{YY}{JJJ}{counter:3/day}{check}") == 1
    assert chance("{random:4}") == Fraction(10_000, 32**4) > GUESS_LIMIT
    assert chance("{random:6}") == Fraction(10_000, 32**6) < GUESS_LIMIT
    assert chance("{random:6}", 107_374) <= GUESS_LIMIT < chance("{random:6}", 107_375)
    assert chance("{YY}{JJJ}{random:4}") == Fraction(28, 32**4)
    assert chance("{YY}{JJJ}{counter:3/day}{random:3}") == Fraction(1, 32**3)
    assert chance("{random:1}") == 1


def test_the_space_counts_each_number_once():
    assert space(parse("{counter:3}")) == 999
    assert space(parse("{YY}{JJJ}")) == 36525 - 1, "2100 is no leap year"
    assert space(parse("{Y}{MM}{counter:2/day}")) == 10 * 12 * 99
    assert space(parse("{counter:1}{random:2}")) == 9 * 1024


def test_what_is_allowed_and_not_wise_is_said():
    said = remarks(parse("LO-{Y}{JJJ}{counter:3/day}"))
    assert said[0] == "“O” in the fixed text looks like a digit when printed."
    assert "Without {check}" in said[1]
    assert "ten years" in said[2]
    assert remarks(parse("L{YY}{JJJ}{counter:3/day}{check}")) == []
