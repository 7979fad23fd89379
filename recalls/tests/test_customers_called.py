"""Customers of recipients whom no mail moves: on the call list, answered for, told to the lead."""

# ruff: noqa: F811 (fixtures of another module)

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.models import Event
from recalls.message.texts import Texts
from recalls.models import (
    Contacted,
    CustomerContacted,
    CustomerEscalation,
    Notice,
    PassedAnswer,
    ReminderPlan,
)
from recalls.operations.calls import log_contacts
from recalls.operations.passing_on import pass_on
from recalls.operations.plans import save_plan
from recalls.operations.responses import answer
from recalls.reports.customers import customers, customers_to_call
from recalls.tests.factory import NOON
from recalls.tests.test_customers import case, hours, named, nodes, on_the_list, sent, tick, widen  # noqa: F401
from recalls.tests.test_narrowing import narrow
from recalls.tests.test_recipient_pages import line_of, link, text_of
from recalls.views.customer import sentences

pytestmark = pytest.mark.django_db


def by_phone(case, phone="+1 555 7", at=NOON, quantity=12, name="Corner Café"):
    """Store 1 names a customer that has no e-mail."""
    by, line = case.recipients.get(address_key="one@store.example"), line_of(case, "STORE1")
    pass_on(
        recipient=by, name=name, address="", phone=phone, language="de",
        quantities={line.pk: Decimal(quantity)}, at=at,
    )  # fmt: skip
    return case.recipients.get(address="")


@pytest.mark.slow
def test_a_customer_that_stays_silent_is_called_after_the_last_reminder_and_once(case):
    named(case)
    tick(0, 4.1, 8.2, 12.3, 14)
    assert sent(case, "customer") == 3 and on_the_list(case) == []
    tick(14.4, 15, 16)
    assert on_the_list(case) == [("Corner Café", "It has not read the notice")]
    assert Event.objects.filter(verb="customers to be called").count() == 1
    assert CustomerEscalation.objects.count() == 1, "the clock looked three times"
    told = case.notices.get(kind="escalation", round="customers 1")
    assert told.address == case.lead.email and told.state == "accepted"
    assert "1 customer of recipients still says nothing" in told.subject
    assert "Corner Café: has not confirmed that it read the notice" in told.text
    assert Event.objects.filter(verb="customers escalated").count() == 1
    [one] = customers(case)
    answer(
        recipient=one.recipient, answers={f"p{one.passed[0].row.pk}": {"sold": 12}}, name="Ana",
        phone="", remark="", at=hours(17),
    )  # fmt: skip
    assert on_the_list(case) == [], "who answered is not called"


def test_customers_who_are_listed_soon_after_a_mail_to_the_lead_are_in_the_next(case):
    named(case)
    tick(0, 4.1, 8.2, 12.3)
    second = by_phone(case, name="Kiosk")
    tick(16.4)
    silent = {"customer": second, "because": "unread", "since": NOON}
    CustomerEscalation.objects.create(at=hours(16.5), **silent)
    tick(16.6)
    assert case.notices.filter(round__startswith="customers").count() == 1
    tick(16.7, 16.9)
    first, then = case.notices.filter(round__startswith="customers").order_by("pk")
    assert "Corner Café" in first.text and "Kiosk" not in first.text
    assert "Kiosk" in then.text and "Corner Café" not in then.text


@pytest.mark.slow
def test_a_plan_without_a_call_list_puts_no_silent_customer_on_it(case, paula):
    plan = ReminderPlan.objects.get(classification=case.classification)
    plan.to_call_list = False
    save_plan(plan=plan, by=paula, at=NOON)
    named(case)
    tick(0, 4.1, 8.2, 12.3, 16, 40)
    assert sent(case, "customer") == 3 and on_the_list(case) == []


@pytest.mark.slow
def test_a_customer_whose_mail_came_back_is_on_the_list_at_once_and_in_the_task(
    case, client, quinn
):
    named(case)
    tick(0)
    assert on_the_list(case) == []
    Notice.objects.filter(kind="passed").update(state="bounced")
    assert on_the_list(case) == [("Corner Café", "No mail reaches it")]
    tick(0.1)
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    page = text_of(client.get(case.get_absolute_url()))
    assert "1 is to be called" in page and "Call 1 undelivered" in page


@pytest.mark.slow
def test_a_customer_without_e_mail_is_called_told_what_it_got_alone_and_answered_for(
    case, client, quinn, vera
):
    to = by_phone(case)
    tick(0, 5)
    assert case.notices.filter(recipient=to).count() == 0, "there is nowhere to write to"
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("recall-calls", args=[case.reference]))
    text = text_of(page)
    assert "1 customer of theirs" in text and "+1 555 7" in text and "No mail reaches it" in text
    assert "P-Bar, Charge BAR: Sie haben oder hatten 12 Kartons." in text and "40" not in text
    note = reverse("recall-log-customer", args=[case.reference, to.pk])
    refused = client.post(note, {"channel": "phone", "reached": "yes", "note": "Gives soon."})
    assert refused.status_code == 422 and "Gives soon.</textarea>" in refused.content.decode()
    said = {"channel": "phone", "reached": "yes", "person": "Ana", "note": ""}
    assert "Spoken to" in text_of(client.post(note, said, follow=True))
    assert "Ana" not in str(Event.objects.get(verb="customer contacted").after)
    [one] = customers(case)
    key = f"p{one.passed[0].row.pk}"
    typed = {f"quarantined-{key}": "9", "name": "Ana", "reason": "On the phone"}
    kept = reverse("recall-answer-customer", args=[case.reference, to.pk])
    for _ in range(2):
        client.post(kept, typed)
    row = PassedAnswer.objects.get()
    assert (row.quarantined, row.recorded_by, row.name) == (9, quinn, "Ana")
    assert on_the_list(case) == []
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    doors = [note, kept, reverse("recall-customer", args=[case.reference, to.pk])]
    assert [client.post(door, typed).status_code for door in doors] == [403, 403, 403]


@pytest.mark.slow
def test_no_recipient_and_no_place_above_learns_of_a_customer_that_is_called(case, client):
    by_phone(case)
    tick(0, 4.1, 8.2, 12.3, 30)
    mails = [notice.text + notice.html + notice.subject for notice in case.notices.all()]
    assert mails and not any("Corner" in mail or "555 7" in mail for mail in mails)
    other = text_of(client.get(link(case, "two@store.example")))
    assert "Corner" not in other


@pytest.mark.parametrize("phone", ["", "12 34", "none"])
def test_a_customer_that_nothing_reaches_is_refused(case, phone):
    with pytest.raises(ValidationError, match="or a phone number at which we can call"):
        by_phone(case, phone=phone)


def test_one_call_is_noted_for_places_and_customers_together(case, client, quinn):
    to = by_phone(case)
    assert by_phone(case, phone="(1) 555-7", quantity=14) == to, "the same number, one customer"
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("recall-note-calls", args=[case.reference])
    assert f'name="customer" value="{to.pk}"' in client.get(url).content.decode()
    said = {"channel": "phone", "person": "Ida", "reached": "yes", "place": ["STORE1"]}
    own = case.recipients.get(address_key="one@store.example")
    strange = client.post(url, {**said, "customer": [own.pk]})
    assert "no longer named" in text_of(strange) and not Contacted.objects.exists()
    client.post(url, {**said, "customer": [to.pk]})
    place, customer = Contacted.objects.get(), CustomerContacted.objects.get()
    assert (place.location.code, customer.customer, customer.person) == ("STORE1", to, "Ida")
    event = Event.objects.get(verb="places contacted")
    assert event.after["count"] == 2 and "Ida" not in str(event.after)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CustomerContacted.objects.filter(customer=to).update(note="x")


def test_a_customer_told_on_the_telephone_is_called_when_its_goods_are_out(
    case, nodes, quinn, paula
):
    to = by_phone(case)
    tick(0)
    call = {"locations": [], "customers": [to], "channel": "phone", "person": "Ana"}
    call |= {"recall": case, "reached": True, "note": "", "by": quinn}
    log_contacts(**call, at=hours(-0.5))
    narrow(case, quinn, paula, nodes["BAR@STORE1"])
    [one] = customers_to_call(customers(case))
    assert one.why == "It does not know yet that goods were taken out" and not one.is_told
    said = " ".join(sentences(case, one, Texts(case)))
    assert "gehören nicht mehr zu" in said and "Charge BAR" in said
    log_contacts(**call, at=hours(1))
    assert on_the_list(case) == []


def test_a_customer_told_on_the_telephone_is_called_again_when_more_batches_come_in(
    case, nodes, quinn, client
):
    to = by_phone(case)
    tick(0)
    call = {"locations": [], "customers": [to], "channel": "phone", "person": "Ana"}
    call |= {"recall": case, "reached": True, "note": "", "by": quinn}
    log_contacts(**call, at=hours(0.5))
    widen(case, nodes, at=hours(1))
    [one] = customers_to_call(customers(case))
    assert "It does not know yet that more batches are recalled" in one.why and not one.is_told
    assert [line.batch_number for line in one.news] == ["BAR2"]
    said = " ".join(sentences(case, one, Texts(case)))
    assert "P-Bar, Charge BAR2." in said and "OAT" not in said and "70" not in said
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    page = text_of(client.get(reverse("recall-calls", args=[case.reference])))
    assert "Does not know what changed" in page and "BAR2" in page
    named(case, at=hours(1.5))
    answer(
        recipient=to, answers={f"p{one.passed[0].row.pk}": {"sold": 12}}, name="Ana",
        phone="", remark="", at=hours(2),
    )  # fmt: skip
    assert [name for name, _ in on_the_list(case)] == ["Corner Café"], "it may still have BAR2"
    log_contacts(**call, at=hours(3))
    assert on_the_list(case) == [], "who was named after they came in is asked by its place"


def test_a_customer_that_nobody_has_told_is_not_called_about_what_is_out(case, nodes, quinn, paula):
    by_phone(case)
    narrow(case, quinn, paula, nodes["BAR@STORE1"])
    assert on_the_list(case) == []


def test_the_list_of_customers_asks_as_often_for_many_as_for_one(case, django_assert_num_queries):
    by_phone(case)
    with CaptureQueriesContext(connection) as one:
        assert len(customers(case)) == 1
    for n in range(6):
        by, line = case.recipients.get(address_key="one@store.example"), line_of(case, "STORE1")
        pass_on(
            recipient=by, name=f"C{n}", address="", phone=f"55555{n}", language="de",
            quantities={line.pk: Decimal(1)}, at=NOON,
        )  # fmt: skip
    with django_assert_num_queries(len(one)):
        assert len(customers(case)) == 7
