"""What recipients pass on: each customer is told, answers for itself, and breaks no sum."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from batches.models import Event
from recalls import mail
from recalls.links import token_for
from recalls.models import Notice, PassedAnswer, PassedOn, Recipient, Response
from recalls.operations import notices
from recalls.operations.passing_on import MOST_IN_AN_HOUR, pass_on
from recalls.operations.responses import answer
from recalls.reports.status import status
from recalls.tests.factory import NOON, active, granola
from recalls.tests.test_narrowing import narrow
from recalls.tests.test_recipient_pages import html_of, line_of, link, text_of, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(quinn, paula):
    nodes = granola()
    return active(quinn, paula, nodes["BAR@PLANT1"])


@pytest.fixture
def url(case):
    return link(case, "one@store.example")


def customer(line, quantity="12", address="cafe@corner.example", **more) -> dict:
    given = {"name": "Corner Café", "address": address, "phone": "+1 555 7", "language": "de"}
    return {**given, f"sent-{line.holding_id}": quantity, **more}


def customers_link(case, address="cafe@corner.example") -> str:
    return f"/r/{token_for(case.recipients.get(address_key=address))}/"


def named(recipient, quantities, **more):
    given = {"name": "Corner Café", "address": "cafe@corner.example", "phone": ""}
    given |= {"language": "en", "at": NOON}
    return pass_on(recipient=recipient, quantities=quantities, **(given | more))


def test_a_customer_is_told_in_its_language_with_a_link_of_its_own(case, url, client):
    before, events = status(case).conservation, Event.objects.count()
    line = line_of(case, "STORE1")
    page = client.post(url + "sent-on/", customer(line), follow=True)
    assert page.redirect_chain == [(url + "sent-on/", 302)]
    assert "Corner Café , cafe@corner.example BAR 12 cases" in text_of(page)
    notice = Notice.objects.get(kind="passed")
    assert (notice.address, notice.recipient.language) == ("cafe@corner.example", "de")
    # Without the link, whose token may hold any digits.
    told = re.sub(r"https?://\S+", "", notice.text)
    assert "Von Store 1" in told and "12" in told and "40" not in told
    assert "Corner" not in notice.text + notice.html + notice.subject
    assert status(case).conservation == before and before.holds
    assert status(case).passed_on == 1
    assert Event.objects.count() == events + 1
    text = text_of(client.get(customers_link(case) + "?lang=en"))
    assert "For Corner Café" in text and "12 cases" in text
    assert "40" not in text and "Store 2" not in text


def test_what_customers_find_is_counted_once_and_closes_the_line(case, url, client):
    line = line_of(case, "STORE1")
    client.post(url + "sent-on/", customer(line))
    text = text_of(client.get(url + "count/"))
    assert "you sent on 12" in text
    receipt = client.post(url + "count/", typed(line, quarantined="28"), follow=True)
    assert "All counted 40 of 40" in text_of(client.get(url + "count/"))
    too_much = client.post(url + "count/", typed(line, quarantined="30"))
    assert "You received 40, you entered 42 cases. Is that right?" in text_of(too_much)
    assert "Sent on 12 cases" in text_of(receipt) and "Not found yet" not in text_of(receipt)
    store = next(place for place in status(case).places if place.code == "STORE1")
    assert store.amounts[0].no_answer == 12
    theirs, row = customers_link(case), PassedOn.objects.get()
    data = {f"quarantined-p{row.pk}": "9", f"sold-p{row.pk}": "1", "name": "Ana", "version": "1"}
    checked = client.post(theirs + "count/?lang=en", data)
    assert "Set aside 9 cases" in text_of(checked) and not PassedAnswer.objects.exists()
    for _ in range(2):
        done = client.post(theirs + "count/?lang=en", {**data, "sent": "1"}, follow=True)
    assert "Answer received" in text_of(done) and "Not found yet 2 cases" in text_of(done)
    assert PassedAnswer.objects.count() == 1 and Response.objects.count() == 1
    store = next(place for place in status(case).places if place.code == "STORE1")
    amounts = store.amounts[0]
    assert (amounts.quarantined, amounts.sold, amounts.no_answer) == (37, 1, 2)
    assert amounts.due + amounts.over == amounts.accounted + amounts.no_answer
    assert status(case).conservation.holds


def test_goods_that_the_place_called_sold_are_not_counted_twice(case, url, client):
    line = line_of(case, "STORE1")
    client.post(url + "sent-on/", customer(line))
    sure = {f"sure-{line.holding_id}": "40"}
    client.post(url + "count/", typed(line, quarantined="28", sold="12", **sure))
    row = PassedOn.objects.get()
    data = {f"quarantined-p{row.pk}": "9", "name": "Ana", "version": "1", "sent": "1"}
    client.post(customers_link(case) + "count/", data)
    amounts = next(p for p in status(case).places if p.code == "STORE1").amounts[0]
    assert (amounts.quarantined, amounts.sold, amounts.no_answer, amounts.over) == (37, 3, 0, 0)


def test_the_same_again_changes_nothing_and_another_amount_counts_instead(case, url, client):
    line = line_of(case, "STORE1")
    for _ in range(3):
        client.post(url + "sent-on/", customer(line))
    assert Notice.objects.filter(kind="passed").count() == PassedOn.objects.count() == 1
    client.post(url + "sent-on/", customer(line, "15"))
    assert Notice.objects.filter(kind="passed").count() == PassedOn.objects.count() == 2
    assert "15" in text_of(client.get(customers_link(case)))
    client.post(url + "sent-on/", customer(line, "0"))
    assert "Customers you named" not in text_of(client.get(url + "sent-on/"))
    assert status(case).passed_on == 0


def test_an_address_that_two_places_name_or_that_is_told_already_has_one_link(case, url, client):
    line, other = line_of(case, "STORE1"), line_of(case, "STORE2")
    client.post(url + "sent-on/", customer(line))
    client.post(link(case, "two@store.example") + "sent-on/", customer(other, "3"))
    text = text_of(client.get(customers_link(case) + "?lang=en"))
    assert "12 cases" in text and "3 cases" in text
    client.post(url + "sent-on/", customer(line, "2", address="TWO@store.example"))
    assert Recipient.objects.filter(recall=case).count() == 3
    two = link(case, "two@store.example")
    row = PassedOn.objects.get(quantity=2)
    page = html_of(client.get(two + "count/"))
    assert f'name="sold-p{row.pk}"' in page and f'name="sold-{other.holding_id}"' in page
    sure = {f"sure-{other.holding_id}": "30"}
    data = typed(other, sold="30", **sure) | {f"sold-p{row.pk}": "2"}
    assert client.post(two + "count/", data).status_code == 302
    assert Response.objects.count() == PassedAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "nobody"}, "This is not an e-mail address. Check it."),
        ({"address": "One@store.example"}, "This is your own address."),
        ({"name": " "}, "Enter the name of the customer."),
        ({"quantity": ""}, "Enter how much of which batch went to this customer."),
        ({"quantity": "many"}, "is not a number"),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, "This is not an e-mail address."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(case, url, client, wrong, said):
    line = line_of(case, "STORE1")
    page = client.post(url + "sent-on/", customer(line, **wrong))
    assert page.status_code == 422 and said in text_of(page)
    assert 'value="+1 555 7"' in html_of(page)
    assert not PassedOn.objects.exists() and not Notice.objects.filter(kind="passed").exists()
    assert Recipient.objects.filter(recall=case).count() == 2


def test_a_link_does_not_write_to_the_world(case):
    recipient, line = case.recipients.get(address_key="one@store.example"), line_of(case, "STORE1")
    for number in range(MOST_IN_AN_HOUR):
        named(recipient, {line.pk: Decimal(1)}, address=f"c{number}@x.example")
    with pytest.raises(ValidationError, match="many customers in an hour"):
        named(recipient, {line.pk: Decimal(1)}, address="more@x.example")
    # Who is named already may be corrected, and an hour later it goes on, up to fifty.
    named(recipient, {line.pk: Decimal(2)}, address="c1@x.example")
    for number in range(MOST_IN_AN_HOUR, 50):
        at = NOON + timedelta(hours=2 + number)
        named(recipient, {line.pk: Decimal(1)}, address=f"c{number}@x.example", at=at)
    with pytest.raises(ValidationError, match="50 customers are named"):
        named(recipient, {line.pk: Decimal(1)}, address="d@x.example", at=NOON + timedelta(days=9))


def test_nobody_passes_on_what_is_not_its_own_and_customers_pass_nothing_on(case, url, client):
    one, two = (case.recipients.get(address_key=f"{n}@store.example") for n in ("one", "two"))
    with pytest.raises(ValidationError, match="not part of this notice"):
        named(one, {line_of(case, "STORE2").pk: Decimal(1)})
    named(two, {line_of(case, "STORE2").pk: Decimal(1)})
    sub = case.recipients.get(address_key="cafe@corner.example")
    with pytest.raises(ValidationError, match="Please call us"):
        named(sub, {line_of(case, "STORE2").pk: Decimal(1)}, address="z@z.example")
    page = client.get(customers_link(case) + "sent-on/")
    assert page.status_code == 302
    assert "I sent it on" not in text_of(client.get(customers_link(case)))


def test_a_customer_is_told_when_its_goods_are_taken_out_and_is_asked_no_more(
    case, url, client, quinn, paula
):
    line = line_of(case, "STORE1")
    client.post(url + "sent-on/", customer(line))
    notices.drain(worker="w", now=timezone.now(), limit=50)
    narrow(case, quinn, paula, line.holding)
    told = Notice.objects.get(kind="removal", address="cafe@corner.example")
    assert "gehören nicht mehr zu RC-2026-0001" in told.text and "Von Store 1" in told.text
    assert line.location_address not in told.text or not line.location_address
    text = text_of(client.get(customers_link(case) + "?lang=en"))
    assert "No longer part of it" in text and "Nothing else is asked of you." in text
    with pytest.raises(ValidationError, match="renewed"):
        row = PassedOn.objects.get()
        answers = {f"p{row.pk}": {"sold": 1}}
        who = {"name": "Ida", "phone": "", "remark": "", "at": NOON}
        answer(recipient=row.to, answers=answers, **who)


def test_a_customers_mail_that_never_left_is_not_sent_when_its_goods_are_taken_out(
    case, url, client, quinn, paula
):
    line = line_of(case, "STORE1")
    client.post(url + "sent-on/", customer(line))
    narrow(case, quinn, paula, line.holding)
    assert Notice.objects.get(kind="passed").state == "withdrawn"
    assert not Notice.objects.filter(kind="removal").exists()


def test_in_a_drill_the_mail_goes_to_nobody_outside(case, url, client):
    type(case).objects.filter(pk=case.pk).update(is_drill=True)
    client.post(url + "sent-on/", customer(line_of(case, "STORE1")))
    message = mail.message_for(Notice.objects.get(kind="passed"))
    assert message.to == [case.lead.email]


def test_staff_see_the_customers_at_the_place_and_can_stop_them(case, url, client, quinn):
    client.post(url + "sent-on/", customer(line_of(case, "STORE1")))
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    place = f"/recalls/{case.reference}/recipients/STORE1/"
    text = text_of(client.get(place))
    assert "Passed on by this place" in text and "Corner Café" in text
    assert "customer of this place, named by it" in text
    sub = case.recipients.get(address_key="cafe@corner.example")
    client.post(f"{place}withdraw/{sub.pk}/", {"reason": "Not a customer."})
    notices.drain(worker="w", now=NOON + timedelta(days=400), limit=50)
    assert Notice.objects.get(kind="passed").state == "failed"
    again = client.post(url + "sent-on/", customer(line_of(case, "STORE1"), "13"))
    assert again.status_code == 422 and "This address is told no more." in text_of(again)


@pytest.mark.parametrize("field", ["name", "phone"])
def test_what_a_recipient_types_is_text_wherever_it_is_shown(case, url, client, quinn, field):
    nasty = '"><script>alert(1)</script>{{ 7|add:7 }}'[: 40 if field == "phone" else 100]
    client.post(url + "sent-on/", customer(line_of(case, "STORE1"), **{field: nasty}))
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")
    place = f"/recalls/{case.reference}/recipients/STORE1/"
    for page in (url + "sent-on/", customers_link(case), place):
        assert "<script>alert" not in html_of(client.get(page))
    notice = Notice.objects.get(kind="passed")
    assert "script" not in notice.text and "alert(1)" not in notice.html
