"""The pages behind the signed link: what they show and accept; GET changes nothing."""

import gzip
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from batches.models import Location
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.links import token_for
from recalls.models import Acknowledgement, Recall, Recipient, Response, ScopeLine
from recalls.operations import recalls as life
from recalls.operations import scope
from recalls.tests.factory import active, contact, granola, stock

CSS = Path(django_settings.BASE_DIR, "static/css/public.css")
COUNTING = Path(django_settings.BASE_DIR, "static/js/counting.js")

VERSION = {"version": "1"}


@pytest.fixture
def case(quinn, paula):
    nodes = granola()
    return active(quinn, paula, nodes["BAR@PLANT1"])


def link(recall, address) -> str:
    return f"/r/{token_for(recall.recipients.get(address_key=address))}/"


def line_of(recall, code) -> ScopeLine:
    return ScopeLine.objects.filter(version__recall=recall, location__code=code).last()


def typed(line, quarantined="", returned="", destroyed="", sold="", **more) -> dict:
    parts = {
        "quarantined": quarantined,
        "returned": returned,
        "destroyed": destroyed,
        "sold": sold,
    }
    counted = {f"{k}-{line.holding_id}": v for k, v in parts.items()}
    return {"name": "Tomas", "sent": "1", **VERSION, **counted, **more}


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def test_looking_at_the_link_acknowledges_nothing_however_often(case, client):
    url = link(case, "one@store.example")
    for _ in range(20):
        for page in ("", "count/", "done/"):
            client.get(url + page)
            client.head(url + page)
            client.options(url + page)
            client.get(url + page, headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch"})
    client.get(url + "ack/")
    client.head(url + "ack/")
    client.options(url + "ack/")
    assert not Acknowledgement.objects.exists()
    assert not Response.objects.exists()


def test_one_post_acknowledges_and_a_replay_does_not_do_it_again(case, client):
    url = link(case, "one@store.example")
    assert client.put(url + "ack/").status_code == 405
    for _ in range(3):
        response = client.post(url + "ack/", VERSION, follow=True)
        assert "we know that you have read this" in text_of(response)
    assert Acknowledgement.objects.count() == 1


def test_it_works_without_cookies_although_csrf_is_checked_elsewhere(case):
    strict = Client(enforce_csrf_checks=True)
    url = link(case, "one@store.example")
    line = line_of(case, "STORE1")
    response = strict.post(
        url + "count/", typed(line, quarantined="40"), headers={"Origin": "null"}
    )
    assert response.status_code == 302
    assert not strict.cookies


def test_the_notice_names_batch_amount_and_place_of_the_recipient_only(case, client):
    text = text_of(client.get(link(case, "one@store.example")))
    assert "For Store 1" in text
    assert "BAR" in text and "40 cases" in text
    assert "Store 2" not in text and "Northgate" not in text


def test_an_address_of_two_places_sees_both_grouped_by_place(case, client):
    url = link(case, "two@store.example")
    notice = text_of(client.get(url))
    assert "For 2 places" in notice
    count = client.get(url + "count/").content.decode()
    assert count.index("<h2>Northgate DC</h2>") < count.index("<h2>Store 2</h2>")


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


def test_mail_and_page_name_one_time_in_the_zone_of_the_place(quinn, paula, client, settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    nodes = granola()
    Location.objects.filter(code="STORE1").update(timezone="America/New_York")
    deadline = datetime(2031, 1, 10, 17, tzinfo=UTC)
    case = active(quinn, paula, nodes["BAR@PLANT1"], deadline=deadline)
    mail = case.notices.get(address="one@store.example").text
    assert "by Friday 10 January 2031, 12:00 (EST)" in mail
    page = text_of(client.get(link(case, "one@store.example")))
    assert "Please answer by Friday 10 January 2031, 12:00 (EST)" in page


def test_what_was_passed_on_is_said_and_not_asked_for(case, client):
    text = text_of(client.get(link(case, "two@store.example")))
    assert "There should be 50 cases" in text
    assert "20 cases (you received 90 and passed on 70)" in text
    count = text_of(client.get(link(case, "two@store.example") + "count/"))
    assert "there should be 20 cases ; you received 90 and passed on 70" in count
    assert "You received 40 cases" in text_of(client.get(link(case, "one@store.example")))


def test_a_safety_alert_does_not_say_stop_selling(quinn, paula, client):
    nodes = granola()
    case = active(quinn, paula, nodes["BAR@PLANT1"], kind="safety_alert")
    html = client.get(link(case, "one@store.example")).content.decode()
    assert "Read this before you sell or use it." in html
    assert "stop selling" not in html.lower()


def test_an_addition_for_others_does_not_disturb_who_is_counting(case, client, quinn):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    renew(case, quinn, place="STORE2")
    assert client.post(url + "count/", typed(line, quarantined="40")).status_code == 302
    assert Acknowledgement.objects.get().version.number == 2


@pytest.mark.parametrize("make", ["forged", "cut"])
def test_a_link_that_does_not_work_says_what_to_do(case, client, settings, make):
    settings.SITE_PHONE = "+1 555 0100"
    token = token_for(case.recipients.get(address_key="one@store.example"))
    token = {"forged": "0" * 32 + ".x", "cut": token[:-4]}[make]
    response = client.get(f"/r/{token}/")
    assert response.status_code == 404
    assert "do not sell or use the product" in text_of(response)
    assert 'href="tel:+15550100"' in response.content.decode()
    assert client.post(f"/r/{token}/ack/").status_code == 404
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("page", ["", "count/", "done/", "ack/"])
def test_every_answer_keeps_the_link_out_of_caches_indexes_and_referrers(case, client, page):
    response = client.get(link(case, "one@store.example") + page)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


def sent_size(page) -> int:
    """What a phone loads: the page as it is, the style sheet and the module as compressed."""
    files = [CSS, COUNTING] if b"counting" in page.content else [CSS]
    return len(page.content) + sum(len(gzip.compress(file.read_bytes())) for file in files)


def test_each_page_is_small_and_needs_no_script(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    pages = [client.get(url), client.get(url + "count/")]
    pages += [client.post(url + "count/", typed(line, quarantined="61"))]
    client.post(url + "count/", typed(line, quarantined="30"))
    pages += [client.get(url), client.get(url + "count/"), client.get(url + "done/")]
    for page in pages:
        assert sent_size(page) <= 10 * 1024
        scripts = re.findall(rb"<script[^>]*>", page.content)
        assert all(b'type="module" src="/static/js/counting' in one for one in scripts)
        assert b"javascript:" not in page.content
        assert b" on" not in re.sub(rb">[^<]*<", b"><", page.content)


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


def html_of(response) -> str:
    return response.content.decode()


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


def test_a_withdrawn_link_shows_what_everybody_may_know_and_takes_nothing(case, client, settings):
    settings.SITE_PHONE = "+1 555 0100"
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    Recipient.objects.filter(address_key="one@store.example").update(revoked_at=NOON)
    for page in ("", "count/", "done/", "ack/"):
        response = client.get(url + page)
        text = text_of(response)
        assert response.status_code == 410
        assert "BAR" in text and "May contain peanut." in text and "Stop selling" in text
        assert 'href="tel:+15550100"' in html_of(response)
        assert "Store 1" not in text and "40" not in text
    assert client.post(url + "count/", typed(line, quarantined="40")).status_code == 410
    assert client.post(url + "ack/", VERSION).status_code == 410
    assert not Response.objects.exists() and not Acknowledgement.objects.exists()


def test_the_notice_for_customers_is_given_to_who_has_customers(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    client.post(url + "count/", typed(line, quarantined="40"))
    poster = url + "customer-notice.pdf"
    assert client.get(poster).status_code == 404
    assert poster not in html_of(client.get(url + "done/"))
    Recall.objects.filter(pk=case.pk).update(depth="consumer")
    assert poster in html_of(client.get(url + "done/"))
    made = client.get(poster + "?lang=de")
    assert made["Content-Type"] == "application/pdf"
    assert made["Content-Disposition"].startswith("attachment;")
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(made.content)).pages)
    assert "BAR" in text and "Store 1" not in text and "40" not in text.replace(case.reference, "")


def test_a_closed_recall_takes_no_answer_and_still_shows_the_notice(case, client):
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    Recall.objects.filter(pk=case.pk).update(status="closed", closed_at=NOON)
    assert "is closed. No answer is needed any more" in text_of(client.get(url))
    response = client.post(url + "count/", typed(line, quarantined="1"), follow=True)
    assert "is closed" in text_of(response)
    assert not Response.objects.exists()


def test_a_late_answer_is_taken_and_marked(case, client, quinn):
    life.change_recall(recall=case, by=quinn, at=NOON, deadline=timezone.now() - timedelta(hours=1))
    url, line = link(case, "one@store.example"), line_of(case, "STORE1")
    assert "This time has passed. Please answer now." in text_of(client.get(url))
    response = client.post(url + "count/", typed(line, quarantined="40"), follow=True)
    assert "after the time asked for" in text_of(response)


def test_the_pages_ask_the_database_as_often_for_many_places_as_for_one(
    quinn, paula, client, django_assert_max_num_queries
):
    nodes = granola()
    for number in range(3, 33):
        factory.location(f"STORE{number}", kind="store", name=f"Store {number}")
        more = factory.trace_graph(f"BAR@DC -4x5-> BAR@STORE{number}")
        stock(more[f"BAR@STORE{number}"], 5)
        contact(f"STORE{number}", "two@store.example")
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    url = link(case, "two@store.example")
    for page in ("", "count/"):
        with django_assert_max_num_queries(14):
            assert client.get(url + page).status_code == 200


def test_no_page_leaves_the_browser_to_look_for_an_icon(case, client, otto):
    pages = [link(case, "one@store.example"), "/login/"]
    assert all('rel="icon"' in client.get(page).content.decode() for page in pages)


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
