"""What the desk does for a place that mail did not reach, or that answers on the phone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from recalls.links import recipient_for, token_for
from recalls.models import Notice, Recipient, Response
from recalls.operations import desk, notices, scope
from recalls.reports.status import status
from recalls.scope import lines_of
from recalls.tests import factory
from recalls.tests.factory import NOON, found, move
from recalls.tests.sink import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.fixture
def store(nodes):
    return nodes["BAR@STORE1"].location


def notice_of(recall) -> Notice:
    return recall.notices.get(kind="notice", address="one@store.example")


def place(recall, code="STORE1"):
    return next(place for place in status(recall).places if place.code == code)


def said(recall, store, by, **fields):
    line = recall.versions.last().lines.get(location=store)
    fields = {"name": "Tomas", "reason": "On the phone.", **fields}
    answers = {line.pk: found(quarantined=38, sold=2)}
    return desk.answer_for_location(
        recall=recall, location=store, by=by, at=NOON, **{"answers": answers, **fields}
    )


def test_an_answer_given_on_the_phone_counts_and_names_who_took_it(active, store, quinn):
    said(active, store, quinn)
    answer = Response.objects.get()
    assert (answer.recorded_by, answer.recipient, answer.name) == (quinn, None, "Tomas")
    assert place(active).key == "responded"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Enter who told you"),
        ({"reason": ""}, "Say how you were told"),
        ({"answers": {}}, "Nothing is filled in"),
        ({"answers": {0: found(sold=1)}}, "The list was renewed"),
    ],
)
def test_an_answer_on_the_phone_needs_a_name_a_reason_and_a_line(
    active, store, quinn, wrong, sentence
):
    with pytest.raises(ValidationError, match=sentence):
        said(active, store, quinn, **wrong)
    assert not Response.objects.exists()


def test_a_place_that_is_not_asked_cannot_be_answered_for(active, nodes, quinn):
    with pytest.raises(ValidationError, match="Sierra is not asked for an answer"):
        said(active, nodes["ALM@SIERRA"].location, quinn, answers={})


@pytest.mark.django_db(transaction=True)
def test_a_failed_notice_is_sent_again_as_the_same_mail(active, quinn, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        sink.replies["one@store.example"] = ["550 No such user@rcpt", "451 Later@rcpt"]
        notices.drain(worker="w", now=NOON, limit=50)
        failed = notice_of(active)
        assert failed.state == "failed"
        later = NOON + timedelta(days=4)
        desk.send_again(notice=failed, by=quinn, at=later)
        assert place(active).state == "pending"
        notices.drain(worker="w", now=later, limit=50)
        assert notice_of(active).state == "pending", "the 48 hours count from the second start"
        notices.drain(worker="w", now=later + timedelta(minutes=5), limit=50)
        assert sink.copies("one@store.example") == [failed.message_id]
    again = notice_of(active)
    assert (again.state, again.attempts_made, again.attempts.count()) == ("accepted", 3, 3)


def test_only_a_failed_notice_is_sent_again(active, quinn):
    with pytest.raises(ValidationError, match="not a failed one: Waiting to be sent"):
        desk.send_again(notice=notice_of(active), by=quinn, at=NOON)


def tell(recall, store, address, by):
    return desk.tell_at(recall=recall, location=store, address=address, by=by, at=NOON)


def test_a_corrected_address_gets_the_lines_of_its_place_and_a_link_of_its_own(
    active, store, quinn
):
    Notice.objects.filter(kind="notice").update(state="failed")
    sent = tell(active, store, "uno@store.example", quinn)
    assert sent.recipient != notice_of(active).recipient
    assert {line.location_code for line in sent.lines.all()} == {"STORE1"}
    assert {line.location_code for line in lines_of(sent.recipient)} == {"STORE1"}
    assert "batch BAR" in sent.text and sent.message_id != notice_of(active).message_id
    assert place(active).state == "pending"
    with pytest.raises(ValidationError, match="This address has the notice already"):
        tell(active, store, "UNO@store.example", quinn)
    again = tell(active, store, "one@store.example", quinn)
    assert (again.round, again.version.number) == ("again 1", 1)


def test_a_mistyped_address_is_refused(active, store, quinn):
    with pytest.raises(ValidationError, match="This is not an e-mail address"):
        tell(active, store, "uno at store", quinn)
    assert not Recipient.objects.filter(address__startswith="uno").exists()


def test_a_withdrawn_link_is_dead_and_nothing_is_sent_there_any_more(
    active, nodes, store, quinn, paula
):
    recipient = notice_of(active).recipient
    with pytest.raises(ValidationError, match="Say why the link is withdrawn"):
        desk.revoke_link(recipient=recipient, reason="", by=quinn, at=NOON)
    desk.revoke_link(recipient=recipient, reason="Left the company.", by=quinn, at=NOON)
    assert recipient_for(token_for(recipient)) is None
    assert place(active).state == "failed"
    with pytest.raises(ValidationError, match="withdrawn already"):
        desk.revoke_link(recipient=recipient, reason="Again.", by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="Use another address"):
        desk.send_again(notice=notice_of(active), by=quinn, at=NOON)
    with pytest.raises(ValidationError, match="link of this address was withdrawn"):
        tell(active, store, "one@store.example", quinn)
    move(nodes, "BAR@DC", "BAR@STORE1")
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=paula, at=NOON)
    assert not Notice.objects.filter(version=version, kind="notice").exists()
    assert place(active).state == "unreachable"
