"""Help: its tasks lead to pages that exist, its keys are keys, and the card needs no login."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize("role", ["vera", "otto", "paula"])
@pytest.mark.slow
def test_every_link_of_the_help_opens(client, request, role, db):
    client.force_login(request.getfixturevalue(role), backend=BACKEND)
    page = client.get("/help/").content.decode()
    main = page[page.index("<main") :]
    for title in ("Trace a batch", "Open a recall", "Answer an inspector", "Import your data"):
        assert title in main
    links = set(re.findall(r'href="(/[^"#]*)"', main))
    assert {client.get(url).status_code for url in links} == {200}
    assert ("/imports/" in links) == (role != "vera")


def test_each_key_of_the_help_is_a_key_of_some_page(client, vera):
    client.force_login(vera, backend=BACKEND)
    page = client.get("/help/").content.decode()
    keys = re.search(r'class="help-keys".*?</dl>', page, re.DOTALL)[0]
    told = {key.lower() for key in re.findall(r"<kbd>(.)</kbd>", keys)} - {"/", "?"}
    folder = Path(settings.BASE_DIR, "templates")
    real = "".join(file.read_text() for file in folder.rglob("*.html"))
    bound = set(re.findall(r'data-key="([^"{])"', real))
    bound |= set("".join(re.findall(r'data-key="\{%.*?%\}"', real)))
    assert told <= bound


def test_the_crisis_card_needs_no_login_and_names_the_desk(client, db, settings):
    settings.SITE_PHONE = "+49 40 1234"
    response = client.get("/help/crisis/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Hold it now." in page and "+49 40 1234" in page
    assert "/help/crisis/" in client.get("/login/").content.decode()
    assert 'href="/' not in page.replace('href="/static/', "")
