"""What the decisions about the goods of a recall cost. Unlike currencies are never added."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from recalls.models import Disposition, Recall


@dataclass(frozen=True)
class Costs:
    """What the recall's goods cost in one currency; `unknown` counts decisions without a figure."""

    currency: str
    total: Decimal
    unknown: int


def costs(recall: Recall) -> list[Costs]:
    """By currency, of what was carried out."""
    rows = Disposition.objects.filter(recall=recall, decision__is_carried_out=True).order_by()
    by_currency: dict[str, list[Decimal | None]] = defaultdict(list)
    for currency, cost in rows.values_list("currency", "cost"):
        by_currency[currency].append(cost)
    return [
        Costs(currency, sum(filter(None, values), Decimal(0)), values.count(None))
        for currency, values in sorted(by_currency.items())
    ]
