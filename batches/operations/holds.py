"""Placing holds, which stop a batch, and releasing them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, QuerySet, When

from batches.models import Batch, Hold, Location
from batches.operations.changes import locked, need_reason
from batches.operations.events import record
from batches.operations.listeners import for_people_to_decide
from batches.templatetags.wording import site_zone

T = TypeVar("T")


@transaction.atomic
def place_hold(*, batch, location=None, reason, by, at, recall="", is_drill=False) -> Hold:
    """Stops `batch` at `location`, or everywhere. A drill's hold is recorded and stops nothing.

    Refuses an empty reason, a voided batch, and a hold that is there already.
    """
    reason = need_reason(reason, "the batch is held")
    if not recall:
        # A posting locks its batches too: whichever comes second sees the first. A recall
        # must not wait here, for postings wait for the recall; its drift pass sees them.
        batch = locked(batch)
    if not recall and batch.status == Batch.Status.VOIDED:
        raise ValidationError(f"{batch} was voided. There is nothing to hold.")
    placed = place_holds(
        places=[(batch.pk, location.pk if location else None)],
        reason=reason,
        by=by,
        at=at,
        recall=recall,
        is_drill=is_drill,
    )
    if not placed:
        where = f"at {location.code}" if location else "everywhere"
        raise ValidationError(f"{batch} is on hold {where} already. Release that hold first.")
    return placed[0]


@transaction.atomic
def hold_batches(*, batches: Iterable[int], reason, by, at) -> list[Hold]:
    """Holds each of the batches (ids) everywhere, or none of them.

    Refuses with all that stands against it, one sentence for each batch.
    """
    need_reason(reason, "the batches are held")
    rows = Batch.objects.filter(pk__in=list(batches)).order_by("pk")
    return each_or_none(
        rows, lambda batch: place_hold(batch=batch, reason=reason, by=by, at=at), "held"
    )


def each_or_none(rows: Iterable[T], act: Callable[[T], Hold], done: str) -> list[Hold]:
    """Acts on each row; inside a transaction, which a refusal of any of them takes back."""
    made, refusals = [], []
    for row in rows:
        try:
            made.append(act(row))
        except ValidationError as refusal:
            refusals += refusal.messages
    if refusals:
        raise ValidationError([*refusals, f"Nothing was {done}. Untick what stands against it."])
    return made


@transaction.atomic
def place_holds(
    *, places: Iterable[tuple[int, int | None]], reason, by, at, recall="", is_drill=False
) -> list[Hold]:
    """Holds every (batch id, location id or None for everywhere) that has no such hold yet.

    An active hold of the same recall, or of none, at the same place counts as there.
    Takes no locks, so a recall that is locked already can call it. One event per hold.
    """
    need_reason(reason, "the batches are held")
    wanted = list(dict.fromkeys(places))
    batches = Batch.objects.in_bulk({batch for batch, _ in wanted})
    there = set(
        Hold.objects.filter(batch__in=batches, recall=recall, released_at=None)
        .order_by()
        .values_list("batch_id", "location_id")
    )
    holds = Hold.objects.bulk_create(
        Hold(
            batch=batches[batch],
            location_id=location,
            reason=reason,
            recall=recall,
            is_drill=is_drill,
            placed_by=by,
            placed_at=at,
        )
        for batch, location in wanted
        if (batch, location) not in there
    )
    for hold in holds:
        after = {"batch": hold.batch_id, "location": hold.location_id, "recall": recall}
        after["is_drill"] = is_drill
        record(verb="hold placed", obj=hold, by=by, at=at, after=after, reason=reason)
    return holds


@transaction.atomic
def release_hold(*, hold, reason, by, at, recall="") -> Hold:
    """Lets the batch move again, as far as this hold is concerned.

    Refuses an empty reason, a hold released before, and the hold of a recall that is not
    over and still covers the goods, unless `recall` names it.
    """
    reason = need_reason(reason, "the batch may move again")
    hold = for_people(hold, recall=recall)
    hold.released_by, hold.released_at, hold.release_reason = by, at, reason
    hold.save(update_fields=["released_by", "released_at", "release_reason"])
    after = {"batch": hold.batch_id, "location": hold.location_id, "released_at": at}
    record(verb="hold released", obj=hold, by=by, at=at, after=after, reason=reason)
    return hold


def for_people(hold, recall="") -> Hold:
    """The stored hold, locked, if people may decide about it. Refuses what `release_hold` does."""
    hold = locked(hold)
    if hold.released_at:
        raise ValidationError(f"The hold on {hold.batch} was released already.")
    is_free = Hold.objects.filter(for_people_to_decide(), pk=hold.pk).exists()
    if hold.recall != recall and not is_free:
        raise ValidationError(
            f"The hold on {hold.batch} belongs to recall {hold.recall}. It ends with the recall: "
            "close or cancel that first."
        )
    return hold


@transaction.atomic
def release_holds(*, holds: Iterable[int], reason, by, at) -> list[Hold]:
    """Releases each of the holds (ids), or none of them.

    Refuses with all that stands against it, one sentence for each hold.
    """
    need_reason(reason, "the batches may move again")
    rows = Hold.objects.select_related("batch__product", "batch__origin")
    rows = rows.filter(pk__in=list(holds)).order_by("pk")
    return each_or_none(
        rows, lambda hold: release_hold(hold=hold, reason=reason, by=by, at=at), "released"
    )


def to_decide(holds: QuerySet[Hold], at: datetime) -> QuerySet[Hold]:
    """The holds that wait for people on the day of `at`."""
    today = at.astimezone(site_zone()).date()
    return holds.undecided(today).filter(for_people_to_decide())


def with_freedom(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """Adds `is_free`: whether people may release the hold."""
    return holds.annotate(is_free=Case(When(for_people_to_decide(), then=True), default=False))


def holds_by_batch(batch_ids: Iterable[int], location: Location) -> dict[int, list[Hold]]:
    """The holds that stop goods at `location`, by batch id."""
    found: dict[int, list[Hold]] = {}
    holds = with_freedom(Hold.objects.active().at(location))
    for hold in holds.filter(batch__in=list(batch_ids)):
        found.setdefault(hold.batch_id, []).append(hold)
    return found
