"""Recipients and lists that are renewed while they read, count or after they answered."""

import pytest

from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import Acknowledgement, Response
from recalls.operations import scope
from recalls.tests.factory import stock
from recalls.tests.test_recipient_pages import VERSION, case, line_of, link, text_of, typed

__all__ = ["case"]


def test_what_an_addition_brings_is_marked_new(case, client, quinn):
    url = link(case, "two@store.example")
    assert "New" not in text_of(client.get(url))
    added = factory.trace_graph("EXTRA@PLANT1 -5x12-> EXTRA@STORE2")
    stock(added["EXTRA@STORE2"], 12)
    scope.add_rule(
        recall=case,
        kind="batches",
        parameters={"batches": [added["EXTRA@PLANT1"].batch_id]},
        by=quinn,
        at=NOON,
    )
    version = scope.check_drift(recall=case, at=NOON)
    scope.release_version(version=version, by=quinn, at=NOON)
    assert "EXTRA New" in text_of(client.get(url))
    assert "EXTRA" not in text_of(client.get(link(case, "one@store.example")))


def renew(case, quinn, place="STORE1"):
    """More of the same goes to `place`: version 2 asks it again."""
    bar = {line.location_code: line.holding for line in case.versions.get().lines.all()}
    factory.link(bar["DC"], bar[place], 6, 6, 10)
    version = scope.check_drift(recall=case, at=NOON)
    scope.release_version(version=version, by=quinn, at=NOON)


def test_who_has_read_the_first_list_is_asked_to_read_the_second(case, client, quinn):
    url = link(case, "one@store.example")
    client.post(url + "ack/", VERSION)
    renew(case, quinn)
    text = text_of(client.get(url))
    assert "The list has changed since you read it" in text
    assert "BAR Changed" in text and "I have read this, I will count later" in text
    assert "we know that you have read this" not in text
    text = text_of(client.post(url + "ack/", {"version": 2}, follow=True))
    assert "we know that you have read this" in text
    assert [a.version.number for a in Acknowledgement.objects.order_by("pk")] == [1, 2]


def test_who_has_answered_the_first_list_is_not_told_that_all_is_counted(case, client, quinn):
    url = link(case, "one@store.example")
    client.post(url + "count/", typed(line_of(case, "STORE1"), quarantined="40"))
    renew(case, quinn)
    text = text_of(client.get(url))
    assert "The list has changed since. 1 of 1 counts is still missing." in text
    assert "Every batch is counted" not in text
    assert "BAR Changed" in text
    assert "Count and answer now" in text and "I have read this, I will count later" in text
    line = line_of(case, "STORE1")
    client.post(url + "count/", typed(line, quarantined="40", version="2"))
    assert "Every batch is counted." in text_of(client.get(url))


@pytest.mark.parametrize("sent", [VERSION, {}, {"version": "x"}])
def test_nobody_acknowledges_a_list_that_was_renewed_after_it_was_opened(case, client, quinn, sent):
    url = link(case, "one@store.example")
    renew(case, quinn)
    response = client.post(url + "ack/", sent)
    assert response.status_code == 409
    assert "The list was renewed after you opened it. What is new is marked." in text_of(response)
    assert 'name="version" value="2"' in response.content.decode()
    assert not Acknowledgement.objects.exists()


def test_nobody_answers_a_list_that_was_renewed_after_it_was_opened(case, client, quinn):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    renew(case, quinn)
    response = client.post(url + "count/", typed(line, quarantined="37"))
    assert response.status_code == 422
    assert "The list was renewed after you opened it. What is new is marked." in text_of(response)
    html = response.content.decode()
    assert 'value="37"' in html and 'name="version" value="2"' in html
    assert not Response.objects.exists()
    assert (
        client.post(url + "count/", typed(line, quarantined="37", version="2")).status_code == 302
    )
    assert Response.objects.get().line.version.number == 2


def test_an_addition_for_others_does_not_disturb_who_is_counting(case, client, quinn):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    renew(case, quinn, place="STORE2")
    assert client.post(url + "count/", typed(line, quarantined="40")).status_code == 302
    assert Acknowledgement.objects.get().version.number == 2
