"""Customers of recipients: approved where the site wants it, followed up, told of changes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from batches.models import Event
from recalls import tasks
from recalls.models import (
    Notice,
)
from recalls.operations import scope
from recalls.operations.customers import approve_customer
from recalls.operations.passing_on import pass_on
from recalls.operations.responses import acknowledge, answer
from recalls.reports.customers import customers, customers_to_call
from recalls.tests import factory
from recalls.tests.factory import NOON, granola
from recalls.tests.test_narrowing import narrow
from recalls.tests.test_passing_on import customer, customers_link
from recalls.tests.test_recipient_pages import line_of, link, text_of

pytestmark = pytest.mark.django_db


def hours(count):
    return NOON + timedelta(hours=count)


@pytest.fixture
def nodes():
    return granola()


@pytest.fixture
def case(nodes, quinn, paula):
    return factory.active(quinn, paula, nodes["BAR@PLANT1"])


def tick(*moments):
    for moment in moments:
        tasks.tick(now=hours(moment))


def sent(case, kind, address="cafe@corner.example"):
    return case.notices.filter(kind=kind, address_key=address).count()


def named(case, quantity=12, at=NOON):
    by, line = case.recipients.get(address_key="one@store.example"), line_of(case, "STORE1")
    pass_on(
        recipient=by, name="Corner Café", address="cafe@corner.example", phone="+1 555 7",
        language="en", quantities={line.pk: Decimal(quantity)}, at=at,
    )  # fmt: skip
    return case.recipients.get(address_key="cafe@corner.example")


@pytest.mark.slow
def test_where_the_site_wants_it_nobody_is_told_before_somebody_looked(
    case, client, settings, quinn, vera
):
    settings.PASS_ON_NEEDS_APPROVAL = True
    client.post(link(case, "one@store.example") + "sent-on/", customer(line_of(case, "STORE1")))
    to = case.recipients.get(address_key="cafe@corner.example")
    tick(0, 5)
    assert sent(case, "passed") == sent(case, "customer") == 0
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("recall-customers", args=[case.reference])
    assert "1 waits for approval" in text_of(client.get(case.get_absolute_url()))
    assert "Nothing was sent to it yet." in text_of(client.get(page))
    approve = reverse("recall-approve-customer", args=[case.reference, to.pk])
    assert client.get(approve).status_code == 302 and sent(case, "passed") == 0
    assert "on its way" in text_of(client.post(approve, follow=True))
    assert sent(case, "passed") == 1
    assert "was told already" in text_of(client.post(approve))
    assert Event.objects.get(verb="customer approved").actor == quinn
    # Once approved, another amount goes at once; and a place that we told waits for nobody.
    named(case, 13)
    assert sent(case, "passed") == 2
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(approve).status_code == 403


@pytest.mark.slow
def test_a_customer_that_is_not_approved_is_never_told(case, client, settings, quinn):
    settings.PASS_ON_NEEDS_APPROVAL = True
    to = named(case)
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    stop = reverse("recall-stop-customer", args=[case.reference, to.pk])
    refused = client.post(stop, {"reason": ""})
    assert refused.status_code == 422 and "Say why; it is kept" in text_of(refused)
    client.post(stop, {"reason": "Not a customer."})
    with pytest.raises(ValidationError, match="not valid any more"):
        approve_customer(recipient=to, by=quinn, at=NOON)
    tick(30)
    assert sent(case, "passed") == 0
    own = case.recipients.get(address_key="one@store.example")
    of_a_place = reverse("recall-stop-customer", args=[case.reference, own.pk])
    assert client.post(of_a_place, {"reason": "x"}).status_code == 404


@pytest.mark.slow
def test_the_clock_reminds_customers_by_the_plan_until_they_answer(case):
    to = named(case)
    tick(0, 3.9)
    assert sent(case, "customer") == 0
    tick(4.1, 4.2)
    assert sent(case, "customer") == 1
    first = Notice.objects.get(kind="customer")
    assert "We wrote to you on" in first.text and "From Store 1" in first.text
    assert "12" in first.text and "40" not in first.text
    acknowledge(recipient=to, at=hours(5))
    tick(9, 12, 30)
    assert sent(case, "customer") == 1, "who has read is left in peace"
    # What is passed on after that was not read yet.
    named(case, 14, at=hours(31))
    tick(31.1, 36, 40.5, 45, 50, 60)
    assert sent(case, "customer") == 3
    [one] = customers(case)
    row = one.passed[0].row
    answer(
        recipient=to, answers={f"p{row.pk}": {"quarantined": 14}}, name="Ana", phone="",
        remark="", at=hours(61),
    )  # fmt: skip
    [one] = customers(case)
    assert (one.state, one.due) == ("answered", None)


@pytest.mark.slow
def test_reminding_customers_does_not_count_for_their_place(case):
    named(case)
    tick(0, 4.1, 8.2)
    assert sent(case, "customer") == sent(case, "reminder", "one@store.example") == 2


@pytest.mark.slow
def test_customers_are_told_when_what_they_got_is_taken_out_and_when_it_is_back(
    case, nodes, client, quinn, paula
):
    named(case)
    tick(0)
    narrow(case, quinn, paula, nodes["BAR@STORE1"])
    notice = case.notices.get(kind="removal", address_key="cafe@corner.example")
    assert "From Store 1" in notice.text and "no longer part" in notice.text
    assert "40" not in notice.text and "Nothing else is asked of you." in notice.text
    text = text_of(client.get(customers_link(case)))
    assert "No longer part of it" in text and "Count and answer now" not in text
    tick(30)
    assert sent(case, "customer") == 0
    exclusion = case.exclusions.standing().get()
    scope.readmit_holding(exclusion=exclusion, reason="Affected after all.", by=quinn, at=hours(31))
    version = scope.check_drift(recall=case, at=hours(31))
    scope.release_version(version=version, by=quinn, at=hours(31))
    assert sent(case, "passed") == 2
    assert "12 cases" in text_of(client.get(customers_link(case)))


def test_customers_are_told_of_more_batches_of_what_they_were_sent_and_of_no_amounts(case, nodes):
    named(case)
    tick(0)
    widen(case, nodes)
    assert on_the_list(case) == [], "who is told by mail is not called"
    notice = case.notices.get(kind="widened")
    assert notice.address_key == "cafe@corner.example"
    assert "BAR2" in notice.text and "OAT" not in notice.text and "70" not in notice.text
    assert "We do not know whether any of it came to you" in notice.text
    assert "From Store 1" in notice.text and "Weg" not in notice.html
    assert sent(case, "passed") == 1


def on_the_list(case) -> list[tuple[str, str]]:
    return [(one.recipient.name, one.why) for one in customers_to_call(customers(case))]


def widen(case, nodes, at=NOON):
    """BAR2, of the product of BAR, had come to Store 1 as well; and OAT, of another."""
    more = factory.factory.trace_graph("BAR2@PLANT1 -3x70-> BAR2@STORE1")
    batch = more["BAR2@STORE1"].batch
    batch.product = nodes["BAR@STORE1"].batch.product
    batch.save()
    other = factory.factory.trace_graph("OAT@PLANT1 -3x60-> OAT@STORE1")["OAT@STORE1"].batch
    scope.add_rule(
        recall=case, kind="batches", parameters={"batches": [batch.pk, other.pk]},
        by=case.lead, at=at,
    )  # fmt: skip
    version = scope.check_drift(recall=case, at=at)
    scope.release_version(version=version, by=case.lead, at=at)
