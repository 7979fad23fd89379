"""The sortable spreadsheet of what an authority asked for: 21 CFR 1.1455(c)(3).

What is not known never excludes: a movement that lacks a time counts for every day.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q

from batches.models import Batch, Location, Run, RunInput, RunOutput, Shipment, ShipmentLine
from batches.templatetags.wording import iso, span
from recalls.models import RecordsRequest
from recalls.reports.outputs.fsma import Tables, book_of, how_to_read, tables_of
from recalls.reports.outputs.movements import Made, Movements, Sent, in_time, movements, sent
from recalls.scope import newest_released
from recalls.scope.contacts import chunks

# More than a sheet of a workbook should have; days or places divide it.
MOST_LINES = 200_000
# Days are those of the place; no zone is further from UTC.
_SLACK = timedelta(hours=15)
# So little of the 24 hours is left that it is coloured.
_SOON = timedelta(hours=6)
_GONE = (Shipment.Status.POSTED, Shipment.Status.RECEIVED)


def tables(request: RecordsRequest) -> Tables:
    """Refuses a recall without a frozen scope, and more than fits into one workbook."""
    return tables_of(_movements(request))


def as_xlsx(request: RecordsRequest, made: Tables, *, at: datetime, by: str) -> bytes:
    return book_of(made, _about(request, made, at, by))


def rows_of(made: Tables) -> dict[str, int]:
    names = ("shipping", "receiving", "transformation", "locations", "products")
    return {name: len(getattr(made, name)) for name in names}


def state_of(request: RecordsRequest, now: datetime) -> tuple[str, str]:
    """Colour key and word: handed over in time or late, or how long there is still."""
    if request.handed_at:
        is_late = request.handed_at > request.due_at
        return ("hold", "Handed over late") if is_late else ("ok", "Handed over")
    left = request.due_at - now
    if left < timedelta(0):
        return "crit", f"Late by {span(-left)}"
    return "hold" if left < _SOON else "info", f"{span(left)} left"


def has_own_scope(request: RecordsRequest) -> bool:
    """Whether anything but its recall says what it covers."""
    named = any(rows.exists() for rows in (request.batches, request.products, request.places))
    return named or bool(request.from_day or request.until_day)


def in_words(request: RecordsRequest) -> list[tuple[str, str]]:
    """What it covers, as pages and the file itself say it."""
    batches = request.batches.select_related("product").order_by("pk")
    rows = [
        ("Batches", ", ".join(f"{b.product.code}/{b.number}" for b in batches)),
        ("Products", ", ".join(f"{p.name} ({p.code})" for p in request.products.order_by("code"))),
        ("Places", ", ".join(f"{p.name} ({p.code})" for p in request.places.order_by("code"))),
        ("Days", _days(request)),
    ]
    found = [(name, text) for name, text in rows if text]
    if request.recall and not found:
        return [("Scope", f"the newest frozen scope of {request.recall}")]
    return found


def _days(request: RecordsRequest) -> str:
    first, last = request.from_day, request.until_day
    parts = [f"from {first.isoformat()}"] if first else []
    return " ".join([*parts, f"until {last.isoformat()}"] if last else parts)


def _about(request: RecordsRequest, made: Tables, at: datetime, by: str) -> list[tuple]:
    return [
        ("Request", request.reference),
        ("Authority", " ".join(filter(None, (request.authority, request.authority_reference)))),
        ("Asked", f"{iso(request.asked_at)}, {request.get_means_display().lower()}"),
        *([("Recall", str(request.recall))] if request.recall else []),
        *in_words(request),
        ("Made", iso(at)),
        ("Made by", by),
        ("What is in it", "Every movement on record that is asked for, and no other."),
        *how_to_read(made),
    ]


def _movements(request: RecordsRequest) -> Movements:
    if has_own_scope(request):
        return Movements(_shipped(request), _made(request))
    version = newest_released(request.recall) if request.recall else None
    if version is None:
        raise ValidationError(
            f"{request.recall or request} has no frozen scope. Name batches, products, places or "
            "days."
        )
    return movements(version)


def _batches(request: RecordsRequest):
    """The batches that are asked for; None is all of them."""
    batches, products = request.batches.order_by(), request.products.order_by()
    if not batches.exists() and not products.exists():
        return None
    wanted = Q(pk__in=batches.values("pk")) | Q(product__in=products.values("pk"))
    return Batch.objects.filter(wanted).order_by().values("pk")


def _near(request: RecordsRequest, *names: str) -> Q:
    """Whether one of these moments is near the days, or is not known."""
    wanted = Q()
    if not (request.from_day or request.until_day):
        return wanted
    for name in names:
        within = Q(**{f"{name}__isnull": False})
        if request.from_day:
            within &= Q(**{f"{name}__gte": _midnight(request.from_day) - _SLACK})
        if request.until_day:
            until = _midnight(request.until_day) + timedelta(days=1) + _SLACK
            within &= Q(**{f"{name}__lt": until})
        wanted |= within | Q(**{f"{name}__isnull": True})
    return wanted


def _midnight(day) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _is_in(request: RecordsRequest, moments: list[tuple[datetime | None, Location]]) -> bool:
    """By the calendar of the place; what is not known may have been in the days."""
    days = [moment and moment.astimezone(place.zone).date() for moment, place in moments]
    first, last = request.from_day, request.until_day
    return any(
        day is None or ((not first or day >= first) and (not last or day <= last)) for day in days
    )


def _shipped(request: RecordsRequest) -> list[Sent]:
    lines = ShipmentLine.objects.filter(
        _near(request, "shipment__shipped_at", "shipment__received_at"),
        shipment__status__in=_GONE,
    )
    if (batches := _batches(request)) is not None:
        lines = lines.filter(batch__in=batches)
    if request.places.exists():
        places = request.places.order_by().values("pk")
        lines = lines.filter(Q(shipment__origin__in=places) | Q(shipment__destination__in=places))
    ids = set(lines.order_by().values_list("pk", flat=True)[: MOST_LINES + 1])
    if len(ids) > MOST_LINES:
        raise ValidationError(
            f"More than {MOST_LINES:,} shipment lines are asked for. Divide it by days or places."
        )
    return [one for one in sent(ids) if _is_in(request, _moments(one.shipment))]


def _moments(shipment: Shipment) -> list[tuple[datetime | None, Location]]:
    return [
        (shipment.shipped_at, shipment.origin),
        (shipment.received_at, shipment.destination),
    ]


def _made(request: RecordsRequest) -> list[Made]:
    """Each input with each output of a run, if one of the two is asked for."""
    batches = _batches(request)
    runs = Run.objects.filter(_near(request, "ran_at"), status=Run.Status.POSTED)
    if batches is not None:
        runs = runs.filter(Q(inputs__batch__in=batches) | Q(outputs__batch__in=batches))
    if request.places.exists():
        runs = runs.filter(location__in=request.places.order_by().values("pk"))
    runs = runs.select_related("location").order_by().distinct()
    found = {run.pk: run for run in runs if _is_in(request, [(run.ran_at, run.location)])}
    asked = None if batches is None else set(batches.values_list("pk", flat=True))
    return in_time(_pairs(found, asked))


def _pairs(runs: dict[int, Run], asked: set[int] | None) -> Iterator[Made]:
    for ids in chunks(runs):
        rows = {RunInput: {}, RunOutput: {}}
        for model, by_run in rows.items():
            found = model.objects.filter(run__in=ids).select_related(
                "batch__product", "batch__origin"
            )
            for row in found.order_by("pk"):
                by_run.setdefault(row.run_id, []).append(row)
        for run in ids:
            for used in rows[RunInput].get(run, ()):
                for made in rows[RunOutput].get(run, ()):
                    if asked is None or {used.batch_id, made.batch_id} & asked:
                        yield Made(runs[run], used, made)
