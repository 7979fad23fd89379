"""Gaps in sequences that should have none: what counts up in the numbers of one product.

26326 001, 26326 002, 26326 004     003 is missing, unless it was issued and taken out of use
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from batches.codes.patterns import Pattern, Reading
from batches.codes.patterns.calendar import DATE_TOKENS
from batches.models import Batch, Product
from batches.reports.audit.shapes import Found, Kind, about, listed

GAP = Kind("number_gap", "Number missing in a sequence", fix="Enter the batch")
_YEARS = ("YY", "Y")
# A counter that somebody typed may jump by a million; nobody wants these in a list.
_MOST = 1_000


class Holder(NamedTuple):
    """The batch that has a count."""

    pk: int
    number: str


class Counters:
    """The counts seen per sequence, and the batches that have them."""

    def __init__(self, product: Product):
        self.product = product
        self.seen: dict[tuple, dict[int, Holder | None]] = {}
        self.issued: set[tuple] = set()

    def add(self, pattern: Pattern, reading: Reading, row) -> None:
        key = self._key(pattern, reading)
        if key:
            self.seen.setdefault(key, {})[int(reading.parts["counter"])] = Holder(
                row.pk, row.number
            )

    def _key(self, pattern: Pattern, reading: Reading) -> tuple | None:
        """Which sequence the number belongs to, as far as the number itself shows it."""
        counter = pattern.part("counter")
        if not self.product.numbers_gap_free or counter is None or "ever" in counter.scope:
            return None
        key = [pattern.text]
        for name in counter.scope:
            if name in ("line", "origin"):
                if name not in reading.parts:
                    return None
                key.append(reading.parts[name])
            elif name in ("day", "year"):
                wanted = DATE_TOKENS if name == "day" else _YEARS
                key += [reading.parts[token] for token in wanted if token in reading.parts]
        return tuple(key)

    def gaps(self, issued: Iterable[tuple[Pattern, Reading]]) -> Iterator[Found]:
        if not self.seen:
            return
        for pattern, reading in issued:
            if key := self._key(pattern, reading):
                self.issued.add(key)
                self.seen.setdefault(key, {}).setdefault(int(reading.parts["counter"]), None)
        for key, counts in self.seen.items():
            yield from self._gaps_of(key, counts)

    def _gaps_of(self, key: tuple, counts: dict[int, Holder | None]) -> Iterator[Found]:
        # Recorded history may begin anywhere; a counter of ours begins with 1.
        first = 1 if key in self.issued else min(counts)
        size = max(counts) - first + 1
        missing = size - sum(count >= first for count in counts)
        if missing <= 0:
            return
        if size <= _MOST + len(counts):
            named = [count for count in range(first, max(counts)) if count not in counts]
            which, after = listed(named), named[0]
        else:
            which, after = f"between {min(counts)} and {max(counts)}", min(counts)
        behind = min((c for c, holder in counts.items() if holder and c > after), default=None)
        several = f"{missing:,} numbers are" if missing > 1 else "1 number is"
        text = f"{several} missing in its sequence: {which}."
        if behind is None:
            yield about(GAP, Product, self.product.pk, self.product.code, text)
        else:
            holder = counts[behind]
            yield about(GAP, Batch, holder.pk, holder.number, text)
