"""The pages of batch numbers: the editor with its preview, blocks, numbers out of use."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from batches.models import Batch, IssuedNumber, NumberBlock, NumberSequence, Product
from batches.operations.batches import make_batch
from batches.operations.numbering import reserve_block, void_number
from batches.tests import factory
from batches.tests.catering import take
from batches.tests.factory import NOON

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def granola():
    factory.location("PLANT1")
    return factory.product(number_pattern="{YY}{JJJ}{counter:3/day}", shelf_life_days=200)


@pytest.fixture
def as_otto(client, otto):
    client.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    return client


def preview(client, **asked) -> str:
    return client.get(reverse("number-preview", args=["GRANOLA"]), asked).content.decode()


def block_of(otto, granola, size=3) -> NumberBlock:
    return reserve_block(
        product=granola,
        origin=factory.location(),
        day=DAY,
        size=size,
        purpose="Line 2 is offline",
        by=otto,
        at=NOON,
    )


def test_the_preview_shows_the_next_five_and_issues_none(as_otto, granola, otto):
    of = {"product": granola, "origin": factory.location(), "by": otto, "at": NOON}
    now = timezone.now()
    made = make_batch(produced_at=now, **of)
    page = preview(as_otto, number_pattern="{YY}{JJJ}{counter:3/day}")
    assert [made.number[:5] + f"{n:03}" in page for n in range(1, 8)] == [
        False, True, True, True, True, True, False,
    ]  # fmt: skip
    assert IssuedNumber.objects.count() == NumberSequence.objects.count() == 1
    assert make_batch(produced_at=now, **of).number == made.number[:5] + "002"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"number_pattern": "{YY}{JJJ}{counter:3/day}"}, "Can be foreseen"),
        ({"number_pattern": "{YY}{JJJ}{counter:3/day}"}, "36,487,476"),
        ({"number_pattern": "{YY}{JJJ}{counter:3/day}"}, "after 36,524 days"),
        ({"number_pattern": "{random:6}", "per_year": "10000"}, "Below 1 in 10,000"),
        ({"number_pattern": "{random:4}", "per_year": "10000"}, "Not below 1 in 10,000"),
        ({"number_pattern": "{random:6}", "per_year": "many"}, "Below 1 in 10,000"),
        ({"number_pattern": "{line}{counter:3/line}", "line": "K"}, "K001"),
        ({"number_pattern": "{line:2}{counter:3/line}", "line": "K"}, "room for exactly 2"),
        ({"number_pattern": "{JJJ}{counter:3/day}"}, "come again after 365 days, but must not"),
        ({"number_pattern": "{YY"}, "At character 1: This “{” has no “}” behind it."),
        ({"number_pattern": "<b>"}, "At character 2: Write “B” for “b”"),
        ({"number_pattern": ""}, "Usable"),
        ({"number_pattern": "A{counter:3}\x00"}, "A number cannot have “\x00”"),
    ],
)
@pytest.mark.slow
def test_the_preview_says_what_a_pattern_is_good_for(as_otto, granola, asked, said):
    assert said in preview(as_otto, **asked)


def test_the_preview_holds_the_site_s_pattern_against_the_shelf_life(as_otto, granola, settings):
    settings.NUMBER_PATTERN = "{Y}{JJJ}{counter:3/day}"
    Product.objects.update(shelf_life_days=3000)
    assert "must not within" in preview(as_otto, number_pattern="")


def test_the_preview_takes_a_constant_number_of_queries(as_otto, granola, otto):
    def count():
        with CaptureQueriesContext(connection) as queries:
            preview(as_otto, number_pattern="{YY}{JJJ}{counter:3/day}")
        return len(queries)

    first = count()
    for _ in range(8):
        make_batch(product=granola, origin=factory.location(), produced_at=NOON, by=otto, at=NOON)
    assert count() <= first + 1, "the last batch's place, instead of the first plant"


def test_the_page_takes_as_many_queries_for_many_blocks_as_for_one(as_otto, granola, otto):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert as_otto.get(reverse("product-numbers", args=["GRANOLA"])).status_code == 200
        return len(queries)

    block_of(otto, granola)
    first = count()
    for _ in range(9):
        block_of(otto, granola, 5)
    assert count() == first


def test_a_pattern_is_saved_with_the_page_as_it_was_seen(as_otto, granola):
    url = reverse("product-numbers", args=["GRANOLA"])
    seen = as_otto.get(url).context["seen"]
    sent = {"number_pattern": "{Y}{JJJ}{counter:2/day}", "numbers_gap_free": "", "seen": seen}
    assert as_otto.post(url, sent).status_code == 302
    saved = Product.objects.get()
    assert (saved.number_pattern, saved.numbers_gap_free) == ("{Y}{JJJ}{counter:2/day}", False)
    again = as_otto.post(url, sent | {"number_pattern": "{YY}{JJJ}{counter:2/day}"})
    assert again.status_code == 422
    assert "Somebody else changed GRANOLA" in again.content.decode()


def test_a_refused_pattern_comes_back_with_the_reason(as_otto, granola):
    url = reverse("product-numbers", args=["GRANOLA"])
    answer = as_otto.post(url, {"number_pattern": "{JJJ}{counter:3/day}", "line": "K7"})
    page = answer.content.decode()
    assert 'value="K7"' in page
    assert answer.status_code == 422
    assert "<title>Error: " in page and "There is a problem" in page
    assert "The same number can come again after 365 days" in page
    assert 'value="{JJJ}{counter:3/day}"' in page
    assert Product.objects.get().number_pattern == "{YY}{JJJ}{counter:3/day}"


def test_who_may_not_change_products_saves_no_pattern(client, granola, vera):
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("product-numbers", args=["GRANOLA"])
    assert "Save the pattern" not in client.get(url).content.decode()
    assert client.post(url, {"number_pattern": "{counter:5}"}).status_code == 403


def test_a_block_is_reserved_printed_and_downloaded(as_otto, granola):
    sent = {
        "origin": factory.location().pk,
        "day": "2026-11-20",
        "size": "3",
        "purpose": "=Line 2",
        "line": "",
        "shift": "",
    }
    answer = as_otto.post(reverse("number-reserve", args=["GRANOLA"]), sent)
    block = NumberBlock.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, block.get_absolute_url())
    page = as_otto.get(block.get_absolute_url()).content.decode()
    assert all(f"2632400{n}" in page for n in (1, 2, 3))
    file = as_otto.get(block.get_absolute_url(), {"export": "csv"})
    rows = b"".join(file).decode("utf-8-sig").splitlines()
    assert rows[-4:] == [
        "Number,State,Reason",
        "26324001,free,",
        "26324002,free,",
        "26324003,free,",
    ]


def test_a_block_that_cannot_be_reserved_says_why(as_otto, granola):
    sent = {"origin": factory.location().pk, "day": "2026-11-20", "size": "5000", "purpose": "x"}
    answer = as_otto.post(reverse("number-reserve", args=["GRANOLA"]), sent)
    assert answer.status_code == 422
    assert "Reserve between 1 and 2,000 numbers at once." in answer.content.decode()


def test_numbers_that_no_batch_has_are_listed_with_their_state(as_otto, granola, otto):
    block = block_of(otto, granola)
    first, second, _ = block.numbers.order_by("position")
    answer = as_otto.post(reverse("number-void", args=[first.pk]), {"reason": "Torn."})
    assert answer["Location"] == block.get_absolute_url()
    make_batch(product=granola, origin=block.origin, number=second.number, by=otto, at=NOON)
    page = as_otto.get(reverse("product-numbers", args=["GRANOLA"])).content.decode()
    assert "26324001" in page and "Torn." in page and "Out of use" in page
    assert "26324003" in page and "Reserved" in page
    assert '<td class="code nowrap">26324002' not in page
    as_otto.post(reverse("number-void-rest", args=[block.pk]), {"reason": "Line is back."})
    page = as_otto.get(block.get_absolute_url()).content.decode()
    assert "0 of 3" in page and "Line is back." in page


def test_the_page_of_a_batch_says_what_is_in_its_number(as_otto, granola, otto):
    Product.objects.update(number_pattern="{YY}{JJJ}{line:1}{counter:3/day}{check}")
    granola.refresh_from_db()
    of = {"product": granola, "origin": factory.location(), "by": otto, "at": NOON}
    made = make_batch(produced_at=NOON, line="B", **of)
    page = as_otto.get(made.get_absolute_url()).content.decode()
    assert "What its number says" in page
    assert "<dt>Day</dt><dd>20 Nov 2026</dd>" in page
    assert "<dt>Counter</dt><dd>001</dd>" in page
    assert f"{made.number[-1]}, right" in page
    wrong = make_batch(number=made.number.replace("B", "8"), produced_at=NOON, **of)
    page = as_otto.get(wrong.get_absolute_url()).content.decode()
    assert "Its check character" in page and "is wrong, expected" in page
    assert f'It may be <span class="code">{made.number}</span>' in page
    late = make_batch(produced_at=NOON + timedelta(days=3), number="26324B0021", **of)
    page = as_otto.get(late.get_absolute_url()).content.decode()
    assert "It says another day than the batch was made on, 23 Nov 2026." in page


def test_a_changed_pattern_does_not_change_what_older_numbers_say(as_otto, granola, otto):
    made = make_batch(
        product=granola, origin=factory.location(), produced_at=NOON, by=otto, at=NOON
    )
    Product.objects.update(number_pattern="X{counter:5}")
    page = as_otto.get(made.get_absolute_url()).content.decode()
    assert "<dt>Day</dt><dd>20 Nov 2026</dd>" in page


def test_nothing_is_said_of_the_number_of_a_supplier(as_otto, granola, otto):
    farm = factory.location("FARM", kind="supplier")
    made = make_batch(product=granola, origin=farm, number="112", by=otto, at=NOON)
    assert "What its number says" not in as_otto.get(made.get_absolute_url()).content.decode()


def test_the_admin_gives_the_next_number_to_a_batch_without_one(as_otto, granola):
    sent = {
        "product": granola.pk,
        "origin": factory.location().pk,
        "status": "released",
        "produced_at_0": "2026-11-20",
        "produced_at_1": "12:00",
    }
    answer = as_otto.post("/admin/batches/batch/add/", sent)
    assert answer.status_code == 302
    made = Batch.objects.get()
    assert (made.number, made.expires_on) == ("26324001", DAY + timedelta(days=200))


def test_the_admin_asks_for_what_the_number_needs(as_otto, granola):
    sent = {"product": granola.pk, "origin": factory.location().pk, "status": "released"}
    answer = as_otto.post("/admin/batches/batch/add/", sent)
    assert answer.status_code == 200
    assert "Say when it was made." in answer.content.decode()
    assert not Batch.objects.exists() and not IssuedNumber.objects.exists()


def test_a_number_out_of_use_is_refused_where_it_is_typed(as_otto, granola, otto):
    row = block_of(otto, granola, 1).numbers.get()
    void_number(number=row, reason="Torn.", by=otto, at=NOON)
    sent = {"product": granola.pk, "origin": row.block.origin_id, "status": "released"}
    answer = as_otto.post("/admin/batches/batch/add/", sent | {"number": "26324001"})
    assert "26324001 was taken out of use: Torn." in answer.content.decode()


def test_an_imported_pattern_that_does_not_hold_is_refused(db):
    rows = "code,name,number_pattern\nA,A,{YY}{JJJ}\nB,B,{YY}{JJJ}{counter:3/day}"
    outcome = take("products", rows)
    assert [error["line"] for error in outcome.sheet.errors()] == [2]
    assert "Two batches of one day" in outcome.sheet.errors()[0]["reason"]
    assert Product.objects.get().code == "B"
