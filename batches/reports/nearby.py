"""Batches that a number may mean when none has it: look-alikes, swaps, what labels add."""

from collections.abc import Iterator

from batches.codes.lookalikes import alike, foreign_letters, latin, near, swaps
from batches.codes.numbering import number_key
from batches.codes.reading import Reading
from batches.models import Batch

SHOWN = 20
# Below this, too many numbers are one slip away.
SHORTEST = 3


def nearby(reading: Reading) -> list[tuple[Batch, str]]:
    """Batches with the reason of each; those of the product that the code names come first."""
    number = reading.batch_number
    key = number_key(number)
    reasons = dict(_reasons(number, key, reading))
    rows = Batch.objects.with_state().select_related("product", "origin")
    # By equality only: an index finds these, where a pattern reads every batch.
    found = list(rows.filter(number_key__in=reasons)[:SHOWN])
    found.sort(key=lambda batch: (batch.product.gtin != reading.gtin, batch.number))
    return [(batch, _why(batch, reasons, reading)) for batch in found]


def _reasons(number: str, key: str, reading: Reading) -> Iterator[tuple[str, str]]:
    """Keys that may be meant, the likeliest reason of each last, so that it stays."""
    if len(key) >= SHORTEST:
        yield from ((other, _difference(key, other)) for other in [*alike(key), *near(key)])
        yield from ((other, "Two characters swapped") for other in swaps(latin(key)))
        yield f"L{key}", "With an L before it"
        if key.startswith("L"):
            yield key[1:], "Without the L before it"
    if letters := foreign_letters(number):
        yield number_key(latin(number)), f"Letters of another alphabet: {', '.join(letters)}"
    if reading.number_before:
        yield number_key(reading.number_before), "If the separator behind it is missing"
    if reading.is_coded and key:
        yield key, "Same number"


def _difference(key: str, other: str) -> str:
    """Said letter by letter, because the eye does not see it."""
    if letters := foreign_letters(other):
        return f"Recorded with letters of another alphabet: {', '.join(letters)}"
    pairs = zip(latin(key).upper(), other, strict=True)
    differing = dict.fromkeys(f"{new} for {old}" for old, new in pairs if old != new)
    return f"Looks alike: {', '.join(differing)}"


def _why(batch: Batch, reasons: dict[str, str], reading: Reading) -> str:
    why = reasons[batch.number_key]
    is_other = reading.gtin and reading.is_coded and batch.product.gtin != reading.gtin
    return f"{why}, but of {batch.product.code}" if is_other else why
