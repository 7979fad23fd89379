"""Where tracing a complaint back begins: the batch at the place, or what may have been meant."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Min, Q

from batches.models import Complaint, Holding, Link
from batches.tracing.seeds import seconds
from batches.tracing.sql import chunks


@dataclass(frozen=True)
class Start:
    """The holdings that a complaint may be about, until when each counts, and why these.

    Without holdings nothing can be traced; `said` then tells what is missing.
    """

    complaint: Complaint
    said: str
    holdings: dict[int, int | None] = field(default_factory=dict)


def starts_of(complaints: Iterable[Complaint]) -> list[Start]:
    """One start for each complaint, in two queries for all."""
    complaints = list(complaints)
    held = _held(complaints)
    arrivals = _arrivals({row.pk for rows in held.values() for row in rows})
    return [_start(complaint, held.get(complaint.pk, []), arrivals) for complaint in complaints]


def _held(complaints: list[Complaint]) -> dict[int, list[Holding]]:
    """The holdings that each complaint can be about, by complaint."""
    batches = {c.batch_id for c in complaints if c.batch_id}
    pairs = {(c.product_id, c.location_id) for c in complaints if not c.batch_id and c.location_id}
    rows = Holding.objects.select_related("batch").order_by("pk")
    products, places = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    wanted = Q(batch__in=batches) | Q(batch__product__in=products, location__in=places)
    found: dict[int, list[Holding]] = {}
    by_batch: dict[int, list[Holding]] = {}
    by_pair: dict[tuple[int, int], list[Holding]] = {}
    for row in rows.filter(wanted):
        by_batch.setdefault(row.batch_id, []).append(row)
        by_pair.setdefault((row.batch.product_id, row.location_id), []).append(row)
    for one in complaints:
        if one.batch_id:
            found[one.pk] = by_batch.get(one.batch_id, [])
        elif one.location_id:
            found[one.pk] = by_pair.get((one.product_id, one.location_id), [])
    return found


def _arrivals(holdings: set[int]) -> dict[int, int | None]:
    """The earliest second at which something came into each; None where one is unknown."""
    found: dict[int, int | None] = {}
    for part in chunks(sorted(holdings)):
        links = Link.objects.filter(target__in=part, voided=False).order_by().values("target")
        links = links.annotate(first=Min("arrived_from"), unknown=Count("pk", Q(arrived_from=None)))
        found |= {row["target"]: None if row["unknown"] else row["first"] for row in links}
    return found


def _start(one: Complaint, held: list[Holding], arrivals: dict[int, int | None]) -> Start:
    until = seconds(one.at)
    if one.batch_id is None:
        if one.location_id is None:
            return Start(one, "Neither batch nor place is known: it cannot be traced back.")
        there = {row.pk: until for row in held if (arrivals.get(row.pk) or until) <= until}
        if not there:
            return Start(
                one, f"No record that {one.product.name} was at {one.location.name} by then."
            )
        count = len({row.batch_id for row in held if row.pk in there})
        batches = "The one batch" if count == 1 else f"Any of the {count} batches"
        return Start(one, f"{batches} of the product that had come there by then", there)
    here = [row for row in held if row.location_id == one.location_id]
    if here:
        came = arrivals.get(here[0].pk)
        # The batch is known, so a later arrival is a wrong date, and no reason to leave it out.
        return Start(one, "The batch at the place", {here[0].pk: _until(until, came)})
    if not held:
        return Start(one, f"No stock of {one.batch} is on record anywhere.")
    said = (
        "All of the batch: no place is known"
        if one.location_id is None
        else (f"All of the batch: it is not on record at {one.location.name}")
    )
    return Start(one, said, {row.pk: _until(until, arrivals.get(row.pk)) for row in held})


def _until(until: int, came: int | None) -> int | None:
    return None if came is not None and came > until else until
