"""Tokens of the API: made once, kept as hashes, and refused as soon as they are not good."""

import secrets
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from batches.models import ApiToken, Event
from batches.operations.tokens import (
    digest_of,
    make_token,
    note_use,
    revoke_token,
    token_shown,
)
from batches.tests.factory import NOON

DAY = timedelta(days=1)


def make(by, **fields):
    wanted = {"name": "ERP", "user": by, "scope": "read", "expires_at": NOON + DAY}
    return make_token(**(wanted | fields), by=by, at=NOON)


def dumped() -> str:
    """Every value of every table, as a stolen copy of the database has them."""
    with connection.cursor() as cursor:
        texts = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [str(row) for row in cursor.fetchall()]
    return "\n".join(texts)


def test_a_token_is_found_by_its_text_and_logged_without_it(quinn):
    token, text = make(quinn)
    assert token_shown(text, at=NOON) == token
    assert text.startswith(f"lotline_{token.prefix}_") and len(text) == 60
    event = Event.objects.get(verb="API token made")
    assert event.after["user"] == quinn.pk and text not in str(vars(event))


def test_no_table_has_the_text_of_a_token(quinn):
    token, text = make(quinn)
    stolen = dumped()
    assert token.digest in stolen, "The control: the dump has what is kept."
    assert text not in stolen and text.rpartition("_")[2] not in stolen


def test_the_digest_of_a_stolen_database_is_no_token(quinn):
    token, text = make(quinn)
    for shown in (token.digest, token.prefix, f"lotline_{token.prefix}_{token.digest}"):
        assert token_shown(shown, at=NOON) is None
    assert digest_of(text) == token.digest


def test_what_is_nearly_a_token_is_none(quinn):
    _, text = make(quinn)
    mark, prefix, secret = text.split("_", 2)
    swapped = text.swapcase(), text.upper(), text.title(), f"{mark}_{prefix}_{secret.swapcase()}"
    cut = text[:-1], text[1:], f"{text}x", f" {text}", f"{text}\0", f"{mark}_{prefix}_", "", "ü"
    for shown in (*swapped, *cut, f"{mark}-{prefix}-{secret}", f"other_{prefix}_{secret}"):
        assert token_shown(shown, at=NOON) is None, shown


@pytest.mark.slow
@pytest.mark.alike
def test_of_ten_thousand_random_ones_none_is_accepted(quinn):
    token, _ = make(quinn)
    guesses = (f"lotline_{token.prefix}_{secrets.token_urlsafe(32)}" for _ in range(10_000))
    assert not any(token_shown(guess, at=NOON) for guess in guesses)


def test_a_revoked_token_is_none(quinn):
    token, text = make(quinn)
    revoke_token(token=token, reason="The program is gone.", by=quinn, at=NOON)
    assert token_shown(text, at=NOON) is None
    assert Event.objects.get(verb="API token revoked").reason == "The program is gone."


def test_a_token_ends_when_it_was_to_end(quinn):
    token, text = make(quinn)
    assert token_shown(text, at=NOON + DAY - timedelta(seconds=1)) == token
    assert token_shown(text, at=NOON + DAY) is None


def test_the_token_of_a_disabled_user_is_none(quinn):
    _, text = make(quinn)
    quinn.is_active = False
    quinn.save(update_fields=["is_active"])
    assert token_shown(text, at=NOON) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "  "}, "Say which program uses the token"),
        ({"expires_at": NOON}, "within a year"),
        ({"expires_at": NOON + 400 * DAY}, "within a year"),
        ({"scope": "write"}, "Choose codes or read"),
    ],
)
def test_a_token_without_a_purpose_an_end_or_a_scope_is_refused(quinn, wrong, said):
    with pytest.raises(ValidationError, match=said):
        make(quinn, **wrong)
    assert not ApiToken.objects.exists()


def test_the_database_refuses_a_scope_that_there_is_not(quinn):
    token, _ = make(quinn)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(scope="write")


def test_only_an_administrator_lends_the_permissions_of_somebody_else(quinn, paula, admin_user):
    with pytest.raises(ValidationError, match="Only an administrator"):
        make(quinn, user=paula)
    token, _ = make(admin_user, user=paula)
    assert (token.user, token.made_by) == (paula, admin_user)
    paula.is_active = False
    with pytest.raises(ValidationError, match="is disabled"):
        make(admin_user, user=paula)


def test_only_its_people_and_an_administrator_take_a_token_back(quinn, paula, admin_user):
    token, _ = make(quinn)
    with pytest.raises(ValidationError, match="another person's"):
        revoke_token(token=token, reason="Mine now.", by=paula, at=NOON)
    with pytest.raises(ValidationError, match="Say why"):
        revoke_token(token=token, reason=" ", by=quinn, at=NOON)
    revoke_token(token=token, reason="Left.", by=admin_user, at=NOON)
    with pytest.raises(ValidationError, match="revoked already"):
        revoke_token(token=token, reason="Again.", by=quinn, at=NOON)


def test_the_last_use_is_written_at_most_once_a_minute(quinn):
    token, _ = make(quinn)
    for after, written in [(0, 1), (59, 0), (60, 1), (100, 0)]:
        token.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            note_use(token=token, at=NOON + timedelta(seconds=after))
        assert len(queries) == written, after
    token.refresh_from_db()
    assert token.last_used_at == NOON + timedelta(seconds=60)


def test_the_page_shows_a_new_token_once(as_quinn, quinn):
    answer = as_quinn.post("/me/tokens/", {"name": "ERP", "scope": "read", "days": "90"})
    token = ApiToken.objects.get()
    text = answer.content.decode().partition(f'value="lotline_{token.prefix}_')[2][:43]
    shown = token_shown(f"lotline_{token.prefix}_{text}", at=token.made_at)
    assert shown == token and shown.user == quinn
    assert "no-store" in answer["Cache-Control"]
    listed = as_quinn.get("/me/tokens/").content.decode()
    assert token.prefix in listed and text not in listed


def test_the_page_keeps_what_was_typed_when_it_refuses(as_quinn):
    answer = as_quinn.post("/me/tokens/", {"name": "", "scope": "codes", "days": "30"})
    assert answer.status_code == 422 and not ApiToken.objects.exists()
    page = answer.content.decode()
    assert "Say which program uses the token" in page
    assert '<option value="codes" selected>' in page


def test_nobody_sees_or_revokes_the_token_of_somebody_else(as_quinn, paula, admin_client):
    token, _ = make(paula, name="Her own ERP")
    assert "Her own ERP" not in as_quinn.get("/me/tokens/").content.decode()
    assert as_quinn.post(f"/me/tokens/{token.prefix}/revoke/", {"reason": "x"}).status_code == 404
    assert "Her own ERP" in admin_client.get("/me/tokens/").content.decode()


def test_a_person_may_not_choose_whom_the_token_acts_as(as_quinn, quinn, paula):
    sent = {"name": "ERP", "scope": "read", "days": "30", "user": paula.pk}
    as_quinn.post("/me/tokens/", sent)
    assert ApiToken.objects.get().user == quinn


def test_a_token_is_revoked_on_its_page_with_a_reason(as_quinn, quinn):
    token, _ = make(quinn)
    address = f"/me/tokens/{token.prefix}/revoke/"
    assert as_quinn.post(address, {"reason": ""}).status_code == 422
    assert as_quinn.post(address, {"reason": "Leaked."}).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at
    assert "Revoked" in as_quinn.get("/me/tokens/").content.decode()


def test_the_page_asks_as_often_for_many_tokens_as_for_one(as_quinn, quinn):
    counts = []
    for more in (1, 24):
        for _ in range(more):
            make(quinn)
        as_quinn.get("/me/tokens/")
        with CaptureQueriesContext(connection) as queries:
            as_quinn.get("/me/tokens/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
