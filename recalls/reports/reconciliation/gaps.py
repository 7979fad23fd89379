"""What does not add up, by name: a sentence for each thing that is missing or too much."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from batches.templatetags.wording import quantity
from recalls.reports.reconciliation.sides import BatchSide, PlaceSide

KINDS = ("unexplained", "missing", "unknown", "over", "not_arrived", "uncertified")


@dataclass(frozen=True)
class Gap:
    """Something that is missing or too much, in a sentence that names it.

    `kind` is one of KINDS, the worst first. Only the last needs no explanation at the close.
    """

    kind: str
    text: str
    code: str = ""

    @property
    def weight(self) -> int:
        return KINDS.index(self.kind)

    @property
    def must_be_explained(self) -> bool:
        return self.kind != "uncertified"


def gaps_of_place(row: PlaceSide, *, is_drill: bool) -> Iterable[Gap]:
    def gap(kind: str, amount: Decimal, said: str) -> Gap:
        what = f"{quantity(amount, row.unit)} of {row.batch}"
        return Gap(kind, f"{row.name}: {what} {said}", row.code)

    sums = row.amounts
    if sums.no_answer:
        yield gap("missing", sums.no_answer, "not accounted for.")
    if sums.unknown:
        said = f"{row.name}: how much of {row.batch} it has is not known, and it did not say."
        yield Gap("unknown", said, row.code)
    if sums.over:
        yield gap("over", sums.over, "more than the records say it had.")
    # A drill moves no goods, so nothing can arrive.
    if row.not_arrived and not is_drill:
        told = f"{quantity(sums.returned, row.unit)} of {row.batch} sent back"
        came = f"{quantity(row.came, row.unit)} came" if row.came else "none has come"
        way = f", {quantity(row.on_way, row.unit)} on the way" if row.on_way else ""
        text = f"{row.name}: {told}, {came}{way}; {quantity(row.not_arrived, row.unit)} to arrive."
        yield Gap("not_arrived", text, row.code)
    if row.uncertified and not is_drill:
        yield gap("uncertified", row.uncertified, "destroyed, no certificate seen.")


def gaps_of_batch(row: BatchSide) -> Iterable[Gap]:
    rest = row.unexplained
    if rest is None or rest == 0:
        return
    word = "are in no record" if rest > 0 else "more than was made are recorded"
    yield Gap("unexplained", f"{row.number}: {quantity(abs(rest), row.unit)} {word}.")
