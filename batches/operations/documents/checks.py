"""What a person is refused when goods leave a place, and the sentences that say what to do."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError

from batches.models import Adjustment, Batch, Holding, Location
from batches.operations.changes import amount
from batches.operations.stock import MOVED

_NAMED = 5


def lock_batches(batch_ids: Iterable[int]) -> None:
    """Locks batches in the order of their keys. Every operation on stock does this first, so
    that two of them never judge the same goods at once; `recompute` locks the holdings."""
    list(
        Batch.objects.filter(pk__in=set(batch_ids))
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )


def stock_at(batch_ids: Iterable[int], location: Location) -> dict[int, Holding]:
    there = Holding.objects.filter(batch__in=list(batch_ids), location=location)
    return {holding.batch_id: holding for holding in there}


def batches_of(lines) -> dict[int, Batch]:
    """The batches of `lines`, locked and as they stand, with their products."""
    ids = {line.batch_id for line in lines}
    lock_batches(ids)
    return Batch.objects.select_related("product").in_bulk(ids)


def missing_stock(document, lines, batches, location) -> Iterable[str]:
    """What is not there, or not in that quantity. What is not known is not refused."""
    holdings = stock_at(batches, location)
    wanted: dict[int, list[Decimal | None]] = defaultdict(list)
    for line in lines:
        wanted[line.batch_id].append(line.quantity)
    for pk, quantities in wanted.items():
        batch, holding = batches[pk], holdings.get(pk)
        unit = batch.product.unit
        known = sum(quantity for quantity in quantities if quantity is not None)
        if batch.status == Batch.Status.VOIDED:
            yield f"{batch} was voided. Take it off {document}."
        elif holding is None:
            yield (
                f"{batch} was never at {location.code}. Post the document that brought it there, "
                "or take it off."
            )
        elif holding.quantity is None:
            continue
        elif holding.quantity <= 0:
            yield f"Nothing of {batch} is left at {location.code}. {_count(location)}"
        elif known > holding.quantity:
            there, asked = amount(holding.quantity, unit), amount(known)
            yield (
                f"Only {there} of {batch} are at {location.code}, but {document} takes {asked}. "
                f"Lower the quantity. {_count(location)}"
            )


def _count(location) -> str:
    return f"If more is there, correct the count at {location.code} first."


def refuse(sentences: Iterable[str]) -> None:
    """Refuses with all that is wrong at once, so that nobody mends one thing per try."""
    if found := list(sentences):
        raise ValidationError(found)


def refuse_if_moved_on(holdings: Iterable[int], was: dict[int, Decimal | None], *, by_run: bool):
    """Refuses when what was just voided leaves goods that have gone on without a source.

    `holdings` are those that the document filled, `was` their quantities before.
    """
    sentences = []
    filled = Holding.objects.select_related("batch__product", "location").filter(pk__in=holdings)
    for holding in filled.order_by("pk"):
        out = documents_out(holding)
        negative = holding.quantity is not None and holding.quantity < 0
        worse = negative and (was.get(holding.pk) is None or holding.quantity < was[holding.pk])
        if worse or (out and not _is_explained(holding, by_run)):
            named = f"Void {_listed(out)} first." if out else "Correct the count there first."
            sentences.append(f"{holding.batch} has moved on from {holding.location.code}. {named}")
    refuse(sentences)


def _is_explained(holding: Holding, by_run: bool) -> bool:
    """Whether something posted still says where the goods in `holding` came from."""
    batch, here = holding.batch, holding.location_id
    made = batch.run_outputs.filter(run__status="posted", run__location=here).exists()
    if by_run:
        return made
    arrived = batch.shipment_lines.filter(
        shipment__status__in=MOVED, shipment__destination=here
    ).exists()
    return made or arrived or batch.origin_id == here


def documents_out(holding: Holding) -> list[str]:
    """References of what takes goods out of `holding`, newest first."""
    batch, here = holding.batch, holding.location_id
    lines = batch.shipment_lines.filter(shipment__status__in=MOVED, shipment__origin=here)
    used = batch.run_inputs.filter(run__status="posted", run__location=here)
    taken = holding.adjustments.filter(voided_at=None, quantity__lt=0)
    return [
        *lines.order_by("-shipment_id").values_list("shipment__reference", flat=True).distinct(),
        *used.order_by("-run_id").values_list("run__reference", flat=True),
        *(f"the adjustment {adjustment}" for adjustment in taken.order_by("-pk")),
    ]


def documents_of(batch: Batch) -> str:
    """What a batch stands on and is not voided, in words; empty if there is nothing."""
    lines = batch.shipment_lines.exclude(shipment__status="voided")
    runs = [batch.run_inputs, batch.run_outputs]
    adjusted = Adjustment.objects.filter(holding__batch=batch, voided_at=None)
    names = [
        *lines.order_by("-shipment_id").values_list("shipment__reference", flat=True),
        *(line.run.reference for rows in runs for line in _not_voided(rows)),
        *(f"the adjustment {adjustment}" for adjustment in adjusted),
    ]
    return _listed(list(dict.fromkeys(names)))


def _not_voided(rows):
    return rows.exclude(run__status="voided").select_related("run")


def _listed(names: list[str]) -> str:
    shown, more = names[:_NAMED], len(names) - _NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def ends(links) -> tuple[set[int], set[int]]:
    """The holdings that `links` leave, and those that they reach."""
    pairs = list(links.values_list("source_id", "target_id"))
    return {source for source, _ in pairs}, {target for _, target in pairs}
