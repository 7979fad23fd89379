"""One person activates alone: told to all who approve, flagged, and looked at within a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from batches.models import Finding, Hold
from batches.tests import factory as batches
from recalls.models import Recall, ScopeVersion
from recalls.operations import alone, messages, notices, recalls
from recalls.tasks import watch
from recalls.tests import factory
from recalls.tests.factory import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=24)
REASON = "It is three at night, and nobody else answers."


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def approvers(paula):
    """Paula, a second approver, one without a mailbox, and one who has left."""
    for name, email, is_active in (
        ("pia", "pia@lotline.example", True),
        ("pete", "", True),
        ("pat", "pat@lotline.example", False),
    ):
        user = batches.user(name, "Approver")
        user.email, user.is_active = email, is_active
        user.save()
    paula.email = "paula@lotline.example"
    paula.save()


@pytest.fixture
def broken(quinn, approvers, nodes):
    return activate_alone(factory.draft(quinn, nodes["ALM@SIERRA"]), quinn).recall


def activate_alone(recall, by, password="quinn", reason=REASON, **more) -> ScopeVersion:
    return recalls.break_glass(
        recall=recall, by=by, at=NOON, password=password, reason=reason,
        meaning="I activate this alone.", **more,
    )  # fmt: skip


def refused(sentence):
    return pytest.raises(ValidationError, match=sentence)


def alarms(recall) -> set[tuple[str, str]]:
    rows = recall.notices.filter(kind="alarm")
    return set(rows.values_list("round", "address"))


def open_kinds(recall) -> set[str]:
    """What waits for a decision; targets that time has passed are told elsewhere."""
    rows = Finding.objects.open().filter(object_type="recalls.recall", object_id=str(recall.pk))
    return set(rows.exclude(kind__startswith="target_").values_list("kind", flat=True))


def test_one_person_activates_alone_and_everybody_who_approves_is_told(broken, quinn):
    assert (broken.status, broken.is_break_glass) == ("active", True)
    assert (broken.submitted_by, broken.activated_by) == (quinn, quinn)
    assert broken.break_glass_reason == REASON and broken.countersign_due == LATER
    assert broken.notices.filter(kind="notice").count() == 2 and Hold.objects.count() == 2
    assert alarms(broken) == {
        ("break_glass", "paula@lotline.example"),
        ("break_glass", "pia@lotline.example"),
    }
    mail = broken.notices.filter(kind="alarm").first()
    assert mail.subject.startswith("ALARM RC-2026-0001: Activated by one person alone")
    assert REASON in mail.text and "/recalls/RC-2026-0001/" in mail.text
    assert open_kinds(broken) == {"break_glass"}


def test_a_stop_of_the_notices_does_not_keep_the_alarm_back(broken, quinn):
    from recalls.operations.window import stop_sending

    stop_sending(recall=broken, by=quinn, at=NOON)
    notices.drain(worker="w", now=NOON, limit=50)
    states = set(broken.notices.filter(kind="alarm").values_list("state", flat=True))
    assert states == {"accepted"}


def test_it_needs_a_reason_a_password_and_a_recall_that_says_what_is_wrong(quinn, paula, nodes):
    recall = factory.draft(quinn, nodes["ALM@SIERRA"])
    with refused("Say why this cannot wait"):
        activate_alone(recall, quinn, reason=" ")
    with refused("not your password"):
        activate_alone(recall, quinn, password="guess")
    with refused("add a rule to the scope"):
        activate_alone(factory.draft(quinn), quinn)
    with refused("Say what is wrong"):
        activate_alone(factory.draft(quinn, nodes["ALM@SIERRA"], hazard=" "), quinn)
    with refused("is a drill. It needs no second person"):
        activate_alone(factory.draft(quinn, nodes["ALM@SIERRA"], is_drill=True), quinn)
    text = {"subject": "Product safety recall", "order": "Stop.", "todo": "Stop."}
    keys = {"audience": "consumer", "language": "en", "revision": 0, "by": quinn, "at": NOON}
    messages.save_message(recall=recall, wrong="A precautionary recall.", **keys, **text)
    with refused("GPSR Art. 36 forbids it"):
        activate_alone(recall, quinn)
    assert not ScopeVersion.objects.exists()


def test_what_somebody_else_submitted_is_approved_and_what_one_submitted_may_go(
    quinn, paula, nodes
):
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with refused("Approve it as second person"):
        activate_alone(recall, paula, password="paula")
    assert activate_alone(recall, quinn).recall.is_break_glass


def test_another_person_countersigns_and_the_alarm_ends(broken, quinn, paula):
    with refused("You activated this recall alone"):
        recalls.countersign(recall=broken, by=quinn, at=NOON, password="quinn", meaning="Yes.")
    with refused("not your password"):
        recalls.countersign(recall=broken, by=paula, at=NOON, password="guess", meaning="Yes.")
    recall = recalls.countersign(
        recall=broken, by=paula, at=NOON, password="paula", meaning="I agree."
    )
    assert not recall.is_uncountersigned and recall.is_break_glass, "that it was so stays"
    assert [s.meaning for s in recall.signatures.all()] == ["I activate this alone.", "I agree."]
    assert open_kinds(recall) == set()
    with refused("countersigned already"):
        recalls.countersign(recall=broken, by=paula, at=NOON, password="paula", meaning="Yes.")
    watch(LATER + timedelta(days=3))
    assert open_kinds(recall) == set()


def test_without_a_second_signature_the_clock_raises_an_alarm_after_24_hours(broken):
    watch(LATER - timedelta(seconds=1))
    assert open_kinds(broken) == {"break_glass"}
    for hours in (0, 1, 25):
        watch(LATER + timedelta(hours=hours))
    assert open_kinds(broken) == {"break_glass", "countersign_overdue"}
    late = {address for round, address in alarms(broken) if round == "countersign_overdue"}
    assert late == {"paula@lotline.example", "pia@lotline.example"}
    assert broken.notices.filter(kind="alarm", round="countersign_overdue").count() == 2


def test_control_a_recall_of_two_people_raises_none(quinn, paula, approvers, nodes):
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    watch(LATER + timedelta(days=3))
    assert open_kinds(recall) == set() and alarms(recall) == set()
    with refused("Two people activated RC-2026-0001"):
        recalls.countersign(recall=recall, by=paula, at=NOON, password="paula", meaning="Yes.")


def test_who_objects_is_heard_and_the_recall_goes_on(broken, quinn, paula):
    def object_to(by=paula, reason="Wrong batch.", password="paula"):
        return recalls.object_to(recall=broken, by=by, at=NOON, password=password, reason=reason)

    with refused("Say what is wrong with this recall"):
        object_to(reason=" ")
    with refused("You activated this recall alone"):
        object_to(by=quinn, password="quinn")
    recall = object_to()
    assert (recall.status, recall.objection) == ("active", "Wrong batch.")
    assert recall.is_uncountersigned, "an objection is no signature under it"
    assert open_kinds(recall) == {"break_glass", "recall_objected"}
    assert ("recall_objected", "pia@lotline.example") in alarms(recall)
    object_to(reason="And the wrong product.")
    assert ("recall_objected 2", "pia@lotline.example") in alarms(recall)
    recalls.countersign(recall=recall, by=paula, at=NOON, password="paula", meaning="Clear now.")
    assert open_kinds(recall) == set()


def test_it_is_not_closed_before_it_is_countersigned(broken, quinn, paula, nodes):
    from recalls.tests.test_growth import close, waive_all

    waive_all(broken, quinn)
    recalls.complete_recall(recall=broken, by=quinn, at=NOON)
    with refused("Another must countersign it before it is closed"):
        close(broken, paula)
    recalls.countersign(recall=broken, by=paula, at=NOON, password="paula", meaning="I agree.")
    assert close(broken, paula).status == "closed"


def test_the_database_refuses_one_person_who_does_not_say_so(quinn, paula, broken, nodes):
    recall = factory.submitted(quinn, nodes["BAR@DC"])
    for pk, change in (
        (recall.pk, {"activated_by": quinn}),
        (recall.pk, {"activated_by": quinn, "is_break_glass": True}),
        (recall.pk, {"countersigned_by": paula}),
        (broken.pk, {"is_break_glass": False}),
        (broken.pk, {"break_glass_reason": ""}),
        (broken.pk, {"countersigned_by": quinn}),
        (broken.pk, {"objected_by": quinn, "objection": "No."}),
        (broken.pk, {"objected_by": paula}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recall.objects.filter(pk=pk).update(**change)


def test_nobody_approves_what_they_did_not_see(quinn, paula, nodes):
    """The page carries the fingerprint of what it showed; another place since then stops it."""
    from recalls.scope import preview

    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    shown = preview(recall).fingerprint
    batches.location("STORE3", kind="store")
    factory.move(nodes, "BAR@DC", "BAR@STORE3")
    sign = {"by": paula, "at": NOON, "password": "paula", "meaning": "Yes."}
    with refused("The scope has changed since you looked at it"):
        recalls.activate_recall(recall=recall, seen=shown, **sign)
    assert recalls.activate_recall(recall=recall, seen=preview(recall).fingerprint, **sign)


def test_a_missing_mailbox_keeps_nobody_else_from_being_told(broken):
    assert alone._approvers(None).keys() == {"paula@lotline.example", "pia@lotline.example"}
