"""The pages a recipient opens with the signed link: no login, no script, nothing on GET.

The link in the address is the whole right to answer. A forged form would have to know it.
"""

from datetime import timedelta
from decimal import Decimal
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from recalls.forms.answers import CountForm
from recalls.links import recipient_for
from recalls.mail import zone_of
from recalls.message.amounts import units as several
from recalls.message.languages import known
from recalls.message.texts import Texts, audience_of
from recalls.message.words import class_word, kind_word
from recalls.models import Acknowledgement, MessageFile, Recall, Recipient
from recalls.operations.responses import RENEWED, acknowledge, answer
from recalls.views.asked import WORDS, Asked, AskedLine, asked_of, files_of
from recalls.views.languages import LANGUAGES, language_of, offered
from recalls.views.public import public_page, render_public

# Late answers are taken as long as the case is not closed.
TAKES_ANSWERS = frozenset({Recall.Status.ACTIVE, Recall.Status.COMPLETED})


def _page(*methods):
    """A page for one recipient; an unknown or withdrawn link gets a 404 that helps."""

    def decorate(view):
        @public_page(*methods)
        @wraps(view)
        def wrapped(request, token, **parts):
            return _for_recipient(view, request, token, **parts)

        return wrapped

    return decorate


def _for_recipient(view, request, token, **parts):
    recipient = recipient_for(token)
    if recipient is None:
        with translation.override(language_of(request)):
            return render_public("missing", {"lang": language_of(request)}, status=404)
    asked = asked_of(recipient)
    zone = zone_of([item.line for item in asked.lines])
    with translation.override(_language(request, recipient)), timezone.override(zone):
        response = view(request, token, asked, **parts)
        response["Content-Language"] = get_language()
        return response


def _language(request, recipient) -> str:
    """The one chosen on the page, else the contact's."""
    chosen = request.GET.get("lang", "")
    return chosen if chosen in LANGUAGES else known(recipient.language)


def _query(request) -> str:
    """Keeps a chosen language on the way."""
    chosen = request.GET.get("lang", "")
    return f"?lang={chosen}" if chosen in LANGUAGES else ""


def _to(request, name: str, token: str):
    return redirect(reverse(name, args=[token]) + _query(request))


def _context(request, token: str, asked: Asked, **more) -> dict:
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
        "takes_answers": recall.status in TAKES_ANSWERS and bool(asked.lines),
        **more,
    }


@_page("GET", "HEAD", "OPTIONS")
def notice(request, token, asked):
    return _notice_page(request, token, asked)


def _notice_page(request, token, asked, refusal=""):
    recall = asked.recipient.recall
    read = Acknowledgement.objects.filter(recipient=asked.recipient).order_by("at")
    told = read.filter(version__number__gte=asked.asked_in).first()
    late = recall.deadline is not None and recall.deadline < timezone.now()
    return render_public(
        "notice",
        _context(
            request,
            token,
            asked,
            acknowledged_at=told.at if told else None,
            refusal=refusal,
            text=_text(asked),
            files=files_of(asked.recipient),
            is_renewed=told is None and read.exists(),
            is_late=late and bool(asked.open),
            sample=asked.lines[0].line.batch_number[:10] if asked.lines else "",
        ),
        status=409 if refusal else 200,
    )


def unanswered_page(reader: Recipient, lines, texts: Texts, files):
    """The notice as somebody would open it who is told of `lines`, for a preview.

    Its buttons lead nowhere, and its pictures come from the recall.
    """
    asked = Asked(reader, [AskedLine(line, None, 1) for line in lines], None)
    with timezone.override(zone_of(lines)):
        context = {
            "token": "preview",
            "recall": reader.recall,
            "asked": asked,
            "places": asked.places,
            "lang": get_language(),
            "query": "",
            "kind": kind_word(reader.recall),
            "classification": class_word(reader.recall),
            "takes_answers": True,
            "text": texts.text("", get_language()),
            "files": files,
            "is_preview": True,
            "sample": lines[0].batch_number[:10],
        }
        return render_public("notice", context)


def _text(asked: Asked):
    lines = [item.line for item in asked.lines]
    return Texts(asked.recipient.recall).text(audience_of(lines), get_language())


@_page("GET", "HEAD", "OPTIONS")
def photo(request, token, asked, pk):
    """A picture that was in a mail to this recipient, and no other."""
    file = get_object_or_404(MessageFile, pk__in=files_of(asked.recipient).values("pk"), pk=pk)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f'inline; filename="{file.name}"'
    return response


@_page("GET", "HEAD", "OPTIONS", "POST")
def acknowledge_notice(request, token, asked):
    """Only a POST acknowledges; whoever loads this address again is led to the notice."""
    if request.method != "POST":
        return _to(request, "answer-notice", token)
    try:
        acknowledge(recipient=asked.recipient, at=timezone.now(), seen=_seen(request))
    except ValidationError as error:
        if error.code == RENEWED:
            return _notice_page(request, token, asked_of(asked.recipient), error.messages[0])
        # Closed meanwhile; the notice says so.
    return _to(request, "answer-notice", token)


def _seen(request) -> int:
    """The version that the page showed on which this was sent; 0 if it does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@_page("GET", "HEAD", "OPTIONS", "POST")
def count(request, token, asked):
    if asked.recipient.recall.status not in TAKES_ANSWERS or not asked.lines:
        return _to(request, "answer-notice", token)
    if request.method != "POST":
        last = asked.newest_answer
        known = {"name": last.name, "phone": last.phone, "remark": last.remark} if last else {}
        return _count_page(request, token, asked, CountForm(asked=asked.lines, initial=known))
    form = CountForm(request.POST, asked=asked.lines)
    if form.is_valid() and _answered(form, asked, _seen(request)):
        return _to(request, "answer-done", token)
    return _count_page(request, token, asked, form, status=422)


def _answered(form: CountForm, asked: Asked, seen: int) -> bool:
    who = {key: form.cleaned_data[key] for key in ("name", "phone", "remark")}
    try:
        answer(recipient=asked.recipient, answers=form.answers, at=timezone.now(), seen=seen, **who)
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not form.errors


def _count_page(request, token, asked, form, status=200):
    rows = {row.asked.line.holding_id: row for row in form.rows}
    grouped = [
        {"name": place.name, "rows": [rows[item.line.holding_id] for item in place.lines]}
        for place in asked.places
    ]
    units = {item.line.unit for item in asked.lines}
    context = _context(
        request,
        token,
        asked,
        form=form,
        grouped=grouped,
        who=[form["name"], form["phone"]],
        one_unit=several(units.pop(), 2) if len(units) == 1 else "",
    )
    return render_public("count", context, status)


@_page("GET", "HEAD", "OPTIONS")
def done(request, token, asked):
    last = asked.newest_answer
    if last is None:
        return _to(request, "answer-notice", token)
    deadline = asked.recipient.recall.deadline
    late = deadline is not None and last.at > deadline + timedelta(seconds=59)
    context = _context(request, token, asked, sums=_sums(asked), text=_text(asked), is_late=late)
    return render_public("done", context)


def _sums(asked: Asked) -> list[dict]:
    """Per unit: what was answered, what is not found, what should be there.

    A row is (word, amount, whether it is what is missing).
    """
    sums = []
    for unit, due in asked.totals:
        lines = [item for item in asked.lines if item.line.unit == unit]
        given = [item.answer for item in lines if item.answer]
        amounts = {part: sum((getattr(a, part) for a in given), Decimal(0)) for part in WORDS}
        rows = [(WORDS[part], amount, False) for part, amount in amounts.items() if amount]
        rows = rows or [(WORDS["quarantined"], Decimal(0), False)]
        if due is not None:
            if missing := due - sum(amounts.values()):
                is_less = missing > 0
                word = gettext("Not found yet") if is_less else gettext("More than we know of")
                rows.append((word, abs(missing), is_less))
            rows.append((gettext("There should be"), due, False))
        sums.append({"unit": unit, "rows": rows})
    return sums
