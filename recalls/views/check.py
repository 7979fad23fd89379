"""The public check: is this batch recalled, and is this pack genuine? Two questions, no login.

A batch number stands on thousands of packs, so it proves none genuine: an unknown batch and
a clean one get the same answer, byte for byte. A unit code is asked about with a POST, since
asking is noted. A GET writes nothing, not even a counter.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from batches.codes.gs1 import CodeError, has_right_check_digit
from batches.codes.gs1.keys import gtin14
from batches.codes.numbering import printed_keys
from batches.codes.units import read_code
from batches.operations import limits
from batches.operations.units import check_unit
from recalls.forms.check import AskedBatch, BatchQuestion, UnitQuestion
from recalls.reports.listed import listed_for_batch, listed_for_number
from recalls.views.client import client_key, country, network_key
from recalls.views.languages import LANGUAGES, language_of, offered
from recalls.views.public import public_page, render_public, site_zone

_log = logging.getLogger(__name__)


def _check_page(view):
    """In the visitor's language and the site's zone; addresses, which hold codes, stay unlogged."""

    @public_page("GET", "HEAD", "OPTIONS", "POST")
    def wrapped(request, **parts):
        with translation.override(language_of(request)), timezone.override(site_zone()):
            response = view(request, **parts)
        response["Content-Language"] = language_of(request)
        response["Vary"] = "Accept-Language"
        # Django would log the address of each refusal.
        response._has_been_logged = True
        return response

    return wrapped


@_check_page
def verify(request):
    if request.method != "POST":
        return _form_page(request)
    asks_for_unit = "code" in request.POST
    form = (UnitQuestion if asks_for_unit else BatchQuestion)(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    if asks_for_unit:
        return _unit_answer(request, form.cleaned_data["code"])
    if _is_too_often(request) or not (answer := _batch_answer(request, form.asked, counted=True)):
        return _wait(request)
    return answer


@_check_page
def digital_link(request, gtin, number="", serial=""):
    """`/01/<gtin>/10/<number>`, as a phone's camera opens it; the unit's code rides along."""
    gtin = gtin14(gtin)
    if not has_right_check_digit(gtin):
        form = BatchQuestion({"product": gtin, "number": number})
        return _form_page(request, form, status=422)
    keys = printed_keys(number)
    unit = serial or request.GET.get("91", "")
    if request.method == "POST":
        return _carried_unit(request, unit, gtin, keys)
    if not keys:
        return _form_page(request, BatchQuestion(initial={"product": gtin}))
    asked = AskedBatch(gtin, "", frozenset(keys))
    return _batch_answer(request, asked, carries_unit=_is_code(unit))


def _carried_unit(request, text, gtin, keys):
    form = UnitQuestion({"code": text})
    if not form.is_valid():
        return _form_page(request, form, status=422)
    beside = {"product__gtin": gtin} | ({"number_key__in": sorted(keys)} if keys else {})
    return _unit_answer(request, form.cleaned_data["code"], beside)


def _batch_answer(request, asked, *, counted=False, carries_unit=False):
    """None if the product was asked about too often. A recall is told however often."""
    listed = listed_for_number(gtin=asked.gtin, code=asked.code, number_keys=asked.number_keys)
    if not listed and counted and _is_too_much(asked.product):
        return None
    answer = "recalled" if listed else "none"
    return _answer(request, answer, listed=listed, carries_unit=carries_unit)


def _unit_answer(request, code, beside=None):
    if _is_too_often(request):
        return _wait(request)
    now = timezone.now()
    place = {"network": network_key(request), "country": country(request)}
    unit = check_unit(code=code, at=now, printed_with=beside, **place)
    if unit is None:
        return _answer(request, "unknown")
    listed = listed_for_batch(unit.batch)
    if not listed and _is_too_much(unit.batch.product.gtin or unit.batch.product.code.upper()):
        return _wait(request)
    return _answer(request, _word(unit, listed, now), listed=listed, unit=unit)


def _word(unit, listed, now: datetime) -> str:
    """Recalled beats everything; a likely copy is told before its date."""
    if listed:
        return "recalled"
    if unit.is_unusual:
        return "often"
    expires = unit.batch.expires_on
    today = now.astimezone(site_zone()).date()
    return "expired" if expires and expires < today else "genuine"


def _is_too_often(request) -> bool:
    key = f"client {client_key(request)}"
    return limits.count(key=key, at=timezone.now()) > settings.VERIFY_PER_CLIENT


def _is_too_much(product: str) -> bool:
    key = f"product {product}"
    return limits.count(key=key, at=timezone.now()) > settings.VERIFY_PER_PRODUCT


def _is_code(text: str) -> bool:
    try:
        return bool(read_code(text))
    except CodeError:
        return False


def _wait(request):
    _log.info("A public check was refused: asked too often.")
    response = render_public("check_wait", _context(request), status=429)
    response["Retry-After"] = "60"
    return response


def _answer(request, answer: str, **more):
    return render_public("check_answer", _context(request, answer=answer, **more))


def _form_page(request, form=None, status=200):
    batch = form if isinstance(form, BatchQuestion) else BatchQuestion()
    unit = form if isinstance(form, UnitQuestion) else UnitQuestion()
    return render_public("check", _context(request, batch=batch, unit=unit, form=form), status)


def _context(request, **more) -> dict:
    """`here` keeps a chosen language on the way; of the address only a real code is kept."""
    chosen = request.GET.get("lang", "") in LANGUAGES
    lang = language_of(request)
    code = request.GET.get("91", "")
    kept = {"91": code} if _is_code(code) else {}
    return {
        "lang": lang,
        "languages": offered(kept),
        "here": reverse("verify") + (f"?lang={lang}" if chosen else ""),
        "now": timezone.now(),
        **more,
    }
