"""What people set for their own screen, and the views of lists that they keep and share."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from batches.models import Event, Preferences, SavedView
from batches.operations import preferences
from batches.operations.preferences import (
    choose_columns,
    delete_view,
    preferences_of,
    save_view,
    set_preferences,
)
from batches.templatetags import lotline, wording
from batches.tests.factory import NOON

BACKEND = "django.contrib.auth.backends.ModelBackend"
CHOSEN = {"theme": "dark", "density": "", "zone": "Asia/Tokyo", "page_size": "25"}


def test_what_is_chosen_is_kept_with_one_event_and_the_rest_stays(quinn):
    set_preferences(theme="dark", by=quinn, at=NOON)
    set_preferences(keys=False, by=quinn, at=NOON)
    kept = preferences_of(quinn)
    assert (kept.theme, kept.keys, kept.page_size) == ("dark", False, 50)
    first, second = Event.objects.filter(verb="preferences changed").order_by("seq")
    assert (first.before, first.after) == ({"theme": ""}, {"theme": "dark"})
    assert (second.before, second.after) == ({"keys": True}, {"keys": False})


def test_what_changes_nothing_leaves_no_trace(quinn):
    set_preferences(theme="", keys=True, by=quinn, at=NOON)
    assert not Preferences.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"zone": "Mars/Olympus"}, "There is no time zone Mars/Olympus."),
        ({"theme": "pink"}, "not a valid choice"),
        ({"page_size": 7}, "not a valid choice"),
    ],
)
def test_what_is_not_on_offer_is_refused_and_nothing_is_kept(quinn, wanted, said):
    with pytest.raises(ValidationError, match=said), transaction.atomic():
        set_preferences(**wanted, by=quinn, at=NOON)
    assert not Preferences.objects.exists()


def test_the_database_refuses_a_theme_that_there_is_not(quinn):
    with pytest.raises(IntegrityError), transaction.atomic():
        Preferences.objects.create(user=quinn, theme="pink")


def test_columns_are_kept_by_list_and_none_is_all_of_them(quinn):
    choose_columns(page="batch-list", columns=["number", "status"], by=quinn, at=NOON)
    choose_columns(page="run-list", columns=["kind"], by=quinn, at=NOON)
    choose_columns(page="run-list", columns=[], by=quinn, at=NOON)
    assert preferences_of(quinn).columns == {"batch-list": ["number", "status"]}


def save(by, **fields):
    wanted = {"page": "batch-list", "name": "Held", "query": "status=held", "is_shared": False}
    return save_view(**(wanted | fields), by=by, at=NOON)


def test_a_view_of_the_same_name_takes_the_new_state(quinn):
    first = save(quinn)
    again = save(quinn, name="  Held ", query="status=recalled", is_shared=True)
    assert again.pk == first.pk and SavedView.objects.get().query == "status=recalled"
    last = Event.objects.filter(verb="view saved").first()
    assert last.before == {"query": "status=held", "is_shared": False}


def test_a_view_without_a_name_and_one_too_many_are_refused(quinn, monkeypatch):
    monkeypatch.setattr(preferences, "MOST_VIEWS", 1)
    with pytest.raises(ValidationError, match="Give the view a name"):
        save(quinn, name="  ")
    save(quinn)
    with pytest.raises(ValidationError, match="You keep 1 views"):
        save(quinn, name="Other")


def test_others_see_a_view_only_when_it_is_shared_and_cannot_delete_it(quinn, vera):
    save(quinn, name="Mine")
    shared = save(quinn, name="Ours", is_shared=True)
    assert [view.name for view in SavedView.objects.seen_by(vera)] == ["Ours"]
    with pytest.raises(ValidationError, match="another person's"):
        delete_view(view=shared, by=vera, at=NOON)
    delete_view(view=shared, by=quinn, at=NOON)
    assert Event.objects.filter(verb="view deleted").get().before["name"] == "Ours"


def test_the_page_keeps_what_is_chosen_and_every_page_looks_like_it(client, vera):
    client.force_login(vera, backend=BACKEND)
    page = client.get("/help/").content.decode()
    assert 'data-theme="" data-density=""' in page and "data-keys" not in page
    assert client.post("/me/", CHOSEN).status_code == 302
    page = client.get("/help/").content.decode()
    assert 'data-theme="dark" data-density="" data-keys="off"' in page
    assert preferences_of(vera).page_size == 25


def test_a_refusal_says_what_is_wrong_with_which_choice(client, vera):
    client.force_login(vera, backend=BACKEND)
    answer = client.post("/me/", CHOSEN | {"zone": "Mars/Olympus"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: Preferences" in page and "There is a problem" in page


def test_the_theme_of_the_menu_changes_nothing_else(client, vera):
    client.force_login(vera, backend=BACKEND)
    client.post("/me/", CHOSEN)
    assert client.post("/me/theme/", {"theme": "light"}, HTTP_HX_REQUEST="true").status_code == 204
    assert client.post("/me/theme/", {"theme": "pink"}).status_code == 404
    kept = preferences_of(vera)
    assert (kept.theme, kept.zone) == ("light", "Asia/Tokyo")


def test_times_on_the_screen_are_in_the_persons_zone_and_those_on_paper_in_the_sites(settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    at = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    with wording.showing(lambda: "Asia/Tokyo"):
        assert ">23 Nov, 05:30<" in lotline.moment(at)
        assert ">22 Nov<" in lotline.moment(at, True), "A day without its hour does not move."
        assert wording.moment(at, at) == "22 Nov, 21:30"
        with wording.showing(lambda: ""):
            assert ">22 Nov, 21:30<" in lotline.moment(at)
    assert ">22 Nov, 21:30<" in lotline.moment(at)


def test_the_zone_is_known_from_the_login_on(client, vera):
    set_preferences(zone="Asia/Tokyo", by=vera, at=NOON)
    client.post("/login/", {"username": "vera", "password": "vera"})
    assert "Times are shown in Asia/Tokyo" in client.get("/help/").content.decode()
    client.post("/me/", CHOSEN | {"zone": ""})
    assert "Times are shown in UTC" in client.get("/help/").content.decode()
