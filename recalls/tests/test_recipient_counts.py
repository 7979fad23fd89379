"""What recipients count and send on their pages: kept, corrected, asked about, and only text."""

import re
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from batches.tests.factory import NOON
from recalls.models import Acknowledgement, Response
from recalls.operations import recalls as life
from recalls.tests.test_recipient_pages import case, html_of, line_of, link, text_of, typed

__all__ = ["case"]


def test_a_count_is_kept_and_shown_on_the_receipt(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined="30", sold="7", phone="+1 555", remark="One came back")
    response = client.post(url + "count/", data, follow=True)
    assert response.redirect_chain == [(url + "done/", 302)]
    text = text_of(response)
    assert "Answer received" in text
    assert f"Reference {case.reference}-STORE1" in text
    assert "Set aside 30 cases" in text
    assert "Not found yet 3 cases" in text
    answer = Response.objects.get()
    assert (answer.quarantined, answer.sold, answer.name) == (30, 7, "Tomas")
    assert Acknowledgement.objects.count() == 1


def test_an_answer_can_be_changed_and_both_are_kept(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    client.post(url + "count/", typed(line, quarantined="30"))
    form = client.get(url + "count/").content.decode()
    assert f'name="quarantined-{line.holding_id}" inputmode="decimal"' in form
    assert 'value="30"' in form and 'value="Tomas"' in form
    response = client.post(url + "count/", typed(line, quarantined="40"), follow=True)
    assert "Set aside 40 cases" in text_of(response)
    assert Response.objects.count() == 2


@pytest.mark.parametrize(
    ("typed_text", "kept", "sure"),
    [
        ("12,5", "12.5", ""),
        ("12.5", "12.5", ""),
        ("1.520,5", "1520.5", "1,520.5"),
        ("1,520", "1520", "1,520"),
        ("0", "0", ""),
        # As a phone with an Arabic keyboard types them.
        ("١٢٫٥", "12.5", ""),
        ("١٬٥٢٠", "1520", "1,520"),
        ("۱۲", "12", ""),
    ],
)
def test_decimal_comma_and_decimal_point_are_both_read(case, client, typed_text, kept, sure):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined=typed_text) | {f"sure-{line.holding_id}": sure}
    assert client.post(url + "count/", data).status_code == 302
    assert Response.objects.get().quarantined == Decimal(kept)


def test_an_error_keeps_what_was_typed_and_stores_nothing(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined="thirty", sold="7", name="", phone="+1 555", remark="Late")
    response = client.post(url + "count/", data)
    html = response.content.decode()
    assert response.status_code == 422
    assert "“thirty” is not a number. Type digits only, such as 48." in html
    assert "Enter your name, so that we know who counted." in html
    assert "<title>Error: " in html and "There is a problem" in html
    for value in ('value="thirty"', 'value="7"', 'value="+1 555"', ">Late<"):
        assert value in html
    assert not Response.objects.exists()


def test_an_empty_form_is_asked_to_count_and_enter_0(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    response = client.post(url + "count/", typed(line))
    assert "Nothing is filled in. Count, and enter 0 if you found none." in text_of(response)


def test_more_than_was_received_is_a_question_and_not_a_refusal(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined="61")
    for unsent in (data, {**data, "sent": ""}):
        response = client.post(url + "count/", unsent)
        assert "You received 40, you entered 61 cases. Is that right?" in text_of(response)
        assert "Yes, this is right: send my answer" in text_of(response)
        assert f'name="sure-{line.holding_id}" value="61"' in response.content.decode()
        assert not Response.objects.exists()
    other = typed(line, quarantined="62") | {f"sure-{line.holding_id}": "61"}
    assert client.post(url + "count/", other).status_code == 422, "a yes is for one number only"
    assert client.post(url + "count/", data | {f"sure-{line.holding_id}": "61"}).status_code == 302
    assert Response.objects.get().quarantined == 61


def test_a_line_of_another_recipient_is_refused(case, client):
    url = link(case, "one@store.example")
    own, foreign = line_of(case, "STORE1"), line_of(case, "STORE2")
    data = typed(own, quarantined="40") | {f"sold-{foreign.holding_id}": "5"}
    response = client.post(url + "count/", data)
    assert response.status_code == 422
    assert "A line you answered is not part of this notice." in text_of(response)
    assert not Response.objects.exists()


def test_a_batch_left_empty_stays_open(case, client):
    url, line = link(case, "two@store.example"), line_of(case, "STORE2")
    response = client.post(url + "count/", typed(line, quarantined="30"), follow=True)
    assert "Still to count 1 of 2 batches" in text_of(response)


def test_an_answer_is_looked_at_before_it_is_sent(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined="30", sold="7", remark="One\nback") | {"sent": ""}
    del data["sent"]
    page = client.post(url + "count/", data)
    text = text_of(page)
    assert page.status_code == 200 and "It is not sent yet." in text
    for said in ("Set aside 30 cases", "Sold or used 7 cases", "Not found yet 3 cases", "Tomas"):
        assert said in text
    assert not Response.objects.exists() and not Acknowledgement.objects.exists()
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html_of(page)))
    assert sent["after"] == "0"
    changed = client.post(url + "count/", {**sent, "change": "1"})
    assert changed.status_code == 200 and 'value="30"' in html_of(changed)
    assert not Response.objects.exists()
    assert client.post(url + "count/", {**sent, "sent": "1"}).status_code == 302
    assert Response.objects.get().remark == "One\nback"


def test_an_answer_that_is_sent_twice_is_kept_once(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    data = typed(line, quarantined="30", after="0")
    for _ in range(3):
        assert client.post(url + "count/", data).status_code == 302
    first = Response.objects.get()
    again = typed(line, quarantined="31", after=first.pk)
    for _ in range(2):
        client.post(url + "count/", again)
    # The same as at first, said after looking at the newest answer, is a new answer.
    client.post(url + "count/", typed(line, quarantined="30", after=Response.objects.last().pk))
    said = Response.objects.order_by("pk").values_list("quarantined", flat=True)
    assert [int(amount) for amount in said] == [30, 31, 30]


def test_a_late_answer_is_taken_and_marked(case, client, quinn):
    life.change_recall(recall=case, by=quinn, at=NOON, deadline=timezone.now() - timedelta(hours=1))
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    assert "This time has passed. Please answer now." in text_of(client.get(url))
    response = client.post(url + "count/", typed(line, quarantined="40"), follow=True)
    assert "after the time asked for" in text_of(response)


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) x='",
    "</textarea><svg onload=alert(1)>",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "javascript:alert(1)",
    "\u202eevil\u2066",
]


def skeleton(response) -> list[str]:
    """The tags of a page and the names of their attributes."""
    found: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append(f"{tag} {' '.join(name for name, _ in attributes)}")

    Tags().feed(html_of(response))
    return found


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.slow
def test_what_is_typed_is_text_on_every_page_that_shows_it(case, client, quinn, text):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    place = f"/recalls/{case.reference}/recipients/STORE1/"
    client.force_login(quinn, backend="django.contrib.auth.backends.ModelBackend")

    def pages(said):
        data = typed(line, quarantined="40", phone=said[:40], remark=said, name=said)
        wrong = client.post(url + "count/", {**data, f"sold-{line.holding_id}": said[:30]})
        checked = client.post(url + "count/", {k: v for k, v in data.items() if k != "sent"})
        sent = client.post(url + "count/", data, follow=True)
        shown = [wrong, checked, sent, client.get(url + "count/"), client.get(place)]
        return [skeleton(page) for page in shown]

    harmless = pages("words")
    assert pages(text)[:4] == harmless[:4]
    assert not any("onerror" in tag or "onload" in tag for tag in skeleton(client.get(place)))
