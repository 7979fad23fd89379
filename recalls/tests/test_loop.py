"""The whole loop of a recall, through its operations."""

from datetime import timedelta

import pytest

from batches.models import Hold
from batches.operations.events import verify_chain
from batches.operations.holds import release_hold
from batches.tests.factory import NOON
from recalls import outbox
from recalls.links import recipient_for
from recalls.models import Notice
from recalls.operations import notices, recalls, responses
from recalls.reports.status import status
from recalls.scope import lines_of
from recalls.tests import factory

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


def test_a_recall_goes_from_draft_to_closed(quinn, paula):
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])

    assert recall.reference == "RC-2026-0001"
    version = recall.versions.get()
    roles = {str(line): line.role for line in version.lines.all()}
    assert roles == {
        "ALM at Sierra": "source",
        "ALM at Plant 1": "own_site",
        "BAR at Plant 1": "own_site",
        "BAR at Northgate DC": "recipient",
        "BAR at Store 1": "recipient",
        "BAR at Store 2": "recipient",
    }
    assert Hold.objects.active().filter(recall=recall.reference).count() == 2

    # Two addresses, and the reports for Quinn.
    assert notices.drain(worker="w1", now=NOON, limit=50) == 3
    assert not Notice.objects.exclude(state="accepted").exists()
    assert status(recall).conservation.accepted == 3

    for recipient in recall.recipients.all():
        responses.acknowledge(recipient=recipient, at=LATER)
        lines = list(lines_of(recipient))
        assert len(lines) == (1 if recipient.name == "Uno" else 2)
        answers = {line.pk: factory.found(quarantined=line.due) for line in lines}
        responses.answer(
            recipient=recipient, answers=answers, name="Kim", phone="", remark="", at=LATER
        )
    now = status(recall)
    assert (now.answered, now.conservation.acknowledged) == (3, 3)

    recall = recalls.complete_recall(recall=recall, by=quinn, at=LATER)
    recall = recalls.close_recall(
        recall=recall, by=paula, at=LATER, password="paula", meaning="Closed."
    )
    assert recall.status == "closed"
    assert list(recall.signatures.values_list("scope_sha256", flat=True)) == [version.sha256] * 2
    assert recall.notices.filter(kind="report", round="completion").count() == 1

    hold = Hold.objects.active().first()
    release_hold(hold=hold, reason="Scrapped.", by=paula, at=LATER)
    assert Hold.objects.active().count() == 1
    assert verify_chain() == []


def test_the_mail_says_what_to_do_names_only_own_places_and_carries_a_working_link(quinn, paula):
    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    notices.drain(worker="w1", now=NOON, limit=50)
    mails = {mail.to: outbox.letter(mail.name) for mail in outbox.letters()}

    one = mails["one@store.example"]
    assert one.subject == "URGENT product recall: P-Bar, batch BAR"
    assert one.text.startswith("Stop selling and using it. Take it off the shelf now.\n")
    assert "batch BAR: 40\u00a0cases" in one.text
    assert "Store 2" not in one.text and "Store 2" not in one.html
    assert "May contain peanut." in one.html

    both = mails["two@store.example"]
    assert "Northgate DC" in both.text and "Store 2" in both.text

    for mail in (one, both):
        link = mail.text.partition("/r/")[2].partition("/")[0]
        assert recipient_for(link).address == mail.to
        assert link in mail.html
        assert "link.invalid" not in mail.text + mail.html
        assert "<img" not in mail.html and "http-equiv" not in mail.html
    assert recall.reference in mails["quinn@lotline.example"].subject
    [(name, _, content)] = mails["quinn@lotline.example"].attachments
    assert (name, content[:2]) == ("RC-2026-0001-scope-1.xlsx", b"PK")


def test_a_forged_or_revoked_link_names_nobody(quinn, paula):
    from recalls.links import token_for

    nodes = factory.granola()
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    recipient = recall.recipients.first()
    token = token_for(recipient)
    assert recipient_for(token) == recipient
    assert recipient_for(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert recipient_for("nonsense") is None
    recall.recipients.update(revoked_at=NOON)
    assert recipient_for(token) is None
