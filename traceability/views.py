"""The pages that need both apps: search, the palette, login and help, and the one of a fault."""

import logging
import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from batches.lists.access import needs
from batches.operations.findings import report_missing
from batches.operations.preferences import preferences_of
from batches.reports.resolver import resolve
from batches.templatetags.wording import site_zone
from traceability.palette import palette

log = logging.getLogger(__name__)


def _asked(params) -> str:
    return params.get("q", "").replace("\0", "").strip()[:200]


@needs("batches.view_batch")
def search(request):
    """Straight to the one thing that a code names; else all that it may name, or what it said."""
    text = _asked(request.GET)
    today = timezone.now().astimezone(site_zone()).date()
    found = resolve(text, user=request.user, today=today) if text else None
    if found and found.only:
        return redirect(found.only.url)
    return render(request, "search.html", {"search_text": text, "found": found})


@needs("batches.add_complaint")
@require_POST
def search_report(request):
    """Goods are there whose code nothing is recorded under: somebody has to look."""
    text = _asked(request.POST)
    try:
        report_missing(code=text, by=request.user, at=timezone.now())
        said = "It is reported, and waits on the overview as a data gap. Keep the goods aside."
        messages.success(request, said)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(f"{reverse('search')}?{urlencode({'q': text})}")


@needs("batches.view_batch")
def palette_list(request):
    """What the palette shows for `q`: a part of a page, which a script asks for."""
    text = _asked(request.GET)
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
