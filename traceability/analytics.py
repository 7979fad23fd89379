"""The analytics page: are we getting better? One chart a question, each as CSV too."""

from datetime import datetime, timedelta

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from batches.lists.access import needs
from batches.lists.export import Head, as_csv
from traceability.reports.improving import charts, makers

# Days -> words; the first is what the page opens with.
PERIODS = {"365": "12 months", "90": "90 days", "730": "2 years"}


def _period(request) -> str:
    """The days that are asked for; nothing if there is no such period."""
    days = request.GET.get("days", next(iter(PERIODS)))
    return days if days in PERIODS and not set(request.GET) - {"days", "compare"} else ""


def _no_such_period(request):
    context = {
        "message": "The analytics have no such period. Take 90, 365 or 730 days.",
        "clean_url": reverse("analytics"),
    }
    return render(request, "400.html", context, status=400)


def _until_now(days: str) -> tuple[datetime, datetime]:
    now = timezone.now()
    return now - timedelta(days=int(days)), now


def _before(days: str) -> dict[str, str]:
    """What each chart said of the time of the same length before; gaps are of now only."""
    until, _ = _until_now(days)
    earlier = charts(until - timedelta(days=int(days)), until)
    return {chart.key: chart.sentence for chart in earlier if chart.key != "gaps"}


@needs("recalls.view_recall")
@require_safe
def analytics(request):
    if not (days := _period(request)):
        return _no_such_period(request)
    periods = sorted(PERIODS.items(), key=lambda period: int(period[0]))
    order = [key for key, _ in periods]
    compares = "compare" in request.GET
    before = _before(days) if compares else {}
    found = charts(*_until_now(days))
    context = {
        "charts": [(chart, before.get(chart.key, "")) for chart in found],
        "is_few": found[0].key == "drills",
        "compares": compares,
        "days": days,
        "periods": [(key, word, _key_of(order, key, days)) for key, word in periods],
    }
    return render(request, "analytics.html", context)


def _key_of(order: list[str], key: str, days: str) -> str:
    """The shortcut of a period: the brackets go to the shorter and to the longer one."""
    return {-1: "[", 1: "]"}.get(order.index(key) - order.index(days), "")


@needs("recalls.view_recall")
@require_safe
def analytics_csv(request, key):
    if not (days := _period(request)):
        return _no_such_period(request)
    make = makers(*_until_now(days)).get(key)
    if make is None:
        raise Http404("There is no such chart.")
    chart = make()
    head = Head(
        title=chart.title,
        filters=PERIODS[days],
        at=timezone.now(),
        by=request.user.get_username(),
        count=len(chart.rows),
    )
    return as_csv(head, [chart.heads, *chart.rows])
