"""“I sent it on”: a recipient names its customers, one at a time, and sees whom it has named."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language

from recalls.forms.passing_on import PassOnForm
from recalls.operations.passing_on import pass_on
from recalls.scope.passed import passed_by
from recalls.views.asked import Asked
from recalls.views.own_link import context_of, own_page, takes_answers, to
from recalls.views.public import render_public


@own_page("GET", "HEAD", "OPTIONS", "POST")
def sent_on(request, token, asked):
    own = can_pass_on(asked)
    if not own:
        return to(request, "answer-notice", token)
    if request.method != "POST":
        form = PassOnForm(asked=own, initial={"language": get_language()})
        return _page(request, token, asked, form)
    form = PassOnForm(request.POST, asked=own)
    if form.is_valid() and _passed(form, asked):
        return to(request, "answer-sent-on", token)
    return _page(request, token, asked, form, 422)


def can_pass_on(asked: Asked) -> list:
    """The lines that may be passed on: those of the scope, not what others passed on."""
    lines = [item for item in asked.lines if isinstance(item.line.pk, int)]
    return lines if takes_answers(asked) else []


def _passed(form: PassOnForm, asked: Asked) -> bool:
    names = ("name", "address", "phone", "language")
    given = {name: form.cleaned_data[name] for name in names}
    try:
        pass_on(recipient=asked.recipient, quantities=form.quantities, at=timezone.now(), **given)
    except ValidationError as error:
        form.add_error(None, error)
    return not form.errors


def _page(request, token, asked, form, status=200):
    customers: dict[int, list] = {}
    for one in passed_by(asked.recipient):
        customers.setdefault(one.row.to_id, []).append(one)
    fields = [form["name"], form["address"], form["phone"]]
    more = {"form": form, "who": fields, "customers": list(customers.values())}
    return render_public("sent_on", context_of(request, token, asked, **more), status)
