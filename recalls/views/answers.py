"""The notice behind the signed link, what acknowledges it, and the receipt of an answer."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language

from recalls.mail import zone_of
from recalls.message.texts import Texts
from recalls.message.words import class_word, kind_word
from recalls.models import Acknowledgement, MessageFile, Recall, Recipient
from recalls.operations.responses import RENEWED, acknowledge
from recalls.reports.dossier import dossier
from recalls.reports.outputs import make
from recalls.views.asked import Asked, AskedLine, asked_of, files_of
from recalls.views.handed_in import KINDS, files_from, take
from recalls.views.own_link import context_of, own_page, seen_in, takes_answers, text_of, to
from recalls.views.passing_on import can_pass_on
from recalls.views.public import render_public


@own_page("GET", "HEAD", "OPTIONS")
def notice(request, token, asked):
    return _notice_page(request, token, asked)


def _notice_page(request, token, asked, refusal=""):
    recall = asked.recipient.recall
    read = Acknowledgement.objects.filter(recipient=asked.recipient).order_by("at")
    told = read.filter(version__number__gte=asked.asked_in).first()
    late = recall.deadline is not None and recall.deadline < timezone.now()
    return render_public(
        "notice",
        context_of(
            request,
            token,
            asked,
            acknowledged_at=told.at if told else None,
            refusal=refusal,
            text=text_of(asked),
            can_pass_on=bool(can_pass_on(asked)),
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


@own_page("GET", "HEAD", "OPTIONS")
def photo(request, token, asked, pk):
    """A picture that was in a mail to this recipient, and no other."""
    file = get_object_or_404(MessageFile, pk__in=files_of(asked.recipient).values("pk"), pk=pk)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f'inline; filename="{file.name}"'
    return response


@own_page("GET", "HEAD", "OPTIONS", "POST")
def acknowledge_notice(request, token, asked):
    """Only a POST acknowledges; whoever loads this address again is led to the notice."""
    if request.method != "POST":
        return to(request, "answer-notice", token)
    try:
        acknowledge(recipient=asked.recipient, at=timezone.now(), seen=seen_in(request))
    except ValidationError as error:
        if error.code == RENEWED:
            return _notice_page(request, token, asked_of(asked.recipient), error.messages[0])
        # Closed meanwhile; the notice says so.
    return to(request, "answer-notice", token)


@own_page("GET", "HEAD", "OPTIONS")
def done(request, token, asked):
    if asked.newest_answer is None:
        return to(request, "answer-notice", token)
    return _done_page(request, token, asked)


@own_page("GET", "HEAD", "OPTIONS", "POST")
def hand_in(request, token, asked):
    """A photo or paper after the count; before it, the form of the count takes it."""
    if request.method != "POST" or not takes_answers(asked) or asked.newest_answer is None:
        return to(request, "answer-done", token)
    if refusal := take(request, asked):
        return _done_page(request, token, asked, refusal)
    return to(request, "answer-done", token)


def _done_page(request, token, asked, refusal=""):
    recall, last = asked.recipient.recall, asked.newest_answer
    late = recall.deadline is not None and last.at > recall.deadline + timedelta(seconds=59)
    more = {"text": text_of(asked), "is_late": late, "has_poster": _has_poster(recall)}
    more |= {"refusal": refusal, "files": files_from(asked), "file_kinds": KINDS}
    status = 422 if refusal else 200
    return render_public("done", context_of(request, token, asked, **more), status)


def _has_poster(recall: Recall) -> bool:
    return recall.depth == Recall.Depth.CONSUMER


@own_page("GET", "HEAD", "OPTIONS")
def customer_notice(request, token, asked):
    """The page to put up for customers: what everybody may know, nobody's place or amount."""
    recall = asked.recipient.recall
    if not _has_poster(recall) or not asked.lines:
        raise Http404("Customers are not told of this recall.")
    made = make(
        dossier(recall, at=timezone.now(), by=settings.SITE_NAME),
        "consumer",
        "pdf",
        language=get_language(),
    )
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return HttpResponse(made.content, content_type=made.content_type, headers=headers)
