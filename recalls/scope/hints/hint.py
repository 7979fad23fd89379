"""A suggestion to widen a scope."""

from collections.abc import Iterable
from dataclasses import dataclass

from batches.models import Batch
from recalls.scope.contacts import chunks

_SHOWN = 6


@dataclass(frozen=True)
class Hint:
    """`key` names it for as long as the records stand; `rule` and `parameters` would add it."""

    key: str
    kind: str
    word: str
    title: str
    evidence: str
    rule: str
    parameters: dict


def numbers(batches: Iterable[Batch]) -> str:
    """The numbers of a few of them, and how many more there are."""
    return listed({batch.number for batch in batches})


def listed(names: Iterable[str]) -> str:
    words = sorted(names)
    rest = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def batches_in(ids: Iterable[int]) -> dict[int, Batch]:
    found: dict[int, Batch] = {}
    for part in chunks(set(ids)):
        rows = Batch.objects.filter(pk__in=part).exclude(status=Batch.Status.VOIDED)
        found |= {row.pk: row for row in rows.select_related("product", "origin")}
    return found
