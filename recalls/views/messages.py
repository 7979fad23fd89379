"""Acts on the texts and pictures of a recall, and the preview in its frame."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_sameorigin

from batches.lists.access import needs
from recalls import mail
from recalls.forms.messages import MessageForm, PictureForm
from recalls.message.sample import Sample, public_batches, sample
from recalls.message.texts import PUBLIC, Fixed, Texts
from recalls.models import MessageFile, Recall, Recipient
from recalls.operations.messages import add_picture, remove_picture, save_message, send_test
from recalls.reports.letters import Letter, letter_pdf
from recalls.views.acts import refusal_of, refused
from recalls.views.answers import unanswered_page
from recalls.views.cases import Refusal, find
from recalls.views.wizard.looking import look_at
from recalls.views.wizard.message import Chosen, chosen
from recalls.views.wizard.pages import step_page

# As in a mail reader: nothing runs, nothing is loaded from elsewhere, no link leads on.
FRAME_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)
# A browser's own reader of PDF does not start in a sandbox; there is nothing in it that runs.
LETTER_POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"


def _act(permission: str):
    """A POST about one text; the view gives back a refusal, or what to say."""

    def decorate(view):
        @needs(permission)
        @wraps(view)
        def guarded(request, reference, **parts):
            recall, which = find(reference), chosen(request.POST)
            page = reverse("recall-message", args=[reference]) + f"?{which.query}"
            if request.method != "POST":
                return redirect(reverse("recall-message", args=[reference]))
            answer = view(request, recall, which, **parts)
            if isinstance(answer, Refusal):
                return step_page(request, find(reference), "message", answer)
            messages.success(request, answer)
            return redirect(page)

        return guarded

    return decorate


@_act("recalls.change_recall")
def save(request, recall: Recall, which: Chosen):
    form = MessageForm(request.POST, audience=which.audience, auto_id="m_%s")
    if not form.is_valid():
        return refusal_of(form, "message")
    text = {"sold": "", "wording_reason": "", **form.cleaned_data}
    key = {"audience": which.audience, "language": which.language}
    try:
        save_message(recall=recall, by=request.user, at=timezone.now(), **key, **text)
    except ValidationError as error:
        return refused(error, form, "message")
    return "Saved. Notices written from now on say this."


@_act("recalls.change_recall")
def test(request, recall: Recall, which: Chosen):
    who = {"by": request.user, "at": timezone.now()}
    given = {"audience": which.audience, "language": which.language, "place": which.place}
    try:
        notice = send_test(recall=recall, **given, **who)
    except ValidationError as error:
        return refused(error)
    return f"A test is on its way to {notice.address}, and to nobody else. It is the saved text."


@_act("recalls.change_recall")
def picture_add(request, recall: Recall, which: Chosen):
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return refusal_of(form, "picture")
    given = {"upload": form.cleaned_data["picture"], "caption": form.cleaned_data["caption"]}
    try:
        add_picture(recall=recall, by=request.user, at=timezone.now(), **given)
    except ValidationError as error:
        return refused(error, form, "picture")
    return "The picture goes out with every notice written from now on."


@_act("recalls.change_recall")
def picture_remove(request, recall: Recall, which: Chosen, pk: int):
    file = get_object_or_404(MessageFile, recall=recall, pk=pk)
    try:
        remove_picture(file=file, by=request.user, at=timezone.now())
    except ValidationError as error:
        return refused(error)
    return "The picture goes out no more."


@needs("recalls.view_recall")
def picture_file(request, reference, pk):
    file = get_object_or_404(MessageFile, recall=find(reference), pk=pk)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = f'inline; filename="{file.name}"'
    return response


@needs("recalls.view_recall")
@xframe_options_sameorigin
def preview(request, reference):
    """A text as one place would get it. A POST shows what is typed; neither keeps anything."""
    recall, which = find(reference), chosen(request.GET)
    texts, seen = Texts(recall), look_at(request, recall).seen
    text = texts.text(which.audience, which.language)
    if request.method == "POST":
        text = MessageForm(request.POST, audience=which.audience).typed(text)
    if which.audience in PUBLIC:
        batches = public_batches(seen)
        content = mail.public_notice(recall, batches, which.audience, which.language, Fixed(text))
        return _mail(content, which.show)
    told = sample(recall, seen, which.place)
    if not told.lines:
        raise Http404("The scope reaches no place that is told. Add a rule first.")
    return _shown(recall, which, told, Fixed(text))


def _shown(recall: Recall, which: Chosen, told: Sample, texts: Fixed):
    if which.show == "letter":
        content = letter_pdf(recall, told.version, [Letter(told.lines, which.language)], texts)
        return _framed(HttpResponse(content, content_type="application/pdf"), LETTER_POLICY)
    if which.show == "phone":
        files = recall.message_files.filter(removed_at__isnull=True).defer("content")
        reader = Recipient(recall=recall, language=which.language)
        with translation.override(which.language):
            return _framed(unanswered_page(reader, told.lines, texts, files))
    content = mail.notice(recall, told.version, told.lines, which.language, texts)
    return _mail(content, which.show)


def _mail(content: mail.Content, show: str):
    if show == "text":
        said = f"{content.subject}\n\n{content.text}"
        return _framed(HttpResponse(said, content_type="text/plain; charset=utf-8"))
    return _framed(HttpResponse(content.html))


def _framed(response, policy: str = FRAME_POLICY):
    response["Content-Security-Policy"] = policy
    response["Referrer-Policy"] = "no-referrer"
    return response
