"""The local outbox, read in the browser by staff of a demo site. Elsewhere it does not exist."""

from functools import wraps

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from batches.lists.access import needs
from recalls import outbox

PER_PAGE = 50

# The letter comes from templates and data; in its frame nothing runs and nothing is loaded.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
)


def in_demo(view):
    @needs("recalls.view_notice")
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.DEMO:
            raise Http404("There is a local outbox in demo mode only.")
        return view(request, *args, **kwargs)

    return guarded


@in_demo
def outbox_list(request):
    page = Paginator(outbox.names(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"letters": outbox.letters(page), "table": {"page": page}}
    return render(request, "recalls/outbox_list.html", context)


@in_demo
def outbox_letter(request, name):
    return render(request, "recalls/outbox_letter.html", {"letter": _letter(name)})


@in_demo
@xframe_options_sameorigin
def outbox_body(request, name):
    """The HTML part alone, for the frame. Its links open in the whole window."""
    letter = _letter(name)
    html = f'<!doctype html><base target="_top">{letter.html or "<p>No HTML part.</p>"}'
    response = HttpResponse(html, headers={"Content-Security-Policy": LETTER_POLICY})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _letter(name: str):
    letter = outbox.letter(name)
    if letter is None:
        raise Http404("There is no such letter in the outbox.")
    return letter
