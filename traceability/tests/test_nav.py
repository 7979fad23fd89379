"""The navigation offers each person exactly the pages that let that person in."""

import re

import pytest

ROLES = ["vera", "otto", "quinn", "paula", "ada"]
ENTER = {"otto", "quinn", "paula"}


def links(client) -> list[str]:
    page = client.get("/search/").content.decode()
    nav = re.search(r'<nav class="side".*?</nav>', page, re.DOTALL)[0]
    return re.findall(r'href="([^"]+)"', nav)


@pytest.fixture(params=ROLES)
def person(request, client, settings, db):
    settings.DEMO = True
    found = request.getfixturevalue(request.param)
    client.force_login(found, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.mark.slow
@pytest.mark.alike
def test_every_link_of_the_navigation_opens(person, client):
    answers = {url: client.get(url).status_code for url in links(client)}
    assert set(answers.values()) == {200}, answers


def test_imports_and_the_outbox_are_offered_to_whom_they_open(person, client):
    shown = set(links(client))
    assert ("/imports/" in shown) == (person.username in ENTER)
    assert ("/outbox/" in shown) == (person.username != "vera")
    assert {"/", "/batches/", "/trace/", "/recalls/", "/holds/"} <= shown
