"""Does a recall add up: two identities per batch, one per place, and by name what is missing.

made + came back = distributed + on our sites + elsewhere + used + left by each reason + unexplained
distributed (+ over) = returned + destroyed + sold or used + set aside + not accounted for

Distributed is what places are asked for, as the newest released version froze it, so that the
figures are those of the page of the recall; all else is as it stands. Amounts are in the unit of
the product, unlike units are never added, and one unknown part makes what is left unknown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Sum

from batches.models import Adjustment
from batches.tracing.balance import Balance, Figures, balances
from recalls.models import HandedIn, Recall, ScopeLine
from recalls.reports.amounts import ZERO, Amounts, add_up
from recalls.reports.reconciliation.gaps import Gap, gaps_of_batch, gaps_of_place
from recalls.reports.reconciliation.sides import BatchSide, PlaceSide, Quantity
from recalls.reports.status import PlaceStatus, RecallStatus, status
from recalls.scope.contacts import chunks
from recalls.scope.returned import Return

__all__ = [
    "BatchSide",
    "Gap",
    "PlaceSide",
    "Reconciliation",
    "reconciliation",
    "reconciliation_of_places",
]
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Reconciliation:
    recall: Recall
    now: RecallStatus
    batches: list[BatchSide] = field(default_factory=list)
    places: list[PlaceSide] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def to_explain(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.must_be_explained]

    @property
    def closes(self) -> bool:
        """Whether nothing is missing. What nobody knows does not close."""
        return not self.to_explain and all(row.closes for row in self.batches)


def reconciliation(
    recall: Recall, now: RecallStatus | None = None, lines: list[ScopeLine] | None = None
) -> Reconciliation:
    """Reads only. The number of queries does not depend on the number of batches and places.

    `lines` are all of the newest released version, for who has read them already.
    """
    now = now or status(recall)
    if now.version is None:
        return Reconciliation(recall, now)
    at_places = reconciliation_of_places(recall, now)
    lines = list(now.version.lines.defer("path", "contacts")) if lines is None else lines
    batches = _batches(lines, now)
    gaps = [*(gap for row in batches for gap in gaps_of_batch(row)), *at_places.gaps]
    return replace(at_places, batches=batches, gaps=gaps)


def reconciliation_of_places(recall: Recall, now: RecallStatus) -> Reconciliation:
    """The half that the status has read already: one query, and no look at the documents."""
    papers = _handed_in(recall)
    back: dict[tuple[int, int], list[Return]] = defaultdict(list)
    for row in now.returns:
        back[row.batch_id, row.origin_id].append(row)
    places = [_place(*asked, back, now.certified, papers) for asked in _asked_lines(now)]
    gaps = [gap for row in places for gap in gaps_of_place(row, is_drill=recall.is_drill)]
    gaps.sort(key=lambda gap: gap.weight)
    return Reconciliation(recall, now, places=places, gaps=gaps)


def _asked_lines(now: RecallStatus) -> Iterator[tuple[PlaceStatus, ScopeLine, Amounts]]:
    for place in now.places:
        for line, amounts in zip(place.lines, place.line_amounts, strict=True):
            yield place, line, amounts


def _handed_in(recall: Recall) -> set[int]:
    """The recipients who sent a certificate with their answer."""
    papers = recall.handed_in.filter(kind=HandedIn.Kind.CERTIFICATE).order_by()
    return set(papers.values_list("recipient_id", flat=True))


def _place(
    place: PlaceStatus, line: ScopeLine, amounts: Amounts, back, certified, papers
) -> PlaceSide:
    own = back.get((line.batch_id, line.location_id), [])
    return PlaceSide(
        code=line.location_code,
        name=line.location_name,
        batch=line.batch_number,
        product_name=line.product_name,
        unit=line.unit,
        amounts=amounts,
        came=sum((row.came or ZERO for row in own), ZERO),
        on_way=sum((row.sent or ZERO for row in own if row.came is None), ZERO),
        certified=certified.get(line.holding_id, ZERO),
        has_paper=any(recipient.pk in papers for recipient in place.recipients),
    )


def _batches(lines: list[ScopeLine], now: RecallStatus) -> list[BatchSide]:
    by_batch: dict[int, list[ScopeLine]] = defaultdict(list)
    for line in lines:
        by_batch[line.batch_id].append(line)
    told = {(line.batch_id, line.location_id) for _, line, _ in _asked_lines(now)}
    amounts: dict[int, list[Amounts]] = defaultdict(list)
    for _, line, one in _asked_lines(now):
        amounts[line.batch_id].append(one)
    sent = _sent(now.returns, told)
    short = _short_deliveries(by_batch)
    rows = [
        _batch(
            by_batch[one.batch.pk],
            one,
            told,
            sums=(add_up(amounts[one.batch.pk]) or [Amounts(one.unit)])[0],
            came_back=sent.get(one.batch.pk, ZERO),
            short=short,
        )
        for one in balances(list(by_batch))
    ]
    return sorted(rows, key=lambda row: (row.product_code, row.number, row.origin_code))


def _sent(returns: Iterable[Return], told: Collection[tuple[int, int]]) -> dict[int, Quantity]:
    """By batch what left the places that are asked for a site of ours that is not."""
    totals: dict[int, list[Quantity]] = defaultdict(list)
    for row in returns:
        if (row.batch_id, row.origin_id) in told:
            totals[row.batch_id].append(row.sent)
    return {pk: None if None in parts else sum(parts, ZERO) for pk, parts in totals.items()}


def _short_deliveries(batches: Collection[int]) -> dict[tuple[int, int], Decimal]:
    """By batch and place what deliveries came short by: it never was there to be asked for."""
    found: dict[tuple[int, int], Decimal] = {}
    for ids in chunks(sorted(batches)):
        rows = Adjustment.objects.filter(
            holding__batch__in=ids, voided_at__isnull=True, shipment_line__isnull=False
        ).order_by()
        sums = rows.values_list("holding__batch", "holding__location").annotate(Sum("quantity"))
        for batch, place, total in sums:
            found[batch, place] = -Decimal(total).quantize(_PLACES)
    return found


def _batch(lines: list[ScopeLine], balance: Balance, told, *, sums, came_back, short) -> BatchSide:
    first, pk = lines[0], balance.batch.pk
    own, others, left = [], [], defaultdict(Decimal)
    for place, figures in balance.places.items():
        if (pk, place.pk) in told:
            left["count"] += short.get((pk, place.pk), ZERO)
            continue
        (own if place.is_own else others).append(figures)
        for reason, amount in figures.adjusted.items():
            left[reason] += amount
    return BatchSide(
        batch_id=pk,
        number=first.batch_number,
        product_code=first.product_code,
        product_name=first.product_name,
        origin_code=first.origin_code,
        unit=first.unit,
        made=balance.overall.made,
        came_back=came_back,
        distributed=None if sums.unknown else sums.due,
        on_site=_on_hand(own),
        elsewhere=_on_hand(others),
        used=balance.overall.used,
        left={reason: amount for reason, amount in sorted(left.items()) if amount},
        amounts=sums,
        places=sum((pk, place.pk) in told for place in balance.places),
    )


def _on_hand(figures: Iterable[Figures]) -> Quantity:
    parts = [one.on_hand for one in figures]
    return None if None in parts else sum(parts, ZERO)
