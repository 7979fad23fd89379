"""Unit codes: drawn, issued once, kept as hashes, checked, flagged."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from batches.codes.gs1 import CodeError
from batches.codes.units import ALPHABET, LENGTH, grouped, new_code, read_code
from batches.models import Event, Finding, RateWindow, UnitCheck, UnitCode, UnitSeries
from batches.operations import limits, units
from batches.tests import factory
from batches.tests.factory import NOON

OFTEN = units.USUAL_CHECKS + 1


@pytest.fixture
def issued(db, otto):
    batch = factory.batch("L1")
    return units.issue_unit_codes(batch=batch, count=3, by=otto, at=NOON)


def check(code, network="a", at=NOON, **fields):
    return units.check_unit(code=read_code(code), network=network, at=at, **fields)


def test_a_code_has_128_random_bits_and_no_letter_that_is_misread():
    codes = [new_code() for _ in range(500)]
    assert len(set(codes)) == 500
    assert set("".join(codes)) == set(ALPHABET) and not set(ALPHABET) & set("01IO")
    assert 32 ** (LENGTH - 1) * 32 / 36 >= 2**128


@pytest.mark.parametrize("change", [str.lower, lambda c: c.replace("-", " "), lambda c: f" {c}."])
def test_a_code_is_read_however_it_is_typed(change):
    code = new_code()
    assert read_code(change(grouped(code))) == code


def test_letters_of_another_alphabet_that_look_the_same_are_read():
    code = next(code for code in iter(new_code, None) if "A" in code)
    assert read_code(code.replace("A", "А")) == code


@pytest.mark.parametrize("place", [0, 13, LENGTH - 1])
def test_each_wrong_character_is_noticed(place):
    code = new_code()
    other = next(sign for sign in ALPHABET if sign != code[place])
    with pytest.raises(CodeError, match="check"):
        read_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("text", "fault"), [("ABC", "length"), ("", "length"), ("O" * LENGTH, "characters")]
)
def test_what_cannot_be_a_code_says_why(text, fault):
    with pytest.raises(CodeError, match=fault):
        read_code(text)


def test_only_hashes_are_kept_of_what_is_issued(issued):
    assert len(set(issued)) == 3
    kept = "".join(UnitCode.objects.values_list("digest", flat=True))
    for code in issued:
        assert read_code(code) not in kept and units.unit_digest(read_code(code)) in kept
    event = Event.objects.first()
    assert event.verb == "unit codes issued" and event.after["count"] == 3
    assert not any(code in str(event.after) for code in issued)


def test_a_thief_of_the_database_needs_the_key_as_well(issued, settings):
    settings.UNIT_CODE_KEY = "another"
    assert check(issued[0]) is None
    assert UnitSeries.objects.get().key_mark != units.key_mark()


def test_codes_are_refused_for_a_voided_batch_and_in_a_wild_number(db, otto):
    batch = factory.batch("L1")
    for count in (0, units.MOST + 1):
        with pytest.raises(ValidationError, match="Issue 1 to 20,000 codes at a time"):
            units.issue_unit_codes(batch=batch, count=count, by=otto, at=NOON)
    void = factory.batch("L2", status="voided")
    with pytest.raises(ValidationError, match=r"was voided\. Issue the codes to the right batch"):
        units.issue_unit_codes(batch=void, count=1, by=otto, at=NOON)


def test_a_checked_code_tells_its_batch_and_its_history(issued):
    first = check(issued[0])
    again = check(issued[0], at=NOON + timedelta(days=1))
    assert (first.batch.number, first.checks, first.is_unusual) == ("L1", 1, False)
    assert (again.checks, again.first_checked_at) == (2, NOON)
    assert UnitCheck.objects.count() == 2


def test_a_code_that_was_never_issued_is_unknown(issued):
    assert check(new_code()) is None


def test_a_code_beside_another_product_is_unknown(issued):
    factory.product("BAR", gtin="09520123456788")
    assert check(issued[0], printed_with={"product__gtin": "09520123456788"}) is None
    assert check(issued[0], printed_with={"product__code": "GRANOLA"}).checks == 1


def test_a_voided_series_is_unknown_and_is_voided_once_with_a_reason(issued, quinn):
    series = UnitSeries.objects.get()
    with pytest.raises(ValidationError, match="Say why the codes are void"):
        units.void_unit_codes(series=series, reason=" ", by=quinn, at=NOON)
    units.void_unit_codes(series=series, reason="Roll stolen.", by=quinn, at=NOON)
    assert check(issued[0]) is None
    with pytest.raises(ValidationError, match="void already"):
        units.void_unit_codes(series=series, reason="Again.", by=quinn, at=NOON)


def test_a_code_checked_often_over_months_is_flagged_and_reported_once(issued):
    answers = [check(issued[0], at=NOON + timedelta(days=10 * n)) for n in range(OFTEN + 1)]
    assert [answer.is_unusual for answer in answers[-3:]] == [False, True, True]
    finding = Finding.objects.get(kind="unit_checked_often")
    assert (
        finding.label == "A unit of L1" and "checked 11 times from 1 network since" in finding.text
    )


def test_a_burst_is_unusual_and_stays_so(issued):
    answers = [check(issued[0]) for _ in range(units.USUAL_PER_HOUR + 1)]
    assert [answer.is_unusual for answer in answers[-2:]] == [False, True]
    assert check(issued[0], at=NOON + timedelta(days=99)).is_unusual


def test_many_networks_are_unusual(issued):
    days = range(units.USUAL_NETWORKS + 1)
    answers = [check(issued[0], str(n), NOON + timedelta(days=n)) for n in days]
    assert [answer.is_unusual for answer in answers[-2:]] == [False, True]


def test_many_countries_are_unusual_and_named_to_staff(issued):
    seen = ["DE", "", "FR", "DE", "US"]
    answers = [
        check(issued[0], str(n % 3), NOON + timedelta(days=n), country=country)
        for n, country in enumerate(seen)
    ]
    assert [answer.is_unusual for answer in answers[-2:]] == [False, True]
    text = Finding.objects.get(kind="unit_checked_often").text
    assert "checked 5 times from 3 networks in DE, FR, US since" in text


def test_the_history_of_a_code_copied_a_million_times_stays_small(issued, monkeypatch):
    monkeypatch.setattr(units, "HISTORY", 3)
    for _ in range(6):
        check(issued[0])
    assert UnitCheck.objects.count() == 3 and UnitCode.objects.filter(checks=6).count() == 1


def test_staff_are_told_when_a_hundred_unknown_codes_come_in_a_minute(issued):
    for n in range(units.GUESSING - 1):
        check(new_code(), at=NOON + timedelta(milliseconds=n))
    assert not Finding.objects.exists()
    check(new_code(), at=NOON + timedelta(seconds=59))
    assert Finding.objects.get().label == "Public check"


def test_a_hundred_unknown_codes_in_an_hour_alarm_nobody(issued):
    for n in range(units.GUESSING + 1):
        check(new_code(), at=NOON + timedelta(seconds=30 * n))
    assert not Finding.objects.exists()


def test_a_window_counts_to_its_end_and_begins_anew(db):
    moments = [0, 1, 59.9, 60, 61]
    counts = [limits.count(key="k", at=NOON + timedelta(seconds=s)) for s in moments]
    assert counts == [1, 2, 3, 1, 2]


def test_keys_are_counted_apart_and_forgotten_when_long_over(db):
    assert [limits.count(key=key, at=NOON) for key in "aab"] == [1, 2, 1]
    limits.count(key="new", at=NOON + timedelta(hours=2))
    assert limits.forget(at=NOON + timedelta(hours=2)) == 2
    assert RateWindow.objects.get().key == "new"


def test_counting_is_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        limits.count(key="k", at=NOON)
    assert connection.in_atomic_block  # The test's own; the operation opens none.
