"""Giving out numbers: the next, a block, void ones; each once, on the plant's day and clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from batches.models import Batch, Event, IssuedNumber, NumberSequence, VoidedNumber
from batches.operations.batches import make_batch, void_batch
from batches.operations.master import save_product
from batches.operations.numbering import reserve_block, void_number, void_rest
from batches.tests import factory
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def product(pattern="{YY}{JJJ}{counter:3/day}", code="GRANOLA", **fields):
    return factory.product(code, number_pattern=pattern, **fields)


def make(otto, of, at=NOON, **fields) -> Batch:
    fields.setdefault("produced_at", at)
    return make_batch(product=of, origin=factory.location(), by=otto, at=NOON, **fields)


def reserve(otto, of, size=3, **fields):
    asked = {"day": DAY, "purpose": "Line 2 is offline"} | fields
    return reserve_block(
        product=of, origin=factory.location(), size=size, by=otto, at=NOON, **asked
    )


def refusal(act, *args, **fields) -> str:
    with pytest.raises(ValidationError) as refused:
        act(*args, **fields)
    return " ".join(refused.value.messages)


def test_a_batch_without_a_number_gets_the_next_of_its_day(otto):
    of = product()
    assert [make(otto, of).number for _ in range(3)] == ["26324001", "26324002", "26324003"]
    assert make(otto, of, NOON + timedelta(days=1)).number == "26325001"
    assert Event.objects.filter(verb="batch made").first().after["number"] == "26325001"
    row = IssuedNumber.objects.get(number="26324002")
    assert (row.position, row.pattern) == (2, "{YY}{JJJ}{counter:3/day}")


def test_without_a_pattern_of_its_own_a_product_has_the_site_s(otto, settings):
    settings.NUMBER_PATTERN = "S{counter:4/ever}"
    numbers = [make(otto, product("", code)).number for code in ("A", "B", "A")]
    assert numbers == ["S0001", "S0002", "S0003"]


def test_a_line_called_by_its_word_is_the_same_line_without_it(otto):
    of = product("{line}{counter:3/line}")
    names = ["Line 3", "3", "LINE-3", "line 4", "Line"]
    assert [make(otto, of, line=name).number for name in names] == [
        "3001", "3002", "3003", "4001", "LINE001",
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", ["", "{YY}{JJJ}{counter:3/day}"])
def test_no_number_is_issued_that_could_come_again_within_shelf_life_and_retention(
    otto, settings, pattern
):
    """Also where nobody saved the product since: by the site's pattern, or a longer retention."""
    settings.NUMBER_PATTERN = "{Y}{JJJ}{counter:3/day}"
    of = product(pattern, shelf_life_days=3000)
    settings.RETENTION_DAYS = 1830 if not pattern else 40_000
    said = refusal(make, otto, of)
    assert "must not within" in said and "Change the pattern of GRANOLA" in said
    assert refusal(reserve, otto, of) == said and not IssuedNumber.objects.exists()


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("{line}{YY}{JJJ}{counter:2/day+line}", ["A2632401", "B2632401", "A2632402", "A2632501"]),
        ("{line}{counter:3/line}", ["A001", "B001", "A002", "A003"]),
        ("{YY}{line}{counter:3/year}", ["26A001", "26B002", "26A003", "26A004"]),
        ("{line}{counter:3}", ["A001", "B002", "A003", "A004"]),
        (
            "{origin}-{line}{counter:3/origin}",
            [f"PLANT1-{n}" for n in "A001 B002 A003 A004".split()],
        ),
    ],
)
def test_a_counter_counts_for_what_its_pattern_names(otto, pattern, numbers):
    of = product(pattern)
    made = [make(otto, of, line=line).number for line in "ABA"]
    made.append(make(otto, of, NOON + timedelta(days=1), line="A").number)
    assert made == numbers


def test_the_number_shows_the_production_day_and_the_clock_of_the_plant(otto):
    factory.location(timezone="Europe/Berlin", day_begins_hour=6)
    of = product("{YY}{JJJ}{hhmm}{counter:2/day}")
    night = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30, the second time
    assert make(otto, of, night).number == "26297023001"
    assert make(otto, of, night - timedelta(hours=1)).number == "26297023002"
    assert make(otto, of, night + timedelta(hours=4)).number == "26298063001"


def test_the_year_of_the_counter_beside_a_week_is_the_year_of_the_week(otto):
    of = product("{YY}{WW}{counter:3/year}")
    moments = [datetime(2026, 12, 31, 12, tzinfo=UTC) + timedelta(days=n) for n in (0, 1, 4)]
    assert [make(otto, of, at).number for at in moments] == ["2653001", "2653002", "2701001"]


def test_the_shelf_life_gives_the_expiry(otto):
    factory.location(timezone="Europe/Berlin", day_begins_hour=6)
    of = product(shelf_life_days=30)
    night = datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert make(otto, of, night).expires_on == date(2026, 12, 19)
    assert make(otto, of, night, expires_on=date(2027, 1, 1)).expires_on == date(2027, 1, 1)
    assert make(otto, of, produced_at=None, number="X1").expires_on is None
    assert make(otto, product(code="SALT"), night).expires_on is None


def test_a_number_that_a_batch_has_already_is_passed_over_and_accounted_for(otto):
    of = product()
    factory.batch("26324-002")
    assert [make(otto, of).number for _ in range(2)] == ["26324001", "26324003"]
    positions = IssuedNumber.objects.order_by("position").values_list("position", "number")
    assert list(positions) == [(1, "26324001"), (2, "26324002"), (3, "26324003")]


def test_a_voided_batch_keeps_its_number(otto):
    of = product()
    first = make(otto, of)
    void_batch(batch=first, reason="Entered twice.", by=otto, at=NOON)
    assert make(otto, of).number == "26324002"


def test_numbers_without_gaps_are_given_back_when_nothing_comes_of_them(otto):
    of = product(numbers_gap_free=True)
    said = refusal(make, otto, of, expires_on=date(2020, 1, 1))
    assert "would expire before it was made" in said
    assert make(otto, of).number == "26324001"


def test_other_numbers_stay_issued_when_nothing_comes_of_them(otto):
    of = product(numbers_gap_free=False)
    refusal(make, otto, of, expires_on=date(2020, 1, 1))
    assert make(otto, of).number == "26324002"
    assert [row.number for row in IssuedNumber.objects.free()] == ["26324001"]


@pytest.mark.parametrize(
    ("pattern", "fields", "said"),
    [
        ("{YY}{counter:3/year}", {"produced_at": None}, "Say when it was made."),
        ("{counter:3/day}{YY}{JJJ}", {"produced_at": None}, "Say when it was made."),
        ("{line}{counter:3/line}", {}, "Say which line it is."),
        ("{shift}{counter:3}", {"line": "A"}, "Say which shift it is."),
        ("{bad}", {}, "There is no token {bad}."),
    ],
)
def test_what_a_number_needs_is_asked_for(otto, pattern, fields, said):
    assert said in refusal(make, otto, product(pattern), **fields)
    assert not IssuedNumber.objects.exists() and not NumberSequence.objects.exists()


def test_a_used_up_counter_is_said(otto):
    of = product("{YY}{JJJ}{counter:1/day}")
    reserve(otto, of, 9)
    assert "used up at 9. Give it more digits" in refusal(make, otto, of)


def test_a_supplier_prints_its_own_numbers(otto):
    farm = factory.location("FARM", kind="supplier")
    said = refusal(make_batch, product=product(), origin=farm, by=otto, at=NOON, produced_at=NOON)
    assert said == "FARM is a supplier. Enter the number that it printed."


def test_the_shift_stands_in_the_number(otto):
    assert make(otto, product("{shift}{counter:3}"), shift="n").number == "N001"


def test_random_numbers_are_new_ones(otto):
    of = product("{random:1}")
    numbers = {make(otto, of, produced_at=None).number for _ in range(12)}
    assert len(numbers) == 12
    said = refusal(reserve, otto, of, 21)
    assert said == "No new number was found. Give the random part more characters."


def test_a_block_is_reserved_used_and_the_rest_taken_out_of_use(otto):
    of = product()
    block = reserve(otto, of, 4)
    assert make(otto, of).number == "26324005", "nobody else gets them"
    numbers = list(block.numbers.order_by("position"))
    assert [row.number for row in numbers] == ["26324001", "26324002", "26324003", "26324004"]
    event = Event.objects.get(verb="numbers reserved")
    assert event.after["size"] == 4 and event.after["first"] == "26324001"
    make(otto, of, number="26324001")
    void_number(number=numbers[1], reason="Misprint.", by=otto, at=NOON)
    assert void_rest(block=block, reason="Line is back.", by=otto, at=NOON) == 2
    assert "Nothing is left of" in refusal(void_rest, block=block, reason="x", by=otto, at=NOON)
    states = IssuedNumber.objects.filter(block=block).with_state().order_by("position")
    assert [(row.is_used, row.void_reason) for row in states] == [
        (True, None),
        (False, "Misprint."),
        (False, "Line is back."),
        (False, "Line is back."),
    ]


def test_a_number_taken_out_of_use_is_never_used(otto):
    of = product()
    row = reserve(otto, of, 1).numbers.get()
    assert "Say why" in refusal(void_number, number=row, reason=" ", by=otto, at=NOON)
    void_number(number=row, reason="Torn label.", by=otto, at=NOON)
    said = refusal(make, otto, of, number="26324-001")
    assert said == "26324001 was taken out of use: Torn label. Take another number."
    said = refusal(void_number, number=row, reason="Again.", by=otto, at=NOON)
    assert said == "26324001 was taken out of use already."


def test_the_number_of_a_batch_is_not_taken_out_of_use(otto):
    make(otto, product())
    said = refusal(void_number, number=IssuedNumber.objects.get(), reason="x", by=otto, at=NOON)
    assert said == "26324001 is the number of a batch. Void the batch."


@pytest.mark.parametrize(
    ("pattern", "size", "fields", "said"),
    [
        ("{YY}{counter:3/year}", 0, {}, "Reserve between 1 and 2,000 numbers at once."),
        ("{YY}{counter:3/year}", 2001, {}, "Reserve between 1 and 2,000 numbers at once."),
        ("{YY}{counter:3/year}", 3, {"purpose": " "}, "Say why the numbers are reserved."),
        ("{hhmm}{counter:3}", 3, {}, "They cannot be reserved."),
        ("{line}{counter:3/line}", 3, {}, "Say which line it is."),
    ],
)
def test_a_block_that_cannot_be_reserved_is_refused(otto, pattern, size, fields, said):
    assert said in refusal(reserve, otto, product(pattern), size, **fields)
    assert not IssuedNumber.objects.exists()


@pytest.mark.parametrize(
    ("pattern", "code", "said"),
    [
        ("{JJJ}{counter:3/day}", "GRANOLA", "The same number can come again after 365 days"),
        ("{YY}{JJJ}", "GRANOLA", "Two batches of one day would get the same number."),
        ("{YY", "GRANOLA", "At character 1: This “{” has no “}” behind it."),
        ("{product}{counter:3}", "MÜSLI", "has “Ü”, which GS1 codes do not have"),
        ("{product}{counter:9}", "GRANOLA-400G", "has 21 characters"),
    ],
)
def test_a_product_is_not_saved_with_a_pattern_that_does_not_hold(otto, pattern, code, said):
    of = factory.product(code)
    of.number_pattern = pattern
    assert said in refusal(save_product, product=of, by=otto, at=NOON)


def test_a_longer_shelf_life_is_judged_with_the_pattern(otto):
    of = product("{Y}{JJJ}{counter:3/day}")
    of.shelf_life_days = 1500
    save_product(product=of, by=otto, at=NOON)
    of.shelf_life_days = 2000
    assert "after 3,651 days, but must not within 3,830" in refusal(
        save_product, product=of, by=otto, at=NOON
    )


def test_the_register_is_append_only(otto):
    row = reserve(otto, product(), 1).numbers.get()
    void_number(number=row, reason="Torn.", by=otto, at=NOON)
    for act in (
        lambda: IssuedNumber.objects.update(number="X"),
        lambda: IssuedNumber.objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: VoidedNumber.objects.update(reason="Y"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
