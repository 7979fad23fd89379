"""Tokens of the API: making one, taking it back, and telling whether one that is shown is good."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from batches.models import ApiToken
from batches.operations.changes import locked, need_reason
from batches.operations.events import record

# So that a search for leaked secrets finds it, in code as in mail.
MARK = "lotline"
LONGEST = timedelta(days=366)
# The time of the last use is for people who clean up; a write for each question is not.
_NOTED_EVERY = timedelta(minutes=1)


def digest_of(text: str) -> str:
    """What is kept of a token. No salt and no slow hash: 256 random bits are not guessed."""
    return sha256(text.encode()).hexdigest()


@transaction.atomic
def make_token(*, name, user, scope, expires_at, by, at) -> tuple[ApiToken, str]:
    """Makes a token that acts as `user`, and returns it with its text, which is kept nowhere.

    Refuses an empty name, a disabled user, an end that is not within the next year, a scope
    that there is not, and another person's name unless `by` is an administrator: a token
    must not lend permissions that the one who makes it does not have.
    """
    if not name.strip():
        raise ValidationError({"name": "Say which program uses the token, and where."})
    if user != by and not by.is_superuser:
        raise ValidationError({"user": "Only an administrator makes tokens for somebody else."})
    if not user.is_active:
        raise ValidationError({"user": f"{user.get_username()} is disabled. Choose another user."})
    if not at < expires_at <= at + LONGEST:
        raise ValidationError({"expires_at": "A token ends within a year from now."})
    if scope not in ApiToken.Scope.values:
        raise ValidationError({"scope": f"Choose {' or '.join(ApiToken.Scope.values)}."})
    prefix = secrets.token_hex(4)
    text = f"{MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        prefix=prefix,
        digest=digest_of(text),
        name=name.strip(),
        user=user,
        scope=scope,
        made_by=by,
        made_at=at,
        expires_at=expires_at,
    )
    after = {"user": user, "scope": scope, "expires_at": expires_at}
    record(verb="API token made", obj=token, by=by, at=at, after=after)
    return token, text


@transaction.atomic
def revoke_token(*, token, reason, by, at) -> ApiToken:
    """Takes a token back for good: whoever shows it is refused from now on.

    Refuses an empty reason, one that is revoked already, and another person's token unless
    `by` is an administrator.
    """
    token = locked(token)
    if by.pk not in (token.user_id, token.made_by_id) and not by.is_superuser:
        raise ValidationError("This is another person's token. An administrator can revoke it.")
    if token.revoked_at:
        raise ValidationError("This token is revoked already.")
    reason = need_reason(reason, "the token is taken back")
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    record(verb="API token revoked", obj=token, by=by, at=at, reason=reason)
    return token


def token_shown(text: str, *, at: datetime) -> ApiToken | None:
    """The token that `text` is, if it is good at that moment. Reads only."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or len(prefix) != 8 or not secret or not text.isascii() or "\0" in text:
        return None
    token = ApiToken.objects.select_related("user").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(token.digest, digest_of(text)):
        return None
    return token if token.is_valid(at) else None


def note_use(*, token, at) -> None:
    """Notes that the token was used, at most once a minute. No event is logged: it is no act,
    and the log's lock would make programs wait for one another."""
    last = token.last_used_at
    if last and at - last < _NOTED_EVERY:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=at - _NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=at)
