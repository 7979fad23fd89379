"""The pages on which recalls are activated alone, countersigned, sent back and narrowed."""

import re

import pytest
from django.urls import reverse

from batches.tests import factory as batches
from recalls.models import Narrowing
from recalls.operations import recalls, scope
from recalls.scope import preview
from recalls.tests import factory
from recalls.tests.factory import NOON
from recalls.tests.test_narrowing import narrow, propose, two_rules
from recalls.tests.test_pages_recall import page, text_of
from recalls.views import narrowing

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    return factory.granola()


@pytest.fixture
def active(quinn, paula, nodes):
    return factory.active(quinn, paula, nodes["ALM@SIERRA"])


@pytest.fixture
def door(client):
    def enter(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


def check_step(case) -> str:
    return reverse("recall-check", args=[case.reference])


def alone(**fields) -> dict:
    return {"reason": "Night.", "meaning": "Alone.", "password": "quinn", **fields}


def test_the_approver_sees_what_is_approved_and_signs_for_that(quinn, paula, nodes, door):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"])
    shown = preview(case).fingerprint
    html = door(paula).get(check_step(case)).content.decode()
    assert f'name="seen" value="{shown}"' in html and shown[:16] in html
    factory.contact("STORE1", "second@store.example")
    form = {"seen": shown, "meaning": "Yes.", "password": "paula"}
    response = door(paula).post(page("recall-approve", case), form)
    assert response.status_code == 422
    assert "The scope has changed since you looked at it" in text_of(response)
    now = preview(case).fingerprint
    assert f'name="seen" value="{now}"' in response.content.decode(), "the next try is of this look"
    response = door(paula).post(page("recall-approve", case), form | {"seen": now}, follow=True)
    assert "Scope version 1 is frozen. 3 places are being told." in text_of(response)


def test_what_changed_since_it_was_looked_at_is_counted_and_leads_to_it(quinn, paula, nodes, door):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"])
    shown = door(paula).get(check_step(case)).context
    form = {"meaning": "Yes.", "password": "paula", "seen": shown["seen"].fingerprint}
    form |= {"look": shown["look"], "looked_at": shown["now"].isoformat()}
    batches.location("STORE3", kind="store")
    factory.move(nodes, "BAR@DC", "BAR@STORE3")
    response = door(paula).post(page("recall-approve", case), form)
    assert re.search(r"Data changed since \d\d:\d\d : \+1 place, \+1 recipient", text_of(response))
    assert f'href="{page("recall-newest-scope", case)}">Review' in response.content.decode()
    broken = door(paula).post(
        page("recall-approve", case), form | {"look": "", "looked_at": "soon"}
    )
    assert "Data changed since you looked Nothing was signed" in text_of(broken)
    wrong = form | {"seen": preview(case).fingerprint, "password": "no"}
    assert "Data changed" not in text_of(door(paula).post(page("recall-approve", case), wrong))


def test_the_author_reads_why_it_was_sent_back(quinn, paula, nodes, door):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"])
    door(paula).post(page("recall-reject", case), {"reason": "Wrong batch number."})
    text = text_of(door(quinn).get(check_step(case)))
    assert "Sent back Wrong batch number." in text
    recalls.submit_recall(recall=case, by=quinn, at=NOON)
    assert (
        "Wrong batch number." not in text_of(door(paula).get(check_step(case))).split("Timeline")[0]
    )


def test_one_person_activates_alone_on_a_form_of_its_own(quinn, paula, vera, nodes, door):
    case = factory.draft(quinn, nodes["ALM@SIERRA"])
    text = text_of(door(quinn).get(check_step(case)))
    assert "Only when it cannot wait for a second person." in text
    assert "3 places are told, our own stock is held" in text
    assert "Activate it alone" not in text_of(door(vera).get(check_step(case)))
    refused = door(quinn).post(page("recall-break-glass", case), alone(reason=""))
    assert refused.status_code == 422 and "Say why this cannot wait" in text_of(refused)
    response = door(quinn).post(page("recall-break-glass", case), alone(), follow=True)
    text = text_of(response)
    assert "Activated by you alone. Another person must countersign it by" in text
    assert "Activated by one person alone: another must countersign by" in text
    assert "You activated it. Another person with the role Approver must look at it." in text
    for url in (reverse("recall-list"), reverse("overview")):
        assert "not countersigned" in text_of(door(vera).get(url)), url


def test_what_somebody_else_submitted_offers_approving_only(quinn, paula, nodes, door):
    case = factory.submitted(quinn, nodes["ALM@SIERRA"])
    assert "Activate it alone" not in text_of(door(paula).get(check_step(case)))
    assert "Activate it alone" in text_of(door(quinn).get(check_step(case)))


def test_the_banner_is_signed_or_objected_to_by_another_person(quinn, paula, nodes, door):
    case = factory.draft(quinn, nodes["ALM@SIERRA"])
    door(quinn).post(page("recall-break-glass", case), alone())
    wrong = {"reason": "Wrong batch.", "password": "guess"}
    response = door(paula).post(page("recall-object", case), wrong)
    assert response.status_code == 422 and "not your password" in text_of(response)
    door(paula).post(page("recall-object", case), wrong | {"password": "paula"})
    text = text_of(door(paula).get(case.get_absolute_url()))
    assert "Objection of" in text and "Wrong batch." in text and "The recall goes on" in text
    form = {"meaning": "I agree now.", "password": "paula"}
    text = text_of(door(paula).post(page("recall-countersign", case), form, follow=True))
    assert "Activated alone, countersigned by" in text
    assert "not countersigned" not in text_of(door(paula).get(reverse("recall-list")))


def test_goods_are_taken_out_by_two_people_on_two_pages(quinn, paula, active, nodes, door):
    text = text_of(door(quinn).get(page("recall-narrow", active)))
    assert "Whole batches" in text and "Store 1" in text
    form = {"line": [nodes["BAR@STORE1"].pk], "reason": "Made before."}
    response = door(quinn).post(page("recall-narrow", active), form, follow=True)
    text = text_of(response)
    assert "Proposed. A second person must check and approve it." in text
    assert "1 holding as of now, 5 stay" in text and "You proposed this." in text
    number = {"number": 1}
    own = door(quinn).post(
        page("recall-approve-narrowing", active, **number), {"meaning": "x", "password": "quinn"}
    )
    assert own.status_code == 403
    text = text_of(door(paula).get(active.get_absolute_url()))
    assert "A narrowing waits for a second person" in text
    bad = {"meaning": "Checked.", "password": "guess"}
    refused = door(paula).post(page("recall-approve-narrowing", active, **number), bad)
    assert refused.status_code == 422 and "not your password" in text_of(refused)
    good = bad | {"password": "paula"}
    url = page("recall-approve-narrowing", active, **number)
    text = text_of(door(paula).post(url, good, follow=True))
    assert "Narrowed. Who had been told is told that these goods are out." in text
    assert "Holdings: 1 taken out." in text and "made version 2" in text
    text = text_of(door(paula).get(page("recall-narrowing", active, **number)))
    assert "What it took out" in text and "Take it back in" in text


def test_nobody_approves_an_own_proposal_by_the_page_either(paula, active, nodes, door):
    propose(active, paula, nodes["BAR@STORE1"])
    url = page("recall-approve-narrowing", active, number=1)
    response = door(paula).post(url, {"meaning": "x", "password": "paula"})
    assert response.status_code == 422 and "You proposed this" in text_of(response)
    assert Narrowing.objects.get().state == "open"


@pytest.mark.slow
def test_a_whole_batch_or_a_rule_is_chosen_and_a_bad_form_keeps_what_was_typed(
    quinn, paula, nodes, door
):
    case, rule, oats = two_rules(quinn, paula, nodes)
    empty = door(quinn).post(page("recall-narrow", case), {"reason": "Because."})
    assert empty.status_code == 422
    assert "Choose what is not affected" in text_of(empty)
    assert "Because.</textarea>" in empty.content.decode()
    oat = oats["OAT@PLANT1"].batch_id
    kept = door(quinn).post(page("recall-narrow", case), {"batch": [oat], "rule": [rule.pk]})
    html = kept.content.decode()
    assert f'value="{oat}" id="batch{oat}" checked' in html
    assert f'value="{rule.pk}" id="rule{rule.pk}" checked' in html
    door(quinn).post(page("recall-narrow", case), {"batch": [oat], "reason": "Other oats."})
    assert Narrowing.objects.get().holdings.count() == 2
    text = text_of(door(paula).get(page("recall-narrowing", case, number=1)))
    assert "2 holdings as of now" in text and "Oat" not in text.split("What it takes out")[0]
    door(paula).post(page("recall-reject-narrowing", case, number=1), {"reason": "Same silo."})
    door(quinn).post(page("recall-narrow", case), {"rule": [rule.pk], "reason": "Other oats."})
    assert "2 holdings as of now" in text_of(
        door(paula).get(page("recall-narrowing", case, number=2))
    )


def test_lists_longer_than_a_page_are_turned_and_what_was_ticked_stays(
    quinn, paula, active, nodes, door, monkeypatch
):
    monkeypatch.setattr(narrowing, "SHOWN", 3)
    url, lines = page("recall-narrow", active), active.versions.get().lines
    assert lines.count() == 6
    first = door(quinn).get(url)
    assert "1 to 3 of 6 places" in text_of(first)
    ticked = str(nodes["BAR@STORE1"].pk)
    typed = {"line": ticked, "reason": "Made before.", "page": "1"}
    turned = door(quinn).post(url, typed | {"turn": "page:2"})
    hidden = f'<input type="hidden" name="line" value="{ticked}">'
    box = f'value="{ticked}" id="line{ticked}"'
    pages = [turned, door(quinn).post(url, typed | {"page": "2", "turn": "page:1"})]
    assert "4 to 6 of 6 places" in text_of(turned) and turned.status_code == 200
    assert sorted(box in one.content.decode() for one in pages) == [False, True]
    assert sorted(hidden in one.content.decode() for one in pages) == [False, True]
    assert all("Made before.</textarea>" in one.content.decode() for one in pages)
    found = door(quinn).post(url, typed | {"page": "2", "q": "store 2", "turn": "find"})
    assert "Store 2" in text_of(found) and hidden in found.content.decode()
    every = [str(pk) for pk in lines.values_list("holding_id", flat=True)][:4]
    door(quinn).post(url, {"line": every, "reason": "Made before."})
    asked = page("recall-narrowing", active, number=1)
    assert "1 to 3 of 4" in text_of(door(paula).get(asked))
    assert "4 to 4 of 4" in text_of(door(paula).get(asked + "?page=2"))


@pytest.mark.slow
def test_a_place_is_taken_back_in_with_one_click_and_a_reason(quinn, paula, active, nodes, door):
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    url = page("recall-readmit", active, pk=active.exclusions.get().pk)
    assert "Say why; it is kept" in text_of(door(quinn).post(url, {"reason": ""}))
    text = text_of(door(quinn).post(url, {"reason": "Mixed up."}, follow=True))
    assert "is in the scope again" in text and "version 3 is not told yet" in text


def test_only_an_active_recall_is_narrowed(quinn, nodes, door):
    case = factory.draft(quinn, nodes["ALM@SIERRA"])
    response = door(quinn).get(page("recall-narrow", case), follow=True)
    assert "Only an active recall can be narrowed." in text_of(response)


def test_the_recipients_page_marks_what_is_new_and_what_is_out(quinn, paula, active, nodes, client):
    from recalls.links import token_for

    one = active.recipients.get(name="Uno")
    url = reverse("answer-notice", args=[token_for(one)])
    assert ">New<" not in client.get(url).content.decode()
    factory.move(nodes, "BAR@DC", "BAR@STORE1", quantity=5)
    version = scope.check_drift(recall=active, at=NOON)
    scope.release_version(version=version, by=quinn, at=NOON)
    assert ">Changed<" in client.get(url).content.decode()
    narrow(active, quinn, paula, nodes["BAR@STORE1"])
    text = text_of(client.get(url))
    assert "No longer part of it" in text and "BAR" in text
    assert "You need not keep them aside" in text and "Count and answer" not in text
    assert "Stop selling" not in text
