"""Each step refuses what would be wrong, with a sentence that says what to do."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from batches.models import Event
from batches.operations.holds import release_hold
from recalls.models import Recall, Response, ScopeVersion
from recalls.operations import notices, recalls, responses, scope
from recalls.scope import lines_of
from recalls.tests import factory
from recalls.tests.factory import NOON, found

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def test_numbers_are_issued_without_gaps_and_drills_have_their_own(quinn):
    made = [factory.draft(quinn).reference for _ in range(2)]
    with refused("no colour to fill in"):
        factory.draft(quinn, colour="red")
    made += [factory.draft(quinn).reference, factory.draft(quinn, is_drill=True).reference]
    assert made == ["RC-2026-0001", "RC-2026-0002", "RC-2026-0003", "DR-2026-0001"]


def test_a_recall_without_a_rule_or_a_hazard_is_not_submitted(quinn, nodes):
    with refused("add a rule to the scope"):
        factory.submitted(quinn)
    with refused("Say what is wrong"):
        factory.submitted(quinn, nodes["ALM@SIERRA"], hazard=" ")


def test_a_rule_must_name_something(quinn, nodes):
    recall = factory.draft(quinn)

    def add(kind, **parameters):
        scope.add_rule(recall=recall, kind=kind, parameters=parameters, by=quinn, at=NOON)

    with refused("at least one batch"):
        add("batches", batches=[])
    with refused("at least one batch"):
        add("batches", batches=[nodes["ALM@SIERRA"].batch_id, 999_999])
    with refused("Choose a product"):
        add("production", product=999_999)
    window = {"from": "2026-11-22", "to": "2026-11-20"}
    with refused("before the first"):
        add("production", product=nodes["BAR@DC"].batch.product_id, **window)


def test_who_submitted_cannot_activate(quinn, nodes):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with refused("A second person must check"):
        factory.activate(recall, quinn, password="quinn")
    assert Recall.objects.get().status == "submitted"


def test_a_wrong_password_activates_nothing(quinn, paula, nodes):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with refused("not your password"):
        factory.activate(recall, paula, password="guess")
    assert not ScopeVersion.objects.exists()


def test_a_recall_is_activated_once(quinn, paula, active):
    with refused("it cannot be activated. Load the page again"):
        factory.activate(active, paula)


def test_a_submitted_recall_is_handed_back_with_a_reason(quinn, paula, nodes):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with refused("Say why the recall is handed back"):
        recalls.reject_recall(recall=recall, reason=" ", by=paula, at=NOON)
    recall = recalls.reject_recall(recall=recall, reason="Wrong dates.", by=paula, at=NOON)
    assert (recall.status, recall.submitted_by) == ("draft", None)
    recall = recalls.cancel_recall(recall=recall, reason="False alarm.", by=quinn, at=NOON)
    assert recall.status == "cancelled"


def test_an_active_recall_is_neither_cancelled_nor_narrowed(quinn, active, nodes):
    with refused("is recovering; it cannot be cancelled"):
        recalls.cancel_recall(recall=active, reason="No.", by=quinn, at=NOON)
    with refused("it cannot be narrowed"):
        scope.withdraw_rule(rule=active.rules.get(), by=quinn, at=NOON)
    with refused("it cannot be narrowed"):
        scope.exclude_holding(
            recall=active, holding=nodes["BAR@STORE1"], reason="No.", by=quinn, at=NOON
        )


def test_completing_names_the_places_that_owe_an_answer(quinn, active):
    with refused("3 places have not answered: Northgate DC, Store 1, Store 2"):
        recalls.complete_recall(recall=active, by=quinn, at=NOON)


def test_a_place_is_waived_once_and_with_a_reason(quinn, active, nodes):
    def waive(place, reason="Burned down."):
        return responses.waive_location(
            recall=active, location=nodes[place].location, reason=reason, by=quinn, at=NOON
        )

    with refused("Say why Store 1 need not answer"):
        waive("BAR@STORE1", "")
    with refused("Plant 1 is not asked"):
        waive("BAR@PLANT1")
    waive("BAR@STORE1")
    with refused("waived already"):
        waive("BAR@STORE1")


@pytest.fixture
def completed(quinn, active, nodes):
    for place in ("BAR@DC", "BAR@STORE1", "BAR@STORE2"):
        responses.waive_location(
            recall=active, location=nodes[place].location, reason="Gone.", by=quinn, at=NOON
        )
    return recalls.complete_recall(recall=active, by=quinn, at=NOON)


def close(recall, by, password, statement="Sold before the notice."):
    return recalls.close_recall(
        recall=recall, by=by, at=NOON, password=password, meaning="Closed.", statement=statement
    )


def test_closing_needs_a_second_person_a_password_and_an_explanation(quinn, paula, completed):
    with refused("A second person must close it"):
        close(completed, quinn, "quinn")
    with refused("not your password"):
        close(completed, paula, "guess")
    with refused("Explain what became of the rest"):
        close(completed, paula, "paula", statement=" ")
    assert close(completed, paula, "paula").closing_statement == "Sold before the notice."


def test_a_closed_recall_takes_no_answers_and_frees_its_holds(quinn, paula, completed):
    from batches.models import Hold

    hold = Hold.objects.active().first()
    with refused("It ends with the recall"):
        release_hold(hold=hold, reason="Scrapped.", by=paula, at=NOON)
    recall = close(completed, paula, "paula")
    with refused("takes no answers any more"):
        responses.acknowledge(recipient=recall.recipients.first(), at=NOON)
    with refused("There is nobody to remind"):
        notices.remind(recall=recall, by=quinn, at=NOON)
    assert release_hold(hold=hold, reason="Scrapped.", by=paula, at=NOON).released_at


def test_four_eyes_stand_in_the_database_too(quinn, paula, nodes):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    for change in (
        {"activated_by": quinn},
        {"completed_by": quinn, "closed_by": quinn},
        {"submitted_by": None, "activated_by": paula},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recall.objects.filter(pk=recall.pk).update(**change)


def test_an_answer_is_only_about_own_lines_and_never_negative(active):
    one = active.recipients.get(name="Uno")
    [own] = lines_of(one)
    other = active.versions.get().lines.get(location__code="STORE2")

    def answer(line, **parts):
        return responses.answer(
            recipient=one, answers={line.pk: parts}, name="", phone="", remark="", at=NOON
        )

    with refused("Load the page again"):
        answer(other, sold=1)
    with refused("enter 0 or more"):
        answer(own, sold=-1)
    with refused("enter 0 if you found none"):
        responses.answer(recipient=one, answers={}, name="", phone="", remark="", at=NOON)
    # More than was due is what they said; it is kept.
    assert answer(own, **found(sold=400))[0].sold == 400


def test_answers_are_corrected_by_another_answer_and_every_one_is_kept(active):
    one = active.recipients.get(name="Uno")
    [line] = lines_of(one)
    for hours, amount in enumerate((10, 25)):
        responses.answer(
            recipient=one,
            answers={line.pk: found(returned=amount)},
            name="Kim",
            phone="",
            remark="",
            at=NOON + timedelta(hours=hours),
        )
    assert Response.objects.count() == 2
    from recalls.reports.status import status

    place = next(place for place in status(active).places if place.code == "STORE1")
    assert place.amounts[0].returned == 25
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Response.objects.update(returned=0)


def test_no_event_carries_a_persons_name_or_address(quinn, active):
    one = active.recipients.get(name="Uno")
    responses.answer(
        recipient=one,
        answers={lines_of(one)[0].pk: found(sold=1)},
        name="Kim Canary",
        phone="555",
        remark="canary",
        at=NOON,
    )
    said = str(list(Event.objects.values_list("label", "before", "after", "reason"))).lower()
    assert "canary" not in said and "one@store" not in said
