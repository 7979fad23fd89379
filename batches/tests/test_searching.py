"""A search by the index finds what a look through the whole table finds, no more and no less."""

import random

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from batches import trigrams
from batches.codes.numbering import number_key
from batches.filters import BatchFilter, ShipmentFilter
from batches.lists.searching import SearchFilter
from batches.models import Batch, Event, Shipment
from batches.operations.events import record
from batches.reports.audit import examine
from batches.tests import factory
from batches.tests.factory import NOON
from batches.views.audit.filters import EventFilter

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite: its index is a copy")

TEXTS = [
    "SH-00500000", "sh-00500001", "Müller & Söhne", "MÜLLER", "straße 12", "STRASSE", "50% off",
    "a_b_c", 'says "stop"', "O'Neill", "back\\slash", "٠١٢٣-٤٥٦", "0123-456", "كرتون ٧٧", "İzmir",
    "ızgara", "ﬁsh", "ΣΊΣΥΦΟΣ", "σίσυφος", "Ünïcödé", "日本語テキスト", "🍎🍏🍎 apple", "K-Kelvin",
    "---", "%%%", "___", "AND OR NOT", "near(a b)", "label : x", "x*", "^start", "a" * 50, "12",
    "é",
]  # fmt: skip


def words() -> list[str]:
    """Parts of the texts, of each length, as they are, in other case, and beside the mark."""
    dice = random.Random(7)
    whole = [word for text in TEXTS for word in text.split()]
    found = {"q", "xq", "xyz", "%", "_", "-", '"', "'", "\\", "sh-0050000", "*", "SH-00500000x"}
    for word in whole:
        for _ in range(4):
            start = dice.randrange(len(word))
            part = word[start : start + dice.randint(1, 9)]
            found |= {part, part.swapcase()}
    return sorted(found | set(whole))


def looked_through(model, word: str, fields, keys=()) -> set[int]:
    """The whole table, row by row, without an index: how each search was done before."""
    wanted = Q()
    for field in fields:
        wanted |= Q(**{f"{field}__icontains": word})
    for field in keys:
        wanted |= Q(**{f"{field}__contains": number_key(word)})
    return set(model.objects.filter(wanted).values_list("pk", flat=True))


def searched(search: SearchFilter, model, word: str) -> set[int]:
    return set(search.filter(model.objects.all(), word).values_list("pk", flat=True))


@pytest.fixture
def recorded(otto):
    """Each text in each column that is searched, of three tables."""
    product, plant = factory.product("Söhne"), factory.location("PLANT")
    shops = [factory.location(f"S{n}", name=text) for n, text in enumerate(TEXTS[:6])]
    for n, text in enumerate(TEXTS):
        one = {"product": product, "origin": plant, "number": f"{text} {n}"}
        made = Batch(**one, number_key=number_key(f"{text} {n}"), supplier_number=TEXTS[-n])
        made.save()
        Shipment.objects.create(
            reference=f"{text}/{n}", document=TEXTS[-n], origin=plant, destination=shops[n % 6]
        )
        Event.objects.create(
            seq=n + 1, at=NOON, verb="made", object_type="x", object_id="1", label=text,
            reason=f"{TEXTS[-n]} {text}", previous_hash="-", hash="-",
        )  # fmt: skip


@pytest.mark.slow
def test_a_search_finds_what_a_look_through_the_table_finds(recorded):
    """Also one and two letters, wildcards, quotes, other alphabets and any case."""
    different = {}
    for word in words():
        for model, search, fields, keys in (
            (Batch, BatchFilter, ["product__name", "supplier_number"], ["number_key"]),
            (Event, EventFilter, ["label", "reason"], []),
            (
                Shipment,
                ShipmentFilter,
                ["reference", "document", "origin__name", "destination__name"],
                [],
            ),
        ):
            found = searched(search.base_filters["q"], model, word)
            if found != (wanted := looked_through(model, word, fields, keys)):
                different[model.__name__, word] = (found - wanted, wanted - found)
    assert different == {}


@pytest.mark.parametrize("most", [10_000, 1])
def test_the_log_is_narrowed_to_acts_and_people_as_they_are_named(
    recorded, quinn, monkeypatch, most
):
    monkeypatch.setattr(trigrams, "MOST", most)
    with transaction.atomic():
        for verb in ("hold placed", "Hold lifted", "100%", "sold"):
            record(verb=verb, obj=factory.product(), by=quinn, at=NOON)
    assert {"100%", "Hold lifted", "hold placed", "made", "sold"} <= set(Event.objects.verbs())
    for asked, path in (("verb", "verb"), ("by", "actor__username")):
        for word in ("hold", "OLD", "%", "_", "l", "made", "nothing", "QUI", "inn"):
            rows = EventFilter({asked: word}, queryset=Event.objects.all()).qs
            wanted = Event.objects.filter(**{f"{path}__icontains": word})
            assert list(rows) == list(wanted), (asked, word)


def test_the_index_is_asked_and_what_it_names_is_compared(recorded):
    with CaptureQueriesContext(connection) as queries:
        assert len(searched(EventFilter.base_filters["q"], Event, "00500000")) == 1
    assert any("batches_event_trigrams" in query["sql"] for query in queries)
    assert trigrams.candidates(Event, {"label": "00500000"}) is not None
    # Shorter than an entry, of signs that have none, and of a table that has no index.
    assert trigrams.candidates(Event, {"label": "SH"}) is None
    assert trigrams.candidates(Event, {"label": "-%-_-"}) is None
    assert trigrams.candidates(Event, {"verb": "made"}) is None


def test_what_more_rows_have_than_are_named_is_found_all_the_same(recorded, monkeypatch):
    monkeypatch.setattr(trigrams, "MOST", 1)
    assert trigrams.candidates(Event, {"label": "0050000"}) is None
    assert len(searched(EventFilter.base_filters["q"], Event, "0050000")) == 3
    # Its end has too many, and the whole of it few.
    Event.objects.create(
        seq=999, at=NOON, verb="made", object_type="x", object_id="1", label="7-0050000",
        previous_hash="-", hash="-",
    )  # fmt: skip
    assert len(trigrams.candidates(Event, {"label": "7-0050000"})) == 1
    assert len(searched(ShipmentFilter.base_filters["q"], Shipment, "-00500001")) >= 1


def test_the_index_follows_each_way_of_writing(recorded):
    search = ShipmentFilter.base_filters["q"]
    old = Shipment.objects.order_by("pk")[0]
    Shipment.objects.filter(pk=old.pk).update(document="Frachtbrief 4711")
    assert searched(search, Shipment, "brief") == {old.pk}
    old.document = "Begleitschein"
    Shipment.objects.bulk_update([old], ["document"])
    assert searched(search, Shipment, "brief") == set()
    assert searched(search, Shipment, "begleit") == {old.pk}
    old.delete()
    assert searched(search, Shipment, "begleit") == set()
    Shipment.objects.bulk_create(
        Shipment(reference=f"N-{n}-new", origin_id=old.origin_id, destination_id=old.destination_id)
        for n in range(3)
    )
    assert len(searched(search, Shipment, "-NEW")) == 3
    assert trigrams.missing() == trigrams.stale() == []


@sqlite
def test_an_index_that_nothing_keeps_is_not_asked_and_is_read_anew(recorded):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER batches_event_trigrams_insert")
    Event.objects.create(
        seq=999, at=NOON, verb="made", object_type="x", object_id="1", label="unseen label",
        previous_hash="-", hash="-",
    )  # fmt: skip
    assert trigrams.missing() == ["batches_event_trigrams"]
    assert len(searched(EventFilter.base_filters["q"], Event, "unseen")) == 1
    assert trigrams.install() == ""
    assert trigrams.missing() == trigrams.stale() == []
    assert len(trigrams.candidates(Event, {"label": "unseen"})) == 1


@sqlite
def test_an_index_that_lacks_a_row_is_found_and_read_anew(recorded, capsys):
    insert = trigrams._triggers(Event)["batches_event_trigrams_insert"]
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER batches_event_trigrams_insert")
        Event.objects.create(
            seq=999, at=NOON, verb="made", object_type="x", object_id="1", label="unseen label",
            previous_hash="-", hash="-",
        )  # fmt: skip
        cursor.execute(insert)
    assert trigrams.missing() == []
    assert trigrams.stale() == ["batches_event_trigrams"]
    assert list(examine(NOON, {"search"}).found) == [("search", "index", "batches_event_trigrams")]
    call_command("reindex")
    assert "batches_event_trigrams" in capsys.readouterr().out
    assert trigrams.stale() == []
    assert len(searched(EventFilter.base_filters["q"], Event, "unseen")) == 1


@sqlite
def test_sqlite_that_knows_no_trigrams_searches_the_whole_table(recorded, monkeypatch):
    monkeypatch.setattr(trigrams, "OLDEST_SQLITE", (99, 0, 0))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER batches_event_trigrams_insert")
    assert "SQLite 3.34 or newer" in trigrams.install()
    assert len(searched(EventFilter.base_filters["q"], Event, "00500000")) == 1


@pytest.mark.postgres
def test_a_database_without_the_extension_says_so_and_searches_all_the_same(recorded):
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE SCHEMA elsewhere")
        cursor.execute("CREATE EXTENSION pg_trgm SCHEMA elsewhere")
    said = trigrams.install()
    assert "gin_trgm_ops" in said and "CREATE EXTENSION pg_trgm" in said
    assert len(trigrams.missing()) == len(trigrams.SEARCHED)
    assert len(searched(EventFilter.base_filters["q"], Event, "00500000")) == 1
