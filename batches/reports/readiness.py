"""How ready the records are for a trace: figures counted from the rows, never guessed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from batches.models import Batch, Contact, Finding, Holding, Link, Location, RunOutput

LATEST = 2_000


@dataclass(frozen=True)
class Readiness:
    """`linked` of `batches` (the latest ones) lead on in both directions.

    `contacts_tested` confirmed of late that mail arrives; of `contacts_returned` it came back.
    """

    batches: int
    linked: int
    gaps: int
    gaps_closed: int
    places: int
    places_with_contact: int
    contacts: int
    contacts_tested: int
    contacts_returned: int


def readiness(now: datetime) -> Readiness:
    latest = Batch.objects.exclude(status=Batch.Status.VOIDED).order_by("-pk")[:LATEST]
    keys = list(latest.values_list("pk", flat=True))
    rows = Batch.objects.filter(pk__in=keys).order_by()
    return Readiness(
        batches=len(keys),
        linked=rows.filter(_leads_back(), _leads_on()).count(),
        **_gaps(now),
        **_places(now),
    )


def _gaps(now: datetime) -> dict[str, int]:
    gaps = Finding.objects.filter(severity=Finding.Severity.GAP)
    settled = Q(closed_at__gte=now - timedelta(days=7))
    return gaps.aggregate(
        gaps_closed=Count("pk", filter=settled), gaps=Count("pk", filter=Q(pk__in=gaps.open()))
    )


def _places(now: datetime) -> dict[str, int]:
    places = Location.objects.filter(active=True, is_own=False).exclude(kind=Location.Kind.SUPPLIER)
    told = Contact.objects.told()
    has_contact = Q(Exists(told.filter(location=OuterRef("pk"))))
    return {
        **places.aggregate(places=Count("pk"), places_with_contact=Count("pk", filter=has_contact)),
        "contacts": told.count(),
        "contacts_tested": told.tested(now).count(),
        "contacts_returned": told.filter(returned_at__isnull=False).count(),
    }


def _leads_back() -> Q:
    """Bought in (its source is the supplier), or made by a run that is posted."""
    made = RunOutput.objects.filter(batch=OuterRef("pk"), run__status="posted")
    return Q(origin__is_own=False) | Q(Exists(made))


def _leads_on() -> Q:
    """Something left it, or it is still there."""
    links = Link.objects.filter(source__batch=OuterRef("pk"), voided=False)
    stock = Holding.objects.filter(batch=OuterRef("pk")).exclude(quantity=0)
    return Q(Exists(stock)) | Q(Exists(links))
