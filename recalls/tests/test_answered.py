"""A trace shows what the places have answered to a recall that is under way."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.tests import factory as batches
from batches.tests.factory import NOON
from batches.tracing.answers import answers_of
from recalls.operations import recalls, responses
from recalls.tests import factory
from recalls.tests.factory import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


def answer(recall, nodes, name, **parts):
    line = recall.versions.get().lines.get(holding=nodes[name])
    recipient = recall.recipients.get(notices__lines=line)
    said = {line.pk: found(**parts)}
    responses.answer(recipient=recipient, answers=said, name="", phone="", remark="", at=NOON)


@pytest.fixture
def trace(client, vera, nodes):
    client.force_login(vera)

    def shown(**params):
        response = client.get(
            reverse("batch-trace"), {"seed": nodes["ALM@SIERRA"].batch_id, **params}
        )
        return re.sub(r"\s+", " ", response.content.decode())

    return shown


def test_answers_are_those_of_recipients_in_a_live_recall_under_way(quinn, paula, nodes):
    ids = [holding.pk for holding in nodes.values()]
    assert answers_of(ids) == {}
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    answer(recall, nodes, "BAR@STORE1", quarantined=30, sold=4)
    said = answers_of(ids)
    asked = {nodes[name].pk for name in ("BAR@DC", "BAR@STORE1", "BAR@STORE2")}
    assert set(said) == asked
    one, two = said[nodes["BAR@STORE1"].pk], said[nodes["BAR@STORE2"].pk]
    assert (one.word, one.key, one.quarantined, one.sold, one.no_answer) == (
        "Responded", "ok", 30, 4, 6,
    )  # fmt: skip
    assert (two.recall, two.key, two.no_answer) == (recall.reference, "none", 30)


def test_a_recall_that_is_not_active_is_not_asked(quinn, paula, nodes):
    draft = factory.submitted(quinn, nodes["ALM@SIERRA"])
    ids = [holding.pk for holding in nodes.values()]
    assert answers_of(ids) == {}
    recalls.cancel_recall(recall=draft, reason="A mistake.", by=quinn, at=NOON)
    assert answers_of(ids) == {}


def test_the_trace_shows_answers_in_its_bars_its_table_and_its_figures(quinn, paula, nodes, trace):
    before = trace()
    assert "No answer" not in before
    assert "On hand" in before
    recall = factory.active(quinn, paula, nodes["ALM@SIERRA"])
    answer(recall, nodes, "BAR@STORE1", quarantined=30, sold=4)
    after = trace()
    assert "Responded" in after
    assert "No answer" in after
    assert "Not accounted for" in after
    # 20 at the centre and 30 at store 2 without an answer, 6 of 40 at store 1.
    assert re.search(r"Not accounted for</dt><dd[^>]*>56 ", after)
    rows = re.findall(r"<tr[^>]*data-href.*?</tr>", after)
    assert ["Store 2" in rows[0], "DC" in rows[1], "Store 1" in rows[2]] == [True] * 3


def test_answers_cost_a_fixed_number_of_queries(quinn, paula, nodes):
    factory.active(quinn, paula, nodes["ALM@SIERRA"])
    with CaptureQueriesContext(connection) as few:
        answers_of([nodes["BAR@STORE1"].pk])
    more = batches.trace_graph("\n".join(f"BAR@DC -5x1-> BAR@S{n}" for n in range(25)))
    with CaptureQueriesContext(connection) as many:
        answers_of([holding.pk for holding in more.values()])
    assert len(many) <= len(few)
