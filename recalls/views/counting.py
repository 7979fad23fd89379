"""The count of a recipient: entered, looked at once more, then sent. Only sending keeps it."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from recalls.forms.answers import CountForm
from recalls.message.amounts import units
from recalls.operations.responses import answer
from recalls.views.asked import Asked
from recalls.views.handed_in import KINDS, files_from, take
from recalls.views.own_link import (
    context_of,
    number_in,
    own_page,
    seen_in,
    takes_answers,
    to,
)
from recalls.views.public import render_public


@own_page("GET", "HEAD", "OPTIONS", "POST")
def count(request, token, asked):
    if not takes_answers(asked):
        return to(request, "answer-notice", token)
    if request.method != "POST":
        return _count_page(request, token, asked, _empty(asked))
    # First, because reading the form reads the file too.
    refusal = take(request, asked)
    form = CountForm(request.POST, asked=asked.lines)
    if refusal:
        form.add_error(None, refusal)
        return _count_page(request, token, asked, form, 422)
    if "sent" in request.POST and form.is_valid() and _answered(request, form, asked):
        return to(request, "answer-done", token)
    if form.can_be_checked and "change" not in request.POST:
        # A yes to numbers that are larger than expected comes with the next sending.
        status = 422 if "sent" in request.POST else 200
        return _check_page(request, token, asked, form, status)
    status = 200 if form.can_be_checked else 422
    return _count_page(request, token, asked, form, status)


def _empty(asked: Asked) -> CountForm:
    last = asked.newest_answer
    who = {"name": last.name, "phone": last.phone, "remark": last.remark} if last else {}
    return CountForm(asked=asked.lines, initial=who)


def _answered(request, form: CountForm, asked: Asked) -> bool:
    who = {key: form.cleaned_data[key] for key in ("name", "phone", "remark")}
    shown = {"seen": seen_in(request), "after": number_in(request, "after")}
    at = timezone.now()
    try:
        answer(recipient=asked.recipient, answers=form.answers, at=at, **shown, **who)
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not form.errors


def _count_page(request, token, asked, form, status=200):
    rows = {row.asked.line.holding_id: row for row in form.rows}
    grouped = [
        {"name": place.name, "rows": [rows[item.line.holding_id] for item in place.lines]}
        for place in asked.places
    ]
    used = {item.line.unit for item in asked.lines}
    context = context_of(
        request,
        token,
        asked,
        form=form,
        grouped=grouped,
        who=[form["name"], form["phone"]],
        files=files_from(asked),
        file_kinds=KINDS,
        one_unit=units(used.pop(), 2) if len(used) == 1 else "",
    )
    return render_public("count", context, status)


def _check_page(request, token, asked, form, status):
    """What is about to be sent, with a question where it is more than was received."""
    context = context_of(
        request,
        token,
        asked,
        form=form,
        told=asked.as_if(form.answers),
        typed=form.typed,
        files=files_from(asked),
        seen=seen_in(request),
        after=number_in(request, "after"),
    )
    return render_public("check_count", context, status)
