"""The palette: records and acts by name, and each role is offered only what lets it in."""

import re

import pytest

from batches.tests import factory
from traceability.palette import ACTS, PAGES

BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLES = ["vera", "otto", "quinn", "paula", "ada"]


@pytest.fixture
def person(request, client, db):
    found = request.getfixturevalue(request.param)
    client.force_login(found, backend=BACKEND)
    return found


def offered(client, text="") -> dict[str, str]:
    """By address, what each line says."""
    page = client.get("/search/palette/", {"q": text}).content.decode()
    lines = re.findall(r'<a role="option".*?href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    return {
        url.replace("&amp;", "&"): " ".join(re.sub("<.*?>", " ", said).split())
        for url, said in lines
    }


@pytest.mark.parametrize("person", ROLES, indirect=True)
@pytest.mark.slow
@pytest.mark.alike
def test_everything_that_is_offered_lets_the_person_in(client, person):
    found = offered(client)
    assert {url: client.get(url).status_code for url in found} == dict.fromkeys(found, 200)
    may_start = person.username in {"quinn", "paula"}
    assert ("Start a recall" in found.values()) == may_start
    assert ("Import a file" in found.values()) == (person.username in {"otto", "quinn", "paula"})


@pytest.mark.parametrize("person", ["vera"], indirect=True)
def test_a_record_is_found_by_the_one_resolver_and_says_why(client, person):
    made = factory.batch("L26311A")
    found = offered(client, "l26311")
    assert "Batch number begins with it" in found[made.get_absolute_url()]
    assert found["/search/?q=l26311"] == "Search for “l26311”"


@pytest.mark.parametrize("person", ["vera"], indirect=True)
def test_an_act_is_found_by_what_people_call_it(client, person):
    assert "/me/" in offered(client, "dark") and "/batches/" not in offered(client, "dark")


@pytest.mark.parametrize("person", ["vera"], indirect=True)
def test_one_letter_asks_for_no_record_and_markup_stays_text(client, person):
    factory.batch("X")
    assert not any(url.startswith("/batches/GRANOLA") for url in offered(client, "x"))
    page = client.get("/search/palette/", {"q": "<img src=x>"}).content.decode()
    assert "<img" not in page and "&lt;img" in page


def test_no_two_lines_have_the_same_name():
    titles = [action.title for action in ACTS + PAGES]
    assert len(titles) == len(set(titles))
