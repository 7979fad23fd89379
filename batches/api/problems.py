"""What the API answers when it cannot: problem details (RFC 9457, once 7807) in sentences."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError
from ninja.errors import ValidationError as InvalidQuestion

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class Refused(Exception):
    """Raised where a question cannot be answered; `more` goes beside the sentence."""

    def __init__(self, status: int, detail: str, headers: dict | None = None, **more):
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


class Problem(Schema):
    type: str
    title: str
    status: int
    detail: str


class Fault(Schema):
    parameter: str
    said: str


class Invalid(Problem):
    """The question itself is wrong; `faults` says where."""

    faults: list[Fault]


class Candidate(Schema):
    product: str
    batch: str
    origin: str
    url: str


class Ambiguous(Problem):
    """Several batches share the number. Ask again with `product` and `origin` of one of them."""

    candidates: list[Candidate]


# What every endpoint may answer beside its own.
USUAL: dict[Any, Any] = {401: Problem, 403: Problem, 422: Invalid, 429: Problem}


def problem(status: int, detail: str, headers: dict | None = None, **more) -> JsonResponse:
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def invalid(**faults: str) -> Refused:
    """A 422 with a sentence for each parameter."""
    rows = [{"parameter": name, "said": said} for name, said in faults.items()]
    return Refused(422, " ".join(faults.values()), faults=rows)


def install(api: NinjaAPI) -> None:
    """Makes `api` answer every refusal as a problem."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(PermissionDenied, lambda _, error: problem(403, str(error)))
    api.add_exception_handler(Http404, lambda _, error: problem(404, str(error)))
    api.add_exception_handler(InvalidQuestion, _invalid)
    api.add_exception_handler(ValidationError, _refused_by_operation)
    api.add_exception_handler(Exception, _broken)


def _refused(request: HttpRequest, error: Refused) -> JsonResponse:
    return problem(error.status, error.detail, error.headers, **error.more)


def _unknown(request: HttpRequest, error: Exception) -> JsonResponse:
    detail = "Send a token that is neither expired nor revoked: Authorization: Bearer lotline_…"
    return problem(401, detail, {"WWW-Authenticate": 'Bearer realm="Lotline"'})


def _invalid(request: HttpRequest, error: InvalidQuestion) -> JsonResponse:
    faults = {str(row["loc"][-1]): _sentence(row) for row in error.errors}
    return _refused(request, invalid(**faults))


def _sentence(row: dict) -> str:
    name = row["loc"][-1]
    if row["type"] == "missing":
        return f"The parameter “{name}” is missing."
    said = row["msg"]
    return f"The parameter “{name}” is wrong: {said[:1].lower()}{said[1:]}."


def _refused_by_operation(request: HttpRequest, error: ValidationError) -> JsonResponse:
    return problem(422, " ".join(error.messages), faults=[])


def _broken(request: HttpRequest, error: Exception) -> JsonResponse:
    _log.error("The API failed at %s", request.path, exc_info=error)
    return problem(500, "This failed here, not in your question. It is in the log of the site.")
