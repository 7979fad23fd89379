"""The pages behind the signed link: what they show and accept; GET changes nothing."""

import gzip
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.test import Client
from pypdf import PdfReader

from batches.models import Location
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.links import token_for
from recalls.message.languages import LANGUAGES
from recalls.models import (
    Acknowledgement,
    PassedOn,
    Recall,
    Recipient,
    Response,
    ScopeLine,
)
from recalls.scope.passed import PassedLine
from recalls.tests.factory import active, contact, granola, stock
from recalls.views.asked import Asked, AskedLine

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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("left", "links", "day"),
    [("23:26", 1, date(2026, 11, 12)), ("23:26", 2, None), ("23:50", 1, None), (None, 1, None)],
)
def test_the_day_on_which_it_came_is_said_only_if_that_is_known(left, links, day):
    """Who knows of a departure alone knows no arrival: both times are then the same."""
    step = {"kind": "shipment", "arrived_from": "2026-11-11T23:50:00+00:00"}
    step["left_by"] = left and f"2026-11-11T{left}:00+00:00"
    place = Location(timezone="Europe/Berlin")
    line = ScopeLine(path=[step], links_in=links, location=place)
    item = AskedLine(line, None, 1)
    assert item.arrived_on == Asked(Recipient(), [item], None).arrived_on == day
    assert AskedLine(PassedLine(PassedOn(line=line), "Café"), None, 1).arrived_on is None


def test_who_got_no_delivery_that_is_recorded_is_asked_from_whom_it_came(quinn, paula, client):
    nodes = granola()
    lone = factory.location("LONE", kind="store")
    nodes["BAR@PLANT1"].batch.holdings.create(location=lone, quantity=5)
    contact("LONE", "lone@store.example")
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    asked = "We have no delivery to you on record. Did you get it elsewhere?"
    lonely = text_of(client.get(link(case, "lone@store.example")))
    assert asked in lonely and "There should be 5 cases" in lonely
    assert asked not in text_of(client.get(link(case, "one@store.example")))


def test_an_address_of_two_places_sees_both_grouped_by_place(case, client):
    url = link(case, "two@store.example")
    notice = text_of(client.get(url))
    assert "For 2 places" in notice
    count = client.get(url + "count/").content.decode()
    assert count.index("<h2>Northgate DC</h2>") < count.index("<h2>Store 2</h2>")


@pytest.mark.slow
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_an_answer_loads_without_scripts_is_twenty_kilobytes(case, client, language):
    url, query = link(case, "one@store.example"), f"?lang={language}"
    data = typed(line_of(case, "STORE1"), quarantined="30")
    looked_at = {key: value for key, value in data.items() if key != "sent"}
    count, packed = f"{url}count/{query}", {"accept-encoding": "gzip"}
    loaded = [
        client.get(url + query, headers=packed),
        client.post(f"{url}ack/{query}", VERSION, headers=packed, follow=True),
        client.get(count, headers=packed),
        client.post(count, looked_at, headers=packed),
        client.post(count, data, headers=packed, follow=True),
    ]
    assert [page.status_code for page in loaded] == [200] * 5 and Response.objects.exists()
    assert {page["Content-Encoding"] for page in loaded} == {"gzip"}
    page = gzip.decompress(loaded[-1].content).decode()
    files = re.findall(r'<(?:link|img)[^>]* (?:href|src)="/static/([^"]+)"', page)
    assert sorted(files) == ["css/public.css", "icons/favicon.svg"]
    # The first time; a phone keeps the files, which come as they are.
    sizes = [len(page.content) for page in loaded]
    sizes += [Path(finders.find(file)).stat().st_size for file in files]
    assert sum(sizes) <= 20 * 1024, sizes


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


def html_of(response) -> str:
    return response.content.decode()


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


@pytest.mark.slow
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
