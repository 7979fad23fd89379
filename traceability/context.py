"""What every staff page shows around its content."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from batches.models import Complaint, Event, Finding, Hold, Worker
from recalls.models import Recall
from traceability import owed

AGEING, OLD = timedelta(minutes=15), timedelta(hours=1)
LOOK = ("theme", "density", "keys")
NOBODY = {"nav_counts": {}, "worker_missing": False, "data_current_at": None, "look": {}}


def shell(request) -> dict:
    """Counts, the missing-worker banner, the site's name and how the person wants it to look;
    one query, none for visitors."""
    site = {"site_name": settings.SITE_NAME, "is_demo": settings.DEMO}
    site["site_band"] = settings.SITE_BAND
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return site | NOBODY
    figures, now = _figures(user.pk), timezone.now()
    return site | {
        "nav_counts": {name: figures[f"open_{name}"] for name in _counted()},
        "worker_missing": owed.is_missing(figures["worker_seen_at"], now),
        "data_current_at": figures["event_at"],
        "data_key": _freshness(figures["event_at"], now),
        "look": {name: figures[f"preferences__{name}"] for name in LOOK},
    }


def _freshness(newest: datetime | None, now: datetime) -> str:
    """How current the records are, as the colour of a dot beside the time of the newest."""
    age = now - newest if newest else timedelta(0)
    return "crit" if age > OLD else "hold" if age > AGEING else "ok"


def _counted() -> dict[str, QuerySet]:
    return {
        "recalls": Recall.objects.live().open(),
        "holds": Hold.objects.active(),
        "complaints": Complaint.objects.filter(status=Complaint.Status.OPEN),
        "findings": Finding.objects.unsettled(),
        "alarms": Finding.objects.unsettled().filter(severity=Finding.Severity.ALARM),
    }


def _figures(user_id: int) -> dict:
    """All of it as columns of the user's own row, which makes it one query."""
    columns = {f"open_{name}": _one(rows, Count("pk")) for name, rows in _counted().items()}
    columns["worker_seen_at"] = _one(Worker.objects.all(), Max("seen_at"))
    columns["event_at"] = Subquery(Event.objects.order_by("-seq").values("at")[:1])
    chosen = [f"preferences__{name}" for name in LOOK]
    return User.objects.filter(pk=user_id).annotate(**columns).values(*columns, *chosen).get()


def _one(rows: QuerySet, figure) -> Subquery:
    # Grouping by a constant makes the aggregate one row, and a row for none at all a null.
    return Subquery(
        rows.order_by().annotate(g=OuterRef("pk")).values("g").annotate(f=figure).values("f")
    )
