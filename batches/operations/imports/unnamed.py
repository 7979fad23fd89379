"""Rows that name no batch: each becomes a batch of its own, which joins nothing else."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from batches.codes.numbering import number_key, unrecorded_number
from batches.models import Batch, Finding
from batches.operations.imports.work import Work


@dataclass
class Unnamed:
    """The rows of one document that name no batch.

    A row has no identity but what it says, so it is known by that, and two that say the same
    are two. `there` counts what is recorded and not yet met again, by what it says: a tuple
    that ends in the quantity.
    """

    there: Counter = field(default_factory=Counter)
    count: int = 0

    def note(self, said: tuple) -> None:
        """Of a line that is there already."""
        self.there[said] += 1
        self.count += 1

    def meets(self, said: tuple) -> bool:
        """Whether the row is there already; the next that says the same is another one."""
        if not self.there[said]:
            return False
        self.there[said] -= 1
        return True

    def made(self, row, product, origin, reference: str, document: str) -> Batch:
        """The batch of a new row, not saved yet. Warns of it."""
        if row.get("batch_origin"):
            row.warn("batch_origin", "Without a batch its origin says nothing; it was not read.")
        self.count += 1
        number = unrecorded_number(reference, self.count, document)
        row.warn(
            "batch",
            f"No batch is named. Recorded as “{number}”, which joins no other batch.",
        )
        batch = Batch(product=product, origin=origin, number=number, is_unidentified=True)
        batch.number_key = number_key(number)
        batch.quantity = row.get("quantity")
        return batch


def save_unnamed(batches: Iterable[Batch]) -> None:
    """Saves those that are new, so that lines can name them."""
    Batch.objects.bulk_create([batch for batch in batches if batch.pk is None])


def refuse_named_later(row, unnamed: Unnamed, said: tuple, what: str) -> bool:
    """Refuses a row that names the batch of what is there without one; returns whether it did."""
    *goods, quantity = said
    alike = any(
        count and goods == other and (quantity == there or quantity is None or there is None)
        for (*other, there), count in unnamed.there.items()
    )
    if not alike:
        return False
    row.refuse(
        "batch",
        f"{what} has the same without a batch already. An import overwrites nothing: void it "
        "with the reason, and enter it again with the batch.",
    )
    return True


def note_unnamed(work: Work, document, batch: Batch) -> None:
    text = f"{batch.product.code} in it has no batch: a trace cannot follow it by one."
    work.find("batch_unknown", Finding.Severity.GAP, document, text)
