"""The call list of a recall: script, log, letters, and the list as a file."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists import export
from batches.lists.access import needs
from batches.templatetags.wording import quantity
from recalls.forms.calls import ContactedForm
from recalls.message.script import script
from recalls.message.texts import Texts
from recalls.models import Recipient, ScopeLine
from recalls.operations.calls import log_contacts
from recalls.reports.calls import Call, call_list, letters_of
from recalls.reports.customers import Customer, customers, customers_to_call
from recalls.reports.letters import letter_pdf
from recalls.scope import newest_released
from recalls.views.acts import refusal_of, refused
from recalls.views.cases import Refusal, find
from recalls.views.customer import sentences
from recalls.views.recipients import place_of, places_named

HEADS = ["Code", "Place", "Address", "Why", "Language", "Whom", "Phone", "To account for"]
CHANGED = ["New since it was told", "Taken out since"]
LOGGED = ["Called", "Reached", "Spoke to", "Note", "By"]


@needs("recalls.view_recipient")
def calls(request, reference):
    recall = find(reference)
    found = call_list(recall)
    if kind := request.GET.get("export"):
        return _exported(request, recall, found, kind)
    return _page(request, recall, found)


def _page(request, recall, found: list[Call], refusal: Refusal | None = None, code: str = ""):
    texts, version = Texts(recall), newest_released(recall)
    rows = [(call, _said(recall, call, texts)) for call in found]
    theirs = [(one, sentences(recall, one, texts)) for one in _customers(recall)]
    context = {
        "recall": recall,
        "version": version,
        "rows": rows,
        "customers": theirs,
        "count": len(rows) + len(theirs),
        "has_letters": bool(found),
        "form": refusal.form if refusal else ContactedForm(),
        "open": code,
        "faults": refusal.faults if refusal else [],
    }
    return render(request, "recalls/call_list.html", context, status=422 if refusal else 200)


def _customers(recall) -> list[Customer]:
    """Those to be called, whom nobody has reached first."""
    return sorted(customers_to_call(customers(recall)), key=lambda one: one.is_told)


def _said(recall, call: Call, texts: Texts) -> list[str]:
    changes = {"news": call.news, "gone": call.gone, "keeps": call.keeps}
    return script(recall, call.lines, call.language, texts, **changes)


@needs("recalls.remind_recipients")
def log(request, reference, code):
    recall = find(reference)
    if request.method != "POST":
        return redirect("recall-calls", recall.reference)
    place, form = place_of(recall, code), ContactedForm(request.POST)
    if not form.is_valid():
        return _page(request, recall, call_list(recall), refusal_of(form, ""), code)
    try:
        log_contacts(
            recall=recall,
            locations=[place],
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
    except ValidationError as error:
        return _page(request, recall, call_list(recall), refused(error, form), code)
    messages.success(request, f"Noted for {place.name}. An answer is entered on its page.")
    return redirect("recall-calls", recall.reference)


@needs("recalls.remind_recipients")
def note_calls(request, reference):
    """One note about the places that are ticked: in `?place=` at first, and again when it is
    refused."""
    recall = find(reference)
    if request.method != "POST":
        return _note_page(request, recall, request.GET)
    form = ContactedForm(request.POST)
    if not form.is_valid():
        return _note_page(request, recall, request.POST, refusal_of(form, ""))
    try:
        made = log_contacts(
            recall=recall,
            locations=places_named(recall, request.POST.getlist("place")),
            customers=_named(recall, request.POST.getlist("customer")),
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
    except ValidationError as error:
        return _note_page(request, recall, request.POST, refused(error, form))
    what = "1 place" if len(made) == 1 else f"{len(made)} places"
    messages.success(request, f"Noted for {what}. An answer is entered on a place's own page.")
    return redirect("recall-calls", recall.reference)


def _named(recall, ids: list[str]) -> list[Recipient]:
    """The customers that were ticked; refuses one whom nobody named here."""
    rows = recall.recipients.filter(received_on__isnull=False).distinct()
    known = {str(row.pk): row for row in rows}
    if set(ids) - set(known):
        raise ValidationError("A customer is no longer named. Load the page again.")
    return [known[pk] for pk in ids]


def _note_page(request, recall, given: QueryDict, refusal: Refusal | None = None):
    """Those of the call list, and whoever was ticked elsewhere."""
    codes, ids = given.getlist("place"), given.getlist("customer")
    places = {call.code: call.name for call in call_list(recall)}
    ticked = ScopeLine.objects.filter(version__recall=recall, location_code__in=codes).order_by()
    places |= dict(ticked.values_list("location_code", "location_name").distinct())
    context = {
        "recall": recall,
        "places": sorted(places.items(), key=lambda place: place[1]),
        "ticked": codes,
        "customers": [(str(one.recipient.pk), one) for one in _customers(recall)],
        "ticked_customers": ids,
        "form": refusal.form if refusal else ContactedForm(),
        "faults": refusal.faults if refusal else [],
    }
    return render(request, "recalls/calls_note.html", context, status=422 if refusal else 200)


@needs("recalls.view_recipient")
def letters(request, reference):
    """All letters of the list as one PDF, or the one that `?place=` is named in."""
    recall, wanted = find(reference), request.GET.get("place", "")
    found = letters_of(call_list(recall))
    if wanted:
        found = [one for one in found if wanted in {line.location_code for line in one.lines}]
    if not found:
        raise Http404("No place on the call list needs this letter.")
    content = letter_pdf(recall, newest_released(recall), found, Texts(recall))
    response = HttpResponse(content, content_type="application/pdf")
    name = "-".join(filter(None, [recall.reference, "letter" if wanted else "letters"]))
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def _exported(request, recall, found: list[Call], kind: str):
    makers = {"csv": export.as_csv, "xlsx": export.as_xlsx}
    if kind not in makers:
        raise Http404("The call list is exported as csv or as xlsx.")
    rows = [_row(call) for call in found] + [_customer_row(one) for one in _customers(recall)]
    by = request.user.get_full_name() or request.user.get_username()
    head = export.Head(f"Call list of {recall.reference}", "", timezone.now(), by, len(rows))
    return makers[kind](head, [HEADS + CHANGED + LOGGED, *rows])


def _row(call: Call) -> list[str]:
    amounts = call.place.amounts if call.place else []
    due = "; ".join(quantity(amount.due, amount.unit) for amount in amounts)
    whom = "; ".join(contact.name or contact.email for contact in call.contacts)
    phones = "; ".join(contact.phone for contact in call.contacts)
    where = [call.code, call.name, call.address, call.why, call.language]
    changed = [
        ", ".join(f"{line.batch_number} ({line.product_code})" for line in lines)
        for lines in (call.news, call.gone)
    ]
    return [*where, whom, phones, due, *changed, *_last(call.log)]


def _customer_row(one: Customer) -> list[str]:
    """One that recipients named: it has no code, and of batches only what went on to it."""
    due = "; ".join(quantity(p.row.quantity, p.line.unit) for p in one.passed)
    by = "; ".join(sorted({f"customer of {p.line.location_name}" for p in one.passed + one.gone}))
    gone = ", ".join(f"{p.line.batch_number} ({p.line.product_code})" for p in one.gone)
    who = ["", one.recipient.name, one.recipient.address, one.why, one.recipient.language]
    more = ", ".join(f"{line.batch_number} ({line.product_code})" for line in one.news)
    return [*who, by, "; ".join(one.phones), due, more, gone, *_last(one.log)]


def _last(log) -> list[str]:
    if not log:
        return [""] * len(LOGGED)
    last = log[0]
    reached = "yes" if last.reached else "no"
    return [last.at.isoformat(), reached, last.person, last.note, str(last.by)]
