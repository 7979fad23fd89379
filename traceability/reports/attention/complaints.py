"""Open complaints: one row each, and one for several about the same product."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Case, Count, Min, Value, When
from django.db.models.functions import Coalesce

from batches.models import Complaint, Product
from traceability.reports.attention.item import Item, address

# So many open complaints about one product may have one cause.
CLUSTER = 3
# So many of a cluster are compared, the newest first.
COMPARED = 50
RANKS = {"critical": 1, "major": 3, "minor": 4}


def open_complaints():
    return Complaint.objects.filter(status=Complaint.Status.OPEN)


def complaint_items(rows, limit) -> Iterator[Item]:
    about = rows.annotate(about=Coalesce("product", "batch__product"))
    clusters = _clusters(about, limit)
    yield from _together(about, clusters)
    alone = about.exclude(about__in=[row["about"] for row in clusters])
    yield from _alone(alone, limit)


def _clusters(about, limit) -> list[dict]:
    worst = Min(Case(*(When(severity=key, then=Value(rank)) for key, rank in RANKS.items())))
    grouped = about.order_by().values("about").exclude(about=None)
    grouped = grouped.annotate(
        n=Count("pk"), batches=Count("batch", distinct=True), since=Min("at"), worst=worst
    )
    return list(grouped.filter(n__gte=CLUSTER).order_by("worst", "since", "about")[:limit])


def _together(about, clusters: list[dict]) -> Iterator[Item]:
    if not clusters:
        return
    products = Product.objects.in_bulk([row["about"] for row in clusters])
    members: dict[int, list[int]] = {}
    rows = about.filter(about__in=products).order_by("-at", "-pk")
    for pk, product in rows.values_list("pk", "about"):
        members.setdefault(product, []).append(pk)
    for row in clusters:
        product = products[row["about"]]
        asked = urlencode([("complaint", pk) for pk in members[product.pk][:COMPARED]])
        about_what = f"{row['batches']} batches" if row["batches"] > 1 else "one product"
        yield Item(
            rank=row["worst"],
            since=row["since"],
            key="crit" if row["worst"] == RANKS["critical"] else "info",
            icon="chat",
            title="Possible complaint cluster",
            detail=f"{row['n']} complaints about {about_what}",
            record=product.code,
            record_url=product.get_absolute_url(),
            record_detail=product.name,
            owner="",
            action="Review",
            action_url=f"{address('complaint-shared')}?{asked}",
            permission="batches.view_complaint",
            count=row["n"],
        )


def _alone(rows, limit) -> Iterator[Item]:
    related = ("batch__product", "batch__origin", "product", "location")
    for row in rows.select_related(*related).order_by("at", "pk")[:limit]:
        thing = row.batch or row.product
        product = row.product or (row.batch and row.batch.product)
        yield Item(
            rank=RANKS[row.severity],
            since=row.at,
            key="crit" if row.severity == Complaint.Severity.CRITICAL else "info",
            icon="chat",
            title=f"{row.get_severity_display()} complaint",
            detail=row.text,
            record=(row.batch.number if row.batch else row.product.code) if thing else "not named",
            record_url=thing.get_absolute_url() if thing else "",
            record_detail=product.name if product else "",
            owner="",
            action="Review",
            action_url=address("complaint-close", row.pk),
            permission="batches.change_complaint",
        )
