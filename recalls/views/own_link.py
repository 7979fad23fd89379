"""Whose page it is: the signed link in the address names a recipient, and is the whole right.

Nothing is kept on GET. A forged form would have to know the link.
"""

from functools import wraps

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language

from recalls.links import recipient_named
from recalls.mail import zone_of
from recalls.message.languages import known
from recalls.message.texts import Texts, audience_of
from recalls.message.words import class_word, kind_word
from recalls.models import Recall, Recipient
from recalls.views.asked import Asked, asked_of
from recalls.views.languages import LANGUAGES, language_of, offered
from recalls.views.public import public_page, render_public

# Late answers are taken as long as the case is not closed.
TAKES_ANSWERS = frozenset({Recall.Status.ACTIVE, Recall.Status.COMPLETED})


def own_page(*methods):
    """A page for one recipient; an unknown link gets a 404 that helps.

    Of a withdrawn one what everybody may know stays visible: the notice and the phone number,
    no place and no amount. Who has that link now is not known.
    """

    def decorate(view):
        @public_page(*methods)
        @wraps(view)
        def wrapped(request, token, **parts):
            recipient = recipient_named(token)
            if recipient and recipient.revoked_at:
                return _withdrawn(request, recipient)
            if recipient:
                return _for_recipient(view, request, token, recipient, **parts)
            with translation.override(language_of(request)):
                return render_public("missing", {"lang": language_of(request)}, status=404)

        return wrapped

    return decorate


def _for_recipient(view, request, token, recipient: Recipient, **parts):
    asked = asked_of(recipient)
    zone = zone_of([item.line for item in asked.lines])
    with translation.override(_language(request, recipient)), timezone.override(zone):
        response = view(request, token, asked, **parts)
        response["Content-Language"] = get_language()
        return response


def _withdrawn(request, recipient: Recipient):
    asked = asked_of(recipient)
    lines = {item.line.batch_id: item.line for item in asked.lines}
    with translation.override(_language(request, recipient)):
        context = {
            "lang": get_language(),
            "languages": offered(),
            "recall": recipient.recall,
            "kind": kind_word(recipient.recall),
            "lines": lines.values(),
            "text": text_of(asked),
        }
        return render_public("withdrawn", context, status=410)


def _language(request, recipient: Recipient) -> str:
    """The one chosen on the page, else the contact's."""
    chosen = request.GET.get("lang", "")
    return chosen if chosen in LANGUAGES else known(recipient.language)


def _query(request) -> str:
    """Keeps a chosen language on the way."""
    chosen = request.GET.get("lang", "")
    return f"?lang={chosen}" if chosen in LANGUAGES else ""


def to(request, name: str, token: str):
    return redirect(reverse(name, args=[token]) + _query(request))


def text_of(asked: Asked):
    lines = [item.line for item in asked.lines]
    return Texts(asked.recipient.recall).text(audience_of(lines), get_language())


def takes_answers(asked: Asked) -> bool:
    return asked.recipient.recall.status in TAKES_ANSWERS and bool(asked.lines)


def context_of(request, token: str, asked: Asked, **more) -> dict:
    recall = asked.recipient.recall
    return {
        "lang": get_language(),
        "languages": offered(),
        "query": _query(request),
        "kind": kind_word(recall),
        "classification": class_word(recall),
        "token": token,
        "recall": recall,
        "asked": asked,
        "places": asked.places,
        "takes_answers": takes_answers(asked),
        **more,
    }


def seen_in(request) -> int:
    """The version that the page showed on which this was sent; 0 if it does not say."""
    return number_in(request, "version")


def number_in(request, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
