"""What authorities ask for and no row of the trace can tell."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from batches.models import Event
from batches.tests.factory import NOON
from recalls.operations import recalls
from recalls.tests import factory

pytestmark = pytest.mark.django_db


def test_facts_can_be_given_while_the_recall_waits_for_approval_and_are_logged(quinn):
    nodes = factory.granola()
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    fields = {"discovery": "A shop called.", "expected_end": date(2026, 12, 1)}
    recall = recalls.change_recall(recall=recall, by=quinn, at=NOON, **fields)
    assert (recall.discovery, recall.expected_end) == ("A shop called.", date(2026, 12, 1))
    assert Event.objects.first().after == {**fields, "expected_end": "2026-12-01"}


def test_what_the_notices_say_stays_while_the_recall_waits_for_approval(quinn):
    nodes = factory.granola()
    recall = factory.submitted(quinn, nodes["ALM@SIERRA"])
    with pytest.raises(ValidationError, match="it cannot be changed"):
        recalls.change_recall(
            recall=recall, by=quinn, at=NOON, discovery="A shop called.", hazard="None at all."
        )


def test_an_unknown_level_of_effectiveness_is_refused(quinn):
    recall = factory.draft(quinn)
    with pytest.raises(ValidationError, match="not a valid choice"):
        recalls.change_recall(recall=recall, by=quinn, at=NOON, effectiveness_level="F")
