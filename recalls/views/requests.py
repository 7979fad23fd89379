"""Requests of authorities for records: the list, taking one down, its sheets, the handover."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from batches.lists.pages import Empty, ListPage
from batches.lists.tabs import Tab
from batches.models import Job
from recalls.filters import RequestFilters
from recalls.forms.requests import HandoverForm, RequestForm
from recalls.models import RecordsRequest
from recalls.operations.records import SHEET, hand_over, open_request, owe_sheet
from recalls.reports.outputs import TYPES
from recalls.reports.requested import in_words, state_of
from recalls.tables import RequestTable
from recalls.views.acts import refusal_of, refused

SEE, ACT, PEOPLE = "recalls.view_handover", "recalls.add_handover", "batches.view_contact"


class RequestList(ListPage):
    permission = SEE
    table_class, filterset_class = RequestTable, RequestFilters
    title = "Records requests"
    empty = Empty(
        "No authority has asked for records yet. Take it down while they are on the telephone.",
        "Take down a request",
        "request-open",
        ACT,
    )
    add_url_name, add_permission, add_word = "request-open", ACT, "Take down a request"
    add_key = "n"
    tabs = (Tab("All", ""), Tab("Open", "open=1"), Tab("Handed over", "open=0"))

    def rows(self):
        """The oldest open one first, then what was handed over last."""
        rows = RecordsRequest.objects.select_related("recall")
        return rows.order_by(F("handed_at").desc(nulls_first=True), "asked_at")


@needs(ACT)
def request_open(request):
    if request.method != "POST":
        given = {"asked_at": timezone.now(), "recall": request.GET.get("recall")}
        return _form_page(request, RequestForm(initial=given))
    form = RequestForm(request.POST)
    try:
        if form.is_valid():
            row = open_request(by=request.user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, f"{row} is taken down. Its sheet is being made.")
            return redirect(row)
    except ValidationError as error:
        refused(error, form)
    return _form_page(request, form)


def _form_page(request, form: RequestForm):
    context = {"form": form, "faults": refusal_of(form, "").faults if form.is_bound else []}
    status = 422 if form.is_bound else 200
    return render(request, "recalls/request_form.html", context, status=status)


def _find(reference: str) -> RecordsRequest:
    rows = RecordsRequest.objects.select_related("recall", "opened_by", "handed_by", "sheet")
    return get_object_or_404(rows.defer("sheet__content"), reference=reference)


@needs(SEE)
@require_safe
def request_detail(request, reference):
    return _detail_page(request, _find(reference))


def _detail_page(request, row: RecordsRequest, form: HandoverForm | None = None):
    now = timezone.now()
    made = Job.objects.filter(kind=SHEET, parameters__reference=row.reference)
    sheets = list(row.sheets.defer("content").select_related("made_by").order_by("-number"))
    given = {"handed_at": now, "sheet": sheets[0].pk if sheets else None}
    context = {
        "row": row,
        "state": state_of(row, now),
        "scope": in_words(row),
        "sheets": sheets,
        "job": made.exclude(state=Job.State.DONE).first(),
        "sees_people": request.user.has_perm(PEOPLE),
        "form": form or HandoverForm(request=row, initial=given),
        "faults": refusal_of(form, "").faults if form else [],
    }
    status = 422 if form else 200
    return render(request, "recalls/request_detail.html", context, status=status)


@needs(ACT)
def request_sheet(request, reference):
    """Asks a worker for another sheet, from what is on record now."""
    row = _find(reference)
    if request.method == "POST":
        owe_sheet(request=row, by=request.user)
        messages.success(request, "Another sheet is being made.")
    return redirect(row)


@needs(PEOPLE)
@require_safe
def request_file(request, reference, number):
    sheet = get_object_or_404(_find(reference).sheets.select_related("request"), number=number)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}"'}
    return HttpResponse(bytes(sheet.content), content_type=TYPES["xlsx"], headers=headers)


@needs(ACT)
def request_handover(request, reference):
    row = _find(reference)
    if request.method != "POST":
        return redirect(row)
    form = HandoverForm(request.POST, request=row)
    try:
        if form.is_valid():
            hand_over(request=row, by=request.user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, f"{row}: handed over.")
            return redirect(row)
    except ValidationError as error:
        refused(error, form)
    return _detail_page(request, row, form)
