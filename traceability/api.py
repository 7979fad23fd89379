"""The API of the whole site: both apps' endpoints under `/api/v1/`, its description, its docs."""

from functools import cache, wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, include, path, re_path, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from batches.api import problems
from batches.api import router as batches
from batches.api.door import Token
from recalls.api import router as recalls

DESCRIPTION = (
    "Questions that other programs may ask. Every one needs a token, which acts as one user; "
    "it is made under “API tokens” in your menu. Nothing is written: all endpoints are GET."
)


class Api(NinjaAPI):
    """Describes refusals as what they are, and names endpoints after their functions."""

    def get_openapi_schema(self, **options) -> dict:
        described = super().get_openapi_schema(**options)
        for paths in described["paths"].values():
            for operation in paths.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {problems.MEDIA_TYPE: answer["content"].popitem()[1]}
        return described

    def get_openapi_operation_id(self, operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Lotline API",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=Token(),
    openapi_url=None,
    docs_url=None,
)
api.add_router("", batches)
api.add_router("", recalls)
problems.install(api)


def answered(view):
    """Decorates every address of the API: no answer is kept on the way, and a refusal to do
    anything but GET is a problem in sentences too. No cookie counts here, so no form can be
    forged."""

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            said = f"{request.method} is not possible here: the API only answers GET."
            response = problems.problem(405, said, {"Allow": "GET"})
        patch_cache_control(response, no_store=True, private=True)
        return response

    return wrapped


@cache
def _described() -> dict:
    return api.get_openapi_schema(path_prefix="/api/v1/")


@answered
@require_safe
def description(request: HttpRequest) -> JsonResponse:
    """OpenAPI 3.1. No secret, so programs that make clients need no token for it."""
    return JsonResponse(_described())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI from this site's own files. Its validator would send the address elsewhere."""
    settings = {
        "url": reverse("api-description"),
        "layout": "BaseLayout",
        "deepLinking": True,
        "validatorUrl": None,
    }
    return render(request, "api/docs.html", {"swagger_settings": settings, "title": api.title})


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    return redirect("api-docs")


@answered
def unknown(request: HttpRequest) -> JsonResponse:
    return problems.problem(404, "The API has no such address. See /api/v1/docs.")


def _endpoints() -> list[URLPattern]:
    """Ninja's own addresses but its root, which would lead to its own docs."""
    patterns = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = answered(pattern.callback)
    return patterns


api_urls = [
    path("api/v1/", root, name="api"),
    path("api/v1/docs", docs, name="api-docs"),
    path("api/v1/openapi.json", description, name="api-description"),
    path("api/v1/", include(_endpoints())),
    re_path(r"^api/v1/", unknown, name="api-unknown"),
]
