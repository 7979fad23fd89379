"""What a preview shows is what is frozen, and what is frozen is what is told: to the unit."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from batches.models import Complaint, Contact, Holding, Location, Shipment
from batches.tests.graphs import graphs
from batches.tests.test_tracing_property import Stored, stocks
from recalls.models import NoticeLine
from recalls.operations import recalls, scope
from recalls.scope import canonical_scope, preview
from recalls.tests import factory
from recalls.tests.factory import NOON

SOME = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KINDS = ["batches", "production", "supplier", "window", "shipment", "complaint"]
_moments = st.one_of(st.none(), st.integers(0, 60))
_rules = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 30), _moments, _moments),
    min_size=1,
    max_size=4,
)


@st.composite
def cases(draw):
    nodes, links = draw(graphs())
    held, made = draw(stocks(nodes))
    own = draw(st.sets(st.integers(0, 6)))
    mailboxes = draw(st.dictionaries(st.integers(0, 6), st.sampled_from("abc"), max_size=6))
    left_out = draw(st.sets(st.integers(0, len(nodes) - 1), max_size=2))
    return nodes, links, held, made, own, mailboxes, draw(_rules), left_out


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def iso(second: int | None) -> str | None:
    return None if second is None else datetime.fromtimestamp(second, UTC).isoformat()


def parameters(kind: str, number: int, first, last, stored: Stored) -> dict:
    """Something that the rule can name in the stored graph."""
    rows = list(stored.batches.values())
    batch, place = rows[number % len(rows)], stored.places[number % 7]
    first, last = sorted((first, last)) if None not in (first, last) else (first, last)
    match kind:
        case "batches":
            return {"batches": [batch.pk]}
        case "production":
            return {"product": batch.product_id, "origin": batch.origin_id}
        case "supplier":
            return {"number": batch.number}
        case "window":
            return {"location": place.pk, "from": iso(first), "to": iso(last)}
        case "shipment":
            return {"shipments": [Shipment.objects.get().pk], "left": bool(number % 2)}
        case _:
            said = {"batch": batch} if number % 2 else {"product": batch.product}
            told = Complaint.objects.create(at=NOON, text="Odd.", location=place, **said)
            return {"complaints": [told.pk]}


def facts(lines) -> dict[int, tuple]:
    names = ("role", "received", "on_hand", "due", "links_in", "since", "depth", "contacts")
    return {line.holding_id: tuple(getattr(line, name) for name in names) for line in lines}


def sums(lines) -> Counter:
    total = Counter()
    for line in lines:
        total[line.role, line.unit, line.due is None] += line.due or Decimal(0)
    return total


@pytest.mark.slow
@SOME
@given(cases())
def test_preview_frozen_version_and_notices_agree_to_the_unit(db, quinn, paula, case):
    nodes, links, held, made, own, mailboxes, rules, left_out = case
    with undone():
        stored = Stored(nodes, links, held, made, set())
        Location.objects.filter(code__in=[f"W{n}" for n in own]).update(is_own=True)
        for place, box in mailboxes.items():
            Contact.objects.create(location=stored.places[place], email=f"{box}@x.example")
        recall = factory.draft(quinn)
        for kind, number, first, last in rules:
            given = parameters(kind, number, first, last, stored)
            scope.add_rule(recall=recall, kind=kind, parameters=given, by=quinn, at=NOON)
        for node in left_out:
            holding = Holding.objects.get(pk=stored.pk[node])
            scope.exclude_holding(recall=recall, holding=holding, reason="No.", by=quinn, at=NOON)
        seen = preview(recall)
        event(f"{len(seen.lines) > 0} lines, {len(seen.recipients) > 0} recipients")
        check_reasons(seen)
        if seen.lines:
            recalls.submit_recall(recall=recall, by=quinn, at=NOON)
            check_frozen(seen, factory.activate(recall, paula))


def check_reasons(seen) -> None:
    assert all(batch.reasons for batch in seen.batches), "each batch is there by some rule"
    assert not {row.holding_id for row in seen.excluded} & {x.holding_id for x in seen.lines}


def check_frozen(seen, version) -> None:
    lines = list(version.lines.all())
    assert facts(lines) == facts(seen.lines)
    assert sums(lines) == sums(seen.lines)
    assert version.rules == seen.rules
    again = canonical_scope(version, version.lines.all())
    assert again == canonical_scope(version, lines)
    check_told(version, lines)
    assert scope.check_drift(recall=version.recall, at=NOON) is None


def check_told(version, lines) -> None:
    """Every line to be told is named once for each address of its place, and no other is."""
    owed = Counter()
    for line in lines:
        if line.role == "recipient":
            owed[line.holding_id] = len(line.contacts)
    named = NoticeLine.objects.filter(notice__version=version, notice__kind="notice")
    assert Counter(named.values_list("line__holding_id", flat=True)) == +owed
    reached = [line for line in lines if line.role == "recipient" and line.contacts]
    told = {row.line_id: row.line for row in named.select_related("line")}
    assert sums(told.values()) == sums(reached)


@pytest.mark.django_db
def test_the_comparison_would_notice_a_difference(quinn, paula):
    """The control: a unit less on one line, or a place not told, does not go unseen."""
    nodes = factory.granola()
    recall = factory.draft(quinn, nodes["BAR@PLANT1"])
    seen = preview(recall)
    recalls.submit_recall(recall=recall, by=quinn, at=NOON)
    version = factory.activate(recall, paula)
    check_frozen(seen, version)
    lines = list(version.lines.all())
    told = next(line for line in lines if line.role == "recipient")
    told.due -= 1
    assert sums(lines) != sums(seen.lines)
    told.due += 1
    told.contacts = [*told.contacts, "another"]
    with pytest.raises(AssertionError):
        check_told(version, lines)
