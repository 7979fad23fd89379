"""What was left out of a scope, and what of it has got more since that was decided. Reads only."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from recalls.models import Recall, ScopeExclusion
from recalls.scope.shapes import Excluded


@dataclass(frozen=True)
class LeftOut:
    """The holdings that are left out of a look, in words, and what is known of each.

    `arrived` is, by holding, how many affected movements came in and what they brought.
    """

    holdings: frozenset[int]
    rows: list[Excluded]
    notes: list[dict]
    arrived: dict[int, tuple[int, Decimal | None]]

    @property
    def rules(self) -> list[dict]:
        """As they are frozen."""
        return [row.as_json() for row in self.rows]


def left_out(recall: Recall, trace, also: Collection[int] = ()) -> LeftOut:
    """The exclusions that count, and the holdings `also` that somebody thinks of leaving out.

    An exclusion counts for what was there when it was decided; with more it ends itself.

    Nobody has decided about what came afterwards, so the holding is in the scope again.
    """
    rows = recall.exclusions.standing().order_by("holding_id")
    rows = list(rows.select_related("holding__batch__product", "holding__location"))
    into = Counter(link.target for link in trace.links)
    brought = {item.holding_id: item.received for item in trace.holdings}
    arrived = {
        row.holding_id: (into[row.holding_id], brought.get(row.holding_id, Decimal(0)))
        for row in rows
    }
    grown = [row for row in rows if _has_more(row, *arrived[row.holding_id])]
    still = [row for row in rows if row not in grown]
    return LeftOut(
        holdings=frozenset(row.holding_id for row in still) | frozenset(also),
        rows=[_in_words(row, row.holding_id in brought) for row in still],
        notes=[_note(grown)] if grown else [],
        arrived=arrived,
    )


def _has_more(row: ScopeExclusion, links_in: int, received: Decimal | None) -> bool:
    if row.links_in is None or links_in > row.links_in:
        return row.links_in is not None
    return row.received is not None and (received is None or received > row.received)


def _in_words(row: ScopeExclusion, is_reached: bool) -> Excluded:
    holding = row.holding
    batch, product = holding.batch, holding.batch.product
    return Excluded(
        holding_id=holding.pk,
        batch_number=batch.number,
        product_code=product.code,
        product_name=product.name,
        location_code=holding.location.code,
        location_name=holding.location.name,
        unit=product.unit,
        on_hand=holding.quantity,
        reason=row.reason,
        is_reached=is_reached,
    )


def _note(grown: list[ScopeExclusion]) -> dict:
    named = ", ".join(f"{row.holding.batch.number} at {row.holding.location.code}" for row in grown)
    text = f"More came to what was left out, so it is in the scope again: {named}"
    return {"kind": "left_out_grew", "count": len(grown), "text": text}
