"""One customer of a recipient: what went on to it, what to say to it, calls, and its answer."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from batches.lists.access import needs
from recalls.forms.answers import PhoneForm
from recalls.forms.calls import ContactedForm
from recalls.message.script import script
from recalls.message.texts import Texts
from recalls.models import Recall
from recalls.operations.calls import log_contacts
from recalls.operations.customer_calls import answer_for_customer
from recalls.reports.customers import Customer, customers
from recalls.scope.passed import for_mail
from recalls.views.asked import AskedLine, passed_lines
from recalls.views.cases import Refusal, find
from recalls.views.own_link import TAKES_ANSWERS
from recalls.views.own_pages import act_on, attempt_on


def sentences(recall: Recall, one: Customer, texts: Texts) -> list[str]:
    """What to say to it: of what went on to it, and by name alone of what more may have."""
    asked = one.open if one.news else one.passed
    lines, gone = ([for_mail(p.row) for p in some] for some in (asked, one.gone))
    changes = {"gone": gone, "keeps": bool(lines), "more": one.news}
    return script(recall, lines, one.recipient.language, texts, **changes)


@needs("recalls.view_recipient")
def customer_detail(request, reference, pk):
    recall = find(reference)
    return _page(pk)(request, recall)


def _page(pk: int):
    """The page of this customer, as `attempt_on` shows it again with a refusal."""

    def page(request, recall: Recall, refusal: Refusal | None = None):
        one = _customer(recall, pk)
        forms = {"log": ContactedForm(auto_id="log_%s"), "answer": _answer_form(one)}
        if refusal and refusal.form:
            forms[refusal.slot] = refusal.form
        context = {
            "recall": recall,
            "one": one,
            "sentences": sentences(recall, one, Texts(recall)),
            "forms": forms,
            "slot": refusal.slot if refusal else "",
            "faults": refusal.faults if refusal else [],
            "takes_answers": recall.status in TAKES_ANSWERS,
        }
        status = 422 if refusal else 200
        return render(request, "recalls/customers/detail.html", context, status=status)

    return page


def _customer(recall: Recall, pk: int) -> Customer:
    one = next((one for one in customers(recall) if one.recipient.pk == pk), None)
    if one is None:
        raise Http404("No customer of this recall.")
    return one


def _asked(one: Customer) -> list[AskedLine]:
    return passed_lines(one.passed)


def _answer_form(one: Customer, data=None) -> PhoneForm:
    return PhoneForm(data, asked=_asked(one), auto_id="answer_%s")


@act_on("recalls.remind_recipients", "recall-calls")
def log(request, recall, pk):
    one = _customer(recall, pk)
    form = ContactedForm(request.POST, auto_id="log_%s")

    def do(**values):
        who = {"locations": [], "customers": [one.recipient]}
        return log_contacts(recall=recall, **who, **values)

    said, to = f"Noted for {one.recipient.name}.", reverse("recall-calls", args=[recall.reference])
    return attempt_on(request, recall, _page(pk), said, do, form=form, slot="log", to=to)


@act_on("recalls.change_recall", "recall-customers")
def answer(request, recall, pk):
    one = _customer(recall, pk)
    form = _answer_form(one, request.POST)

    def do(by, at, **_):
        told = {name: form.cleaned_data[name] for name in ("name", "reason")}
        given = {"recipient": one.recipient, "answers": form.answers}
        return answer_for_customer(**given, **told, by=by, at=at)

    said = f"The answer of {one.recipient.name} is kept."
    to = reverse("recall-customer", args=[recall.reference, pk])
    return attempt_on(request, recall, _page(pk), said, do, form=form, slot="answer", to=to)
