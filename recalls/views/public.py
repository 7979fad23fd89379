"""What every page without a login shares: no session, no cookie, nothing kept on the way."""

from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page


def public_page(*methods, is_indexed=False):
    """Decorates a view: other methods are refused, and the answer is never kept.

    Search engines are let in only where `is_indexed`: a published notice should be found.

    No CSRF cookie is asked for: these pages know no login that a forged form could use.
    """

    def decorate(view):
        # For a phone with a bad signal. Django adds bytes at random, so that nobody learns what is
        # in a page by its length (BREACH).
        @csrf_exempt
        @gzip_page
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if request.method == "OPTIONS":
                response = HttpResponse(headers={"Allow": ", ".join(methods)})
            elif request.method not in methods:
                response = HttpResponseNotAllowed(methods)
            else:
                response = view(request, *args, **kwargs)
            response["Referrer-Policy"] = "no-referrer"
            if not is_indexed:
                response["X-Robots-Tag"] = "noindex, nofollow"
            patch_cache_control(response, no_store=True, private=True)
            return response

        return wrapped

    return decorate


def render_public(template: str, context: dict, status: int = 200) -> HttpResponse:
    """Without the request: nothing of the staff pages."""
    page = render_to_string(f"public/{template}.html", {**_site(), **context})
    return HttpResponse(page, status=status)


def _site() -> dict:
    phone = settings.SITE_PHONE
    dialled = "".join(sign for sign in phone if sign in "+0123456789")
    return {"site_name": settings.SITE_NAME, "phone": phone, "phone_link": dialled}


def site_zone() -> ZoneInfo:
    return ZoneInfo(settings.SITE_TIME_ZONE)
