"""The steps of a recall while it is prepared: they lead on and back, keep what was said, resume."""

import re

import pytest
from django.urls import reverse

from batches.models import Contact, Hold
from batches.tests.factory import NOON
from recalls.models import ScopeRule
from recalls.operations import recalls
from recalls.operations.messages import save_message
from recalls.tests.factory import active, draft, granola, submitted
from recalls.tests.test_pages_recall import door, opening, page, text_of

__all__ = ["door"]

STEPS = ("recall-start", "recall-newest-scope", "recall-message", "recall-check")


@pytest.fixture
def nodes(db):
    return granola()


def states(response) -> list[tuple[str, str]]:
    """(state, word) of each step as the page shows it."""
    found = re.findall(r'<li data-s="(\w+)".*?<span class="t">([^<]+)</span>', html_of(response))
    return found[: len(STEPS)]


def html_of(response) -> str:
    return response.content.decode()


def test_a_recall_is_prepared_on_four_pages_that_lead_on_and_back(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    urls = [page(name, case) for name in STEPS]
    for index, url in enumerate(urls):
        response = door(quinn).get(url)
        assert response.status_code == 200
        html = html_of(response)
        assert html.count('aria-current="step"') == 1 and ' no-keys"' in html
        assert (f'href="{urls[-1]}#cancel"' in html) == (index < 3)
        if index:
            assert f'href="{urls[index - 1]}">' in html
        if index and index < 3:
            assert f'data-next href="{urls[index + 1]}"' in html


def test_what_the_rules_reach_is_held_at_once_and_nothing_in_a_drill(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    html = html_of(door(quinn).get(page("recall-newest-scope", case)))
    hold = re.search(r'href="(/batches/hold/[^"]+)"[^>]*>.*?Hold 1 batch now', html, re.DOTALL)
    assert (
        door(quinn).post(hold[1].replace("&amp;", "&"), {"reason": "Suspected."}).status_code == 302
    )
    assert Hold.objects.active().get().batch == nodes["BAR@PLANT1"].batch
    drill = draft(quinn, nodes["BAR@PLANT1"], is_drill=True)
    assert "/batches/hold/" not in html_of(door(quinn).get(page("recall-newest-scope", drill)))


def test_each_step_says_in_a_word_whether_it_is_done(nodes, quinn, door):
    case = draft(quinn, hazard="")
    response = door(quinn).get(page("recall-newest-scope", case))
    assert states(response) == [
        ("next", "to do"), ("now", "you are here"), ("next", "to do"), ("next", "to do"),
    ]  # fmt: skip
    case = draft(quinn, nodes["BAR@PLANT1"])
    response = door(quinn).get(page("recall-check", case))
    assert [word for _, word in states(response)] == ["done", "done", "done", "you are here"]


@pytest.mark.parametrize(
    ("fields", "has_rule", "wanted"),
    [
        ({"hazard": ""}, False, "recall-start"),
        ({}, False, "recall-newest-scope"),
        ({"deadline": NOON}, False, "recall-newest-scope"),
        ({}, True, "recall-check"),
    ],
)
def test_the_page_of_a_draft_leads_to_the_step_that_lacks_something(
    nodes, quinn, door, fields, has_rule, wanted
):
    holdings = [nodes["BAR@PLANT1"]] if has_rule else []
    case = draft(quinn, *holdings, **fields)
    response = door(quinn).get(case.get_absolute_url())
    assert (response.status_code, response["Location"]) == (302, page(wanted, case))


@pytest.mark.parametrize("email", ["one@store.example", ""])
def test_the_message_is_done_when_every_language_that_is_needed_has_a_text_of_its_own(
    nodes, quinn, door, email
):
    """Also for who has no mail: what is said on the telephone is the same text."""
    Contact.objects.filter(email="one@store.example").update(language="de", email=email)
    case = draft(quinn, nodes["BAR@PLANT1"], deadline=NOON)
    response = door(quinn).get(case.get_absolute_url())
    assert response["Location"] == page("recall-message", case)
    text = {"subject": "Rückruf", "order": "Halt.", "wrong": "Erdnuss.", "todo": "Sperren."}
    keys = {"audience": "store", "language": "de", "revision": 0}
    save_message(recall=case, by=quinn, at=NOON, **keys, **text)
    response = door(quinn).get(case.get_absolute_url())
    assert response["Location"] == page("recall-check", case)
    text["wrong"] = "Vorsorglich."
    save_message(recall=case, by=quinn, at=NOON, **keys | {"audience": "consumer"}, **text)
    response = door(quinn).get(case.get_absolute_url())
    assert response["Location"] == page("recall-message", case), "softening words keep it back"


def test_a_submitted_recall_opens_where_it_is_decided(nodes, quinn, paula, door):
    case = submitted(quinn, nodes["BAR@PLANT1"])
    response = door(paula).get(case.get_absolute_url())
    assert response["Location"] == page("recall-check", case)
    scope = html_of(door(quinn).get(page("recall-newest-scope", case)))
    assert "Add batches" not in scope and "Leave out" not in scope
    start = html_of(door(quinn).get(page("recall-start", case)))
    assert "<textarea" not in start and "May contain peanut." in start


def test_after_approval_the_steps_lead_to_the_room_and_the_scope_to_its_newest_version(
    nodes, quinn, paula, door
):
    case = active(quinn, paula, nodes["BAR@PLANT1"])
    assert door(quinn).get(page("recall-message", case)).status_code == 200
    for name in set(STEPS) - {"recall-message"}:
        response = door(quinn).get(page(name, case))
        is_scope = name == "recall-newest-scope"
        wanted = page("recall-scope", case, number=1) if is_scope else case.get_absolute_url()
        assert (response.status_code, response["Location"]) == (302, wanted)
    assert door(quinn).post(page("recall-start", case), opening(title="X")).status_code == 302
    case.refresh_from_db()
    assert case.title == "Undeclared peanut"


def test_the_start_is_saved_and_leads_on_or_away(nodes, quinn, door):
    case = draft(quinn)
    form = opening(title="Peanut in bars", hazard="Can kill.", discovery="A complaint.")
    response = door(quinn).post(page("recall-start", case), form)
    assert response["Location"] == page("recall-newest-scope", case)
    response = door(quinn).post(page("recall-start", case), form | {"then": "leave"})
    assert response["Location"] == reverse("recall-list")
    case.refresh_from_db()
    said = (case.title, case.hazard, case.discovery)
    assert said == ("Peanut in bars", "Can kill.", "A complaint.")


def test_a_start_that_is_refused_keeps_what_was_typed(nodes, quinn, door):
    case = draft(quinn)
    response = door(quinn).post(page("recall-start", case), opening(title="", hazard="Typed."))
    assert response.status_code == 422
    assert "Typed.</textarea>" in html_of(response) and "There is a problem" in html_of(response)


def test_the_old_address_of_the_text_leads_to_the_first_step(nodes, quinn, door):
    case = draft(quinn)
    assert door(quinn).get(page("recall-edit", case))["Location"] == page("recall-start", case)
    door(quinn).post(page("recall-edit", case), opening(title="By the old form"))
    case.refresh_from_db()
    assert case.title == "By the old form"


def test_the_check_names_what_is_missing_and_where_to_say_it(nodes, quinn, door):
    case = draft(quinn, hazard="")
    response = door(quinn).get(page("recall-check", case))
    text = text_of(response)
    assert "Say what is wrong and what it can do to people. Go there" in text
    assert "Say what is recalled: add a rule. Go there" in text
    refused = door(quinn).post(page("recall-submit", case))
    assert refused.status_code == 422 and "Check what you said" in text_of(refused)


def test_a_scope_that_cannot_be_worked_out_blocks_the_next_step_and_says_why(nodes, quinn, door):
    case = draft(quinn, nodes["BAR@PLANT1"])
    parameters = {"product": nodes["BAR@DC"].batch.product_id, "from": "spring"}
    ScopeRule.objects.create(
        recall=case, kind="production", parameters=parameters, created_by=quinn, created_at=NOON
    )
    nodes["BAR@DC"].batch.__class__.objects.update(produced_at=NOON)
    for name in STEPS[1:3]:
        response = door(quinn).get(page(name, case))
        assert response.status_code == 200
        assert "data-next" not in html_of(response)
        assert "What the rules reach could not be worked out." in text_of(response)
        assert "try again" in text_of(response)
    check = html_of(door(quinn).get(page("recall-check", case)))
    assert "It cannot be submitted before that is mended." in check
    assert "Submit for approval" not in check


def test_what_was_refused_on_a_step_comes_back_to_that_step(nodes, quinn, door):
    case = submitted(quinn, nodes["BAR@PLANT1"])
    response = door(quinn).post(page("recall-add-batches", case), {"numbers": "BAR"})
    assert response.status_code == 422
    assert "Rules" in text_of(response) and "it cannot be widened" in text_of(response)
    response = door(quinn).post(page("recall-withdraw-rule", case, pk=case.rules.get().pk))
    assert "it cannot be narrowed" in text_of(response)
    assert states(response)[1] == ("now", "you are here")


def test_a_recall_sent_back_is_resumed(nodes, quinn, paula, door):
    case = submitted(quinn, nodes["BAR@PLANT1"])
    recalls.reject_recall(recall=case, reason="No deadline.", by=paula, at=NOON)
    response = door(quinn).get(case.get_absolute_url())
    assert response["Location"] == page("recall-check", case)
    assert "No deadline." in text_of(door(quinn).get(response["Location"]))
