"""The war room: its figures, its recipients, its live blocks, and what is done there."""

import re

import pytest

from batches.models import Batch, Event
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import Notice, Response, Subscription, Waiver
from recalls.operations import notices, scope
from recalls.operations.responses import acknowledge, answer
from recalls.scope import lines_of
from recalls.tests.factory import active, contact, found, stock
from recalls.tests.test_pages_recall import door, nodes, page, text_of

__all__ = ["door", "nodes"]


@pytest.fixture
def case(nodes, quinn, paula):
    return active(quinn, paula, nodes["BAR@PLANT1"])


def answered(case, address, **parts):
    recipient = case.recipients.get(address_key=address)
    answers = {line.pk: found(**parts) for line in lines_of(recipient)}
    return answer(recipient=recipient, answers=answers, name="Tomas", phone="", remark="", at=NOON)


def test_the_numbers_of_the_room_are_those_of_the_answers(case, vera, door):
    answered(case, "one@store.example", quarantined=30, returned=2, sold=4)
    response = door(vera).get(case.get_absolute_url())
    text = text_of(response)
    assert "Where the 90 cases with others are" in text
    assert "35.6 % recovered" in text and "40 % accounted for" in text
    assert "54 cases, no answer yet" in text
    assert "Responded 1" in text
    assert "The time until a reminder begins when the notices have left." in text
    label = "Quarantined 30, Returned 2, Destroyed 0, Sold or used 4, No answer yet 54"
    assert label in response.content.decode()
    assert "acknowledgement has reached 33 percent and recovery 36 percent" in (
        response.content.decode()
    )


@pytest.mark.slow
def test_the_tabs_split_the_places_without_losing_one(case, quinn, door):
    answered(case, "one@store.example", quarantined=40)
    url = case.get_absolute_url()
    rows = {
        tab: re.findall(
            r'recipients/(\w+)/" ?aria', door(quinn).get(f"{url}?tab={tab}").content.decode()
        )
        for tab in ("", "not_delivered", "no_ack", "acknowledged", "responded")
    }
    parts = [code for tab, codes in rows.items() if tab for code in codes]
    assert rows["responded"] == ["STORE1"]
    assert sorted(parts) == sorted(rows[""]) == ["DC", "STORE1", "STORE2"]


def test_a_poll_gets_the_live_blocks_only_and_writes_nothing(case, quinn, door):
    url = case.get_absolute_url()
    events = Event.objects.count()
    block = door(quinn).get(url, headers={"HX-Request": "true"})
    html = block.content.decode()
    assert "<html" not in html and 'id="live"' in html
    assert html.count('hx-swap-oob="true"') == 6
    assert "<title>" in html and ", 1 batch." in html
    assert "hx-on" not in html and "[" not in re.search(r'hx-trigger="([^"]*)"', html)[1]
    assert Event.objects.count() == events


def test_the_scope_leads_to_its_trace_and_to_its_batches(case, quinn, door):
    html = door(quinn).get(case.get_absolute_url()).content.decode()
    [trace] = re.findall(r'href="(/trace/[^"]+)"[^>]*>Open trace', html)
    assert "BAR" in door(quinn).get(trace.replace("&amp;", "&")).content.decode()
    [batch] = set(re.findall(r'class="code" href="([^"]+)">BAR<', html))
    assert door(quinn).get(batch).status_code == 200


def test_a_poll_that_restores_history_gets_the_whole_page(case, quinn, door):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in door(quinn).get(case.get_absolute_url(), headers=headers).content


@pytest.mark.slow
def test_new_places_are_told_with_one_click(case, nodes, quinn, door):
    factory.location("STORE3", kind="store", name="Store 3")
    contact("STORE3", "three@store.example")
    more = factory.trace_graph("BAR@DC -4x5-> BAR@STORE3")
    stock(more["BAR@STORE3"], 5)
    scope.check_drift(recall=case, at=NOON)
    text = text_of(door(quinn).get(case.get_absolute_url()))
    assert "The scope grew: version 2 is not told yet" in text
    assert "Tell 1 new place" in text
    url = page("recall-release", case, number=2)
    text = text_of(door(quinn).post(url, follow=True))
    assert "The places of version 2 are being told." in text and "The scope grew" not in text
    told = Notice.objects.filter(version__number=2, kind="notice")
    assert [notice.address for notice in told] == ["three@store.example"]
    assert door(quinn).post(url).status_code == 422
    assert told.count() == 1


def test_a_new_rule_on_an_active_recall_is_looked_at_at_once(case, nodes, quinn, door):
    made = factory.trace_graph("EXTRA@PLANT1 -5x12-> EXTRA@STORE2")
    stock(made["EXTRA@STORE2"], 12)
    response = door(quinn).post(page("recall-add-batches", case), {"numbers": "EXTRA"}, follow=True)
    text = text_of(response)
    assert "See what it found above." in text and "version 2 is not told yet" in text


@pytest.mark.slow
def test_reminding_says_how_many_and_twice_is_harmless(case, quinn, door):
    Notice.objects.filter(kind="notice").update(state="accepted", accepted_at=NOON)
    assert "Remind 3" in text_of(door(quinn).get(case.get_absolute_url()))
    for _ in range(2):
        response = door(quinn).post(page("recall-remind", case), follow=True)
        assert response.status_code in {200, 422}
    per_address = Notice.objects.filter(kind="reminder").values_list("address_key", "round")
    assert len(per_address) == len(set(per_address))


@pytest.mark.slow
def test_the_room_offers_as_many_reminders_as_it_would_write(case, quinn, door):
    notices.drain(worker="w", now=NOON, limit=50)
    url = case.get_absolute_url()
    assert b"Remind 2</button>" in door(quinn).get(url).content, "two places share a mailbox"
    acknowledge(recipient=case.recipients.get(address_key="one@store.example"), at=NOON)
    assert b"Remind 1</button>" in door(quinn).get(url).content
    door(quinn).post(page("recall-remind", case))
    assert Notice.objects.filter(kind="reminder").count() == 1
    room = door(quinn).get(url).content.decode()
    assert page("recall-remind", case) not in room, "it is on its way"


def test_an_unknown_amount_is_not_shown_as_nothing(nodes, quinn, paula, door):
    stock(nodes["BAR@PLANT1"], None)
    stock(nodes["BAR@STORE1"], None)
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    text = text_of(door(quinn).get(case.get_absolute_url()))
    assert "0 cases + 1 unknown 50 cases + 1 unknown 3" in text


def test_the_page_of_a_place_shows_notices_answers_and_who_to_call(case, quinn, door):
    answered(case, "one@store.example", quarantined=30)
    text = text_of(door(quinn).get(page("recall-recipient", case, code="STORE1")))
    for words in ("Recall notice, version 1", "one@store.example", "Tomas", "Uno", "2 steps"):
        assert words in text


def test_who_is_called_from_the_room_hears_the_script_and_is_noted_on_one_page(case, quinn, door):
    Notice.objects.filter(address_key="one@store.example").update(state="failed")
    html = door(quinn).get(case.get_absolute_url()).content.decode()
    url = page("recall-recipient", case, code="STORE1")
    assert f'href="{url}?call=1#h-c" aria-label="Call Store 1"' in html
    text = text_of(door(quinn).get(f"{url}?call=1"))
    assert "I am calling for" in text and "Note a call, letter or visit" in text
    note = page("recall-note-call", case, code="STORE1")
    wrong = door(quinn).post(note, {"channel": "phone", "reached": "yes", "note": "Back at 2."})
    assert wrong.status_code == 422 and "Back at 2.</textarea>" in wrong.content.decode()
    assert "Enter whom you spoke to." in text_of(wrong)
    form = {"channel": "phone", "reached": "yes", "person": "Uwe"}
    assert door(quinn).post(note, form)["Location"] == url
    assert "reached: Uwe" in text_of(door(quinn).get(url))
    assert "spoken to" in text_of(door(quinn).get(case.get_absolute_url()))


def test_waiving_needs_a_reason(case, quinn, door):
    url = page("recall-waive-place", case, code="STORE1")
    refused = door(quinn).post(url, {"reason": ""})
    assert refused.status_code == 422
    assert "Say why; it is kept with the recall." in text_of(refused)
    response = door(quinn).post(url, {"reason": "Burnt down"}, follow=True)
    assert "Store 1 is not waited for any more." in text_of(response)
    assert Waiver.objects.get().reason == "Burnt down"


@pytest.mark.slow
def test_completing_names_who_is_missing_and_closing_needs_another_person(case, quinn, paula, door):
    refused = door(quinn).post(page("recall-complete", case))
    assert refused.status_code == 422
    assert "3 places have not answered" in text_of(refused)
    answered(case, "one@store.example", quarantined=40)
    answered(case, "two@store.example", quarantined=20)
    done = text_of(door(quinn).post(page("recall-complete", case), follow=True))
    assert "You completed this. A second person must close it." in done
    form = {"password": "paula", "meaning": "All in", "statement": ""}
    refused = door(paula).post(page("recall-close", case), form)
    assert "Not everything came back. Explain what became of the rest." in text_of(refused)
    assert "All in</textarea>" in refused.content.decode()
    form["statement"] = "Ten were eaten at the centre."
    text = text_of(door(paula).post(page("recall-close", case), form, follow=True))
    assert "Closed. The record can no longer be changed." in text
    assert "Ten were eaten at the centre." in text
    assert "tick from:body" not in door(quinn).get(case.get_absolute_url()).content.decode()


def test_subscribers_are_added_once_and_taken_away(case, quinn, door):
    url = page("recall-subscribe", case)
    assert "Enter a valid email address" in text_of(door(quinn).post(url, {"email": "desk"}))
    response = door(quinn).post(url, {"email": "desk@lotline.example"}, follow=True)
    assert "desk@lotline.example gets the status reports." in text_of(response)
    again = door(quinn).post(url, {"email": "Desk@lotline.example"})
    assert again.status_code == 422
    assert "desk@lotline.example gets the reports already." in text_of(again)
    row = Subscription.objects.get(email="desk@lotline.example")
    door(quinn).post(page("recall-unsubscribe", case, pk=row.pk))
    row.refresh_from_db()
    assert not row.active


@pytest.mark.slow
def test_the_room_asks_the_database_as_often_for_many_places_as_for_few(
    nodes, quinn, paula, door, django_assert_max_num_queries, django_assert_num_queries
):
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    url = case.get_absolute_url()
    door(paula).get(url)
    with django_assert_max_num_queries(58) as few:
        door(paula).get(url)
    for number in range(3, 43):
        factory.location(f"STORE{number}", kind="store", name=f"Store {number}")
        more = factory.trace_graph(f"BAR@DC -4x5-> BAR@STORE{number}")
        stock(more[f"BAR@STORE{number}"], 5)
        contact(f"STORE{number}", f"store{number}@store.example")
    other = active(quinn, paula, nodes["BAR@PLANT1"])
    assert other.recipients.count() == 42
    with django_assert_num_queries(len(few)):
        door(paula).get(other.get_absolute_url())


def test_names_that_look_like_markup_stay_text(nodes, quinn, paula, door):
    factory.location("STORE1").__class__.objects.filter(code="STORE1").update(
        name="<script>alert(1)</script>"
    )
    case = active(quinn, paula, nodes["BAR@PLANT1"], hazard="<img src=x onerror=alert(1)>")
    for url in (case.get_absolute_url(), page("recall-recipient", case, code="STORE1")):
        html = door(quinn).get(url).content.decode()
        assert "<script>alert(1)" not in html and "<img src=x" not in html


def test_an_answer_is_in_the_timeline(case, quinn, door):
    answered(case, "one@store.example", quarantined=30, sold=7)
    text = text_of(door(quinn).get(case.get_absolute_url()))
    assert "Store 1: 30 cases set aside, 7 cases sold or used" in text
    assert "Scope version 1 frozen" in text
    assert f"Timeline All Milestones {NOON.day} {NOON:%b} {NOON:%H:%M} Report written" in text
    milestones = text_of(door(quinn).get(case.get_absolute_url() + "?milestones=1"))
    assert "30 cases set aside" not in milestones and "Scope version 1 frozen" in milestones
    assert Response.objects.count() == 1


def shown(response) -> list[str]:
    return re.findall(r'data-place="([^"]+)"', response.content.decode())


def test_the_recipients_are_filtered_sorted_and_exported_as_the_address_says(case, quinn, door):
    factory.location("STORE2").__class__.objects.filter(code="STORE2").update(country="FR")
    staff, url = door(quinn), case.get_absolute_url()
    answered(case, "one@store.example", quarantined=40)
    assert shown(staff.get(url, {"q": "store", "kind": "store"})) == ["STORE2", "STORE1"]
    assert shown(staff.get(url, {"country": "FR"})) == ["STORE2"]
    assert shown(staff.get(url, {"q": "northgate"})) == ["DC"]
    assert shown(staff.get(url, {"tab": "responded", "kind": "store"})) == ["STORE1"]
    assert shown(staff.get(url, {"sort": "due"})) == ["STORE1", "STORE2", "DC"]
    assert shown(staff.get(url, {"sort": "-due", "columns": "due,code"}))[0] == "DC"
    nobody = staff.get(url, {"country": "XX", "sort": "nonsense", "columns": "nonsense"})
    assert "No place fits. Take a filter away." in text_of(nobody)
    page = staff.get(url, {"columns": "code,country", "country": "FR"}).content.decode()
    assert 'data-label="Country">FR' in page and 'data-label="Since"' not in page
    rows = staff.get(url, {"columns": "code,country", "country": "FR", "export": "csv"})
    text = b"".join(rows.streaming_content).decode("utf-8-sig")
    assert "Filter,Country: FR" in text and "Store 2,,STORE2,FR" in text
    assert "Store 1" not in text
    assert staff.get(url, {"export": "pdf"}).status_code == 404


def test_what_does_not_add_up_is_named_before_the_close(case, nodes, quinn, door):
    answered(case, "one@store.example", quarantined=30)
    text = text_of(door(quinn).get(case.get_absolute_url()))
    assert "Store 1: 10 cases of BAR not accounted for" in text
    Batch.objects.filter(pk=nodes["BAR@PLANT1"].batch_id).update(quantity=106)
    assert "BAR: 6 cases are in no record" in text_of(door(quinn).get(case.get_absolute_url()))
