"""Effectiveness checks: drawn once from a kept seed, kept as recorded; without them no close."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from batches.models import Event
from batches.tests.factory import NOON
from recalls import tasks as clock
from recalls.models import CheckPlace, CheckResult, CheckSample, Task
from recalls.operations import recalls, scope
from recalls.operations.checks import choose_no_checks, draw_more, draw_sample, record_check
from recalls.operations.checks import waive_check as waive
from recalls.operations.responses import waive_location
from recalls.reports.checking import checking, draw, told_in
from recalls.reports.dossier import dossier
from recalls.reports.missing import missing
from recalls.reports.outputs.checks import checked
from recalls.reports.reconciliation import reconciliation
from recalls.reports.status import status
from recalls.scope import newest_released
from recalls.tests import factory

pytestmark = pytest.mark.django_db
YES = {"told": True, "controlled": True, "instructed": True}


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def case(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["BAR@PLANT1"], effectiveness_level="")


def drawn(case, quinn, level="A", **fields):
    return draw_sample(recall=case, level=level, by=quinn, at=NOON, **fields)


def passed(place, by, **fields):
    given = {"means": "phone", "result": "passed", **YES} | fields
    return record_check(place=place, by=by, at=NOON, **given)


def now(case):
    case.refresh_from_db()
    return checking(case, newest_released(case))


def test_the_sample_is_drawn_again_from_its_kept_seed(case, quinn):
    """By nobody's code but hashlib: the places with the smallest digests of seed and code."""
    sample = drawn(case, quinn, "B", percent=50)
    codes = sorted(told_in(sample.version))
    assert codes == ["DC", "STORE1", "STORE2"] and sample.population == 3
    ranked = sorted(
        codes, key=lambda code: hashlib.sha256(f"{sample.seed}:{code}".encode()).hexdigest()
    )
    there = [row.location.code for row in sample.places.order_by("number")]
    assert there == ranked[:2], "half of three is two: never less than the share"
    event = Event.objects.get(verb="sample drawn")
    assert event.after["seed"] == sample.seed and event.after["count"] == 2


def test_a_sample_is_never_drawn_again(case, quinn):
    drawn(case, quinn)
    with pytest.raises(ValidationError, match="drawn already"):
        drawn(case, quinn, "C")
    with pytest.raises(ValidationError, match="Waive its checks"):
        choose_no_checks(recall=case, reason="Too late.", by=quinn, at=NOON)
    assert CheckSample.objects.count() == 1


@pytest.mark.parametrize(
    ("level", "percent", "said"),
    [("E", None, "nobody is checked"), ("B", 9, "10 to 100"), ("B", None, "10 to 100")],
)
def test_a_sample_needs_a_level_that_checks_and_a_share_in_range(case, quinn, level, percent, said):
    with pytest.raises(ValidationError, match=said):
        drawn(case, quinn, level, percent=percent)


@given(
    st.sets(st.integers(0, 0xFFFFFF).map("{:X}".format), max_size=150),
    st.sampled_from([2, 10, 33, 100]),
    st.uuids().map(lambda drawn: drawn.hex),
)
def test_a_draw_is_the_share_rounded_up_and_always_the_same(codes, percent, seed):
    first = draw(seed, codes, percent)
    assert first == draw(seed, sorted(codes, reverse=True), percent)
    assert set(first) <= codes and len(first) == len(set(first))
    assert len(first) * 100 >= len(codes) * percent > (len(first) - 1) * 100 or not codes


def test_what_a_later_version_adds_is_drawn_from_with_a_seed_of_its_own(
    client, case, nodes, quinn, paula
):
    first = drawn(case, quinn)
    before = set(CheckPlace.objects.values_list("pk", flat=True))
    assert draw_more(recall=case, at=NOON) is None
    factory.move(nodes, "BAR@DC", "BAR@STORE9")
    clock.tick(now=NOON)
    version = case.versions.get(number=2)
    assert CheckSample.objects.count() == 1, "nobody is told of version 2 yet"
    scope.release_version(version=version, by=paula, at=NOON)
    assert now(case).unsampled
    clock.tick(now=NOON)
    second = CheckSample.objects.get(version=version)
    assert [row.location.code for row in second.places.all()] == ["STORE9"]
    assert (second.population, second.by, second.level) == (1, None, "A")
    assert second.seed != first.seed
    assert before < set(CheckPlace.objects.values_list("pk", flat=True)), "no place left the sample"
    assert draw_more(recall=case, at=NOON) is None
    client.force_login(quinn)
    page = client.get(f"/recalls/{case.reference}/checks/")
    assert page.status_code == 200 and "automatic" in page.content.decode()


def test_results_are_kept_and_the_newest_counts(case, quinn, otto):
    drawn(case, quinn)
    place = case.check_places.first()
    record_check(place=place, means="phone", result="not_reached", by=otto, at=NOON)
    assert (now(case).made, now(case).to_do) == (0, 3)
    passed(place, otto, person="T. Lind")
    found = now(case)
    assert (found.made, found.passed, found.to_do, len(found.checks[0].results)) == (1, 1, 2, 2)
    outputs = checked(dossier(case, at=NOON, by="Quinn"))
    assert (outputs.level, outputs.wanted, outputs.done, outputs.effective) == ("A", 3, 1, 1)
    assert "T. Lind" not in str(list(Event.objects.values_list("after", flat=True)))


def test_a_failed_check_becomes_a_task(case, quinn):
    drawn(case, quinn)
    place = case.check_places.first()
    passed(place, quinn, result="failed", controlled=False, note="Two cases on the shelf.")
    task = Task.objects.get(kind="check")
    assert task.location == place.location and task.assignee == case.lead
    assert checked(dossier(case, at=NOON, by="Quinn")).not_effective == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"controlled": False}, "with a no has failed"),
        ({"result": "failed"}, "Three times yes"),
        ({"result": "not_reached"}, "leave the three questions open"),
        ({"told": None}, "yes or no"),
        ({"means": "owl"}, "visit, phone or letter"),
        ({"result": "waived"}, "passed, failed or not reached"),
    ],
)
def test_answers_that_contradict_the_result_are_refused(case, quinn, fields, said):
    drawn(case, quinn)
    with pytest.raises(ValidationError, match=said):
        passed(case.check_places.first(), quinn, **fields)
    assert not CheckResult.objects.exists()


def complete(case, quinn):
    for line in newest_released(case).lines.filter(role="recipient").select_related("location"):
        if not case.waivers.filter(location=line.location).exists():
            waive_location(
                recall=case, location=line.location, reason="Shut down.", by=quinn, at=NOON
            )
    return recalls.complete_recall(recall=case, by=quinn, at=NOON)


def close(case, paula):
    return recalls.close_recall(
        recall=case, by=paula, at=NOON, password="paula", meaning="Done.", statement="All shut."
    )


def lacking(case):
    case.refresh_from_db()
    found = missing(case, status(case), now(case), reconciliation(case), None)
    keys = [one.key for one in found]
    # These are what the form of the close asks for itself.
    assert keys[-2:] == ["balance", "sign"]
    return [key for key in keys[:-1] if key != "balance"]


@pytest.mark.slow
def test_a_recall_is_not_closed_before_its_checks_are_made_or_waived(case, quinn, paula):
    assert lacking(case) == ["answers", "level"]
    complete(case, quinn)
    with pytest.raises(ValidationError, match="No level of checks is chosen"):
        close(case, paula)
    drawn(case, quinn)
    assert lacking(case) == ["checks"]
    one, two, three = case.check_places.all()
    passed(one, quinn)
    with pytest.raises(ValidationError, match="2 effectiveness checks are not made"):
        close(case, paula)
    waive(place=two, reason="Its shop burnt down.", by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="settled: waived"):
        waive(place=two, reason="Again.", by=quinn, at=NOON)
    passed(three, quinn, result="failed", told=False)
    assert lacking(case) == []
    assert close(case, paula).status == "closed"
    with pytest.raises(ValidationError, match="is closed; it cannot be checked"):
        passed(one, quinn)


def test_no_checks_are_chosen_with_a_reason(case, quinn, paula):
    with pytest.raises(ValidationError, match="Say why no place is checked"):
        choose_no_checks(recall=case, reason=" ", by=quinn, at=NOON)
    choose_no_checks(
        recall=case, reason="All goods were still in our own trucks.", by=quinn, at=NOON
    )
    complete(case, quinn)
    assert close(case, paula).status == "closed"
