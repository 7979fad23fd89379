"""The analytics page: are we getting better? One chart a question, each as CSV too."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from batches.lists.export import Head, as_csv
from traceability.reports.improving import charts

# Days -> words; the first is what the page opens with.
PERIODS = {"365": "12 months", "90": "90 days", "730": "2 years"}


def _period(request) -> str:
    """The days that are asked for; nothing if there is no such period."""
    days = request.GET.get("days", next(iter(PERIODS)))
    return days if days in PERIODS and not set(request.GET) - {"days"} else ""


def _no_such_period(request):
    context = {
        "message": "The analytics have no such period. Take 90, 365 or 730 days.",
        "clean_url": reverse("analytics"),
    }
    return render(request, "400.html", context, status=400)


def _charts(days: str):
    now = timezone.now()
    return charts(now - timedelta(days=int(days)), now)


@needs("recalls.view_recall")
@require_safe
def analytics(request):
    if not (days := _period(request)):
        return _no_such_period(request)
    periods = sorted(PERIODS.items(), key=lambda period: int(period[0]))
    context = {"charts": _charts(days), "days": days, "periods": periods}
    return render(request, "analytics.html", context)


@needs("recalls.view_recall")
@require_safe
def analytics_csv(request, key):
    if not (days := _period(request)):
        return _no_such_period(request)
    chart = next((one for one in _charts(days) if one.key == key), None)
    if chart is None:
        raise Http404("There is no such chart.")
    head = Head(
        title=chart.title,
        filters=PERIODS[days],
        at=timezone.now(),
        by=request.user.get_username(),
        count=len(chart.rows),
    )
    return as_csv(head, [chart.heads, *chart.rows])
