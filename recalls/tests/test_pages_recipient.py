"""The staff's page of one place in one recall: what can be done from there."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from batches.models import Contact
from recalls.models import Notice, Recipient, Response
from recalls.operations import notices
from recalls.scope import lines_of
from recalls.tests.factory import NOON, active, granola


@pytest.fixture
def nodes(db):
    return granola()


@pytest.fixture
def case(nodes, quinn, paula):
    return active(quinn, paula, nodes["BAR@PLANT1"])


@pytest.fixture
def desk(client, quinn):
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def page(name, case, code="STORE1", **more) -> str:
    return reverse(name, kwargs={"reference": case.reference, "code": code, **more})


def test_one_place_is_reminded_from_its_row(case, desk):
    notices.drain(worker="w", now=NOON, limit=50)
    response = desk.post(page("recall-remind-place", case), follow=True)
    assert "1 reminder is on the way." in text_of(response)
    reminder = Notice.objects.get(kind="reminder")
    assert reminder.address == "one@store.example"


def failed(case) -> Notice:
    Notice.objects.filter(address="one@store.example").update(
        state="failed", last_reply="550 No such user"
    )
    return Notice.objects.get(kind="notice", address="one@store.example")


@pytest.mark.slow
def test_a_failed_notice_is_sent_again_from_where_one_calls(case, desk):
    notice = failed(case)
    room = desk.get(case.get_absolute_url()).content.decode()
    assert f'href="{page("recall-recipient", case)}?call=1#h-c" aria-label="Call Store 1"' in room
    url = page("recall-send-again", case, pk=notice.pk)
    assert url in desk.get(page("recall-recipient", case)).content.decode()
    text = text_of(desk.post(url, follow=True))
    assert "The mail to one@store.example is on its way again." in text
    notice.refresh_from_db()
    assert notice.state == "pending"
    refused = desk.post(url)
    assert refused.status_code == 422
    assert "This mail is not a failed one: Waiting to be sent." in text_of(refused)


def test_a_place_is_told_at_a_corrected_address(case, desk):
    failed(case)
    url = page("recall-tell-place", case)
    refused = desk.post(url, {"address": "uno"})
    assert refused.status_code == 422 and 'value="uno"' in refused.content.decode()
    text = text_of(desk.post(url, {"address": "uno@store.example"}, follow=True))
    assert "The notice to this address is on its way." in text
    assert "uno@store.example address is no longer a contact" in text
    assert Notice.objects.filter(kind="notice", address="uno@store.example").count() == 1


@pytest.mark.slow
def test_an_answer_by_phone_is_entered_with_who_said_it(case, desk):
    url = page("recall-answer-place", case)
    line = lines_of(Recipient.objects.get(address="one@store.example")).get()
    count = {f"quarantined-{line.holding_id}": "38", f"sold-{line.holding_id}": "2"}
    refused = desk.post(url, {**count, "reason": "On the phone"})
    assert refused.status_code == 422
    assert "Enter who told you, so that we know who counted." in text_of(refused)
    assert 'value="38"' in refused.content.decode()
    form = {**count, "name": "Tomas", "reason": "On the phone"}
    text = text_of(desk.post(url, form, follow=True))
    assert "The answer of Store 1 is kept." in text
    assert "Tomas , told to Quinn" in text or "Tomas, told to Quinn" in text
    answer = Response.objects.get()
    assert (answer.quarantined, answer.sold, answer.remark) == (38, 2, "On the phone")
    assert "told to Quinn" in text_of(desk.get(case.get_absolute_url()))


def test_a_link_is_withdrawn_with_a_reason_only(case, desk, client):
    recipient = Recipient.objects.get(address="one@store.example")
    url = page("recall-withdraw-link", case, pk=recipient.pk)
    assert desk.post(url, {"reason": " "}).status_code == 422
    text = text_of(desk.post(url, {"reason": "Left."}, follow=True))
    assert "The link of one@store.example works no more." in text
    assert "link withdrawn" in text
    assert desk.post(page("recall-withdraw-link", case, "DC", pk=recipient.pk)).status_code == 404


def test_a_contact_that_was_deleted_is_pointed_out(case, desk):
    url = page("recall-recipient", case)
    assert "address is no longer a contact" not in text_of(desk.get(url))
    Contact.objects.filter(email="one@store.example").delete()
    assert "one@store.example address is no longer a contact" in text_of(desk.get(url))


def test_an_answer_after_the_time_asked_for_says_so(case, desk, client):
    line = lines_of(Recipient.objects.get(address="one@store.example")).get()
    fields = {"line": line, "holding": line.holding, "recall": case, "name": "Tomas"}
    Response.objects.create(at=NOON, **fields)
    late = "after the time asked for"
    assert late not in text_of(desk.get(page("recall-recipient", case)))
    type(case).objects.filter(pk=case.pk).update(deadline=NOON - timedelta(hours=1))
    assert late in text_of(desk.get(page("recall-recipient", case)))
