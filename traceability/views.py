"""The pages that need both apps: overview, search and help."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect, render
from django.utils import timezone

from batches.lists.access import needs
from batches.models import Batch, Contact, Location, Product
from batches.operations.preferences import preferences_of
from batches.reports.days import amounts_of, expiring, movements
from batches.reports.readiness import readiness
from batches.reports.resolver import resolve
from batches.templatetags.wording import shown_zone, site_zone
from recalls.models import Recall
from traceability.palette import palette
from traceability.reports.attention import KINDS, SOURCES, queue
from traceability.reports.feed import feed
from traceability.reports.recalls import open_recalls

PARAMETERS = {"waiting", "all"}
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
        "Run a drill",
        "Find out how long a recall takes while nothing is at stake.",
        "recall-open",
    ),
]


@needs("batches.view_batch")
def overview(request):
    """What needs me now? `waiting` chooses a tab of the queue, `all` shows its whole length."""
    kind = request.GET.get("waiting", "")
    if set(request.GET) - PARAMETERS or (kind and kind not in SOURCES):
        context = {"message": "The overview has no such view.", "clean_url": request.path}
        return render(request, "400.html", context, status=400)
    if not Batch.objects.exists():
        return render(request, "first_run.html", {"steps": first_steps()})
    now = timezone.now()
    return render(request, "overview.html", blocks(kind, now, "all" in request.GET))


def blocks(kind: str, now, whole: bool) -> dict:
    today = now.astimezone(site_zone()).date()
    days = expiring(today)
    recalls, counts = open_recalls(now)
    hours = movements(now)
    waiting = queue(kind, now, *([None] if whole else []))
    return {
        "now": now.astimezone(shown_zone()),
        "recalls": recalls,
        "recall_counts": counts,
        "queue": waiting,
        "tabs": [(name, word, waiting.counts[name]) for name, word in KINDS.items()],
        "readiness": readiness(now),
        "last_drill": last_drill(),
        "days": days,
        "soon": sum(day.batches for day in days[:3]),
        "soon_amounts": amounts_of(days[:3]),
        "soon_from": today,
        "soon_to": today + timedelta(days=2),
        "hours": hours,
        "markers": markers(hours),
        "moves": feed(),
    }


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


def last_drill():
    drills = Recall.objects.filter(is_drill=True, completed_at__isnull=False)
    drill = drills.order_by("-completed_at").first()
    return drill and {"recall": drill, "took": drill.completed_at - drill.opened_at}


def first_steps() -> list[dict]:
    """The checklist of a new site; each step is done when its rows are there."""
    told = Contact.objects.filter(receives_notices=True)
    drills = Recall.objects.filter(is_drill=True)
    done = [Product.objects, Location.objects, Batch.objects, told, drills]
    return [
        {"done": rows.exists(), "title": title, "text": text, "url_name": page}
        for rows, (title, text, page) in zip(done, FIRST_STEPS, strict=True)
    ]


def _asked(request) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


@needs("batches.view_batch")
def search(request):
    """Straight to the one thing that a code names; else all that it may name, or what it said."""
    text = _asked(request)
    today = timezone.now().astimezone(site_zone()).date()
    found = resolve(text, user=request.user, today=today) if text else None
    if found and found.only:
        return redirect(found.only.url)
    return render(request, "search.html", {"search_text": text, "found": found})


@needs("batches.view_batch")
def palette_list(request):
    """What the palette shows for `q`: a part of a page, which a script asks for."""
    text = _asked(request)
    today = timezone.now().astimezone(site_zone()).date()
    groups = palette(text, user=request.user, today=today)
    return render(request, "palette.html", {"groups": groups})


class Login(LoginView):
    """Tells the new session in which zone the person wants to see times."""

    redirect_authenticated_user = True

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session["zone"] = preferences_of(self.request.user).zone
        return response


@needs("batches.view_batch")
def help_page(request):
    return render(request, "help/help.html")


def crisis_card(request):
    """One page for the wall. It says nothing that only staff may know, so no login."""
    return render(request, "help/crisis.html", {"phone": settings.SITE_PHONE})
