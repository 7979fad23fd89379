"""The pages that need both apps: search, the palette, login and help, and the one of a fault."""

import logging
import secrets

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from batches.lists.access import needs
from batches.operations.preferences import preferences_of
from batches.reports.resolver import resolve
from batches.templatetags.wording import site_zone
from traceability.palette import palette

log = logging.getLogger(__name__)


def _asked(request) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


@needs("batches.view_batch")
def search(request):
    """Straight to the one thing that a code names; else all that it may name, or what it said."""
    text = _asked(request)
    today = timezone.now().astimezone(site_zone()).date()
    found = resolve(text, user=request.user, today=today) if text else None
    if found and found.only:
        return redirect(found.only.url)
    return render(request, "search.html", {"search_text": text, "found": found})


@needs("batches.view_batch")
def palette_list(request):
    """What the palette shows for `q`: a part of a page, which a script asks for."""
    text = _asked(request)
    today = timezone.now().astimezone(site_zone()).date()
    groups = palette(text, user=request.user, today=today)
    return render(request, "palette.html", {"groups": groups})


class Login(LoginView):
    """Tells the new session in which zone the person wants to see times."""

    redirect_authenticated_user = True

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session["zone"] = preferences_of(self.request.user).zone
        return response


@needs("batches.view_batch")
def help_page(request):
    return render(request, "help/help.html")


def crisis_card(request):
    """One page for the wall. It says nothing that only staff may know, so no login."""
    return render(request, "help/crisis.html", {"phone": settings.SITE_PHONE})


def fault(request):
    """What failed, by a reference that stands in the log above its traceback. Asks the database
    nothing: that may be what failed."""
    reference = secrets.token_hex(4)
    log.error("A page failed and said reference %s", reference)
    page = render_to_string("500.html", {"reference": reference})
    return HttpResponseServerError(page, headers={"Reference": reference})
