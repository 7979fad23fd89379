"""Requests of authorities for records: taken down, answered with a sheet, and handed over.

asked --24 h--> due;  the clock raises an alarm until a sheet was handed over
"""

import hashlib
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from batches.models import Finding
from batches.operations import jobs
from batches.operations.events import plain, record
from batches.operations.findings import close_finding, raise_finding
from recalls.models import RecordsRequest, RecordsSheet
from recalls.models.requests import WITHIN
from recalls.operations.numbers import next_number
from recalls.operations.targets import hand_over_records
from recalls.reports import requested

LATE = "records_late"
SHEET = "records_sheet"


@transaction.atomic
def open_request(
    *, authority, means, asked_at, by, at, authority_reference="", recall=None, batches=(),
    products=(), places=(), from_day=None, until_day=None, note="",
) -> RecordsRequest:  # fmt: skip
    """Takes down what was asked, and owes its first sheet; the 24 hours count from `asked_at`.

    Refuses a moment that lies ahead, days in the wrong order, a request for nothing, and a
    drill: nothing of one goes to an authority.
    """
    if recall and recall.is_drill:
        raise ValidationError({"recall": f"{recall} is a drill. No authority asks about one."})
    if asked_at > at + timedelta(minutes=1):
        raise ValidationError({"asked_at": "This lies ahead. Enter when it was asked."})
    if from_day and until_day and until_day < from_day:
        raise ValidationError({"until_day": "This is before the first day."})
    if not (recall or batches or products or places or from_day or until_day):
        raise ValidationError("Say what was asked for: a recall, batches, products, places, days.")
    request = RecordsRequest(
        reference=next_number("RQ", at),
        authority=authority.strip(),
        authority_reference=authority_reference.strip(),
        means=means,
        asked_at=asked_at,
        recall=recall,
        from_day=from_day,
        until_day=until_day,
        note=note.strip(),
        opened_by=by,
        opened_at=at,
    )
    request.full_clean(exclude=["recall", "sheet", "handed_by", "opened_by"])
    request.save(force_insert=True)
    for rows, chosen in (
        (request.batches, batches),
        (request.products, products),
        (request.places, places),
    ):
        rows.set(chosen)
    after = {"authority": request.authority, "asked_at": asked_at, "recall": str(recall or "")}
    record(verb="records asked for", obj=request, by=by, at=at, after=plain(after))
    owe_sheet(request=request, by=by)
    return request


def owe_sheet(*, request, by) -> None:
    """Has a worker make a sheet from what is on record when it comes to it."""
    jobs.enqueue(kind=SHEET, parameters={"reference": request.reference}, by=by)


def make_sheet(*, request, by, at) -> RecordsSheet:
    """Makes the spreadsheet from what is on record now, and keeps it as it is.

    Refuses a recall without a frozen scope, and more than fits into one workbook.
    """
    tables = requested.tables(request)
    who = by.get_full_name() or by.get_username()
    content = requested.as_xlsx(request, tables, at=at, by=who)
    return _keep(request, content, requested.rows_of(tables), by, at)


@transaction.atomic
def _keep(request: RecordsRequest, content: bytes, rows: dict, by, at) -> RecordsSheet:
    request = RecordsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    sheet = RecordsSheet.objects.create(
        request=request,
        number=request.sheets.count() + 1,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        made_by=by,
        made_at=at,
    )
    after = {"sheet": sheet.number, "sha256": sheet.sha256, "rows": rows}
    record(verb="records sheet made", obj=request, by=by, at=at, after=after)
    return sheet


def run_sheet_job(job, tell: jobs.Tell) -> dict:
    """Makes the sheet of the job's request; a second run after a crash makes another one."""
    request = RecordsRequest.objects.get(reference=job.parameters["reference"])
    try:
        sheet = make_sheet(request=request, by=job.created_by, at=timezone.now())
    except ValidationError as refusal:
        raise jobs.JobRefused(" ".join(refusal.messages)) from None
    return {"sheet": sheet.number}


@transaction.atomic
def hand_over(*, request, sheet, handed_at, by, at, note="") -> RecordsRequest:
    """Notes which sheet the authority has, and since when; with a recall, its target is met too.

    Refuses a moment before the sheet was made or that lies ahead, and a second handover.
    """
    request = RecordsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.handed_at:
        raise ValidationError(f"{request} was handed over already. Load the page again.")
    if sheet is None or sheet.request_id != request.pk:
        raise ValidationError({"sheet": "Choose a sheet that was made for this request."})
    if handed_at > at + timedelta(minutes=1):
        raise ValidationError({"handed_at": "This lies ahead. Note it when it is done."})
    if handed_at < sheet.made_at - timedelta(minutes=1):
        raise ValidationError({"handed_at": "This is before the sheet was made."})
    request.sheet, request.handed_at, request.handed_by = sheet, handed_at, by
    request.handed_note = note.strip()
    request.save(update_fields=["sheet", "handed_at", "handed_by", "handed_note"])
    after = {"sheet": sheet.number, "sha256": sheet.sha256, "handed_at": handed_at}
    record(verb="records request met", obj=request, by=by, at=at, after=plain(after))
    for finding in _alarms(request):
        close_finding(finding=finding, reason="It was handed over.", by=by, at=at)
    if request.recall_id and request.recall.activated_at:
        hand_over_records(
            recall=request.recall,
            authority=request.authority,
            reference=request.authority_reference or request.reference,
            handed_at=max(handed_at, request.recall.opened_at),
            note=f"{sheet.name} for {request}. {request.handed_note}".strip(),
            by=by,
            at=at,
        )
    return request


def _alarms(request: RecordsRequest):
    about = {"object_type": request._meta.label_lower, "object_id": str(request.pk)}
    return Finding.objects.open().filter(kind=LATE, **about).order_by("pk")


def check_requests(*, at) -> int:
    """Raises an alarm for each request that is 24 hours old and not met; returns how many."""
    late = RecordsRequest.objects.filter(handed_at=None, asked_at__lt=at - WITHIN)
    return sum(_raise(request, at) for request in late.order_by("asked_at", "pk"))


@transaction.atomic
def _raise(request: RecordsRequest, at) -> bool:
    if _alarms(request).exists():
        return False
    request = RecordsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.handed_at or _alarms(request).exists():
        return False
    text = f"{request.authority} asked for records more than 24 h ago, and does not have them."
    alarm = Finding.Severity.ALARM
    raise_finding(kind=LATE, severity=alarm, obj=request, text=text, at=at)
    return True
