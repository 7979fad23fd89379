"""Versions: compared with one another, and printed byte for byte the same for ever."""

import hashlib
import json

import pytest
from django.urls import reverse

from batches.models import Batch, Contact, Location, Product
from batches.tests import factory as batches
from recalls.models import Recall, ScopeLine
from recalls.operations import scope
from recalls.reports import printed
from recalls.scope.difference import difference
from recalls.tests import factory
from recalls.tests.factory import NOON, move
from recalls.tests.test_narrowing import narrow

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.fixture
def three(quinn, paula, active, nodes):
    """A recall that was activated, grew by a store, and was narrowed by another."""
    batches.location("STORE3", kind="store", name="Store 3")
    factory.contact("STORE3", "3@store.example")
    move(nodes, "BAR@DC", "BAR@STORE3", quantity=5)
    move(nodes, "BAR@DC", "BAR@STORE2", quantity=5)
    factory.stock(nodes["BAR@STORE2"], 35)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    narrow(active, quinn, paula, nodes["BAR@STORE1"], reason="Made before.")
    return list(active.versions.order_by("number"))


def papers(client, recall) -> dict[str, bytes]:
    names = ("print", "text", "json")
    return {
        f"{number} {name}": client.get(
            reverse(f"recall-version-{name}", args=[recall.reference, number])
        ).content
        for number in recall.versions.values_list("number", flat=True)
        for name in names
    }


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def change_everything(quinn):
    """What may happen to the rows behind a version in the years after it was frozen."""
    Location.objects.update(name="Renamed", street="Elsewhere 1", timezone="Asia/Kathmandu")
    Contact.objects.filter(email="one@store.example").update(email="changed@store.example")
    Contact.objects.exclude(email="changed@store.example").delete()
    Batch.objects.update(number="OTHER", expires_on="2040-01-01", quantity=1)
    Product.objects.update(name="Another name", gtin=None, active=False)
    Recall.objects.update(title="Another title", hazard="Another hazard", classification="III")
    quinn.first_name, quinn.is_active = "Another", False
    quinn.save()


def test_a_version_prints_byte_for_byte_the_same_for_ever(
    three, client, quinn, vera, ada, settings
):
    recall = three[0].recall
    log_in(client, vera)
    before = papers(client, recall)
    assert len(before) == 9 and b"Store 1" in before["1 print"] and b"Store 1" in before["1 text"]
    change_everything(quinn)
    settings.SITE_TIME_ZONE, settings.SITE_NAME = "Pacific/Chatham", "Another site"
    log_in(client, ada)
    assert papers(client, recall) == before


def test_the_json_of_every_version_gives_its_hash(three, client, quinn, vera):
    log_in(client, vera)
    change_everything(quinn)
    for version in three:
        content = papers(client, version.recall)[f"{version.number} json"]
        assert hashlib.sha256(content).hexdigest() == version.sha256
        assert f"{version.sha256} (as frozen)" in printed.as_text(version)


def test_control_paper_made_of_the_live_tables_is_another(three, quinn):
    """The test above would notice: the same paper over names as they are now differs."""

    def live_paper(version) -> str:
        frozen = json.loads(printed.as_json(version))
        for line in frozen["lines"]:
            line["location_name"] = Location.objects.get(pk=line["location_id"]).name
        content = json.dumps(frozen)
        return printed.text_of(printed.printed_from(json.loads(content), "", ""))

    before = live_paper(three[0])
    change_everything(quinn)
    assert live_paper(three[0]) != before


def test_paper_says_when_the_lines_do_not_give_the_hash(three):
    version = three[0]
    frozen = json.loads(printed.as_json(version))
    frozen["lines"][0]["due"] = "1"
    paper = printed.printed_from(frozen, "f" * 64, version.sha256)
    assert f"CHANGED: its lines give {'f' * 64}" in printed.text_of(paper)


def test_the_paper_names_what_was_taken_out_and_why(three):
    text = printed.as_text(three[2])
    assert "Cause          Narrowed by two people" in text
    assert (
        "- Narrowing 1: Made before.\n- Taken out: BAR of P-BAR at STORE1 Store 1, 40 case" in text
    )
    assert text.count("STORE1") == 1, "said once"
    assert "STORE1 Store 1\n" not in text and "STORE2 Store 2\n" in text
    assert "ALM@" not in text and "ALM at PLANT1" in text


def test_a_difference_is_added_changed_and_removed_with_quantities(three):
    first, second, third = three
    found = difference(first, third)
    kinds = {f"{c.line.location_code}": c.kind for c in found.changes}
    assert kinds == {"STORE1": "removed", "STORE2": "changed", "STORE3": "added"}
    store2 = next(c for c in found.changes if c.line.location_code == "STORE2")
    assert (store2.before.due, store2.after.due) == (30, 35)
    removed = next(c for c in found.changes if c.kind == "removed")
    assert removed.reason == "Made before."
    others = next(a for a in found.amounts if a.word == "with others" and a.unit == "case")
    assert others.difference == 5 + 5 - 40
    assert {place.code: place.kind for place in found.places} == {
        "STORE1": "removed", "STORE2": "changed", "STORE3": "added",
    }  # fmt: skip
    assert {c.line.location_code for c in difference(first, second).changes if c.is_told} == {
        "STORE2", "STORE3",
    }  # fmt: skip
    assert difference(third, third).changes == []


def text_of(response) -> str:
    from recalls.tests.test_pages_recall import text_of

    return text_of(response)


def test_the_page_compares_any_two_versions(three, client, vera):
    log_in(client, vera)
    recall = three[0].recall
    url = reverse("recall-version-diff", args=[recall.reference, 3])
    page = text_of(client.get(url))
    assert "What version 3 changes since version 2" in page
    assert "0 added, 0 changed, 1 removed" in page and "Made before." in page
    page = text_of(client.get(url + "?from=1"))
    assert "What version 3 changes since version 1" in page and "1 added, 1 changed" in page
    first = reverse("recall-version-diff", args=[recall.reference, 1])
    assert "What version 3 changes since version 1" in text_of(client.get(first + "?from=3"))
    assert "Both versions have the same lines" in text_of(client.get(first))
    for odd in ("?from=9", "?from=x", "?from=²", "?from=-1"):
        assert client.get(url + odd).status_code == 404, odd


def test_the_room_says_in_words_what_each_version_changed(three, client, vera):
    log_in(client, vera)
    page = text_of(client.get(three[0].recall.get_absolute_url()))
    assert "Holdings: 1 new, 1 changed." in page and "Holdings: 1 taken out." in page


def test_the_page_of_a_difference_takes_the_same_queries_however_many_lines(
    three, client, vera, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    log_in(client, vera)
    recall = three[0].recall
    url = reverse("recall-version-diff", args=[recall.reference, 2]) + "?from=1"
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    line = ScopeLine.objects.filter(version=three[1]).first()
    for number in range(25):
        place = batches.location(f"MORE{number}", kind="store")
        holding = line.batch.holdings.create(location=place, quantity=1)
        line.pk, line.holding, line.location = None, holding, place
        line._state.adding = True
        line.save()
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_a_new_rule_is_an_expansion_and_a_new_movement_is_drift(quinn, paula, active, nodes):
    batches.trace_graph("OAT@PLANT1 -8x5-> OAT@STORE1")
    oats = Batch.objects.get(number="OAT")
    scope.add_rule(
        recall=active, kind="batches", parameters={"batches": [oats.pk]}, by=quinn, at=NOON
    )
    widened = scope.check_drift(recall=active, at=NOON)
    assert (widened.number, widened.cause, widened.is_released) == (2, "expansion", False)
    scope.release_version(version=widened, by=quinn, at=NOON)
    told = set(widened.notices.filter(kind="notice").values_list("address", flat=True))
    assert told == {"one@store.example"}, "nobody else is told again"
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    assert scope.check_drift(recall=active, at=NOON).cause == "drift"
