"""Taking goods out of an active recall: two people, a reason, and nothing forgotten."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from batches.models import Event, Finding, Hold
from batches.operations.holds import release_hold
from batches.tests import factory as batches
from recalls.models import Narrowing, Notice, ScopeVersion
from recalls.operations import narrowing, notices, recalls, responses, scope
from recalls.reports.listed import listed_for_batch
from recalls.reports.status import status
from recalls.scope import canonical_scope, lines_of, newest
from recalls.tests import factory
from recalls.tests.factory import NOON, found, move

pytestmark = pytest.mark.django_db
Kind, State = Notice.Kind, Notice.State
MEANING = "I have checked that these goods are not affected."


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def propose(recall, by, *holdings, reason="Made before the incident.", **more):
    ids = [holding.pk for holding in holdings]
    return narrowing.propose_narrowing(
        recall=recall, holdings=ids, reason=reason, by=by, at=NOON, **more
    )


def approve(proposal, by, password="paula"):
    return narrowing.approve_narrowing(
        narrowing=proposal, by=by, at=NOON, password=password, meaning=MEANING
    )


def narrow(recall, quinn, paula, *holdings, **more) -> ScopeVersion:
    return approve(propose(recall, quinn, *holdings, **more), paula)


def codes(version) -> list[str]:
    return sorted(f"{line.batch_number}@{line.location_code}" for line in version.lines.all())


def test_two_people_take_a_place_out_with_a_reason(quinn, paula, active, nodes):
    notices.drain(worker="w", now=NOON, limit=50)
    version = narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert (version.number, version.cause, version.is_released) == (2, "narrowing", True)
    assert "BAR@STORE1" not in codes(version) and "BAR@STORE2" in codes(version)
    left_out, narrowed = version.rules[-2:]
    assert (left_out["kind"], left_out["location"]) == ("exclusion", "STORE1")
    assert narrowed["reason"] == left_out["reason"] == "Made before the incident."
    assert [line["location_name"] for line in narrowed["removed"]] == ["Store 1"]
    stored = canonical_scope(version, version.lines.all())
    assert hashlib.sha256(stored).hexdigest() == version.sha256
    signature = active.signatures.last()
    assert (signature.user, signature.scope_sha256) == (paula, version.sha256)
    event = Event.objects.get(verb="scope narrowed")
    assert (event.actor, event.reason) == (paula, "Made before the incident.")


def test_only_who_was_told_is_told_that_it_is_over(quinn, paula, active, nodes):
    notices.drain(worker="w", now=NOON, limit=50)
    version = narrow(active, quinn, paula, nodes["BAR@STORE1"])
    removal = Notice.objects.get(kind=Kind.REMOVAL)
    assert (removal.address, removal.version) == ("one@store.example", version)
    assert "no longer part of RC-2026-0001" in removal.text
    assert "batch BAR" in removal.text and "Nothing else is asked of you" in removal.text
    assert not Notice.objects.filter(kind=Kind.NOTICE, version=version).exists()


def test_who_keeps_other_goods_is_told_that_the_rest_still_holds(quinn, paula, active, nodes):
    notices.drain(worker="w", now=NOON, limit=50)
    narrow(active, quinn, paula, nodes["BAR@STORE2"])
    removal = Notice.objects.get(kind=Kind.REMOVAL)
    assert removal.address == "two@store.example"
    assert "Everything else that we told you of still holds" in removal.text, "the centre is left"
    batches.trace_graph("ALM@PLANT1 -7x5-> OAT@PLANT1 -8x5-> OAT@STORE1")
    scope.mark_drift([nodes["ALM@PLANT1"].pk])
    grown = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=grown, by=paula, at=NOON, at_once=True)
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    kept = Notice.objects.get(kind=Kind.REMOVAL, address="one@store.example")
    assert "Everything else that we told you of still holds" in kept.text


def test_a_notice_that_never_left_is_not_sent_any_more(quinn, paula, active, nodes):
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    waiting = Notice.objects.get(kind=Kind.NOTICE, address="one@store.example")
    assert waiting.state == State.WITHDRAWN
    assert not Notice.objects.filter(kind=Kind.REMOVAL).exists(), "it was never told"
    notices.drain(worker="w", now=NOON, limit=50)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts_made) == (State.WITHDRAWN, 0)


def test_a_notice_that_names_more_still_goes_out(quinn, paula, active, nodes):
    """The centre and store 2 share a mailbox: taking the store out must not lose the centre."""
    narrow(active, quinn, paula, nodes["BAR@STORE2"])
    shared = Notice.objects.get(kind=Kind.NOTICE, address="two@store.example")
    assert shared.state == State.PENDING
    assert Notice.objects.get(kind=Kind.REMOVAL).recipient == shared.recipient


def test_an_attempt_that_nobody_knows_the_end_of_counts_as_told(quinn, paula, active, nodes):
    first = Notice.objects.get(kind=Kind.NOTICE, address="one@store.example")
    first.attempts.create(number=1, worker="w", started_at=NOON)
    Notice.objects.filter(pk=first.pk).update(state=State.FAILED, attempts_made=1)
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert Notice.objects.get(kind=Kind.REMOVAL).address == "one@store.example"


def test_answers_stay_and_the_sums_are_of_what_is_left(quinn, paula, active, nodes):
    one = active.recipients.get(name="Uno")
    [line] = lines_of(one)
    said = {"name": "Kim", "phone": "", "remark": "", "at": NOON}
    responses.answer(recipient=one, answers={line.pk: found(quarantined=40)}, **said)
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert active.responses.get().quarantined == 40
    now = status(active)
    assert {place.code for place in now.places} == {"DC", "STORE2"}
    assert now.conservation.total == 2 and now.conservation.holds
    assert not lines_of(one)


def test_a_second_person_is_needed(quinn, paula, active, nodes):
    proposal = propose(active, quinn, nodes["BAR@STORE1"])
    with refused("You proposed this. A second person must check"):
        approve(proposal, quinn, "quinn")
    with refused("not your password"):
        approve(proposal, paula, "guess")
    with refused("Say what your signature means"):
        narrowing.approve_narrowing(
            narrowing=proposal, by=paula, at=NOON, password="paula", meaning=" "
        )
    assert active.versions.count() == 1 and not active.exclusions.exists()


def test_the_database_refuses_who_proposed_it_too(quinn, paula, active, nodes):
    proposal = propose(active, quinn, nodes["BAR@STORE1"])
    for change in ({"decided_by": quinn}, {"decided_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Narrowing.objects.filter(pk=proposal.pk).update(state="approved", **change)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScopeVersion.objects.create(
            recall=active, number=2, cause="narrowing", frozen_at=NOON, complete=True,
            notes=[], rules=[], sha256="0" * 64,
        )  # fmt: skip


def test_what_is_proposed_must_be_there_and_have_a_reason(quinn, active, nodes):
    with refused("Say why these goods are not affected"):
        propose(active, quinn, nodes["BAR@STORE1"], reason=" ")
    with refused("Choose what is not affected"):
        propose(active, quinn)
    with refused("The scope was renewed meanwhile"):
        propose(active, quinn, batches.batch("L9", at="PLANT1").holdings.get())
    propose(active, quinn, nodes["BAR@STORE1"])
    with refused("Another proposal waits for approval"):
        propose(active, quinn, nodes["BAR@STORE2"])
    draft = factory.draft(quinn, nodes["BAR@DC"])
    with refused("is draft; it cannot be narrowed"):
        propose(draft, quinn, nodes["BAR@STORE1"])


def test_the_last_of_it_cannot_be_taken_out(quinn, paula, active, nodes):
    proposal = propose(active, quinn, *nodes.values())
    with refused("Nothing would be left of the recall"):
        approve(proposal, paula)
    proposal.refresh_from_db()
    assert proposal.state == "open" and not active.exclusions.exists()


def test_a_proposal_is_rejected_or_withdrawn_with_a_reason(quinn, paula, active, nodes):
    proposal = propose(active, quinn, nodes["BAR@STORE1"])
    with refused("Say why these goods stay"):
        narrowing.reject_narrowing(narrowing=proposal, reason=" ", by=paula, at=NOON)
    narrowing.reject_narrowing(narrowing=proposal, reason="Same line.", by=paula, at=NOON)
    with refused("This proposal was rejected already"):
        approve(proposal, paula)
    own = propose(active, quinn, nodes["BAR@STORE1"])
    done = narrowing.reject_narrowing(narrowing=own, reason="My mistake.", by=quinn, at=NOON)
    assert (done.number, done.state) == (2, "withdrawn")
    assert Event.objects.filter(verb="narrowing rejected", reason="Same line.").exists()
    assert active.versions.count() == 1


def test_completing_waits_for_a_proposal(quinn, active, nodes):
    propose(active, quinn, nodes["BAR@STORE1"])
    with refused("A proposal to narrow the scope waits"):
        recalls.complete_recall(recall=active, by=quinn, at=NOON)


def two_rules(quinn, paula, nodes):
    """Almonds by one rule, and by another a batch of oats that goes to store 1 only."""
    oats = batches.trace_graph("OAT@PLANT1 -8x5-> OAT@STORE1")
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    rule = scope.add_rule(
        recall=recall,
        kind="batches",
        parameters={"batches": [oats["OAT@PLANT1"].batch_id]},
        by=quinn,
        at=NOON,
    )
    recalls.submit_recall(recall=recall, by=quinn, at=NOON)
    return factory.activate(recall, paula).recall, rule, oats


def test_a_whole_rule_is_taken_out_with_all_that_only_it_reached(quinn, paula, nodes):
    recall, rule, _ = two_rules(quinn, paula, nodes)
    assert {"OAT@PLANT1", "OAT@STORE1"} <= set(codes(newest(recall)))
    version = narrow(recall, quinn, paula, rules=[rule])
    assert not [code for code in codes(version) if code.startswith("OAT")]
    assert "BAR@STORE1" in codes(version), "what another rule reaches stays"
    assert version.rules[-1]["rules"] == ["Batch OAT of P-OAT"]
    rule.refresh_from_db()
    assert rule.withdrawn_at == NOON
    removed = recall.narrowings.get().holdings.filter(line__isnull=False)
    assert removed.count() == 2


def test_a_rule_that_alone_reaches_nothing_changes_nothing(quinn, paula, active, nodes):
    again = scope.add_rule(
        recall=active,
        kind="batches",
        parameters={"batches": [nodes["BAR@DC"].batch_id]},
        by=quinn,
        at=NOON,
    )
    with refused("reached by another rule too; nothing would change"):
        narrow(active, quinn, paula, rules=[again])
    again.refresh_from_db()
    assert again.withdrawn_at is None


def test_drift_does_not_bring_back_what_was_taken_out(quinn, paula, active, nodes):
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert scope.check_drift(recall=active, at=NOON) is None
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@DC", "BAR@STORE3")
    version = scope.check_drift(recall=active, at=NOON)
    assert "BAR@STORE3" in codes(version) and "BAR@STORE1" not in codes(version)


def test_what_moves_out_of_it_is_in_the_scope_and_raises_an_alarm(quinn, paula, active, nodes):
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    batches.location("STORE3", kind="store")
    move(nodes, "BAR@STORE1", "BAR@STORE3")
    active.refresh_from_db()
    assert active.drift_due
    version = scope.check_drift(recall=active, at=NOON)
    assert version.lines.get(location__code="STORE3").change == "new"
    alarm = Finding.objects.open().get(kind="narrowed_moved")
    assert "taken out of RC-2026-0001 have moved on: BAR at Store 1" in alarm.text
    assert Finding.objects.open().filter(kind="scope_drift").exists()
    scope.check_drift(recall=active, at=NOON)
    assert Finding.objects.filter(kind="narrowed_moved").count() == 1


def test_what_a_withdrawn_rule_reached_is_watched_too(quinn, paula, nodes):
    """No rule reaches it any more, so no version would tell that it moved on."""
    recall, rule, oats = two_rules(quinn, paula, nodes)
    narrow(recall, quinn, paula, rules=[rule])
    batches.location("STORE3", kind="store")
    move(oats, "OAT@STORE1", "OAT@STORE3")
    assert scope.check_drift(recall=recall, at=NOON) is None
    assert "OAT at Store 1" in Finding.objects.open().get(kind="narrowed_moved").text


def test_more_of_it_than_was_decided_about_is_back_in_with_an_alarm(quinn, paula, active, nodes):
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    move(nodes, "BAR@DC", "BAR@STORE1", quantity=5)
    version = scope.check_drift(recall=active, at=NOON)
    assert version.lines.get(location__code="STORE1").change == "new"
    assert not version.is_released, "nobody is told before a person says so"
    note = next(note for note in version.notes if note["kind"] == "left_out_grew")
    assert note["text"].endswith("it is in the scope again: BAR at STORE1")
    assert Finding.objects.open().filter(kind="scope_drift").exists()
    again = narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert "BAR@STORE1" not in codes(again)
    assert scope.check_drift(recall=active, at=NOON) is None


def test_what_a_draft_left_out_is_back_in_with_more_as_well(quinn, paula, nodes):
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    scope.exclude_holding(
        recall=recall, holding=nodes["BAR@STORE1"], reason="Sold out.", by=quinn, at=NOON
    )
    recalls.submit_recall(recall=recall, by=quinn, at=NOON)
    version = factory.activate(recall, paula)
    assert "BAR@STORE1" not in codes(version)
    move(nodes, "BAR@DC", "BAR@STORE1", quantity=5)
    assert "BAR@STORE1" in codes(scope.check_drift(recall=recall, at=NOON))


def test_one_person_takes_a_narrowing_back_and_the_place_is_told_again(quinn, paula, active, nodes):
    notices.drain(worker="w", now=NOON, limit=50)
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    with refused("Say why this place is affected after all"):
        scope.readmit_holding(exclusion=active.exclusions.get(), reason="", by=quinn, at=NOON)
    scope.readmit_holding(exclusion=active.exclusions.get(), reason="Error.", by=quinn, at=NOON)
    version = scope.check_drift(recall=active, at=NOON)
    assert (version.cause, "BAR@STORE1" in codes(version)) == ("expansion", True)
    scope.release_version(version=version, by=quinn, at=NOON)
    told = Notice.objects.filter(version=version, kind=Kind.NOTICE)
    assert [notice.address for notice in told] == ["one@store.example"]
    with refused("in the scope again already"):
        scope.readmit_holding(exclusion=active.exclusions.get(), reason="x", by=quinn, at=NOON)


def test_holds_stay_unless_both_people_release_them(quinn, paula, active, nodes):
    hold = Hold.objects.get(location__code="PLANT1", batch=nodes["BAR@PLANT1"].batch)
    with refused("It ends with the recall"):
        release_hold(hold=hold, reason="Fine.", by=quinn, at=NOON)
    narrow(active, quinn, paula, nodes["BAR@PLANT1"])
    hold.refresh_from_db()
    assert hold.released_at is None, "nothing is ever removed by itself"
    assert release_hold(hold=hold, reason="Fine.", by=quinn, at=NOON).released_at


def test_the_same_act_releases_holds_when_it_says_so(quinn, paula, active, nodes):
    other = Hold.objects.create(
        batch=nodes["BAR@PLANT1"].batch, location=nodes["BAR@PLANT1"].location,
        reason="Smells.", placed_by=quinn, placed_at=NOON,
    )  # fmt: skip
    narrow(active, quinn, paula, nodes["BAR@PLANT1"], releases_holds=True)
    mine = Hold.objects.get(recall=active.reference, batch=nodes["BAR@PLANT1"].batch)
    assert (mine.released_by, mine.release_reason) == (paula, "Made before the incident.")
    other.refresh_from_db()
    assert other.released_at is None
    almonds = Hold.objects.get(recall=active.reference, batch=nodes["ALM@PLANT1"].batch)
    assert almonds.released_at is None


def test_goods_that_are_back_in_the_scope_are_held_again(quinn, paula, active, nodes):
    narrow(active, quinn, paula, nodes["BAR@PLANT1"], releases_holds=True)
    bars = Hold.objects.filter(recall=active.reference, batch=nodes["BAR@PLANT1"].batch)
    scope.readmit_holding(exclusion=active.exclusions.get(), reason="Error.", by=quinn, at=NOON)
    scope.check_drift(recall=active, at=NOON)
    assert bars.filter(released_at=None).count() == 1
    with refused("It ends with the recall"):
        release_hold(hold=bars.get(released_at=None), reason="Fine.", by=quinn, at=NOON)


def test_the_public_is_not_told_of_a_batch_that_was_taken_out(quinn, paula, nodes):
    recall, rule, oats = two_rules(quinn, paula, nodes)
    batch = oats["OAT@STORE1"].batch
    assert [one.recall for one in listed_for_batch(batch)] == [recall]
    narrow(recall, quinn, paula, rules=[rule])
    assert listed_for_batch(batch) == []
    assert [one.recall for one in listed_for_batch(nodes["BAR@DC"].batch)] == [recall]


def test_a_narrowing_tells_also_what_drift_had_found(quinn, paula, active, nodes):
    batches.location("STORE3", kind="store")
    factory.contact("STORE3", "3@store.example")
    move(nodes, "BAR@DC", "BAR@STORE3")
    scope.check_drift(recall=active, at=NOON)
    version = narrow(active, quinn, paula, nodes["BAR@STORE1"])
    assert version.number == 3
    told = Notice.objects.filter(version=version, kind=Kind.NOTICE)
    assert [notice.address for notice in told] == ["3@store.example"]
    assert not Finding.objects.open().filter(kind="scope_drift").exists()
