"""The pages of a recall, walked as Quinn and Paula do it, with what each refuses."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from batches.models import Event, Hold
from batches.tests import factory
from recalls.models import Notice, Recall, ScopeExclusion
from recalls.tests.factory import active, draft, granola, stock, submitted


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
    html = re.sub(r"</?bdi>", "", response.content.decode())
    plain = re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ")
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


def test_a_recall_that_a_stopped_trace_leads_to_is_not_stopped_and_says_so(nodes, quinn, door):
    place = nodes["ALM@PLANT1"].location
    stop = {"stop": f"l:{place.pk}", "reason": "Baked at 200 °C"}
    query = urlencode({"batch": nodes["ALM@SIERRA"].batch_id, **stop})
    shown = text_of(door(quinn).get(f"{reverse('recall-open')}?{query}"))
    assert f"stopped at {place.name} : Baked at 200 °C. A recall is not stopped there" in shown
    again = door(quinn).post(reverse("recall-open"), opening(title=" ", **stop))
    assert "The trace was stopped at" in text_of(again)
    given = opening(batch=[nodes["ALM@SIERRA"].batch_id], **stop)
    shown = text_of(door(quinn).post(reverse("recall-open"), given, follow=True))
    assert "This scope is not: it follows the goods past it." in shown
    assert "BAR" in shown


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


@pytest.mark.slow
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
    assert "STORE1 BAR one@store.example" in told and "English" in told
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_frozen_scope_is_a_list_that_exports(nodes, quinn, paula, vera, door):
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    url = page("recall-scope", case, number=1)
    assert "BAR" in text_of(door(vera).get(url + "?q=store"))
    rows = b"".join(door(vera).get(url + "?export=csv").streaming_content).decode()
    assert "STORE1" in rows and "To account for" in rows
    assert door(vera).get(page("recall-scope", case, number=9)).status_code == 404
    report = door(vera).get(page("recall-report", case))
    assert report.content[:2] == b"PK"
    assert f"{case.reference}-status-version-1.xlsx" in report["Content-Disposition"]


@pytest.mark.slow
def test_live_recalls_come_first_in_the_list(nodes, quinn, paula, door):
    first = active(quinn, paula, nodes["BAR@PLANT1"])
    drill = draft(quinn, is_drill=True)
    later = draft(quinn)
    text = text_of(door(quinn).get(reverse("recall-list")))
    order = [text.index(case.reference) for case in (first, later, drill)]
    assert order == sorted(order)
