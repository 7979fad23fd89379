"""A recall adds up, per batch and per place, or says by name what is missing."""

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batches.operations.documents import adjust_stock, void_shipment
from recalls.operations import recalls
from recalls.operations.dispositions import carry_out, propose_disposition
from recalls.operations.scope import check_drift, release_version
from recalls.reports.dossier import dossier
from recalls.reports.reconciliation import reconciliation
from recalls.reports.status import status
from recalls.tests import factory
from recalls.tests.stories import LATER, MADE, ON_SITE, SAMPLE, SENT, bars

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(otto, quinn, paula):
    return bars(otto, quinn, paula)


def side(story):
    [row] = reconciliation(story.recall).batches
    return row


def place(story, code="STORE1"):
    return next(row for row in reconciliation(story.recall).places if row.code == code)


def texts(story) -> list[str]:
    return [gap.text.replace("\xa0", " ") for gap in reconciliation(story.recall).gaps]


def destroy(story, code, quantity, quinn, paula, **fields):
    row = propose_disposition(
        recall=story.recall,
        holding=story.at(code),
        kind="destroyed",
        quantity=Decimal(quantity),
        reason="Peanut.",
        happened_on=LATER.date(),
        method="Incinerated",
        witness_name="Ina Berg",
        witness_function="Site manager",
        by=quinn,
        at=LATER,
        **fields,
    )
    return carry_out(disposition=row, by=paula, at=LATER)


def test_before_anybody_answers_all_that_was_distributed_is_named_as_missing(story):
    row = side(story)
    assert (row.made, row.distributed, row.on_site, row.taken) == (100, 70, 28, 2)
    assert (row.came_back, row.used, row.elsewhere, row.unexplained) == (0, 0, 0, 0)
    assert texts(story) == [
        "Store 1: 40 cases of L1 not accounted for.",
        "Store 2: 30 cases of L1 not accounted for.",
    ]
    assert not reconciliation(story.recall).closes


def test_said_twelve_came_eleven_is_named(story, otto):
    story.answer("STORE1", returned=12, sold=28)
    story.answer("STORE2", quarantined=30)
    assert texts(story) == ["Store 1: 12 cases of L1 sent back, none has come; 12 cases to arrive."]
    story.back("STORE1", 11, otto)
    assert texts(story) == ["Store 1: 12 cases of L1 sent back, 11 cases came; 1 case to arrive."]
    assert status(story.recall).totals[0].returned == 12
    row = side(story)
    assert (row.came_back, row.on_site, row.unexplained) == (11, ON_SITE + 11, 0)


def test_it_closes_when_everything_is_back_sold_or_set_aside(story, otto):
    story.answer("STORE1", returned=12, sold=28)
    story.answer("STORE2", quarantined=30)
    story.back("STORE1", 12, otto)
    assert texts(story) == []
    assert reconciliation(story.recall).closes


def test_what_is_fetched_without_a_new_answer_was_set_aside_until_then(story, otto):
    story.answer("STORE1", quarantined=38, sold=2)
    story.back("STORE1", 38, otto)
    sums = place(story).amounts
    assert (sums.returned, sums.quarantined, sums.sold, sums.no_answer) == (38, 0, 2, 0)
    story.back("STORE2", 30, otto)
    silent = place(story, "STORE2")
    assert (silent.amounts.returned, silent.amounts.no_answer) == (30, 0)
    assert status(story.recall).answered == 1, "it is asked still"


def test_more_than_was_recorded_comes_back_and_is_named(story, otto):
    story.back("STORE1", 45, otto)
    assert "Store 1: 5 cases of L1 more than the records say it had." in texts(story)
    assert (side(story).on_site, side(story).unexplained) == (ON_SITE + 45, 0)


def test_the_next_version_asks_a_place_for_no_less_because_goods_went_back(story, otto, paula):
    story.answer("STORE1", returned=12, sold=28)
    story.back("STORE1", 12, otto)
    before = reconciliation(story.recall)
    version = check_drift(recall=story.recall, at=LATER)
    due = dict(version.lines.values_list("location_code", "due"))
    assert (due["STORE1"], due["STORE2"]) == (40, 30)
    assert version.lines.get(location__code="RET").role == "own_site"
    release_version(version=version, by=paula, at=LATER)
    now = reconciliation(story.recall)
    assert now.now.version == version
    assert now.batches == before.batches and now.places == before.places
    assert not story.recall.notices.filter(version=version, kind="notice").exists()


def test_a_site_of_ours_with_a_contact_is_not_asked_about_what_came_back(story, otto):
    factory.contact("RET", "returns@maker.example")
    story.back("STORE1", 12, otto)
    version = check_drift(recall=story.recall, at=LATER)
    assert version.lines.get(location__code="RET").role == "own_site"


def test_what_was_destroyed_at_a_place_counts_and_its_certificate_is_asked_for(story, quinn, paula):
    story.answer("STORE1", destroyed=10, sold=30)
    story.answer("STORE2", sold=30)
    assert texts(story) == ["Store 1: 10 cases of L1 destroyed, no certificate seen."]
    assert reconciliation(story.recall).closes, "a certificate is asked for, and not needed"
    destroy(story, "STORE1", 6, quinn, paula, certificate="C-1")
    assert texts(story) == ["Store 1: 4 cases of L1 destroyed, no certificate seen."]
    assert (place(story).certified, place(story).amounts.destroyed) == (6, 10)
    destroy(story, "STORE1", 6, quinn, paula)
    assert place(story).amounts.destroyed == 12, "more than was said was seen"
    assert side(story).unexplained == 0


def test_what_we_destroy_scrap_or_send_back_ourselves_leaves_by_its_reason(
    story, quinn, paula, otto
):
    from batches.models import Location

    story.back("STORE1", 12, otto)
    destroy(story, "RET", 12, quinn, paula, certificate="C-2")
    for kind, quantity, more in (
        ("scrap", 8, {}),
        ("supplier", 5, {"destination": Location.objects.get(code="NUTS")}),
    ):
        propose_disposition(
            recall=story.recall, holding=story.at("PLANT1"), kind=kind, reason="No use.",
            quantity=Decimal(quantity), by=quinn, at=LATER, **more,
        )  # fmt: skip
    row = side(story)
    assert row.left == {"destroyed": 12, "sample": 2, "scrap": 8}
    assert (row.on_site, row.elsewhere, row.came_back) == (15, 5, 12)
    assert row.unexplained == 0


def test_a_difference_counted_on_arrival_is_named_and_the_batch_still_adds_up(story, otto):
    shipment = story.ship("STORE1", "RET", 12, otto, purpose="return")
    assert place(story).came == 12
    void_shipment(shipment=shipment, reason="Wrong.", by=otto, at=LATER)
    assert (place(story).came, side(story).came_back, side(story).on_site) == (0, 0, ON_SITE)


def test_what_is_on_its_way_back_has_not_arrived(story, otto):
    from batches.models import Location
    from batches.operations.documents import create_shipment, post_shipment, receive_shipment

    story.answer("STORE1", returned=12, sold=28)
    story.answer("STORE2", sold=30)
    shipment = create_shipment(
        reference="BACK", purpose="return", origin=Location.objects.get(code="STORE1"),
        destination=Location.objects.get(code="RET"),
        lines=[{"batch": story.batch, "quantity": Decimal(12)}], by=otto, at=LATER,
    )  # fmt: skip
    shipment = post_shipment(shipment=shipment, by=otto, at=LATER)
    assert texts(story) == [
        "Store 1: 12 cases of L1 sent back, none has come, 12 cases on the way; 12 cases to arrive."
    ]
    line = shipment.lines.get()
    receive_shipment(shipment=shipment, received={line.pk: Decimal(11)}, by=otto, at=LATER)
    assert texts(story) == ["Store 1: 12 cases of L1 sent back, 11 cases came; 1 case to arrive."]
    row = side(story)
    assert (row.came_back, row.on_site, row.left["count"], row.unexplained) == (12, 39, 1, 0)


def test_stock_that_no_record_explains_is_named(story, otto):
    from batches.models import Holding

    Holding.objects.filter(pk=story.at("PLANT1").pk).update(quantity=Decimal(25))
    assert "L1: 3 cases are in no record." in texts(story)


def test_an_unknown_amount_closes_nothing(otto, quinn, paula):
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    row = next(row for row in reconciliation(recall).batches if row.number == "ALM")
    assert (row.made, row.unexplained) == (None, None)
    assert not row.closes


def test_a_recall_without_a_frozen_scope_has_nothing_to_add_up(quinn):
    empty = reconciliation(factory.draft(quinn))
    assert (empty.batches, empty.places, empty.gaps) == ([], [], [])


def test_the_figures_are_those_of_the_page_and_of_the_documents(story, otto, quinn, paula):
    story.answer("STORE1", returned=12, quarantined=20, sold=3)
    story.back("STORE1", 11, otto)
    destroy(story, "STORE2", 4, quinn, paula)
    now = status(story.recall)
    row = side(story)
    [figures] = dossier(story.recall, at=LATER, by="Quinn").batches
    assert [row.amounts] == now.totals == [figures.amounts]
    assert row.made == figures.made and row.distributed == now.totals[0].due


def test_a_closed_recall_keeps_its_figures(story, otto, quinn, paula):
    story.answer("STORE1", returned=40)
    story.answer("STORE2", sold=30)
    recalls.complete_recall(recall=story.recall, by=quinn, at=LATER)
    words = {"password": "paula", "meaning": "Closed.", "by": paula, "at": LATER}
    with pytest.raises(ValidationError, match=r"Store 1: .* of L1 sent back, none has"):
        recalls.close_recall(recall=story.recall, **words)
    recalls.close_recall(recall=story.recall, statement="The driver signed for 40.", **words)
    story.recall.refresh_from_db()
    before = status(story.recall).totals
    story.ship("STORE2", "RET", 3, otto, at=LATER.replace(hour=20), purpose="return")
    assert status(story.recall).totals == before


def test_the_number_of_queries_does_not_grow(story, otto, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        reconciliation(story.recall)
    story.back("STORE1", 1, otto)
    story.back("STORE2", 2, otto)
    with django_assert_num_queries(len(few)):
        reconciliation(story.recall)


# --- random stories against a page of bookkeeping ---------------------------------------------

STORES = st.sampled_from(sorted(SENT))
FEW = st.integers(1, 20)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("back"), STORES, st.integers(1, 50)),
        st.tuples(st.just("burn"), st.sampled_from([*SENT, "PLANT1", "RET"]), FEW),
        st.tuples(st.just("count"), STORES, FEW),
        st.tuples(st.just("move on"), STORES, FEW),
        st.tuples(st.just("say"), STORES, st.tuples(*[st.integers(0, 15)] * 4)),
    ),
    min_size=1,
    max_size=7,
)
PARTS = ("quarantined", "returned", "destroyed", "sold")


class Book:
    """What a person with pencil and paper writes down."""

    def __init__(self):
        self.there = {**SENT, "PLANT1": ON_SITE, "RET": 0}
        self.due, self.said = dict(SENT), dict.fromkeys(SENT, (0, 0, 0, 0))
        self.came, self.burnt = dict.fromkeys(SENT, 0), dict.fromkeys(self.there, 0)

    def write(self, kind, code, amount):
        if kind == "say":
            self.said[code] = amount
            return
        self.there[code] += amount if kind == "count" else -amount
        if kind == "back":
            self.there[code] = max(self.there[code], 0)
            self.there["RET"] += amount
            self.came[code] += amount
        elif kind == "burn":
            self.burnt[code] += amount
        elif kind == "move on":
            other = next(name for name in SENT if name != code)
            self.there[other] += amount
            self.due[code] -= amount
            self.due[other] += amount

    def of(self, code) -> tuple:
        """Set aside, returned, destroyed, sold, missing, over."""
        aside, back, burnt, sold = self.said[code]
        seen_back, seen_burnt = max(back, self.came[code]), max(burnt, self.burnt[code])
        aside = max(aside - (seen_back - back) - (seen_burnt - burnt), 0)
        rest = self.due[code] - aside - seen_back - seen_burnt - sold
        return (aside, seen_back, seen_burnt, sold, max(rest, 0), max(-rest, 0))


def tell(story, kind, code, amount, number, quinn, paula):
    if kind == "say":
        story.answer(code, **dict(zip(PARTS, amount, strict=True)))
    elif kind == "back":
        story.back(code, amount, quinn)
    elif kind == "burn":
        destroy(story, code, amount, quinn, paula)
    elif kind == "count":
        adjust_stock(
            holding=story.at(code), quantity=Decimal(amount), reason="count", by=quinn, at=LATER
        )
    else:
        other = next(name for name in SENT if name != code)
        story.ship(code, other, amount, quinn, reference=f"ON-{number}")


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
@pytest.mark.slow
def test_a_random_story_adds_up_as_on_paper(story, quinn, paula, steps):
    book = Book()
    with undone():
        for number, (kind, code, amount) in enumerate(steps):
            if kind in ("burn", "move on") and book.there[code] < amount:
                continue
            book.write(kind, code, amount)
            tell(story, kind, code, amount, number, quinn, paula)
        if version := check_drift(recall=story.recall, at=LATER):
            release_version(version=version, by=paula, at=LATER)
        found = reconciliation(story.recall)
        [row] = found.batches
        assert row.unexplained == 0
        ours = book.there["PLANT1"] + book.there["RET"]
        burnt = book.burnt["PLANT1"] + book.burnt["RET"]
        assert (row.made, row.on_site, row.came_back) == (MADE, ours, sum(book.came.values()))
        assert row.taken == SAMPLE + burnt
        assert row.distributed == sum(book.due.values())
        for place in found.places:
            sums = place.amounts
            parts = [getattr(sums, name) for name in (*PARTS, "no_answer", "over")]
            assert tuple(parts) == book.of(place.code), place.code
            assert sums.due == book.due[place.code]
