"""What a rule finds: whole batches, single holdings since a moment, and what is uncertain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from batches.models import Batch, Holding
from recalls.scope.contacts import chunks


@dataclass
class Found:
    """`batches` are affected wholly; `holdings` since a second, None since ever."""

    batches: set[int] = field(default_factory=set)
    holdings: dict[int, int | None] = field(default_factory=dict)
    notes: list[dict] = field(default_factory=list)
    named_batches: list[dict] = field(default_factory=list)
    named_holdings: list[dict] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.batches and not self.holdings

    def note(self, kind: str, count: int, text: str) -> None:
        if count:
            self.notes.append({"kind": kind, "count": count, "text": text})

    def add_batches(self, rows: Iterable[Batch]) -> None:
        """Rows have product and origin at hand."""
        for batch in rows:
            self.batches.add(batch.pk)
            self.named_batches.append(_names(batch))

    def add_holdings(self, since: Mapping[int, int | None]) -> None:
        """Of a holding that is named twice, what reaches more counts."""
        for holding, second in since.items():
            known = self.holdings.get(holding, second)
            self.holdings[holding] = None if None in (known, second) else min(known, second)
        self.named_holdings = _named(self.holdings)


def _named(since: Mapping[int, int | None]) -> list[dict]:
    rows = []
    for ids in chunks(since):
        held = Holding.objects.filter(pk__in=ids)
        rows += held.select_related("batch__product", "batch__origin", "location")
    rows.sort(key=lambda row: (row.location.code, row.batch.product.code, row.batch.number, row.pk))
    return [
        {**_names(row.batch), "location": row.location.code, "since": _text(since[row.pk])}
        for row in rows
    ]


def _names(batch: Batch) -> dict:
    return {"product": batch.product.code, "batch": batch.number, "origin": batch.origin.code}


def _text(second: int | None) -> str | None:
    return second if second is None else datetime.fromtimestamp(second, UTC).isoformat()
