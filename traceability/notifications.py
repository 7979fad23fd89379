"""What a person should know of, wherever they are: alarms, and how their own long work ended."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from batches.models import Finding
from batches.reports.audit import word_of
from batches.reports.findings import addresses
from traceability.reports.work import DAYS, Work, named, recent

ALARMS = 20
JOBS = 20


@dataclass(frozen=True)
class Alarm:
    finding: Finding
    word: str
    url: str


@needs("batches.view_batch")
@require_safe
def notifications(request):
    rows = Finding.objects.unsettled().filter(severity=Finding.Severity.ALARM)
    found = list(rows.select_related("owner")[: ALARMS + 1])
    context = {
        "alarms": _alarms(found[:ALARMS]),
        "has_more": len(found) > ALARMS,
        "works": work_of(request.user, timezone.now()),
        "days": DAYS,
    }
    return render(request, "notifications.html", context)


def _alarms(findings: list[Finding]) -> list[Alarm]:
    urls = addresses(findings)
    return [
        Alarm(one, word_of(one.kind), urls.get((one.object_type, one.object_id), ""))
        for one in findings
    ]


def work_of(user: User, now: datetime) -> list[Work]:
    """The person's newest jobs of the last days; two queries."""
    rows = recent(now).filter(created_by=user)
    return named(rows.prefetch_related("import_runs")[:JOBS])
