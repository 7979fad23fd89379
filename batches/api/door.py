"""Who may ask the API: a token, how often, its scope, and the permissions of its user."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from ninja.security import HttpBearer

from batches.api.problems import Refused, invalid
from batches.lists.access import check
from batches.models import ApiToken
from batches.operations import limits
from batches.operations.tokens import note_use, token_shown

Scope = ApiToken.Scope
_TOO_NARROW = f'Bearer realm="Lotline", error="insufficient_scope", scope="{Scope.READ}"'


class Token(HttpBearer):
    """The token counts however often its user is logged in elsewhere; cookies count nothing.

    Only good tokens are counted: guessing 256 bits is hopeless, and counting each guess
    would cost more than looking it up.
    """

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        now = timezone.now()
        found = token_shown(token, at=now)
        if found is None:
            return None
        if limits.count(key=f"api token {found.pk}", at=now) > settings.API_PER_TOKEN:
            said = f"This token may ask {settings.API_PER_TOKEN} times a minute. Wait a minute."
            raise Refused(429, said, {"Retry-After": "60"})
        note_use(token=found, at=now)
        request.user = found.user
        return found


def answers(*permissions: str, scopes: tuple[str, ...] = (Scope.READ,)) -> Callable:
    """Decorates an endpoint: the token's scope must be among `scopes`, its user must have all
    `permissions`, and nothing may be asked that the endpoint does not know."""

    def decorate(endpoint):
        @wraps(endpoint)
        def guarded(request, **asked):
            if request.auth.scope not in scopes:
                said = "This token is for codes only. Make one that may read."
                raise Refused(403, said, {"WWW-Authenticate": _TOO_NARROW})
            for permission in permissions:
                check(request.user, permission)
            _refuse_unknown(request, asked)
            return endpoint(request, **asked)

        return guarded

    return decorate


def _refuse_unknown(request: HttpRequest, asked: dict) -> None:
    """A misspelt parameter would else be ignored, and the answer be another than was asked for."""
    known: set[str] = set()
    for value in asked.values():
        known |= set(type(value).model_fields) if isinstance(value, Schema) else set()
    faults = {}
    for name, values in request.GET.lists():
        if name not in known:
            faults[name] = f"There is no parameter “{name}”."
        elif len(values) > 1:
            faults[name] = f"The parameter “{name}” is given more than once."
        elif "\0" in values[0]:
            faults[name] = f"The parameter “{name}” has a character that no code has."
    if faults:
        raise invalid(**faults)
