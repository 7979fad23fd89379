"""Many processes take batch numbers at once: none twice, and without gaps where it is promised."""

import json
from collections import Counter

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PREPARE = """
from batches.models import Location, Product
Location.objects.create(code="PLANT1", name="Plant", kind="plant")
for code, gap_free in (("TIGHT", True), ("LOOSE", False)):
    Product.objects.create(
        code=code, name=code, number_pattern="{YY}{JJJ}{counter:5/day}", numbers_gap_free=gap_free
    )
"""

START = """
import json, pathlib, time
import django
django.setup()
from datetime import UTC, date, datetime
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from batches.models import Location, NumberSequence, Product
from batches.operations import numbering
from batches.operations.batches import make_batch

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
origin = Location.objects.get()
products = {product.code: product for product in Product.objects.all()}
got = {"TIGHT": [], "LOOSE": []}

whole = transaction.atomic
# The disk is not what is tested.
quick = "PRAGMA synchronous=OFF" if connection.vendor == "sqlite" else "SET synchronous_commit=off"
connection.cursor().execute(quick)

class Undone(Exception):
    pass

def take(code):
    order = numbering.Order(products[code], origin, NOON)
    return numbering.take_numbers(order=order, count=1, at=NOON)[0].number

def wait():
    print("ready", flush=True)
    while not pathlib.Path(GO).exists():
        time.sleep(0.02)
"""

# Each tenth is undone by what comes after it.
NUMBERS = """
wait()
tries = 0
while len(got["TIGHT"]) < COUNT:
    tries += 1
    time.sleep(0.002)  # SQLite knows no queue: who never pauses keeps the others out.
    try:
        with whole():
            number = take("TIGHT")
            if tries % 10 == 0:
                raise Undone
    except Undone:
        continue
    got["TIGHT"].append(number)
print(json.dumps(got))
"""

# Each fifth is refused after its number was given out.
BATCHES = """
wait()
for turn in range(COUNT):
    for code in got:
        odd = {"expires_on": date(2020, 1, 1)} if turn % 5 == 4 else {}
        try:
            batch = make_batch(
                product=products[code], origin=origin, by=None, at=NOON, produced_at=NOON, **odd
            )
        except ValidationError:
            continue
        got[code].append(batch.number)
print(json.dumps(got))
"""

# Reads the counter without keeping others from it, and believes what it read.
MUTANT = """
from contextlib import nullcontext
whole = nullcontext
numbering.take_numbers = numbering.take_numbers.__wrapped__
numbering.locked_sequence = lambda key: NumberSequence.objects.get_or_create(key=key)[0]
numbering.taken = lambda product, keys: (set(), set())
"""

# What the database itself would refuse.
WITHOUT_CONSTRAINTS = """
from django.db import connection
from batches.models import IssuedNumber
constraints, IssuedNumber._meta.constraints = IssuedNumber._meta.constraints, []
with connection.schema_editor() as editor:
    for constraint in constraints:
        editor.remove_constraint(IssuedNumber, constraint)
"""


def at_once(site, script: str, processes: int, count: int) -> dict[str, list[str]]:
    """The numbers that so many processes got, all of them from one moment on."""
    site.environment["DJANGO_SETTINGS_MODULE"] = "traceability.settings"
    go = site.folder / "go"
    head = f"GO, COUNT = {str(go)!r}, {count}\n"
    running = [site.start("-c", head + START + script) for _ in range(processes)]
    for process in running:
        assert process.stdout.readline() == "ready\n", process.communicate()
    go.parent.mkdir(exist_ok=True)
    go.touch()
    got: dict[str, list[str]] = {"TIGHT": [], "LOOSE": []}
    for process in running:
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        for code, numbers in json.loads(said).items():
            got[code] += numbers
    return got


def register(site, code: str) -> dict[str, list]:
    """Positions of the product's numbers, and the numbers that nothing has."""
    return json.loads(
        site.do(
            "import json; from batches.models import IssuedNumber\n"
            f"rows = IssuedNumber.objects.filter(product__code='{code}').order_by('position')\n"
            "print(json.dumps({'positions': list(rows.values_list('position', flat=True)),"
            " 'free': list(rows.free().values_list('number', flat=True))}))"
        )
    )


def test_eight_processes_take_a_thousand_numbers_each_none_twice_and_without_a_gap(site):
    site.do(PREPARE)
    numbers = at_once(site, NUMBERS, processes=8, count=1000)["TIGHT"]
    assert sorted(numbers) == [f"26324{count:05}" for count in range(1, 8001)]
    assert register(site, "TIGHT")["positions"] == list(range(1, 8001))


def test_without_the_lock_numbers_are_given_out_twice(site):
    """The control: the test above can fail."""
    site.do(PREPARE + WITHOUT_CONSTRAINTS)
    numbers = at_once(site, MUTANT + NUMBERS, processes=4, count=100)["TIGHT"]
    assert Counter(numbers).most_common(1)[0][1] > 1


def test_batches_made_at_once_have_numbers_with_and_without_gaps_as_configured(site):
    site.do(PREPARE)
    got = at_once(site, BATCHES, processes=4, count=25)
    tight, loose = register(site, "TIGHT"), register(site, "LOOSE")
    assert sorted(got["TIGHT"]) == [f"26324{count:05}" for count in range(1, 81)]
    assert tight == {"positions": list(range(1, 81)), "free": []}
    assert len(set(got["LOOSE"])) == 80
    assert loose["positions"] == list(range(1, 101)), "what is left over stays in the register"
    assert set(loose["free"]) == {f"26324{n:05}" for n in range(1, 101)} - set(got["LOOSE"])
