"""The pages of a recall, walked as Quinn and Paula do it, with what each refuses."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from batches.models import Event, Hold
from batches.tests import factory
from batches.tests.factory import NOON
from recalls.models import Notice, Recall, Response, ScopeExclusion, Subscription, Waiver
from recalls.operations import notices, scope
from recalls.operations.responses import acknowledge, answer
from recalls.scope import lines_of
from recalls.tests.factory import active, contact, draft, found, granola, stock, submitted


@pytest.fixture
def nodes(db):
    return granola()


@pytest.fixture
def door(client):
    """Logs somebody in and returns the client."""

    def enter(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


def text_of(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain)


def page(name, case, **kwargs) -> str:
    return reverse(name, kwargs={"reference": case.reference, **kwargs})


def opening(**fields) -> dict:
    return {
        "mode": "live",
        "title": "Undeclared peanut",
        "kind": "recall",
        "classification": "I",
        "hazard": "May contain peanut.",
        **fields,
    }


def test_a_recall_is_opened_from_batches_and_starts_its_scope_with_them(nodes, quinn, door):
    batch = nodes["BAR@PLANT1"].batch
    form = door(quinn).get(reverse("recall-open") + f"?batch={batch.pk}&batch=999999&batch=x")
    assert "BAR" in text_of(form) and f'value="{batch.pk}"' in form.content.decode()
    response = door(quinn).post(reverse("recall-open"), opening(batch=[batch.pk]), follow=True)
    case = Recall.objects.get()
    assert response.redirect_chain == [(page("recall-newest-scope", case), 302)]
    assert case.rules.get().parameters == {"batches": [batch.pk]}
    assert case.lead == quinn and not case.is_drill
    text = text_of(response)
    assert "Batch BAR of P-BAR" in text
    assert "3 places to tell" in text


def test_a_drill_gets_its_own_number_and_a_band(nodes, quinn, door):
    response = door(quinn).post(reverse("recall-open"), opening(mode="drill"), follow=True)
    case = Recall.objects.get()
    assert case.reference.startswith("DR-")
    assert f"DRILL {case.reference}" in text_of(response)
    assert "is-drill" in response.content.decode()


def test_opening_twice_by_a_double_click_makes_one_recall(nodes, quinn, door):
    for _ in range(2):
        assert door(quinn).post(reverse("recall-open"), opening()).status_code == 302
    assert Recall.objects.count() == 1


def test_an_incomplete_form_is_422_and_keeps_what_was_typed(nodes, quinn, door):
    past = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    response = door(quinn).post(reverse("recall-open"), opening(title=" ", deadline=past))
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in html and "There is a problem" in html
    assert "Enter a title, so that everyone knows what this is about." in html
    assert "This time has passed. Choose one that lies ahead." in html
    assert "May contain peanut." in html and f'value="{past}"' in html
    assert not Recall.objects.exists()


def test_the_deadline_is_read_in_the_zone_of_the_site(nodes, quinn, door, settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    door(quinn).post(reverse("recall-open"), opening(deadline="2031-01-10T14:00"))
    case = Recall.objects.get()
    assert case.deadline.isoformat() == "2031-01-10T13:00:00+00:00"
    assert (
        'value="2031-01-10T14:00"' in door(quinn).get(page("recall-start", case)).content.decode()
    )


def test_batches_are_added_by_their_printed_numbers(nodes, quinn, door):
    case = draft(quinn)
    response = door(quinn).post(
        page("recall-add-batches", case), {"numbers": "b-a r\n alm"}, follow=True
    )
    assert "Rule added." in text_of(response)
    wanted = {nodes["BAR@DC"].batch_id, nodes["ALM@PLANT1"].batch_id}
    assert set(case.rules.get().parameters["batches"]) == wanted


def test_an_unknown_number_is_named_and_what_was_typed_stays(nodes, quinn, door):
    case = draft(quinn)
    response = door(quinn).post(page("recall-add-batches", case), {"numbers": "BAR, NIX9"})
    assert response.status_code == 422
    assert "No batch has the number NIX9. Check the label." in text_of(response)
    assert "BAR, NIX9</textarea>" in response.content.decode()
    assert not case.rules.exists()


def test_a_number_that_two_batches_have_must_be_chosen(nodes, quinn, door):
    case = draft(quinn)
    other = factory.batch("BAR", of="OTHER", at="SIERRA")
    response = door(quinn).post(page("recall-add-batches", case), {"numbers": "BAR"})
    assert "2 batches have the number BAR. Choose." in text_of(response)
    assert f'name="choice" value="{other.pk}"' in response.content.decode()
    door(quinn).post(page("recall-add-batches", case), {"numbers": "BAR", "choice": [other.pk]})
    assert case.rules.get().parameters == {"batches": [other.pk]}


def test_production_between_two_dates_is_a_rule_too(nodes, quinn, door):
    case = draft(quinn)
    form = {"product": "p-bar", "origin": "", "made_from": "2026-11-01", "made_to": "2026-10-01"}
    response = door(quinn).post(page("recall-add-production", case), form)
    assert "This day is before the first one. Swap the two days." in text_of(response)
    response = door(quinn).post(page("recall-add-production", case), form | {"product": "NIX"})
    assert "No product has the code NIX. Choose one from the list." in text_of(response)
    door(quinn).post(page("recall-add-production", case), form | {"made_to": "2026-11-30"})
    assert case.rules.get().parameters["to"] == "2026-11-30"


def test_the_preview_says_what_a_change_brought(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    seen = door(quinn).get(page("recall-newest-scope", case))
    look = re.search(r'name="look" value="([^"]+)"', seen.content.decode())[1]
    look = look.replace("&quot;", '"')
    form = {"numbers": "ALM", "look": look}
    text = text_of(door(quinn).post(page("recall-add-batches", case), form, follow=True))
    assert "+1 batch" in text and "since your last change" in text


def test_places_without_a_contact_come_first(nodes, quinn, door):
    factory.location("LONE", kind="store", name="Aaa last by code but not here")
    lone = factory.trace_graph("BAR@DC -4x5-> BAR@LONE")
    stock(lone["BAR@LONE"], 5)
    case = draft(quinn, nodes["BAR@PLANT1"])
    text = text_of(door(quinn).get(page("recall-message", case)))
    told = text[text.index("Who is told") :]
    assert told.index("No contact") < told.index("one@store.example")
    scope_text = text_of(door(quinn).get(page("recall-newest-scope", case)))
    assert "1 without a contact" in scope_text


def test_a_rule_is_taken_away(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    rule = case.rules.get()
    response = door(quinn).post(page("recall-withdraw-rule", case, pk=rule.pk), follow=True)
    assert response.redirect_chain == [(page("recall-newest-scope", case), 302)]
    assert "No rule yet." in text_of(response)


def test_a_place_is_left_out_with_a_reason_only(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    url = page("recall-exclude", case, pk=nodes["BAR@STORE1"].pk)
    assert door(quinn).get(url).status_code == 200
    refused = door(quinn).post(url, {"reason": " "})
    assert refused.status_code == 422
    assert "Say why; it is kept with the recall." in text_of(refused)
    text = text_of(door(quinn).post(url, {"reason": "Never arrived"}, follow=True))
    assert "Never arrived" in text and "2 places to tell" in text
    assert ScopeExclusion.objects.count() == 1


def test_submitting_without_a_rule_is_refused_with_what_to_do(nodes, quinn, door):
    case = draft(quinn)
    response = door(quinn).post(page("recall-submit", case))
    assert response.status_code == 422
    text = text_of(response)
    assert "Say which batches are recalled: add a rule to the scope." in text


def test_submitting_twice_changes_nothing_the_second_time(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    assert door(quinn).post(page("recall-submit", case)).status_code == 302
    events = Event.objects.count()
    again = door(quinn).post(page("recall-submit", case))
    assert again.status_code == 422
    assert "it cannot be submitted. Load the page again." in text_of(again)
    assert Event.objects.count() == events


def test_who_submitted_is_told_that_a_second_person_approves(nodes, paula, door):
    case = submitted(paula, nodes["BAR@PLANT1"])
    text = text_of(door(paula).get(page("recall-check", case)))
    assert "You submitted this. A second person must check and approve it." in text
    form = {"password": "paula", "meaning": "Checked"}
    refused = door(paula).post(page("recall-approve", case), form)
    assert "A second person must check and activate it." in text_of(refused)


def test_approving_needs_the_password_and_freezes_holds_and_tells(nodes, quinn, paula, door):
    case = submitted(quinn, nodes["BAR@PLANT1"])
    assert "Approve and tell 3 places" in text_of(door(paula).get(page("recall-check", case)))
    wrong = door(paula).post(
        page("recall-approve", case), {"password": "guess", "meaning": "I looked"}
    )
    assert wrong.status_code == 422
    assert "This is not your password. Enter it again." in text_of(wrong)
    assert "I looked</textarea>" in wrong.content.decode()
    assert "guess" not in wrong.content.decode()
    assert not Hold.objects.exists()
    form = {"password": "paula", "meaning": "I looked"}
    text = text_of(door(paula).post(page("recall-approve", case), form, follow=True))
    assert "Scope version 1 is frozen. 3 places are being told." in text
    assert (
        "3 places to be told = 0 acknowledged + 0 accepted by the mail server + 3 pending" in text
    )
    assert Notice.objects.filter(kind="notice").count() == 2
    assert Hold.objects.filter(recall=case.reference).exists()


def test_sending_back_needs_a_reason(nodes, quinn, paula, door):
    case = submitted(quinn, nodes["BAR@PLANT1"])
    refused = door(paula).post(page("recall-reject", case), {"reason": ""})
    assert refused.status_code == 422
    door(paula).post(page("recall-reject", case), {"reason": "The centre is missing"})
    case.refresh_from_db()
    assert case.status == "draft"


def test_a_cancelled_recall_shows_that_nobody_was_told(nodes, quinn, door):
    case = draft(quinn)
    form = {"reason": "False alarm"}
    text = text_of(door(quinn).post(page("recall-cancel", case), form, follow=True))
    assert "Cancelled before anyone was told." in text
    assert "False alarm" in text


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
    label = "Quarantined 30, Returned 2, Destroyed 0, Sold or used 4, No answer yet 54"
    assert label in response.content.decode()
    assert "acknowledgement has reached 33 percent and recovery 36 percent" in (
        response.content.decode()
    )


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
    assert html.count('hx-swap-oob="true"') == 5
    assert "<title>" in html and ", 1 batch." in html
    assert "hx-on" not in html and "[" not in re.search(r'hx-trigger="([^"]*)"', html)[1]
    assert Event.objects.count() == events


def test_a_poll_that_restores_history_gets_the_whole_page(case, quinn, door):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in door(quinn).get(case.get_absolute_url(), headers=headers).content


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


def test_reminding_says_how_many_and_twice_is_harmless(case, quinn, door):
    Notice.objects.filter(kind="notice").update(state="accepted", accepted_at=NOON)
    assert "Remind 3" in text_of(door(quinn).get(case.get_absolute_url()))
    for _ in range(2):
        response = door(quinn).post(page("recall-remind", case), follow=True)
        assert response.status_code in {200, 422}
    per_address = Notice.objects.filter(kind="reminder").values_list("address_key", "round")
    assert len(per_address) == len(set(per_address))


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


def test_waiving_needs_a_reason(case, quinn, door):
    url = page("recall-waive-place", case, code="STORE1")
    refused = door(quinn).post(url, {"reason": ""})
    assert refused.status_code == 422
    assert "Say why; it is kept with the recall." in text_of(refused)
    response = door(quinn).post(url, {"reason": "Burnt down"}, follow=True)
    assert "Store 1 is not waited for any more." in text_of(response)
    assert Waiver.objects.get().reason == "Burnt down"


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
    assert "hx-trigger" not in door(quinn).get(case.get_absolute_url()).content.decode()


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


def test_the_frozen_scope_is_a_list_that_exports(case, vera, door):
    url = page("recall-scope", case, number=1)
    assert "BAR" in text_of(door(vera).get(url + "?q=store"))
    rows = b"".join(door(vera).get(url + "?export=csv").streaming_content).decode()
    assert "STORE1" in rows and "To account for" in rows
    assert door(vera).get(page("recall-scope", case, number=9)).status_code == 404
    report = door(vera).get(page("recall-report", case))
    assert report.content[:2] == b"PK"
    assert f"{case.reference}-status-version-1.xlsx" in report["Content-Disposition"]


def test_live_recalls_come_first_in_the_list(nodes, quinn, paula, door):
    first = active(quinn, paula, nodes["BAR@PLANT1"])
    drill = draft(quinn, is_drill=True)
    later = draft(quinn)
    text = text_of(door(quinn).get(reverse("recall-list")))
    order = [text.index(case.reference) for case in (first, later, drill)]
    assert order == sorted(order)


def test_the_room_asks_the_database_as_often_for_many_places_as_for_few(
    nodes, quinn, paula, door, django_assert_max_num_queries, django_assert_num_queries
):
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    url = case.get_absolute_url()
    door(paula).get(url)
    with django_assert_max_num_queries(62) as few:
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
    milestones = text_of(door(quinn).get(case.get_absolute_url() + "?milestones=1"))
    assert "30 cases set aside" not in milestones and "Scope version 1 frozen" in milestones
    assert Response.objects.count() == 1
