"""The overview: what needs me now? Each block stands by itself, so that one that fails takes no
other with it."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.shortcuts import render
from django.utils import timezone

from batches.lists.access import needs
from batches.models import Batch, Contact, Location, Product
from batches.reports.days import amounts_of, expiring, movements
from batches.reports.readiness import readiness
from batches.templatetags.wording import shown_zone, site_zone
from recalls.models import Recall
from traceability.reports.attention import KINDS, SHOWN, SOURCES, queue
from traceability.reports.feed import feed
from traceability.reports.pace import last_drill, pace
from traceability.reports.recalls import open_recalls

PARAMETERS = {"waiting", "all", "mine"}
FIRST_STEPS = [
    (
        "Enter or import your products",
        "Code, name, GTIN and unit of what you make and buy.",
        "product-list",
    ),
    (
        "Enter or import your locations",
        "Suppliers, plants, warehouses, stores and customers.",
        "location-list",
    ),
    (
        "Import batches, runs and shipments",
        "From then on a batch can be traced in both directions.",
        "import-list",
    ),
    (
        "Name a contact at each location",
        "A place without one cannot be told of a recall.",
        "location-list",
    ),
    (
        "Test a contact",
        "Ask by mail whether it arrives, before it has to. Done when somebody has confirmed.",
        "contact-tests",
    ),
    (
        "Run a drill",
        "Find out how long a recall takes while nothing is at stake.",
        "drill-list",
    ),
]
log = logging.getLogger(__name__)


@needs("batches.view_batch")
def overview(request):
    """`waiting` chooses a tab of the queue, `mine` what is the person's own, `all` its whole
    length."""
    kind = request.GET.get("waiting", "")
    if set(request.GET) - PARAMETERS or (kind and kind not in SOURCES):
        context = {"message": "The overview has no such view.", "clean_url": request.path}
        return render(request, "400.html", context, status=400)
    if not Batch.objects.exists():
        return render(request, "first_run.html", {"steps": first_steps()})
    now = timezone.now()
    owner = request.user if "mine" in request.GET else None
    limit = None if "all" in request.GET else SHOWN
    made = blocks(now, lambda: _waiting(kind, now, limit, owner))
    return render(request, "overview.html", made | {"now": now.astimezone(shown_zone())})


def blocks(now: datetime, waiting: Callable[[], dict]) -> dict:
    """What all blocks show, and in `failed` the references of those that could not be made."""
    makers = {
        "drill": lambda: {"last_drill": last_drill()},
        "recalls": lambda: _recalls(now),
        "waiting": waiting,
        "readiness": lambda: {"readiness": readiness(now), "pace": pace(now)},
        "expiring": lambda: _expiring(now),
        "movements": lambda: _movements(now),
        "feed": lambda: {"moves": feed()},
    }
    found: dict = {"failed": {}}
    for name, make in makers.items():
        try:
            found |= make()
        except Exception:
            found["failed"][name] = reference = secrets.token_hex(4)
            log.exception("Block %s of the overview failed, reference %s", name, reference)
    return found


def _recalls(now: datetime) -> dict:
    recalls, counts = open_recalls(now)
    return {"recalls": recalls, "recall_counts": counts}


def _waiting(kind: str, now: datetime, limit: int | None, owner) -> dict:
    waiting = queue(kind, now, limit, owner=owner)
    tabs = [(name, word, waiting.counts[name]) for name, word in KINDS.items()]
    return {"queue": waiting, "tabs": tabs}


def _expiring(now: datetime) -> dict:
    today = now.astimezone(site_zone()).date()
    days = expiring(today)
    return {
        "days": days,
        "soon": sum(day.batches for day in days[:3]),
        "soon_amounts": amounts_of(days[:3]),
        "soon_from": today,
        "soon_to": today + timedelta(days=2),
    }


def _movements(now: datetime) -> dict:
    hours = movements(now)
    return {"hours": hours, "markers": markers(hours)}


def markers(hours) -> list[tuple]:
    """When live recalls were opened within the chart."""
    rows = Recall.objects.live().filter(opened_at__gte=hours[0].start).order_by("opened_at")
    return [
        (
            recall.opened_at,
            f"{recall.reference} opened {recall.opened_at.astimezone(site_zone()):%H:%M}",
        )
        for recall in rows[:3]
    ]


def first_steps() -> list[dict]:
    """The checklist of a new site; each step is done when its rows are there."""
    told = Contact.objects.filter(receives_notices=True)
    drills = Recall.objects.filter(is_drill=True)
    confirmed = told.filter(tested_at__isnull=False)
    done = [Product.objects, Location.objects, Batch.objects, told, confirmed, drills]
    return [
        {"done": rows.exists(), "title": title, "text": text, "url_name": page}
        for rows, (title, text, page) in zip(done, FIRST_STEPS, strict=True)
    ]
